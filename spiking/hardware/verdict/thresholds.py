"""Break-even activities that others published, each evaluated at a network's own steps, bits and fan-in.

A threshold that was printed for one design says nothing of another: Yan et al.'s 5.7 to 6.4 % hold for 5 to
10 steps, and at 16 steps their own model gives 3.9 %. What cannot be evaluated stands in :data:`PUBLISHED` as
printed, and no network is placed against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from spiking.core.counts import Counts
from spiking.hardware.models import prices
from spiking.hardware.quantity import Interval
from spiking.hardware.registry import load_chip
from spiking.hardware.verdict.breakeven import breakeven

PUBLISHED: Mapping[str, tuple[float, float, str]] = {
    "Davidson & Furber 2021": (1.72, 1.72, "spikes per synapse per inference"),
    "Dampfhoffer et al. 2023": (0.15, 1.38, "spikes per synapse per inference"),
    "Yan et al. 2024": (0.057, 0.064, "spikes per neuron per step, 5 to 10 steps"),
}


@dataclass(frozen=True)
class Design:
    """What a threshold depends on: the layer with most synapses that carry spikes."""

    steps: int
    weight_bits: int
    state_bits: int
    fan_in: int
    units: int


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A break-even activity: below ``at(design).low`` an SNN wins, above its high end the MLP.

    ``measure`` names the activity it is compared with; ``printed`` is the value of the publication.
    """

    name: str
    measure: str
    printed: str
    words: str
    source: str
    at: Callable[[Design], Interval]


def design_of(counts: Counts) -> Design | None:
    """Return the design of a spiking network, or None for one that carries no spikes."""
    layers = [layer for layer in counts.layers if np.any(counts[layer.name, "dense_events"])]
    if not layers:
        return None
    main = max(layers, key=lambda layer: layer.synapses)
    fan_in = max(round(main.fan_in), 1)
    return Design(counts.steps, main.weight_bits, main.state_bits, fan_in, main.size)


def yan(d: Design) -> Interval:
    """``ceil(log2(T + 1)) / (b T)`` spikes per neuron and step: movement of the weights alone."""
    return Interval.exact(float(np.ceil(np.log2(d.steps + 1))) / (d.weight_bits * d.steps))


def davidson(d: Design) -> Interval:
    """``(E_w + E_mac) / (E_w + E_add)`` with the 45 nm arithmetic and 5 pJ per 32 bit of weight."""
    chip = load_chip("generic-45nm")
    floating = d.weight_bits >= 32
    product = prices.multiply_parts(min(d.weight_bits, 32), min(d.weight_bits, 32), floating)
    mac = prices.combine(chip, [*product, *prices.add_parts(32, floating)], "").si.nominal
    add = prices.combine(chip, prices.add_parts(min(d.state_bits, 32), floating), "").si.nominal
    weight = 5e-12 * d.weight_bits / 32
    return Interval.exact(float((weight + mac) / (weight + add)))


def own(d: Design) -> Interval:
    """This package's component model: from an MLP that reuses weights and skips zeros to a naive one."""
    found = [
        float(
            breakeven(
                form=form,
                fan_in=d.fan_in,
                units=d.units,
                steps=d.steps,
                weight_bits=min(d.weight_bits, 32),
                state_bits=min(d.state_bits, 32),
                samples=1,
            ).spikes_per_synapse.nominal
        )
        for form in ("naive", "reuse", "reuse+zero-skip")
    ]
    return Interval(min(found), found[1], max(found))


THRESHOLDS = (
    Threshold(
        name="Davidson & Furber 2021",
        measure="spikes_per_synapse",
        printed="1.72 spikes per synapse per inference",
        words="weights fetched at every spike, no state; their form with 45 nm arithmetic",
        source="Davidson & Furber 2021, Front. Neurosci. 15:651141",
        at=davidson,
    ),
    Threshold(
        name="Yan et al. 2024",
        measure="spikes_per_neuron_step",
        printed="5.7 to 6.4 % of neurons per step at 5 to 10 steps",
        words="against an MLP quantised to the information of a spike count; ceil(log2(T + 1)) / (bits T)",
        source="Yan, Bai & Wong 2024, arXiv:2409.08290",
        at=yan,
    ),
    Threshold(
        name="the component model",
        measure="spikes_per_synapse",
        printed="0.15 to 1.38 spikes per synapse per inference (Dampfhoffer et al. 2023) by the same choices",
        words="one layer on generic-45nm, from an MLP with reuse and zero-skip to a naive one",
        source="this package; Dampfhoffer et al. 2023, IEEE TETCI 7(3):731-741",
        at=own,
    ),
)


def place(value: float, threshold: Interval) -> str:
    """``"below"``, ``"within"`` or ``"above"``; ``"above"`` where no activity breaks even."""
    if value < threshold.low:
        return "below"
    return "above" if value > threshold.high else "within"
