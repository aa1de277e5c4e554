"""The way back through a program: gradients of currents, of parameters, of sources, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core import check
from spiking.core.parts import Connection
from spiking.kernels import layout as at
from spiking.kernels.backward import backward
from spiking.kernels.panels import PANEL
from spiking.kernels.panels_back import backward_panels
from spiking.kernels.surrogate import DEFAULT_SLOPES, SURROGATES
from spiking.kernels.tile import LANES
from spiking.learn.gradient.flow import Floats, Flow, Narrow, Pulled, flat
from spiking.learn.gradient.weight_gradient import add_events, add_values, store
from spiking.simulate.batch import Batch
from spiking.simulate.kept import Kept
from spiking.simulate.parameters import gain_of, has_more, has_tau
from spiking.simulate.program import Group, Program, in_panels


@dataclass(frozen=True, kw_only=True)
class Surrogate:
    """How the spike is differentiated.

    Attributes:
        name: ``fast_sigmoid``, ``arctan``, ``triangular`` or ``boxcar``.
        slope: sharpness; None takes the customary one (25, 2, 1, 1).
        attached: differentiate the reset too (False stops the gradient there, as
            Zenke & Vogels 2021 advise).
        gradient_threshold: derivatives below this count as zero (sparse spiking gradient descent,
            Perez-Nieves & Goodman 2021). 0 keeps the exact gradient of the surrogate network.
    """

    name: str = "fast_sigmoid"
    slope: float | None = None
    attached: bool = False
    gradient_threshold: float = 0.0

    def __post_init__(self) -> None:
        check.choice("surrogate", self.name, SURROGATES)
        if self.slope is not None:
            check.number("slope", self.slope, 0, open_low=True)
        check.flag("attached", self.attached)
        check.number("gradient_threshold", self.gradient_threshold, 0)


class Adjoint:
    """Backward through all groups of a program."""

    def __init__(self, program: Program, surrogate: Surrogate) -> None:
        self.program, self.surrogate = program, surrogate

    def __call__(self, batch: Batch, flow: Flow, out: Floats) -> None:
        """Write the gradient of all parameters to ``out``, laid out like them."""
        for k in range(len(self.program.groups) - 1, -1, -1):
            self._group(batch, k, flow, out)

    def _group(self, batch: Batch, k: int, flow: Flow, out: Floats) -> None:
        program, group = self.program, self.program.groups[k]
        if batch.summed is not None and k == batch.summed.group:
            return  # flow.pulled holds what it hands back
        done: list[Connection] = []  # whose weight gradient the loop itself added up
        if group.analog:
            (p,) = group.populations
            unit: Any = p.unit
            gs = flow.buffer("s", k)
            flow.finish(group, gs)
            passes = unit.slope(batch.values[p.name])
            if passes is not None:
                gs[:, :, : p.size] *= passes
            summed = gs.sum(axis=1)
        elif in_panels(group) and batch.engine != "reference":
            gs, summed, done = self._panels(batch, group, k, flow, out)
        else:
            gs = flow.buffer("s", k)
            flow.finish(group, gs)
            summed = self._columns(batch, group, batch.kept[k], gs, flow, k, out)
        for p in group.populations:
            if p.bias is not None and (group.analog or len(summed)):
                program.part(out, f"bias:{p.name}")[:] = summed[:, group.span(p.name)].sum(axis=0)
        for c in group.analog_connections:
            self._analog(batch, c, gs, summed, group.span(c.target), flow, out)
        for j, c in enumerate(group.spiking_connections):
            if c not in done:
                self._spiking(batch, group, j, c, gs, out)
            if program.has_member(c.source) and not group.conns[j, at.INNER]:
                self._hand_back(batch, group, c, gs, flow)

    def _how(self) -> tuple[Any, ...]:
        """What the loops are told of the surrogate."""
        s, dtype = self.surrogate, self.program.dtype
        slope = DEFAULT_SLOPES[s.name] if s.slope is None else s.slope
        return (
            SURROGATES[s.name], dtype.type(slope), dtype.type(s.gradient_threshold), s.attached,
            np.array([0.0, 0.5, 1.0, np.pi / 2], dtype),
        )  # fmt: skip

    def _slopes(self, batch: Batch, group: Group) -> Floats:
        """Room for the gradients of decay and gain."""
        shape = (batch.samples, 2, group.units) if self.program.learn_tau else (0, 0, 0)
        return batch.workspace.zeros(f"slopes:{group.populations[0].name}", shape, self.program.dtype)

    def _panels(
        self, batch: Batch, group: Group, k: int, flow: Flow, out: Floats
    ) -> tuple[Floats, Floats, list[Connection]]:
        """Run the loop of a wide population; return the gradients of its currents, if somebody needs them,
        their sums over the steps, likewise, and the connections whose weights it took care of."""
        program, dtype, kept = self.program, self.program.dtype, batch.kept[k]
        (p,) = group.populations
        fresh = ("s", k) not in flow.buffers and p.name not in flow.penalties
        if not fresh:
            flow.finish(group, flow.buffer("s", k))
        asked = not fresh or self._asked(batch, group)
        gs = flow.empty("s", k) if asked and fresh else flow.buffers.get(("s", k), np.zeros((0, 0, 0), dtype))
        done = event_connections(batch, group)
        conns = group.conns[[group.spiking_connections.index(c) for c in done]]
        trains = batch.trains
        places = np.array([batch.pack(c.source).places[c.source] for c in done], np.int64).reshape(-1, 2)
        constant = bool(group.analog_connections)
        summed = batch.workspace.empty(
            f"sum:{p.name}", (batch.samples if constant else 0, group.units), dtype
        )
        jumps = self._jumps(batch, group)
        if jumps.size:
            flow.jumps[k] = jumps
        slopes = self._slopes(batch, group)
        spikes = kept.spikes() if program.learn_tau else kept.s
        pulled = flow.pulled.get(k, Pulled(np.zeros((0, 0), dtype), np.zeros(batch.steps, dtype)))
        narrow = flow.narrow.get(k, Narrow(gs[:0], np.zeros((0, 0), dtype), 0))
        bias = -1 if constant or p.bias is None else program.place[f"bias:{p.name}"][0]
        panels = -(-group.units // PANEL)
        block = 2 if panels >= 2 * batch.workers else 1
        batch.share(
            backward_panels, -(-panels // block), block, batch.samples, batch.steps, group.pops[0], conns,
            batch.rows(conns), group.params, kept.v, kept.a, spikes, gs, fresh, jumps, summed, slopes,
            pulled.columns, pulled.share, narrow.delta.reshape(-1), narrow.back, len(narrow.back),
            narrow.lag, places, trains.unit, trains.base, trains.mask, out, bias, *self._how(),
            True if program.learn_tau else has_more(group.pops[0]),
        )  # fmt: skip
        if program.learn_tau:
            self._time_constants(group, slopes.sum(axis=0), out)
        return gs, summed, done

    def _asked(self, batch: Batch, group: Group) -> bool:
        """Whether the gradients of a group's currents are needed step by step once its loop is done."""
        constant = all(
            batch.values[c.source].shape[1] == 1 and self.program.delays[c.name] == 0
            for c in group.analog_connections
        )
        incoming = [*group.spiking_connections, *group.analog_connections]
        members = [c for c in incoming if self.program.has_member(c.source)]
        dense = [c for c in members if not (self._fades(batch, group) and self._by_jumps(batch, c))]
        return bool(dense) or not constant or event_connections(batch, group) != group.spiking_connections

    def _columns(
        self, batch: Batch, group: Group, kept: Kept, gs: Floats, flow: Flow, k: int, out: Floats
    ) -> Floats:
        """Run the loop of any group in place on ``gs``; return its sums over the steps."""
        program, dtype = self.program, self.program.dtype
        reads = any(p.unit.graded for p in group.populations)
        gv = flow.buffer("v", k) if reads else np.zeros((0, 0, 0), dtype)
        tag = group.populations[0].name
        asked = group.analog_connections or any(p.bias is not None for p in group.populations)
        summed = batch.workspace.zeros(f"sum:{tag}", (batch.samples if asked else 0, group.units), dtype)
        slopes = self._slopes(batch, group)
        inner = group.conns[group.conns[:, at.INNER] > 0]
        blocks, block, ranges = batch.tasks(group)
        batch.share(
            backward, blocks * ranges, ranges, batch.samples, block, batch.steps, group.pops, inner,
            group.params, program.parameters, group.row_ptr, group.column, kept.v, kept.a, kept.s, gs, gv,
            summed, slopes, *self._how(),
        )  # fmt: skip
        if program.learn_tau:
            self._time_constants(group, slopes.sum(axis=0), out)
        return summed

    def _time_constants(self, group: Group, slopes: Floats, out: Floats) -> None:
        """Gradient of ``logit(decay)`` from those of decay and gain, ``[2, units]``."""
        for p in group.populations:
            if has_tau(p):
                span = group.span(p.name)
                decay = group.params[at.DECAY, span]
                slope = slopes[0, span] + slopes[1, span] * gain_of(p, decay)[1]
                self.program.part(out, f"tau:{p.name}")[:] = slope * decay * (1.0 - decay)

    def _analog(
        self, batch: Batch, c: Connection, gs: Floats, summed: Floats, span: slice, flow: Flow, out: Floats
    ) -> None:
        """Weight and source gradients of a connection that carries values into columns ``span``."""
        values, delay = batch.values[c.source], self.program.delays[c.name]
        if values.shape[1] == 1:  # a constant value: all steps at once
            whole = summed if delay == 0 else gs[:, delay:].sum(axis=1)
            steps, left = 1, values[:, 0]
        else:
            steps = max(batch.steps - delay, 0)
            whole, left = flat(gs[:, delay:]), flat(values[:, :steps])
        moved = whole[:, span]
        listing = batch.listing(c) if len(left) == values.shape[0] * values.shape[1] else None
        if listing is None:
            store(self.program, c, left, moved, out)
        else:
            add_values(batch, listing, c, whole, span.start, out)
        if self.program.has_member(c.source):
            flow.back_to(c, moved, steps)

    def _spiking(self, batch: Batch, group: Group, j: int, c: Connection, gs: Floats, out: Floats) -> None:
        """Weight gradient of a connection that carries spikes."""
        delay, span = self.program.delays[c.name], group.span(c.target)
        if batch.engines.get(c.name) == "dense":
            steps = max(batch.steps - delay, 0)
            store(self.program, c, flat(batch.raster(c.source)[:, :steps]), flat(gs[:, delay:, span]), out)
        else:
            add_events(batch, group, j, c, gs, out)

    def _hand_back(self, batch: Batch, group: Group, c: Connection, gs: Floats, flow: Flow) -> None:
        """Give the source of ``c`` the gradient of its spikes."""
        delay, span = self.program.delays[c.name], group.span(c.target)
        source, k = self.program.member(c.source)
        jumps = flow.jumps.get(self.program.member(c.target)[1])
        if jumps is not None and self._by_jumps(batch, c):
            flow.back_by_jumps(c, jumps, group.params[at.DECAY, 0])
            return
        if group.units == LANES and self._alone(batch, source, k, c, flow):
            columns = -(-source.units // PANEL) * PANEL
            back = np.ascontiguousarray(padded_rows(self.program.matrix(c), columns).T)
            flow.narrow[k] = Narrow(gs, back, delay)
            return
        delta = flat(gs)[:, span] if delay == 0 else flat(gs[:, delay:, span])
        flow.back_to(c, delta, max(batch.steps - delay, 0))

    def _fades(self, batch: Batch, group: Group) -> bool:
        """Whether gradients of a group's currents decay alike in all units but for sparse additions.

        Then sources add up the few additions and let the sum decay: ``W D[t] = decay W D[t+1] + W jump[t]``.
        """
        (row,), s = group.pops[:1], self.surrogate
        own = group.params[at.DECAY, : row[at.SIZE]]
        plain = row[at.RESET] == at.SUBTRACT and not (row[at.SYNAPSE] or row[at.ADAPTS] or s.attached)
        sparse = s.gradient_threshold > 0 and batch.engine in ("auto", "event")
        return bool(in_panels(group) and plain and sparse and (own == own[0]).all())

    def _by_jumps(self, batch: Batch, c: Connection) -> bool:
        """Whether the source of ``c`` receives its gradient from the sparse additions."""
        source, _ = self.program.member(c.source)
        return in_panels(source) and self.program.delays[c.name] == 0 and not sp.issparse(c.weight)

    def _jumps(self, batch: Batch, group: Group) -> Floats:
        """Room for the sparse additions to the gradients of a group's currents, if a source takes them."""
        members = [c for c in group.spiking_connections if self.program.has_member(c.source)]
        wanted = self._fades(batch, group) and any(self._by_jumps(batch, c) for c in members)
        columns = -(-group.units // PANEL) * PANEL
        shape = (batch.samples, batch.steps, columns) if wanted else (0, 0, 0)
        return batch.workspace.empty(f"jumps:{group.populations[0].name}", shape, self.program.dtype)

    def _alone(self, batch: Batch, source: Group, k: int, c: Connection, flow: Flow) -> bool:
        """Whether the loop of ``source`` can take its gradient from ``c`` alone and need not leave it."""
        if not in_panels(source) or batch.engine == "reference" or sp.issparse(c.weight):
            return False
        acted_on = c.source in batch.kept_units or c.source in flow.penalties
        readers = sum(other.source == c.source for other in self.program.network.connections)
        return not acted_on and readers == 1 and ("s", k) not in flow.buffers


def event_connections(batch: Batch, group: Group) -> list[Connection]:
    """Connections into a group whose weight gradient is added up from events, dense in memory."""
    return [
        c
        for c in group.spiking_connections
        if batch.engines.get(c.name) != "dense" and not sp.issparse(c.weight)
    ]


def padded_rows(weight: Any, rows: int) -> Floats:
    """``weight`` with zeros below, ``rows`` in all."""
    out = np.zeros((rows, weight.shape[1]), weight.dtype)
    out[: len(weight)] = weight
    return out
