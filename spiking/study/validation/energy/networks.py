"""Counts of fully connected networks, written from their sizes and rates alone."""

from __future__ import annotations

from collections.abc import Sequence

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
    wide = value_bits or bits
    shares = np.broadcast_to(active, len(sizes) - 1), np.broadcast_to(kept, len(sizes) - 1)
    layers = [Layer(name="input", kind="input", size=sizes[0], value_bits=wide)]
    table = {("input", "input_events"): float(sizes[0])}
    for i, n in enumerate(sizes[1:], 1):
        name, dense = f"layer{i}", sizes[i - 1] * n
        alive, held = (float(share[i - 1]) for share in shares)
        synapses = round(dense * held)
        layers.append(
            Layer(
                name=name,
                kind="analog",
                size=n,
                fan_in=sizes[i - 1] * held,
                row=n * held,
                dense_row=float(n),
                dense_weights=dense,
                synapses=synapses,
                stored_weights=synapses,
                weight_bits=bits,
                value_bits=wide,
                input_bits=wide,
                analog_input=True,
            )
        )
        table |= {
            (name, "macs_dense"): float(dense),
            (name, "macs_effective"): synapses * alive,
            (name, "weight_reads"): synapses * alive,
            (name, "activations"): float(n),
        }
    return Counts(layers=tuple(layers), table=table, name="MLP " + "-".join(map(str, sizes)))


def kernels(layers: Sequence[tuple[int, int, int]], *, bits: int = 8) -> Counts:
    """Return counts of a conventional network of shared kernels.

    Each layer is ``(inputs of one output, positions, outputs)``; a fully connected one has one position.
    """
    made = [Layer(name="input", kind="input", size=1, value_bits=bits)]
    table: dict[tuple[str, str], float] = {("input", "input_events"): 1.0}
    for i, (inputs, positions, outputs) in enumerate(layers, 1):
        name, macs, units = f"layer{i}", inputs * positions * outputs, positions * outputs
        made.append(
            Layer(
                name=name,
                kind="analog",
                size=units,
                fan_in=float(inputs),
                row=float(outputs),
                synapses=macs,
                stored_weights=inputs * outputs,
                weight_bits=bits,
                value_bits=bits,
                input_bits=bits,
                analog_input=True,
            )
        )
        table |= {
            (name, "macs_dense"): float(macs),
            (name, "macs_effective"): float(macs),
            (name, "weight_reads"): float(macs),
            (name, "activations"): float(units),
        }
    return Counts(layers=tuple(made), table=table, name=f"{len(layers)} layers of kernels")


def events(number: float, units: int = 1, *, updates: float = 0.0, spikes: float = 0.0) -> Counts:
    """Return counts of one spiking layer of which only totals are known."""
    layer = Layer(name="layer", kind="spiking", size=units)
    table = {
        ("layer", "synaptic_events"): number,
        ("layer", "updates_silent"): updates,
        ("layer", "spikes"): spikes,
    }
    return Counts(layers=(Layer(name="input", kind="input", size=1), layer), table=table, name="events")
