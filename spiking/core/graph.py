"""The network as a graph of names: checks of its wiring, and the order in which populations are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from spiking.core.errors import require, unknown


class Wire(NamedTuple):
    """One connection: its ends by name, the shape of its weight, and all steps from spike to effect."""

    name: str
    source: str
    target: str
    shape: tuple[int, ...]
    delay: int


def check_names(name: str, inputs: Sequence[str], populations: Sequence[str], wires: Iterable[Wire]) -> None:
    """Check that parts have names of their own and that connections join parts there are.

    Raises:
        SpikingError: no input, a name twice, an unknown source or target.
    """
    require(len(inputs) > 0, f"{name!r} has no input; give at least one Input")
    names = [*inputs, *populations]
    double = {n for n in names if names.count(n) > 1}
    require(not double, f"the names {sorted(double)} occur more than once; each part needs its own")
    seen: set[str] = set()
    for w in wires:
        require(
            w.name not in seen,
            f"two connections are called {w.name!r}; add their weights, or give them a label",
        )
        seen.add(w.name)
        if w.source not in names:
            raise unknown(f"source of connection {w.name!r}", w.source, names)
        if w.target not in populations:
            raise unknown(f"target of connection {w.name!r}", w.target, populations)


def check_wiring(sizes: Mapping[str, int], wires: Sequence[Wire], driven: Mapping[str, bool]) -> None:
    """Check shapes, that every population is reached, and that no loop is without delay.

    ``sizes``: of inputs and populations; ``driven``: for each population whether it has a bias.

    Raises:
        SpikingError: naming the connection or population.
    """
    for w in wires:
        need = (sizes[w.source], sizes[w.target])
        require(
            w.shape == need,
            f"the weight of {w.name!r} has shape {w.shape}; it must be {need} [source size, target size]",
        )
    reached = {w.target for w in wires}
    for name, biased in driven.items():
        require(name in reached or biased, f"nothing reaches population {name!r}; connect it or remove it")
    loop = _instant_loop(list(driven), wires)
    require(
        not loop,
        f"the connections without delay form a loop through {', '.join(loop)}; "
        "give at least one of them delay >= 1",
    )


def _matrix(names: Sequence[str], wires: Iterable[Wire], instant: bool) -> sp.csr_array:
    place = {name: k for k, name in enumerate(names)}
    edges = [
        (place[w.source], place[w.target])
        for w in wires
        if w.source in place and (not instant or w.delay == 0)
    ]
    n = len(names)
    row, col = (np.array(x, int) for x in zip(*edges, strict=True)) if edges else ([], [])
    return sp.csr_array((np.ones(len(edges)), (row, col)), shape=(n, n))


def _instant_loop(names: Sequence[str], wires: Sequence[Wire]) -> list[str]:
    """Names of populations in a loop of connections without delay, or an empty list."""
    graph = _matrix(names, wires, instant=True)
    own = np.flatnonzero(graph.diagonal())
    if own.size:
        return [names[own[0]]]
    count, label = connected_components(graph, directed=True, connection="strong")
    sizes = np.bincount(label, minlength=count)
    return [n for n, k in zip(names, label, strict=True) if sizes[k] > 1]


def order(names: Sequence[str], wires: Sequence[Wire]) -> tuple[tuple[str, ...], ...]:
    """Sort populations into groups: loops share one, groups and members come source first."""
    full, instant = _matrix(names, wires, instant=False), _matrix(names, wires, instant=True)
    count, label = connected_components(full, directed=True, connection="strong")
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
