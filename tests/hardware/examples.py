"""Counts written by hand, so that the tests of prices need no simulator."""

from __future__ import annotations

from spiking.core.counts import Counts, Layer


def snn(
    theta=(784.0, 64.0, 5.0), steps=10, sizes=(784, 128, 10), weight_bits=8, state_bits=16, leaky=True
) -> Counts:
    """A fully connected spiking network; ``theta`` spikes of input and layers per inference."""
    layers = [Layer(name="input", kind="input", size=sizes[0], value_bits=8)]
    table = {
        ("input", "steps"): float(steps),
        ("input", "input_events"): theta[0],
        ("input", "spikes"): theta[0],
    }
    for i, n in enumerate(sizes[1:], 1):
        name, n_in = f"layer{i}", sizes[i - 1]
        layers.append(
            Layer(
                name=name,
                kind="spiking",
                size=n,
                fan_in=n_in,
                row=n,
                synapses=n_in * n,
                stored_weights=n_in * n,
                weight_bits=weight_bits,
                state_bits=state_bits,
                state_words=n,
                leaky=leaky,
            )
        )
        events = theta[i - 1] * n
        table |= {
            (name, "synaptic_events"): events,
            (name, "dense_events"): float(n_in * n * steps),
            (name, "accumulates"): events,
            (name, "weight_reads"): events,
            (name, "updates_fired"): theta[i],
            (name, "updates_silent"): n * steps - theta[i],
            (name, "spikes"): theta[i],
            (name, "state_reads"): float(n * steps),
            (name, "state_writes"): float(n * steps),
        }
    table[f"layer{len(sizes) - 1}", "output_events"] = theta[-1]
    return Counts(layers=tuple(layers), table=table, steps=steps, name="snn")


def mlp(sizes=(784, 128, 10), active=(1.0, 1.0), bits=8) -> Counts:
    """A fully connected MLP; ``active`` is the share of values that are not zero, per source layer."""
    layers = [Layer(name="input", kind="input", size=sizes[0], value_bits=bits)]
    table = {("input", "steps"): 1.0, ("input", "input_events"): float(sizes[0])}
    for i, n in enumerate(sizes[1:], 1):
        name, n_in = f"layer{i}", sizes[i - 1]
        layers.append(
            Layer(
                name=name,
                kind="analog",
                size=n,
                fan_in=n_in,
                row=n,
                synapses=n_in * n,
                stored_weights=n_in * n,
                weight_bits=bits,
                value_bits=bits,
                input_bits=bits,
                analog_input=True,
            )
        )
        macs = n_in * n * active[i - 1]
        table |= {
            (name, "macs_effective"): macs,
            (name, "macs_dense"): float(n_in * n),
            (name, "weight_reads"): macs,
            (name, "accumulates"): float(n),
            (name, "activations"): float(n),
        }
    table[f"layer{len(sizes) - 1}", "output_events"] = float(sizes[-1])
    return Counts(layers=tuple(layers), table=table, steps=1, name="mlp")


def silent(steps=10) -> Counts:
    """A spiking network in which nothing spikes and nothing arrives."""
    return snn(theta=(0.0, 0.0, 0.0), steps=steps)
