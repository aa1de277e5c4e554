"""Checks and ordering of the network graph: names, shapes, loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from spiking.core.errors import require, unknown

if TYPE_CHECKING:
    from spiking.core.network import Network


def check_graph(network: Network) -> None:
    """Raise :class:`SpikingError` unless names, shapes, output and delays of a network fit."""
    require(len(network.inputs) > 0, f"{network.name!r} has no input; give at least one Input")
    pops = [p.name for p in network.populations]
    names = [i.name for i in network.inputs] + pops
    double = {n for n in names if names.count(n) > 1}
    require(not double, f"the names {sorted(double)} occur more than once; each part needs its own")
    if network.output.population not in pops:
        raise unknown("output population", network.output.population, pops)
    seen: set[str] = set()
    for c in network.connections:
        require(
            c.name not in seen,
            f"two connections are called {c.name!r}; add their weights, or give them a label",
        )
        seen.add(c.name)
        if c.source not in names:
            raise unknown(f"source of connection {c.name!r}", c.source, names)
        if c.target not in pops:
            raise unknown(f"target of connection {c.name!r}", c.target, pops)
        need = (network.source_size(c.source), network[c.target].size)
        require(
            tuple(c.weight.shape) == need,
            f"the weight of {c.name!r} has shape {tuple(c.weight.shape)}; it must be {need} "
            "[source size, target size]",
        )
    for p in pops:
        require(
            len(network.into(p)) > 0 or network[p].bias is not None,
            f"nothing reaches population {p!r}; connect it or remove it",
        )
    loop = _instant_loop(network)
    require(
        not loop,
        f"the connections without delay form a loop through {', '.join(loop)}; "
        "give at least one of them delay >= 1",
    )


def _matrix(network: Network, instant: bool) -> sp.csr_array:
    pops = {p.name: k for k, p in enumerate(network.populations)}
    edges = [
        (pops[c.source], pops[c.target])
        for c in network.connections
        if c.source in pops and (not instant or network.total_delay(c) == 0)
    ]
    n = len(pops)
    row, col = (np.array(x, int) for x in zip(*edges, strict=True)) if edges else ([], [])
    return sp.csr_array((np.ones(len(edges)), (row, col)), shape=(n, n))


def _instant_loop(network: Network) -> list[str]:
    """Names of populations in a loop of connections without delay, or an empty list."""
    graph = _matrix(network, instant=True)
    names = [p.name for p in network.populations]
    own = np.flatnonzero(graph.diagonal())
    if own.size:
        return [names[own[0]]]
    count, label = connected_components(graph, directed=True, connection="strong")
    sizes = np.bincount(label, minlength=count)
    return [n for n, k in zip(names, label, strict=True) if sizes[k] > 1]


def order(network: Network) -> tuple[tuple[str, ...], ...]:
    """Sort populations into groups: loops share one, groups and members come source first."""
    names = [p.name for p in network.populations]
    count, label = connected_components(_matrix(network, instant=False), directed=True, connection="strong")
    full, instant = _matrix(network, instant=False), _matrix(network, instant=True)
    coarse = {
        (int(label[a]), int(label[b])) for a, b in zip(*full.nonzero(), strict=True) if label[a] != label[b]
    }
    fine = {(int(a), int(b)) for a, b in zip(*instant.nonzero(), strict=True)}
    groups = []
    for g in _topological(count, coarse):
        members = [k for k in range(len(names)) if label[k] == g]
        inner = {(a, b) for a, b in fine if a in members and b in members}
        ranked = [k for k in _topological(len(names), inner) if k in members]
        groups.append(tuple(names[k] for k in ranked))
    return tuple(groups)


def _topological(count: int, edges: set[tuple[int, int]]) -> list[int]:
    """Kahn's algorithm; ties go to the smaller index, so the order is stable."""
    waiting = {k: {a for a, b in edges if b == k} for k in range(count)}
    ranked: list[int] = []
    while waiting:
        ready = min(k for k, before in waiting.items() if not before)
        ranked.append(ready)
        del waiting[ready]
        for before in waiting.values():
            before.discard(ready)
    return ranked
