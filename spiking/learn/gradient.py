"""Back-propagation through time with surrogate gradients, event-driven (Neftci et al. 2019).

The same code trains an MLP: its units keep no state, its derivative is exact, and one step is all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require, unknown
from spiking.core.network import Connection, Network
from spiking.core.neurons import LI, ConductanceLIF, ReLU
from spiking.kernels import layout as at
from spiking.kernels.backward import backward
from spiking.kernels.compile import over_ranges, over_rows
from spiking.kernels.dense import product, single_threaded_blas
from spiking.kernels.surrogate import DEFAULT_SLOPES, SURROGATES
from spiking.kernels.weight_grad import add_outer, add_sparse, sort_by_unit
from spiking.learn.loss import LossValue, output_loss
from spiking.simulate.batch import Batch, Kept, times
from spiking.simulate.program import Group, Program

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


@dataclass(frozen=True, eq=False)
class Gradient:
    """Loss, gradient of all parameters (laid out as ``program.parameters``), and scores."""

    loss: float
    parameters: Floats
    scores: Floats
    rates: dict[str, float]  # spikes per unit and inference, by population


class Differentiator:
    """Loss and gradient of a program's parameters, batch by batch."""

    def __init__(
        self,
        program: Program,
        *,
        surrogate: Surrogate | None = None,
        loss: str = "cross_entropy",
        rate_penalty: float = 0.0,
        target_rate: float = 0.0,
        rate_norm: int = 2,
        engine: str = "auto",
    ) -> None:
        self.program, self.loss, self.engine = program, loss, engine
        self.surrogate = surrogate or Surrogate()
        self.rate_penalty, self.target_rate, self.rate_norm = rate_penalty, target_rate, rate_norm
        require(rate_norm in (1, 2), f"rate_norm is {rate_norm!r}; allowed: 1 or 2")
        check_differentiable(program.network)
        self.place = {p.name: (g, k) for k, g in enumerate(program.groups) for p in g.populations}

    def __call__(
        self, x: Floats, labels: NDArray[np.integer], *, seed: int = 0, first_sample: int = 0
    ) -> Gradient:
        """Return loss and gradient for ``x`` ``[samples, features]`` (or rasters) and ``labels``."""
        with single_threaded_blas():
            return self._differentiate(x, labels, seed, first_sample)

    def _differentiate(
        self, x: Floats, labels: NDArray[np.integer], seed: int, first_sample: int
    ) -> Gradient:
        program = self.program
        batch = Batch(program, x, seed, first_sample, self.engine)
        for group in program.groups:
            batch.step_group(group, set(), training=True)
        value = self._loss(batch, labels)
        out = np.zeros_like(program.parameters)
        flow = self._start(batch, value)
        penalty, rates = self._penalise(batch, flow)
        for k in range(len(program.groups) - 1, -1, -1):
            self._group(batch, k, flow, out)
        return Gradient(value.loss + penalty, out, value.scores, rates)

    def _loss(self, batch: Batch, labels: NDArray[np.integer]) -> LossValue:
        net = self.program.network
        name = net.output.population
        group, k = self.place[name]
        if name in batch.values:
            v, s = batch.values[name], np.zeros((0, 0, 0), np.int8)
        else:
            span = group.span(name)
            v, s = batch.kept[k].v[:, :, span], batch.kept[k].s[:, :, span]
        return output_loss(net, self.loss, labels, v, s)

    def _start(self, batch: Batch, value: LossValue) -> list[tuple[Floats, Floats]]:
        """Gradient buffers of each group: for spikes (or analog values), and for readout membranes."""
        flow: list[tuple[Floats, Floats]] = []
        dtype, name = self.program.dtype, self.program.network.output.population
        for group in self.program.groups:
            steps = batch.values[group.populations[0].name].shape[1] if group.analog else batch.steps
            shape = (batch.samples, steps, group.units)
            reads = any(isinstance(p.unit, LI) for p in group.populations)
            gs = np.zeros(shape, dtype)
            gv = np.zeros(shape, dtype) if reads else np.zeros((0, 0, 0), dtype)
            flow.append((gs, gv))
        group, k = self.place[name]
        span = group.span(name)
        if value.grad_v.size:
            target = flow[k][0] if group.analog else flow[k][1]
            require(
                target.size > 0,
                f"the Membrane decoder needs a readout without threshold, {name!r} spikes; "
                "use LI units or the SpikeCount decoder",
            )
            target[:, :, span] += value.grad_v
        else:
            flow[k][0][:, :, span] += value.grad_s
        return flow

    def _penalise(self, batch: Batch, flow: list[tuple[Floats, Floats]]) -> tuple[float, dict[str, float]]:
        """Add the rate penalty ``mean over units of (rate - target)_+^norm`` of hidden spiking units.

        ``rate``: spikes per step of a unit, averaged over the batch.
        """
        total, rates = 0.0, {}
        for p in self.program.network.populations:
            if not p.unit.spiking:
                continue
            group, k = self.place[p.name]
            counts = batch.kept[k].counts[:, group.span(p.name)]
            rates[p.name] = float(counts.mean())
            if self.rate_penalty <= 0 or p.name == self.program.network.output.population:
                continue
            over = np.maximum(counts.mean(axis=0) / batch.steps - self.target_rate, 0.0)
            total += self.rate_penalty * float(np.mean(over**self.rate_norm))
            slope = self.rate_norm * over ** (self.rate_norm - 1) * (over > 0)
            slope *= self.rate_penalty / (p.size * batch.samples * batch.steps)
            flow[k][0][:, :, group.span(p.name)] += slope.astype(self.program.dtype)
        return total, rates

    def _group(self, batch: Batch, k: int, flow: list[tuple[Floats, Floats]], out: Floats) -> None:
        """Pass one group: gradients of its currents, of its parameters, of its sources."""
        program, group, kept = self.program, self.program.groups[k], batch.kept[k]
        gs, gv = flow[k]
        if group.analog:
            (p,) = group.populations
            if isinstance(p.unit, ReLU):
                gs *= batch.values[p.name] > 0
        else:
            self._kernel(batch, group, kept, gs, gv)
        for p in group.populations:
            first, size = program.place[f"bias:{p.name}"]
            if p.bias is not None:
                out[first : first + size] += gs[:, :, group.span(p.name)].sum(axis=(0, 1))
        for c in group.analog_connections:
            self._analog(batch, group, c, gs, flow, out)
        for j, c in enumerate(group.spiking_connections):
            self._spiking(batch, group, j, c, gs, flow, out)

    def _kernel(self, batch: Batch, group: Group, kept: Kept, gs: Floats, gv: Floats) -> None:
        program, s, dtype = self.program, self.surrogate, self.program.dtype
        inner = group.conns[group.conns[:, at.INNER] > 0]
        slope = DEFAULT_SLOPES[s.name] if s.slope is None else s.slope
        loop: Any = backward if self.engine != "reference" else backward.py_func
        over_ranges(
            loop, batch.samples, batch.steps, group.pops, inner, group.params, program.parameters,
            group.row_ptr, group.column, kept.v, kept.a, kept.s, gs, gv, np.zeros((0, 0, 0), dtype),
            SURROGATES[s.name], dtype.type(slope), dtype.type(s.gradient_threshold), s.attached,
            np.array([0.0, 0.5, 1.0, np.pi / 2], dtype),
        )  # fmt: skip

    def _analog(
        self, batch: Batch, group: Group, c: Connection, gs: Floats, flow: list[Any], out: Floats
    ) -> None:
        """Weight and source gradients of a connection that carries values."""
        program = self.program
        values, delta = batch.values[c.source], gs[:, :, group.span(c.target)]
        delay = program.network.total_delay(c)
        delta = delta[:, delay:]
        once = values.shape[1] == 1
        moved = delta.sum(axis=1, keepdims=True) if once else delta
        values = values if once else values[:, : delta.shape[1]]
        self._store(c, values, moved, out)
        if c.source in self.place:
            source, k = self.place[c.source]
            gate = flow[k][0] if source.analog else flow[k][1]
            gate[:, : moved.shape[1], source.span(c.source)] += times(moved, program.matrix(c).T)

    def _spiking(
        self, batch: Batch, group: Group, j: int, c: Connection, gs: Floats, flow: list[Any], out: Floats
    ) -> None:
        """Weight and source gradients of a connection that carries spikes."""
        program, inner = self.program, bool(group.conns[j, at.INNER])
        span, delay = group.span(c.target), program.network.total_delay(c)
        first, size = program.place[c.name]
        if batch.engines.get(c.name) == "dense":
            raster = batch.raster(c.source)[:, : max(batch.steps - delay, 0)]
            self._store(c, raster, gs[:, delay:, span], out)
        else:
            k = program.sources[c.source]
            units = np.empty((batch.samples, c.weight.shape[0] + 1), np.int64)
            over_ranges(sort_by_unit, batch.samples, batch.ptr[k], batch.idx, delay, units, batch.when)
            target = out[first : first + size]
            load = (units[:, 1:] - units[:, :-1]).sum(axis=0)
            if sp.issparse(c.weight):
                row_ptr, column = group.row_ptr[group.conns[j, at.ROWS] :], c.weight.indices.astype(np.int64)
                over_rows(add_sparse, load, units, batch.when, gs, span.start, row_ptr, column, target)
            else:
                grid = target.reshape(c.weight.shape)
                over_rows(add_outer, load, units, batch.when, gs, span.start, c.weight.shape[1], grid)
        if c.source in self.place and not inner:
            source, k = self.place[c.source]
            delta = gs[:, delay:, span]
            flow[k][0][:, : delta.shape[1], source.span(c.source)] += times(
                np.ascontiguousarray(delta), program.matrix(c).T
            )

    def _store(self, c: Connection, values: Floats, delta: Floats, out: Floats) -> None:
        """Add ``values^T delta`` to the gradient of ``c``: all of it, or its stored entries."""
        first, size = self.program.place[c.name]
        left = values.reshape(-1, values.shape[-1])
        right = np.ascontiguousarray(delta).reshape(-1, delta.shape[-1])
        if sp.issparse(c.weight):
            rows = np.repeat(np.arange(c.weight.shape[0]), np.diff(c.weight.indptr))
            out[first : first + size] += np.einsum("bk,bk->k", left[:, rows], right[:, c.weight.indices])
        else:
            out[first : first + size] += product(left.T, right).ravel()


def check_differentiable(network: Network) -> None:
    """Raise :class:`SpikingError` where a network holds units without a gradient."""
    for p in network.populations:
        require(
            not isinstance(p.unit, ConductanceLIF),
            f"{p.name!r} has conductance-based units, which have no surrogate gradient here; use LIF",
        )
        multi = getattr(getattr(p.unit, "discretisation", None), "multi", False)
        crossing = getattr(getattr(p.unit, "discretisation", None), "crossing", False)
        require(
            not crossing, f"{p.name!r} resets at the crossing, which has no gradient here; use zero reset"
        )
        require(not multi, f"{p.name!r} emits several spikes a step, which has no gradient here")
        require(p.winners is None, f"{p.name!r} has winner-take-all inhibition, which has no gradient")
