"""Counts of fully connected networks, written from their sizes and rates alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from spiking.core.counts import Counts, Layer


def spiking(
    sizes: Sequence[int],
    spikes: Sequence[float],
    steps: int,
    *,
    bits: int = 32,
    readout: bool = False,
    leaky: bool = True,
) -> Counts:
    """Return counts of a spiking chain; ``spikes`` per inference of the input and of each layer.

    With ``readout`` the last layer integrates and does not spike.
    """
    layers = [Layer(name="input", kind="input", size=sizes[0])]
    table = {("input", "input_events"): spikes[0], ("input", "spikes"): spikes[0], ("input", "steps"): steps}
    for i, n in enumerate(sizes[1:], 1):
        name, synapses = f"layer{i}", sizes[i - 1] * n
        reads_out = readout and i == len(sizes) - 1
        layers.append(
            Layer(
                name=name,
                kind="analog" if reads_out else "spiking",
                size=n,
                fan_in=float(sizes[i - 1]),
                row=float(n),
                synapses=synapses,
                stored_weights=synapses,
                weight_bits=bits,
                state_bits=bits,
                state_words=n,
                leaky=leaky,
            )
        )
        fired = 0.0 if reads_out else float(spikes[i])
        events, updates = float(spikes[i - 1]) * n, float(n * steps)
        table |= {
            (name, "synaptic_events"): events,
            (name, "dense_events"): float(synapses * steps),
            (name, "accumulates"): events,
            (name, "weight_reads"): events,
            (name, "updates_fired"): min(fired, updates),
            (name, "updates_silent"): updates - min(fired, updates),
            (name, "spikes"): fired,
        }
    return Counts(layers=tuple(layers), table=table, steps=steps, name="SNN " + "-".join(map(str, sizes)))


def conventional(
    sizes: Sequence[int],
    *,
    bits: int = 8,
    active: float | Sequence[float] = 1.0,
    kept: float | Sequence[float] = 1.0,
    value_bits: int = 0,
) -> Counts:
    """Return counts of an MLP.

    ``active`` and ``kept`` are the shares of values and of weights that are not 0, of all layers or of each;
    values are ``value_bits`` wide, or as wide as the weights (0).
    """
    shapes = [(a, 1, b) for a, b in pairwise(sizes)]
    name = "MLP " + "-".join(map(str, sizes))
    return _of_values(name, sizes[0], shapes, bits, value_bits or bits, active=active, kept=kept)


def kernels(layers: Sequence[tuple[int, int, int]], *, bits: int = 8) -> Counts:
    """Return counts of a conventional network of shared kernels.

    Each layer is ``(inputs of one output, positions, outputs)``; a fully connected one has one position.
    """
    return _of_values(f"{len(layers)} layers of kernels", 1, layers, bits, bits)


def _of_values(
    name: str,
    entering: int,
    shapes: Sequence[tuple[int, int, int]],
    bits: int,
    wide: int,
    *,
    active: float | Sequence[float] = 1.0,
    kept: float | Sequence[float] = 1.0,
) -> Counts:
    """Return counts of layers ``(inputs of one output, positions, outputs)`` with values of ``wide`` bits."""
    shares = np.broadcast_to(active, len(shapes)), np.broadcast_to(kept, len(shapes))
    layers = [Layer(name="input", kind="input", size=entering, value_bits=wide)]
    table = {("input", "input_events"): float(entering)}
    for i, (inputs, positions, outputs) in enumerate(shapes, 1):
        layer, words, units = f"layer{i}", inputs * outputs, positions * outputs
        alive, held = (float(share[i - 1]) for share in shares)
        stored = round(words * held)
        layers.append(
            Layer(
                name=layer,
                kind="analog",
                size=units,
                fan_in=inputs * held,
                row=outputs * held,
                dense_row=float(outputs),
                dense_weights=words,
                synapses=stored * positions,
                stored_weights=stored,
                weight_bits=bits,
                value_bits=wide,
                input_bits=wide,
                analog_input=True,
            )
        )
        macs = stored * positions * alive
        table |= {
            (layer, "macs_dense"): float(words * positions),
            (layer, "macs_effective"): macs,
            (layer, "weight_reads"): macs,
            (layer, "activations"): float(units),
        }
    return Counts(layers=tuple(layers), table=table, name=name)


def events(number: float, units: int = 1, *, updates: float = 0.0, spikes: float = 0.0) -> Counts:
    """Return counts of one spiking layer of which only totals are known."""
    layer = Layer(name="layer", kind="spiking", size=units)
    table = {
        ("layer", "synaptic_events"): number,
        ("layer", "updates_silent"): updates,
        ("layer", "spikes"): spikes,
    }
    return Counts(layers=(Layer(name="input", kind="input", size=1), layer), table=table, name="events")
