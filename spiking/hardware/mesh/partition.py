"""Cutting populations into pieces that fit a core."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.capacity import pattern

Ints = NDArray[np.int64]
LIMITS = ("neurons_per_core", "synapse_memory", "synapses_per_core", "axons_in", "axons_out")


def partition(network: Network, chip: Chip) -> tuple[dict[str, Ints], dict[str, float]]:
    """Return the core of each unit of each population, and the share of each limit the fullest core uses.

    Units stay in order; each core takes as many as fit. Where a piece sends to more cores than its
    output axons allow, its population is cut finer.
    """
    limit = {name: _limit(chip, name) for name in LIMITS}
    most = {p.name: limit["neurons_per_core"] for p in network.populations}
    for _ in range(32):
        core_of, usage = _cut(network, limit, most)
        crowded = _crowded(network, core_of, limit["axons_out"])
        if not crowded:
            return core_of, {name: used for name, used in usage.items() if np.isfinite(limit[name])}
        for name in crowded:
            biggest = int(np.bincount(core_of[name] - core_of[name].min()).max())
            if biggest == 1:
                raise SpikingError(
                    f"output axons of one unit of {name!r} exceed the {limit['axons_out']:g} of a core of "
                    f"{chip.name!r}: it sends to too many cores; prune, or make its targets fewer"
                )
            most[name] = float(max(biggest // 2, 1))
    raise SpikingError(f"{network.name!r} finds no cut that fits the axons of {chip.name!r}; prune it")


def _limit(chip: Chip, name: str) -> float:
    c = chip.get(name)
    return float("inf") if c is None else float(np.max(c.si.nominal))


def _cut(
    network: Network, limit: dict[str, float], most: dict[str, float]
) -> tuple[dict[str, Ints], dict[str, float]]:
    core_of, first = {}, 0
    usage = dict.fromkeys(LIMITS, 0.0)
    for p in network.populations:
        into = network.into(p.name)
        synapses = [pattern(c) for c in into]
        bounds = [0]
        while bounds[-1] < p.size:
            start = bounds[-1]
            low, high = start + 1, int(min(p.size, start + most[p.name]))
            while low < high:  # the largest piece that fits; each need grows with the piece
                middle = (low + high + 1) // 2
                fits = all(v <= limit[k] for k, v in _need(into, synapses, start, middle).items())
                low, high = (middle, high) if fits else (low, middle - 1)
            bounds.append(low)
            for name, need in _need(into, synapses, start, low).items():
                usage[name] = max(usage[name], need / limit[name])
        pieces = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        core_of[p.name] = np.asarray(first + pieces, np.int64)
        first += len(bounds) - 1
    return core_of, usage


def _need(
    into: Sequence[Connection], synapses: Sequence[sp.csc_array], start: int, stop: int
) -> dict[str, float]:
    """What units ``start`` to ``stop`` of a population ask of a core."""
    bits = count = axons = 0.0
    for c, s in zip(into, synapses, strict=True):
        stored = float(s.indptr[stop] - s.indptr[start])
        if c.stored_weights is not None:
            stored = min(stored, float(c.stored_weights))
        index = np.ceil(np.log2(max(s.shape[1], 2))) if sp.issparse(c.weight) else 0.0
        bits += stored * (c.weight_bits + index)
        count += stored
        axons += len(np.unique(s.indices[s.indptr[start] : s.indptr[stop]]))
    return {
        "neurons_per_core": float(stop - start),
        "synapse_memory": bits,
        "synapses_per_core": count,
        "axons_in": axons,
    }


def _crowded(network: Network, core_of: dict[str, Ints], allowed: float) -> list[str]:
    if not np.isfinite(allowed):
        return []
    crowded = []
    for p in network.populations:
        edges = np.zeros(1 + int(core_of[p.name].max()), np.int64)
        for c in network.connections:
            if c.source == p.name:
                s = pattern(c).tocoo()
                pairs = np.unique(np.stack([s.row, core_of[c.target][s.col]]), axis=1)
                np.add.at(edges, core_of[p.name][pairs[0]], 1)
        if edges.max(initial=0) > allowed:
            crowded.append(p.name)
    return crowded
