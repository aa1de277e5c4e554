"""Placement: a network onto the cores of a mesh, so that messages travel little.

Populations are cut into pieces that fit a core (units, synapse memory, input axons, output axons);
pieces go to tiles along a snake through the mesh; exchanges of two cores that shorten the total path
of the messages are kept (hill climbing from a seed). Messages go first along x, then along y.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spiking.core.counts import Counts, Number
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.capacity import Excess, check, pattern
from spiking.hardware.mesh.partition import partition

Ints = NDArray[np.int64]
EDGE = -1  # the edge of the chip, beside tile 0, where inputs enter


@dataclass(frozen=True, kw_only=True, eq=False)
class Placement:
    """Where every unit of a network lies.

    Attributes:
        core_of: core of each unit of each population and input, ``[units]``; -1 is the edge.
        tiles: tile of each core, ``[cores]``.
        mesh_height: tiles in a column; tile ``t`` lies at x = t // height, y = t % height.
        utilisation: share of each limit that the fullest core and the chip use.
        budgets: soft limits that are passed.
    """

    chip: str
    core_of: Mapping[str, Ints]
    tiles: Ints
    mesh_height: int
    utilisation: Mapping[str, float]
    budgets: tuple[Excess, ...] = ()

    @property
    def cores(self) -> float:
        """Number of cores in use."""
        return float(len(self.tiles))

    @property
    def tiles_used(self) -> int:
        """Number of tiles in use."""
        return len(np.unique(self.tiles))

    def xy(self, cores: Ints) -> Ints:
        """Return tile coordinates ``[..., 2]`` of cores."""
        tile = np.where(cores == EDGE, 0, self.tiles[np.maximum(cores, 0)]) if len(self.tiles) else cores * 0
        return np.stack([tile // self.mesh_height, tile % self.mesh_height], axis=-1)


@typed
def place(network: Network, chip: Chip, *, improve: bool = True, seed: int = 0) -> Placement:
    """Place ``network`` on ``chip``.

    Args:
        network: what to place; every spike of a unit counts the same in the length of paths.
        chip: its limits (``neurons_per_core``, ``synapse_memory``, ``axons_in``, ...) bind.
        improve: exchange cores while this shortens the paths.
        seed: of the order in which exchanges are tried.

    Raises:
        SpikingError: a hard wall is passed; the sentence says have, allowed and how to fix it.
    """
    found = check(network, chip)
    walls = [e for e in found if e.hard]
    if walls:
        raise SpikingError(
            f"{network.name!r} does not fit {chip.name!r}: " + "; ".join(str(e) for e in walls)
        )
    core_of, usage = partition(network, chip)
    core_of |= {i.name: np.full(i.size, EDGE, np.int64) for i in network.inputs}
    cores = 1 + max(int(c.max()) for c in core_of.values())
    per_tile, height = (_whole(chip, name, 1) for name in ("cores_per_tile", "mesh_height"))
    placement = Placement(
        chip=chip.name,
        core_of=core_of,
        tiles=_snake(np.arange(cores) // per_tile, height),
        mesh_height=height,
        utilisation=usage,
    )
    if improve and cores > per_tile:
        placement = replace(placement, tiles=_improve(network, placement, seed))
    per_chip = chip.get("cores_per_chip")
    budgets = [e for e in found if not e.hard]
    if per_chip is not None:
        share = cores / per_chip.si.nominal
        placement = replace(placement, utilisation={**usage, "cores_per_chip": float(share)})
        if share > 1:
            fix = f"{int(np.ceil(share))} chips are used and their static power is charged"
            allowed = float(per_chip.si.nominal)
            budgets.append(
                Excess(limit="cores", where=network.name, have=cores, allowed=allowed, fix=fix, hard=False)
            )
    return replace(placement, budgets=tuple(budgets))


def _whole(chip: Chip, name: str, default: int) -> int:
    c = chip.get(name)
    return default if c is None else int(np.max(c.si.nominal))


def _snake(order: Ints, height: int) -> Ints:
    """Tile ids along a path that turns at the end of each column, so that neighbours in order are near."""
    column, row = order // height, order % height
    return np.asarray(column * height + np.where(column % 2 == 0, row, height - 1 - row), np.int64)


@typed
def destinations(network: Network, placement: Placement, name: str) -> NDArray[np.bool_]:
    """Return ``[units, cores]``: whether a spike of a unit of ``name`` goes to a core."""
    size = network.source_size(name)
    out = np.zeros((size, int(placement.cores)), np.bool_)
    for c in network.connections:
        if c.source == name:
            synapses = pattern(c).tocoo()
            out[synapses.row, placement.core_of[c.target][synapses.col]] = True
    return out


@typed
def hops(
    network: Network, placement: Placement, name: str, *, multicast: bool = False
) -> tuple[Ints, Ints, Ints]:
    """Return messages, hops along x and hops along y per spike of each unit of ``name``, each ``[units]``.

    Unicast sends a message of its own to each destination core. With ``multicast`` messages to several
    cores share the links their paths have in common; each core still receives one.
    """
    goes = destinations(network, placement, name)
    here = placement.xy(placement.core_of[name])
    there = placement.xy(np.arange(int(placement.cores)))
    if not multicast:
        away = np.abs(here[:, None, :] - there[None, :, :])
        along = (goes[:, :, None] * away).sum(axis=1)
        return goes.sum(axis=1), along[:, 0], along[:, 1]
    along = np.array([_tree(start, there[row]) for start, row in zip(here, goes, strict=True)])
    return goes.sum(axis=1), along[:, 0], along[:, 1]


def _tree(start: Ints, ends: Ints) -> tuple[int, int]:
    """Links along x and along y of the paths from ``start`` to all ``ends``, each link once.

    Paths run along x in the row of the start, then along y in the column of their end.
    """
    if not len(ends):
        return 0, 0
    x = max(0, int(ends[:, 0].max()) - int(start[0])) + max(0, int(start[0]) - int(ends[:, 0].min()))
    y = 0
    for column in np.unique(ends[:, 0]):
        rows = ends[ends[:, 0] == column, 1]
        y += max(0, int(rows.max()) - int(start[1])) + max(0, int(start[1]) - int(rows.min()))
    return x, y


def _traffic(network: Network, placement: Placement) -> NDArray[np.float64]:
    """Messages between cores if every unit spikes once, ``[1 + cores, cores]``; row 0 is the edge."""
    n = int(placement.cores)
    out = np.zeros((n + 1, n))
    for name in placement.core_of:
        goes = destinations(network, placement, name)
        np.add.at(out, placement.core_of[name] + 1, goes)
    return out


def _improve(network: Network, placement: Placement, seed: int) -> Ints:
    """Exchange the tiles of two cores while the total path shortens; 40 tries per core."""
    rng = np.random.default_rng(seed)
    tiles, n = placement.tiles.copy(), len(placement.tiles)
    between = _traffic(network, placement)
    edge, inner = between[0], between[1:] + between[1:].T
    height = placement.mesh_height

    def path(core: int, tile: int, all_tiles: Ints) -> float:
        x, y = np.abs(all_tiles // height - tile // height), np.abs(all_tiles % height - tile % height)
        return float(inner[core] @ (x + y) + edge[core] * (tile // height + tile % height))

    for _ in range(40 * n):
        a, b = rng.integers(0, n, 2)
        if tiles[a] == tiles[b]:
            continue
        before = path(a, tiles[a], tiles) + path(b, tiles[b], tiles)
        tiles[a], tiles[b] = tiles[b], tiles[a]
        if path(a, tiles[a], tiles) + path(b, tiles[b], tiles) >= before:
            tiles[a], tiles[b] = tiles[b], tiles[a]
    return tiles


@typed
def route(
    counts: Counts,
    network: Network,
    placement: Placement,
    spikes: Mapping[str, Ints],
    *,
    multicast: bool = False,
) -> Counts:
    """Return ``counts`` with messages and hops by axis, from spikes ``[samples, units]`` of a trace.

    Analog inputs send no messages; ``multicast`` as in :func:`hops`.

    Raises:
        SpikingError: the spikes are of another network.
    """
    table = dict(counts.table)
    for name in placement.core_of:
        inputs = [i for i in network.inputs if i.name == name]
        if (inputs and inputs[0].encoder.analog) or (not inputs and not network[name].unit.spiking):
            continue
        require(
            name in spikes and spikes[name].shape[-1] == network.source_size(name),
            f"the spikes hold no {network.source_size(name)} units of {name!r}; pass its own trace",
        )
        layer = "input" if inputs else name
        paths = hops(network, placement, name, multicast=multicast)
        for operation, each in zip(("messages", "hops_x", "hops_y"), paths, strict=True):
            number: Number = np.asarray(spikes[name], np.float64) @ each
            if np.ndim(counts[layer, "spikes"]) == 0:
                number = float(np.mean(number))
            table[layer, operation] = table.get((layer, operation), 0.0) + number
    return replace(counts, table=table)
