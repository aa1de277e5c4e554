"""The way back through a program: gradients of currents, of parameters, of sources, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require, unknown
from spiking.core.network import Connection
from spiking.core.neurons import LI, ReLU
from spiking.kernels import layout as at
from spiking.kernels.backward import backward
from spiking.kernels.compile import over_rows
from spiking.kernels.dense import product
from spiking.kernels.gather import LANES, padded
from spiking.kernels.surrogate import DEFAULT_SLOPES, SURROGATES
from spiking.kernels.weight_grad import add_columns, add_outer, add_sparse, sort_by_unit
from spiking.simulate.batch import Batch, Kept
from spiking.simulate.program import Group, Program, gain_of, has_tau

Floats = NDArray[np.floating]


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
        if self.name not in SURROGATES:
            raise unknown("surrogate", self.name, SURROGATES)
        require(self.slope is None or self.slope > 0, f"slope is {self.slope!r}; it must be positive")


class Flow:
    """Gradients on their way back: per group for spikes (or values), ``"s"``, and membranes, ``"v"``.

    Buffers are ``[samples, steps, units]``; a direct input that is constant has one step.
    """

    def __init__(self, program: Program, batch: Batch) -> None:
        self.program, self.batch = program, batch
        self.buffers: dict[tuple[str, int], Floats] = {}
        self.penalties: dict[str, Floats] = {}  # gradient of each spike of a population, [units]

    def _empty(self, gate: str, k: int) -> Floats:
        group, batch = self.program.groups[k], self.batch
        steps = batch.values[group.populations[0].name].shape[1] if group.analog else batch.steps
        shape = (batch.samples, steps, group.units)
        tag = group.populations[0].name
        buffer = batch.workspace.empty(f"grad {gate}:{tag}", shape, self.program.dtype)
        for p in group.populations:  # padding columns stay zero
            end = group.span(p.name).stop
            buffer[:, :, end : end + padded(p.size) - p.size] = 0
        return buffer

    def buffer(self, gate: str, k: int) -> Floats:
        """The buffer of group ``k``, zeros before the first contribution."""
        if (gate, k) not in self.buffers:
            self.buffers[gate, k] = self._empty(gate, k)
            self.buffers[gate, k].fill(0)
        return self.buffers[gate, k]

    def finish(self, group: Group, gs: Floats) -> None:
        """Once all readers have contributed: silence dropped units, add what acts on spikes alone."""
        for p in group.populations:
            span = group.span(p.name)
            if p.name in self.batch.kept_units:
                gs[:, :, span] *= self.batch.kept_units[p.name][:, None, :]
            if p.name in self.penalties:
                gs[:, :, span] += self.penalties[p.name]

    def back_to(self, c: Connection, delta: Floats, steps: int) -> None:
        """Add ``delta weight^T`` to the source of ``c``; ``delta`` ``[samples * steps, target]``."""
        group, k = self.program.member(c.source)
        source = self.program.network[c.source]
        gate = "v" if isinstance(source.unit, LI) else "s"
        weight = self.program.matrix(c)
        fresh = (gate, k) not in self.buffers and len(group.populations) == 1
        if fresh and isinstance(weight, np.ndarray):
            buffer = self._empty(gate, k)
            if buffer.shape[1] == steps:
                self.buffers[gate, k] = buffer
                product(delta, weight.T, out=flat(buffer)[:, : source.size])
                return
        made = product(delta, weight.T) if isinstance(weight, np.ndarray) else np.asarray(delta @ weight.T)
        self.buffer(gate, k)[:, :steps, group.span(c.source)] += made.reshape(-1, steps, source.size)


def flat(x: Floats) -> Floats:
    """``[samples, steps, units]`` as ``[samples * steps, units]``."""
    return x.reshape(-1, x.shape[-1])


def passes(unit: ReLU, values: Floats) -> NDArray[np.bool_]:
    """Where a rectified unit hands its gradient on: above 0 and, if quantised, below the top level."""
    if unit.scale is None:
        return values > 0
    return np.asarray((values > 0) & (values < unit.scale * (2 ** (unit.bits or 32) - 1.5)))


class Adjoint:
    """Backward through all groups of a program."""

    def __init__(self, program: Program, surrogate: Surrogate, engine: str) -> None:
        self.program, self.surrogate, self.engine = program, surrogate, engine

    def __call__(self, batch: Batch, flow: Flow, out: Floats) -> None:
        """Add the gradient of all parameters to ``out``, laid out like them."""
        for k in range(len(self.program.groups) - 1, -1, -1):
            self._group(batch, k, flow, out)

    def _group(self, batch: Batch, k: int, flow: Flow, out: Floats) -> None:
        program, group = self.program, self.program.groups[k]
        gs = flow.buffer("s", k)
        flow.finish(group, gs)
        if group.analog:
            (p,) = group.populations
            if isinstance(p.unit, ReLU):
                gs[:, :, : p.size] *= passes(p.unit, batch.values[p.name])
            summed = gs.sum(axis=1)
        else:
            summed = self._kernel(batch, group, batch.kept[k], gs, flow, k, out)
        for p in group.populations:
            if p.bias is not None:
                program.part(out, f"bias:{p.name}")[:] += summed[:, group.span(p.name)].sum(axis=0)
        for c in group.analog_connections:
            self._analog(batch, c, gs[:, :, group.span(c.target)], summed[:, group.span(c.target)], flow, out)
        for j, c in enumerate(group.spiking_connections):
            self._spiking(batch, group, j, c, gs, flow, out)

    def _kernel(
        self, batch: Batch, group: Group, kept: Kept, gs: Floats, flow: Flow, k: int, out: Floats
    ) -> Floats:
        """Run the adjoint loop in place on ``gs``; return its sum over the steps ``[samples, units]``."""
        program, s, dtype = self.program, self.surrogate, self.program.dtype
        inner = group.conns[group.conns[:, at.INNER] > 0]
        slope = DEFAULT_SLOPES[s.name] if s.slope is None else s.slope
        loop: Any = backward if self.engine != "reference" else backward.py_func
        reads = any(isinstance(p.unit, LI) for p in group.populations)
        gv = flow.buffer("v", k) if reads else np.zeros((0, 0, 0), dtype)
        tag = group.populations[0].name
        summed = batch.workspace.zeros(f"sum:{tag}", (batch.samples, group.units), dtype)
        shape = (batch.samples, 2, group.units) if program.learn_tau else (0, 0, 0)
        slopes = batch.workspace.zeros(f"slopes:{tag}", shape, dtype)
        blocks, block, ranges = batch.tasks(group)
        batch.share(
            loop, blocks * ranges, ranges, batch.samples, block, batch.steps, group.pops, inner, group.params,
            program.parameters, group.row_ptr, group.column, kept.v, kept.a, kept.s, gs, gv, summed,
            slopes, SURROGATES[s.name], dtype.type(slope),
            dtype.type(s.gradient_threshold), s.attached, np.array([0.0, 0.5, 1.0, np.pi / 2], dtype),
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
                self.program.part(out, f"tau:{p.name}")[:] += slope * decay * (1.0 - decay)

    def _analog(
        self, batch: Batch, c: Connection, delta: Floats, summed: Floats, flow: Flow, out: Floats
    ) -> None:
        """Weight and source gradients of a connection that carries values."""
        values, delay = batch.values[c.source], self.program.network.total_delay(c)
        if values.shape[1] == 1:  # a constant value: all steps at once
            moved = summed if delay == 0 else delta[:, delay:].sum(axis=1)
            steps, left = 1, values[:, 0]
        else:
            steps = max(batch.steps - delay, 0)
            moved, left = flat(delta[:, delay:]), flat(values[:, :steps])
        self._store(c, left, moved, out)
        if self.program.has_member(c.source):
            flow.back_to(c, moved, steps)

    def _spiking(
        self, batch: Batch, group: Group, j: int, c: Connection, gs: Floats, flow: Flow, out: Floats
    ) -> None:
        """Weight and source gradients of a connection that carries spikes."""
        program, delay = self.program, self.program.network.total_delay(c)
        span, steps = group.span(c.target), max(batch.steps - delay, 0)
        delta = flat(gs)[:, span] if delay == 0 else flat(gs[:, delay:, span])
        if batch.engines.get(c.name) == "dense":
            self._store(c, flat(batch.raster(c.source)[:, :steps]), delta, out)
        else:
            self._event_gradient(batch, group, j, c, gs, out)
        if program.has_member(c.source) and not group.conns[j, at.INNER]:
            flow.back_to(c, delta, steps)

    def _event_gradient(
        self, batch: Batch, group: Group, j: int, c: Connection, gs: Floats, out: Floats
    ) -> None:
        program, k = self.program, self.program.sources[c.source]
        first, size = program.place[c.name]
        units = batch.workspace.empty("units", (batch.samples, c.weight.shape[0] + 1), np.int64)
        delay, offset = program.network.total_delay(c), group.span(c.target).start
        batch.share(sort_by_unit, batch.samples, batch.ptr[k], batch.idx, delay, units, batch.when)
        target = out[first : first + size]
        if sp.issparse(c.weight):
            load = (units[:, 1:] - units[:, :-1]).sum(axis=0)
            row_ptr, column = group.row_ptr[group.conns[j, at.ROWS] :], c.weight.indices.astype(np.int64)
            over_rows(
                add_sparse,
                load,
                units,
                batch.when,
                gs,
                offset,
                row_ptr,
                column,
                target,
                workers=batch.workers,
            )
            return
        grid = target.reshape(c.weight.shape[0], -1)
        if grid.shape[1] == LANES:
            load = (units[:, 1:] - units[:, :-1]).sum(axis=0)
            over_rows(add_outer, load, 0, LANES, units, batch.when, gs, offset, grid, workers=batch.workers)
        else:
            batch.share(add_columns, grid.shape[1], units, batch.when, gs, offset, grid, grain=64)

    def _store(self, c: Connection, left: Floats, right: Floats, out: Floats) -> None:
        """Add ``left^T right`` to the gradient of ``c``: all of it, or its stored entries."""
        part = self.program.part(out, c.name)
        if sp.issparse(c.weight):
            rows = np.repeat(np.arange(c.weight.shape[0]), np.diff(c.weight.indptr))
            part += np.einsum("bk,bk->k", left[:, rows], right[:, c.weight.indices])
        else:
            part += product(left.T, right)
