"""Latency of a placed network: per step the slowest core, then the synchronisation of the tiles.

A core updates its units one after the other; a spike leaves as one message per destination core,
each after the last; a receiving core works through its messages as they arrive. The step ends with
the last of them. This is the schedule of SANA-FE (Boyle et al. 2025) without contention on links.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.capacity import pattern
from spiking.hardware.mesh.place import Placement

Rasters = Mapping[str, NDArray[np.floating]]


@typed
def step_latency(
    network: Network, chip: Chip, placement: Placement, raster: Rasters, *, sync: float | None = None
) -> NDArray[np.float64]:
    """Return the time of each step [s], ``[samples, steps]``, from recorded spikes.

    Args:
        network: the placed network.
        chip: with the time constants ``soma_access_time``, ``soma_update_time``, ``spike_out_time``,
            ``axon_out_time``, ``axon_in_time``, ``synapse_time``, ``hop_x_time``, ``hop_y_time``.
        placement: where each unit lies.
        raster: spikes ``[samples, steps, units]`` of every input and spiking population.
        sync: time of the synchronisation [s]; None takes the chip's ``sync_time`` for the tiles in use.

    Raises:
        SpikingError: a raster is missing.
    """
    for name in placement.core_of:
        require(name in raster, f"the raster of {name!r} is missing; run with record=('spikes',)")
    samples, steps, _ = next(iter(raster.values())).shape
    out = np.empty((samples, steps))
    model = _Schedule(network, chip, placement)
    rest = sync_time(chip, placement.tiles_used) if sync is None else sync
    for sample in range(samples):
        arrived = {p.name: np.zeros(p.size, np.bool_) for p in network.populations}
        for step in range(steps):
            fired = {name: np.asarray(r[sample, step]) != 0 for name, r in raster.items()}
            out[sample, step] = model.step(fired, arrived) + rest
            arrived = model.reached(fired)
    return out


def sync_time(chip: Chip, tiles: int) -> float:
    """Return the time of the synchronisation [s] from the table ``sync_1``, ``sync_2``, ... by tiles."""
    table = {int(n[5:]): c for n, c in chip.constants.items() if n.startswith("sync_") and n[5:].isdigit()}
    fits = [n for n in table if n <= tiles]
    require(bool(fits), f"{chip.name!r} states no synchronisation time; pass sync=")
    return float(np.max(table[max(fits)].si.nominal))


def touched(
    network: Network, raster: Rasters, awake: Mapping[str, NDArray[np.bool_]] | None = None
) -> dict[str, NDArray[np.float64]]:
    """Return unit updates that had work to do, per population ``[samples]``.

    A unit has work in the step after a spike reached it, and wherever ``awake`` ``[samples, steps, units]``
    says that its state is not at rest.
    """
    samples, steps, _ = next(iter(raster.values())).shape
    out = {}
    for p in network.populations:
        reached = np.zeros((samples, steps, p.size), np.bool_)
        for c in network.into(p.name):
            spikes = np.asarray(raster[c.source] != 0, np.float64)
            hits = np.asarray(
                spikes.reshape(-1, spikes.shape[-1]) @ pattern(c).astype(bool).astype(np.float64)
            )
            reached |= hits.reshape(samples, steps, p.size) > 0
        busy = np.zeros_like(reached) if awake is None else awake[p.name].copy()
        busy[:, 1:] |= reached[:, :-1]
        out[p.name] = busy.sum(axis=(1, 2)).astype(np.float64)
    return out


class _Schedule:
    def __init__(self, network: Network, chip: Chip, placement: Placement) -> None:
        self.network, self.placement = network, placement
        names = (
            "soma_access",
            "soma_update",
            "spike_out",
            "axon_out",
            "axon_in",
            "synapse",
            "hop_x",
            "hop_y",
        )
        self.t = {name: float(np.max(chip[f"{name}_time"].si.nominal)) for name in names}
        cores = int(placement.cores)
        self.synapses = {}
        for name in placement.core_of:  # synapses of each unit onto each core
            count = np.zeros((network.source_size(name), cores), np.int64)
            for c in network.connections:
                if c.source == name:
                    s = pattern(c).tocoo()
                    np.add.at(count, (s.row, placement.core_of[c.target][s.col]), 1)
            self.synapses[name] = count
        self.inputs = {i.name for i in network.inputs}

    def reached(self, fired: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
        """Units that spikes of this step reach."""
        out = {p.name: np.zeros(p.size, np.bool_) for p in self.network.populations}
        for c in self.network.connections:
            out[c.target] |= np.asarray(pattern(c).T @ fired[c.source].astype(np.int64)) > 0
        return out

    def step(self, fired: Mapping[str, NDArray[np.bool_]], arrived: Mapping[str, NDArray[np.bool_]]) -> float:
        """Time of one step without synchronisation."""
        t, p = self.t, self.placement
        clock = np.zeros(int(p.cores) + 1)  # of each core's own units; the last is the edge
        messages: list[tuple[float, int, float]] = []  # arrival, core, work
        for name, core_of in p.core_of.items():
            for unit in range(len(core_of)):
                core = int(core_of[unit])
                if name not in self.inputs:
                    clock[core] += t["soma_access"] + (t["soma_update"] if arrived[name][unit] else 0.0)
                    clock[core] += t["spike_out"] if fired[name][unit] else 0.0
                if fired[name][unit]:
                    for target in np.flatnonzero(self.synapses[name][unit]):
                        clock[core] += t["axon_out"]
                        hops = np.abs(p.xy(np.array(core)) - p.xy(np.array(target)))
                        arrival = clock[core] + hops[0] * t["hop_x"] + hops[1] * t["hop_y"]
                        work = t["axon_in"] + t["synapse"] * self.synapses[name][unit, target]
                        messages.append((float(arrival), int(target), float(work)))
        done = np.zeros(int(p.cores))
        for arrival, core, work in sorted(messages):
            done[core] = max(done[core], arrival) + work
        return float(max(clock.max(initial=0.0), done.max(initial=0.0)))
