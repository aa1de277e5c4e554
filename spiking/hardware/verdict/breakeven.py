"""Break-even: the spikes per synapse at which a spiking and a conventional layer cost the same.

Both are fully connected layers of one size on one chip, priced by the same model. The energy of the
spiking layer is affine in its spikes, so the break-even is exact, for whole arrays of constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiking.core.check import choice, configured, flag, number, whole
from spiking.core.counts import Counts, Layer
from spiking.core.errors import require
from spiking.core.typed import typed
from spiking.hardware.bill import TOTALS
from spiking.hardware.chip import Chip
from spiking.hardware.price import price
from spiking.hardware.quantity import Interval, Number
from spiking.hardware.registry import load_chip
from spiking.hardware.verdict.uncertainty import sample

FORMS: Mapping[str, Mapping[str, object]] = {
    "naive": {"zero_skip": False, "batch": 1},
    "reuse": {"zero_skip": False, "batch": 16},
    "zero-skip": {"zero_skip": True, "batch": 1},
    "reuse+zero-skip": {"zero_skip": True, "batch": 16},
    "bit-matched": {"zero_skip": False, "batch": 1},
}


@dataclass(frozen=True, kw_only=True)
class Layers:
    """A spiking and a conventional fully connected layer of one size.

    Attributes:
        fan_in: inputs of both; ``units``: of both.
        steps: of the spiking layer; ``weight_bits``, ``state_bits``: its widths [bit]; ``leaky``: whether
            its units leak.
        value_bits: width of the MLP's weights and values [bit]; ``active``: share of its inputs that are
            not zero.
        which: ``"compute"``, ``"dynamic"`` or ``"total"`` energy.

    Raises:
        SpikingError: a value out of range.
    """

    fan_in: int = 784
    units: int = 128
    steps: int = 10
    weight_bits: int = 8
    state_bits: int = 16
    value_bits: int = 8
    active: float = 0.5
    leaky: bool = True
    which: str = "total"

    def __post_init__(self) -> None:
        for name in ("fan_in", "units", "steps"):
            whole(name, getattr(self, name), 1, 10**9)
        for name in ("weight_bits", "value_bits", "state_bits"):
            whole(name, getattr(self, name), 1, 32)
        number("active", self.active, 0, 1, todo="it is a share of the inputs")
        flag("leaky", self.leaky)
        choice("total", self.which, TOTALS)


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """Where a spiking layer stops being cheaper.

    Attributes:
        spikes_per_synapse: per inference; above it the conventional layer costs less. Not positive: it
            always does. Low and high are the 5 and 95 % points over the bands of the constants.
        steps, form, chip: what it holds for.
    """

    spikes_per_synapse: Interval
    steps: int
    form: str
    chip: str

    @property
    def spikes_per_neuron_step(self) -> Interval:
        """Spikes per neuron and step."""
        return self.spikes_per_synapse / float(self.steps)


def layer_counts(
    spikes: Number | None,
    *,
    fan_in: int,
    units: int,
    steps: int = 1,
    weight_bits: int = 8,
    state_bits: int = 16,
    value_bits: int = 8,
    leaky: bool = True,
    active: float = 1.0,
) -> Counts:
    """Return the counts of one fully connected layer; spiking with ``spikes`` per synapse, or an MLP (None).

    ``active`` is the share of input values of the MLP that are not zero. The layer's own units spike as
    often as its inputs.
    """
    snn = spikes is not None
    synapses = fan_in * units
    bits = weight_bits if snn else value_bits
    common = {"fan_in": float(fan_in), "row": float(units), "synapses": synapses, "stored_weights": synapses}
    one: dict[str, object] = {
        "kind": "spiking" if snn else "analog",
        "state_bits": state_bits,
        "state_words": units if snn else 0,
        "leaky": snn and leaky,
        "analog_input": not snn,
    }
    layers = (
        Layer(name="input", kind="input", size=fan_in, value_bits=value_bits),
        Layer(
            name="layer", size=units, weight_bits=bits, value_bits=value_bits, input_bits=value_bits,
            **common, **one,  # type: ignore[arg-type]
        ),
    )  # fmt: skip
    table: dict[tuple[str, str], Number]
    if spikes is None:
        macs = synapses * active
        table = {
            ("input", "input_events"): float(fan_in),
            ("layer", "macs_dense"): float(synapses),
            ("layer", "macs_effective"): macs,
            ("layer", "weight_reads"): macs,
            ("layer", "activations"): float(units),
        }
    else:
        events, fired = spikes * synapses, np.minimum(spikes, steps) * units
        table = {
            ("input", "input_events"): spikes * fan_in,
            ("input", "spikes"): spikes * fan_in,
            ("layer", "synaptic_events"): events,
            ("layer", "dense_events"): float(synapses * steps),
            ("layer", "accumulates"): events,
            ("layer", "weight_reads"): events,
            ("layer", "updates_fired"): fired,
            ("layer", "updates_silent"): units * steps - fired,
            ("layer", "spikes"): fired,
            ("layer", "state_reads"): float(units * steps),
            ("layer", "state_writes"): float(units * steps),
        }
    return Counts(layers=layers, table=table, steps=steps if snn else 1, name="SNN" if snn else "MLP")


@typed
def breakeven(
    chip: Chip | str = "generic-45nm",
    layers: Layers | None = None,
    *,
    form: str = "naive",
    latency: float | None = None,
    samples: int = 2000,
    seed: int = 0,
    **options: Any,
) -> BreakEven:
    """Return the spikes per synapse per inference at which SNN and MLP layers cost the same.

    Args:
        chip: a component chip; its settings (``sums``, ``state``, ``weights``) hold for both.
        layers: what is compared; ``options`` are fields of :class:`Layers` in place of its own.
        form: how the MLP computes (:data:`FORMS`); ``"reuse"`` shares a read of the weights over a batch
            of 16; ``"bit-matched"`` has weights and values of ``ceil(log2(steps + 1))`` bits (Yan et al.).
        latency: stated time of both [s]; None lets each take its own.
        samples, seed: draws for the band.

    Raises:
        SpikingError: unknown form or option, a number out of range, or a chip that cannot run both.
    """
    device = chip if isinstance(chip, Chip) else load_chip(chip)
    choice("form of the MLP", form, FORMS)
    also = ("form", "latency", "samples", "seed")
    of = configured(Layers, layers, options, "breakeven", also)
    require(device.model == "components", f"{device.name!r} does not run both networks; use a component chip")
    matched = int(np.ceil(np.log2(of.steps + 1)))
    bits = matched if form == "bit-matched" else of.value_bits
    mlp = layer_counts(None, fan_in=of.fan_in, units=of.units, value_bits=bits, active=of.active)
    idle, busy = (
        layer_counts(
            spikes,
            fan_in=of.fan_in,
            units=of.units,
            steps=of.steps,
            weight_bits=of.weight_bits,
            state_bits=of.state_bits,
            leaky=of.leaky,
        )
        for spikes in (0.0, 1.0)
    )

    def solve(d: Chip) -> Number:
        zero, one = (price(c, d, latency=latency).total(of.which).nominal for c in (idle, busy))
        cost = price(mlp, d.with_settings(**FORMS[form]), latency=latency).total(of.which).nominal
        return (cost - zero) / (one - zero)

    nominal = float(solve(device))
    drawn = np.asarray(solve(sample(device, samples, seed)))
    low, high = (float(x) for x in np.quantile(drawn, [0.05, 0.95]))
    return BreakEven(
        spikes_per_synapse=Interval(min(low, nominal), nominal, max(high, nominal)),
        steps=of.steps,
        form=form,
        chip=device.name,
    )


def per_synapse(e_weight: Number, e_state: Number, e_mac: Number, e_add: Number) -> Number:
    """Break-even of the two memory terms alone: ``(E_w + E_mac) / (E_w + 2 E_v + 2 E_add)``.

    It leaves out leak and bias (paid per unit and step) and everything static.
    """
    return (e_weight + e_mac) / (e_weight + 2 * e_state + 2 * e_add)
