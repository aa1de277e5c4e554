"""What learning does: the operations of one training sample, by gradient or by STDP."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.core import check
from spiking.core.counts import Counts, Number, count
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.trace import Trace
from spiking.core.typed import typed

MOMENTS = (
    2  # running averages that Adam keeps per parameter; each is read, changed and written as a weight is
)


@typed
def count_training(network: Network, trace: Trace, *, batch_size: int, active: float = 1.0) -> Counts:
    """Count one step of back-propagation (through time) for each sample of ``trace``.

    To the inference (:func:`~spiking.core.counts.count`) are added: the adjoint of each unit and step; for
    the gradient of a weight one addition per spike that came through it (one product where values came);
    for the gradient of a source one product per synapse and step; and an update of each parameter by Adam,
    once per batch. The forward values are read from the state memory once more.

    Args:
        trace: what the network did; the counts are per sample of it.
        batch_size: samples that share one update.
        active: share of the backward products that is not skipped, 0 to 1 (the surrogate derivative of the
            others is zero; Perez-Nieves & Goodman 2021, NeurIPS 34).

    Raises:
        SpikingError: a batch size below 1, or a share outside 0 to 1.
    """
    check.whole("batch_size", batch_size, 1)
    check.number("active", active, 0, 1)
    counts = count(network, trace)
    table: dict[tuple[str, str], Any] = dict(counts.table)

    def add(layer: str, operation: str, number: Number) -> None:
        table[layer, operation] = table.get((layer, operation), 0.0) + number

    for p in network.populations:
        updates = 0.0 if p.unit.stateless else float(p.size * network.steps)
        add(p.name, "updates_silent", updates)
        add(p.name, "state_reads", updates * p.unit.state_words)
        add(p.name, "state_writes", updates * p.unit.state_words)
        if p.unit.stateless:
            add(p.name, "activations", float(p.size * network.steps))
        learned = sum(c.synapses for c in network.into(p.name)) + (p.size if p.bias is not None else 0)
        add(p.name, "plastic_updates", learned * (1.0 + MOMENTS) / batch_size)
        for c in network.into(p.name):
            came = np.asarray(trace.events[c.name], np.float64) * active
            if network.is_analog(c.source):
                add(p.name, "macs_effective", came / _repeats(network, c))
                add(p.name, "macs_dense", c.synapses * network.steps / _repeats(network, c))
            else:
                add(p.name, "synaptic_events", came)
                add(p.name, "accumulates", came)
            if c.source not in (i.name for i in network.inputs):
                add(p.name, "macs_effective", c.synapses * network.steps * active)
                add(p.name, "macs_dense", float(c.synapses * network.steps))
    zero = np.zeros(trace.samples)
    return Counts(
        layers=counts.layers,
        table={key: np.asarray(value, np.float64) + zero for key, value in table.items()},
        steps=counts.steps,
        dt=counts.dt,
        name=f"{network.name}, training",
    )


def plastic_updates(learned: Network) -> int:
    """Synaptic updates of learning by STDP: a row for each input spike, a column for each spike of a unit.

    ``learned`` comes from :func:`~spiking.learn.stdp.learn_stdp` (or is it frozen and labelled), whose
    metadata hold the spikes of all presentations.
    """
    features, units = learned.connections[0].weight.shape
    facts = learned.metadata["stdp"]
    return int(facts["input_spikes"] * units + facts["spikes"] * features)


@typed
def count_stdp(learned: Network, trace: Trace) -> Counts:
    """Count one presentation while learning by STDP: an inference, and the weight changes of the rule.

    Args:
        learned: the network after learning, frozen; its metadata hold the spikes of all presentations.
        trace: what it did on a few samples; the counts are per sample of it. Presentations that were
            repeated because too few spikes answered are shared out over the samples.
    """
    counts = count(learned, trace)
    each = plastic_updates(learned) / learned.metadata["stdp"]["images"]
    table = dict(counts.table) | {
        (learned.output.population, "plastic_updates"): np.full(trace.samples, float(each))
    }
    return Counts(
        layers=counts.layers, table=table, steps=counts.steps, dt=counts.dt, name=f"{learned.name}, learning"
    )


def count_on_line(network: Network, trace: Trace) -> Counts:
    """Count one sample of on-line learning by STDP for each sample of ``trace``.

    To the inference (:func:`~spiking.core.counts.count`) are added the weight changes of the connections that
    come from inputs: one per event (a presynaptic spike changes all its weights), one per incoming weight of
    a unit that spikes, and one per weight for the sum that is restored before a sample (the rule of
    :class:`~spiking.core.plasticity.STDP`, Diehl & Cook 2015, Front. Comput. Neurosci. 9:99).

    Args:
        trace: what the learned network did; the counts are per sample of it.
    """
    counts = count(network, trace)
    table: dict[tuple[str, str], Any] = dict(counts.table)
    inputs = {i.name for i in network.inputs}
    for c in (c for c in network.connections if c.source in inputs):
        before = np.asarray(trace.events[c.name], np.float64)
        after = np.asarray(trace.spikes[c.target], np.float64) @ np.asarray(c.fan_in, np.float64)
        key = c.target, "plastic_updates"
        table[key] = table.get(key, 0.0) + before + after + float(c.synapses)
    return Counts(
        layers=counts.layers, table=table, steps=counts.steps, dt=counts.dt, name=f"{network.name}, on-line"
    )


def _repeats(network: Network, c: Connection) -> int:
    """Steps for which a constant value is the same: its gradient sums over them first."""
    held = [i.encoder.stored for i in network.inputs if i.name == c.source]
    return network.steps if held and held[0] else 1
