"""Lowering: a :class:`Network` becomes flat buffers and integer tables for the compiled loops."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.parts import Connection, Population
from spiking.kernels import layout as at
from spiking.kernels.gather import padded
from spiking.kernels.tile import LANES
from spiking.simulate.parameters import gain_of, has_tau, is_plain, parameters_of, row_of, synapse_kind

Floats = NDArray[np.floating]
RECEPTOR = {"current": at.CURRENT, "excitatory": at.EXCITATORY, "inhibitory": at.INHIBITORY}


@dataclass(eq=False)
class Group:
    """Populations that are computed together (one, or those of a loop), lowered.

    ``units`` counts columns: each population is padded to whole ``LANES``. ``bias`` is a view into
    the program's parameter buffer.
    """

    populations: list[Population]
    offsets: list[int]
    units: int
    analog: bool
    pops: NDArray[np.int64]
    conns: NDArray[np.int64]
    spiking_connections: list[Connection]
    analog_connections: list[Connection]
    params: Floats
    bias: Floats
    row_ptr: NDArray[np.int64]
    column: NDArray[np.int64]

    @cached_property
    def looped(self) -> bool:
        """Whether the events of a step are needed before all units have taken it."""
        together = [at.WINNERS, at.MULTI]
        return bool(self.conns[:, at.INNER].any() or self.pops[:, together].any())

    def span(self, name: str) -> slice:
        """Columns of a member within the group."""
        for p, o in zip(self.populations, self.offsets, strict=True):
            if p.name == name:
                return slice(o, o + p.size)
        raise KeyError(name)


class Program:
    """A network lowered to ``dtype``; its parameters live in one flat buffer, ``parameters``."""

    def __init__(self, network: Network, dtype: type = np.float32, learn_tau: bool = False) -> None:
        """Lower ``network``; with ``learn_tau`` membrane time constants become parameters too."""
        self.network, self.learn_tau = network, learn_tau
        self.dtype = np.dtype(dtype)
        spiking = [p for p in network.populations if p.unit.spiking]
        events = [i.name for i in network.inputs if not i.encoder.analog]
        self.sources = {name: k for k, name in enumerate([*events, *(p.name for p in spiking)])}
        self.delays = {c.name: network.total_delay(c) for c in network.connections}
        self._allocate()
        self.groups = [self._lower(names) for names in network.groups]
        self._place_tau()

    def _allocate(self) -> None:
        """Lay all weights, then all biases, out in one buffer."""
        net = self.network
        self.place: dict[str, tuple[int, int]] = {}
        self.shape: dict[str, tuple[int, ...]] = {}
        total = 0

        def reserve(key: str, shape: tuple[int, ...], size: int) -> None:
            nonlocal total
            self.place[key], self.shape[key] = (total, size), shape
            total += padded(max(size, 1))  # an empty matrix too has a place of its own

        for c in net.connections:
            if sp.issparse(c.weight):
                reserve(c.name, (c.weight.nnz,), c.weight.nnz)
            else:
                rows, columns = c.weight.shape
                reserve(c.name, (rows, columns), rows * padded(columns))
        for group in net.groups:
            for name in group:
                reserve(f"bias:{name}", (net[name].size,), net[name].size)
        for p in net.populations:
            if self.learn_tau and has_tau(p):
                reserve(f"tau:{p.name}", (p.size,), p.size)
        self.parameters: Floats = np.zeros(total, self.dtype)
        for c in net.connections:
            self.part(self.parameters, c.name)[:] = c.weight.data if sp.issparse(c.weight) else c.weight
        for p in net.populations:
            if p.bias is not None:
                self.part(self.parameters, f"bias:{p.name}")[:] = p.bias

    def part(self, buffer: Floats, key: str) -> Floats:
        """View of a connection's weights, or of ``bias:population``, in a buffer like ``parameters``.

        Dense weights are ``[source, target]`` (their rows padded in memory), sparse ones the stored
        values in CSR order.
        """
        (first, size), shape = self.place[key], self.shape[key]
        flat = buffer[first : first + size]
        return flat if len(shape) == 1 else flat.reshape(shape[0], -1)[:, : shape[1]]

    def _place_tau(self) -> None:
        """Time constants are learned as ``logit(decay)``, which keeps decays between 0 and 1."""
        for p in self.network.populations:
            if self.learn_tau and has_tau(p):
                group, _ = self.member(p.name)
                decay = group.params[at.DECAY, group.span(p.name)]
                self.part(self.parameters, f"tau:{p.name}")[:] = np.log(decay / (1.0 - decay))

    def refresh_tau(self) -> None:
        """Carry learned time constants into the tables of the loops."""
        for p in self.network.populations:
            if self.learn_tau and has_tau(p):
                group, _ = self.member(p.name)
                span = group.span(p.name)
                decay = 1.0 / (1.0 + np.exp(-self.part(self.parameters, f"tau:{p.name}")))
                group.params[at.DECAY, span] = decay
                group.params[at.GAIN, span] = gain_of(p, decay)[0]

    def has_member(self, name: str) -> bool:
        """Whether ``name`` is a population (not an input)."""
        return any(p.name == name for p in self.network.populations)

    def member(self, name: str) -> tuple[Group, int]:
        """The group of a population, and its index."""
        for k, group in enumerate(self.groups):
            if any(p.name == name for p in group.populations):
                return group, k
        raise KeyError(name)

    def matrix(self, c: Connection) -> Floats | sp.csr_array:
        """The weight ``[source, target]`` of a connection as a view (dense) or CSR array."""
        values = self.part(self.parameters, c.name)
        if sp.issparse(c.weight):
            return sp.csr_array((values, c.weight.indices, c.weight.indptr), shape=c.weight.shape)
        return values

    def _lower(self, names: tuple[str, ...]) -> Group:
        net = self.network
        members = [net[n] for n in names]
        widths = [padded(p.size) for p in members]
        offsets = [int(o) for o in np.cumsum([0, *widths[:-1]])]
        analog = any(p.unit.stateless for p in members)
        require(
            not analog or (len(members) == 1 and all(c.source != names[0] for c in net.into(names[0]))),
            f"the populations {', '.join(names)} form a loop with units that keep no state; "
            "use LIF or LI units in loops",
        )
        pops = np.zeros((len(members), at.POPULATION_COLUMNS), np.int64)
        params = np.zeros((at.PARAMETER_ROWS, sum(widths)), self.dtype)
        rows: list[NDArray[np.int64]] = []
        inner: list[Connection] = []
        outer: list[Connection] = []
        row_ptr: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        column: dict[int, NDArray[np.int64]] = {}
        for k, (p, offset) in enumerate(zip(members, offsets, strict=True)):
            if not analog:
                pops[k] = row_of(p, offset, self.sources.get(p.name, -1), net.dt, net.steps)
                values = parameters_of(p, net.dt)
                params[:, offset : offset + p.size] = values
                params[at.THRESHOLD, offset + p.size : offset + widths[k]] = np.inf  # padding never spikes
                pops[k, at.SYNAPSE] = synapse_kind(p, values)
                pops[k, at.PLAIN] = is_plain(pops[k])
            for c in net.into(p.name):
                require(
                    c.source in self.sources or c.source not in names,
                    f"{c.name!r} feeds values back into the loop they come from; only spikes can recur here, "
                    "so use units with a threshold in loops",
                )
                if c.source not in self.sources:
                    outer.append(c)
                    continue
                require(not analog or c.receptor == "current", f"{c.name}: analog units have no receptors")
                inner.append(c)
                rows.append(self._connection_row(c, k, names, row_ptr, column))
        if pops[:, at.MULTI].any():  # spikes of the group are whole numbers, lif.py writes them as bytes
            pops[:, at.PLAIN] = 0
        first = self.place[f"bias:{names[0]}"][0]
        return Group(
            populations=members,
            offsets=offsets,
            units=params.shape[1],
            analog=analog,
            pops=pops,
            conns=np.array(rows, np.int64).reshape(-1, at.CONNECTION_COLUMNS),
            spiking_connections=inner,
            analog_connections=outer,
            params=params,
            bias=self.parameters[first : first + sum(widths)],
            row_ptr=np.concatenate(row_ptr),
            column=_scatter(column),
        )

    def _connection_row(
        self,
        c: Connection,
        target: int,
        names: tuple[str, ...],
        row_ptr: list[NDArray[np.int64]],
        column: dict[int, NDArray[np.int64]],
    ) -> NDArray[np.int64]:
        row = np.zeros(at.CONNECTION_COLUMNS, np.int64)
        row[at.FROM], row[at.TO] = self.sources[c.source], target
        row[at.WEIGHTS], row[at.STRIDE] = self.place[c.name][0], padded(c.weight.shape[1])
        row[at.DELAY], row[at.INNER] = self.network.total_delay(c), c.source in names
        row[at.RECEPTOR], row[at.FOLD] = RECEPTOR[c.receptor], -1
        if sp.issparse(c.weight):
            row[at.SPARSE], row[at.ROWS] = 1, sum(len(r) for r in row_ptr)
            row_ptr.append(np.asarray(c.weight.indptr, np.int64))
            column[self.place[c.name][0]] = np.asarray(c.weight.indices, np.int64)
        return row


def _scatter(column: dict[int, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Column indices at the same places as their weights in the parameter buffer."""
    out = np.zeros(max((first + len(c) for first, c in column.items()), default=0), np.int64)
    for first, c in column.items():
        out[first : first + len(c)] = c
    return out


def in_panels(group: Group) -> bool:
    """Whether a group is one wide population of ``kernels/lif.py`` that ``kernels/panels.py`` takes."""
    row = group.pops[0]
    alone = not group.analog and not group.looped and len(group.populations) == 1
    wide = group.units > LANES and not group.conns[:, at.SPARSE].any()
    return bool(alone and wide and row[at.PLAIN] and row[at.KIND] == at.SPIKING)
