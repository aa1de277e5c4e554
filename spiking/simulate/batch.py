"""One batch through a program: encode, then group after group, source first."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.encode import Poisson
from spiking.core.errors import require
from spiking.core.network import Connection, Input
from spiking.core.neurons import LI, ReLU
from spiking.kernels import layout as at
from spiking.kernels.compile import over_ranges
from spiking.kernels.dense import product
from spiking.kernels.events import raster_of
from spiking.kernels.forward import forward
from spiking.kernels.random import poisson_events, raster_events
from spiking.simulate.program import Group, Program

Floats = NDArray[np.floating]
DENSE_ABOVE = 0.35  # density above which a BLAS product beats adding rows; see benchmarks/training_speed.py


@dataclass(eq=False)
class Kept:
    """What one group leaves behind for its readers: ``[samples, steps, units]`` arrays or empty."""

    v: Floats
    a: Floats
    s: NDArray[np.signedinteger]
    counts: NDArray[np.int32]
    first: NDArray[np.int32]
    dense: dict[str, Floats] = field(default_factory=dict)


class Batch:
    """The activity of ``samples`` inferences: event lists of spiking sources, values of analog ones.

    ``keep``: names of populations whose membrane and spikes are kept for every step.
    """

    def __init__(self, program: Program, x: Floats, seed: int, first_sample: int, engine: str) -> None:
        self.program, self.engine = program, engine
        self.samples, self.steps = x.shape[0], program.network.steps
        self.seed, self.first_sample = seed, first_sample
        self.ptr = np.zeros((max(len(program.sources), 1), self.samples, self.steps + 1), np.int64)
        self.slabs = self._slabs(burst=1)
        self.values: dict[str, Floats] = {}  # analog sources, [samples, steps or 1, units]
        self.kept: list[Kept] = []
        self.engines: dict[str, str] = {}
        self._encode(x)

    def _slabs(self, burst: int) -> dict[str, tuple[int, int]]:
        """Give each source a slab of the event buffer per sample: (base, capacity)."""
        net, base, slabs = self.program.network, 0, {}
        for name in self.program.sources:
            multi = (
                getattr(getattr(net[name].unit, "discretisation", None), "multi", False)
                if any(p.name == name for p in net.populations)
                else False
            )
            capacity = net.source_size(name) * self.steps * (burst if multi else 1) + 1
            slabs[name] = (base, capacity)
            base += capacity * self.samples
        require(
            base < 2**40,
            f"the event lists of {self.samples} samples would hold {base} entries; use a smaller batch",
        )
        self.idx = np.empty(max(base, 1), np.int32)
        return slabs

    def _encode(self, x: Floats) -> None:
        column = 0
        for source in self.program.network.inputs:
            part = x[..., column : column + source.size]
            column += source.size
            if source.encoder.analog:
                self.values[source.name] = self._analog(source, part)
            else:
                self._events(source, np.ascontiguousarray(part))

    def _analog(self, source: Input, part: Floats) -> Floats:
        values = part if part.ndim == 3 else part[:, None, :]
        require(
            values.shape[1] in (1, self.steps),
            f"input {source.name!r} has {values.shape[1]} steps; the network has {self.steps}",
        )
        gain = getattr(source.encoder, "gain", 1.0)
        values = np.asarray(values, self.program.dtype) * self.program.dtype.type(gain)
        return quantised(values, source.bits, source.scale)

    def _events(self, source: Input, part: Floats) -> None:
        base, capacity = self.slabs[source.name]
        ptr = self.ptr[self.program.sources[source.name]]
        if isinstance(source.encoder, Poisson) and part.ndim == 2:
            args = (part, source.encoder.gain, self.steps, self.seed, self.first_sample)
            over_ranges(poisson_events, self.samples, *args, ptr, self.idx, capacity, base)
            return
        if part.ndim == 3 and not hasattr(source.encoder, "threshold"):
            raster: Any = np.ascontiguousarray(part)  # a raster of spike counts, taken as it is
            require(
                raster.shape[1] == self.steps,
                f"a raster of {raster.shape[1]} steps came; the network has {self.steps}",
            )
            self._grow_for(source, raster)
            base, capacity = self.slabs[source.name]
        else:
            raster = source.encoder.spikes(part, self.steps, self.seed, self.first_sample)  # type: ignore[union-attr]
        over_ranges(raster_events, self.samples, raster, ptr, self.idx, capacity, base)

    def _grow_for(self, source: Input, raster: Floats) -> None:
        """Make room where a raster holds several spikes per step."""
        most = int(raster.max(initial=0))
        if most > 1:
            base, capacity = len(self.idx), source.size * self.steps * most + 1
            self.slabs[source.name] = (base, capacity)
            self.idx = np.concatenate([self.idx, np.empty(capacity * self.samples, np.int32)])

    @cached_property
    def when(self) -> NDArray[np.int32]:
        """Room for the arrival steps of all events, laid out as ``idx``."""
        return np.empty_like(self.idx)

    def density(self, name: str) -> float:
        """Spikes per unit and step of a spiking source in this batch."""
        ptr = self.ptr[self.program.sources[name]]
        events = int((ptr[:, -1] - ptr[:, 0]).sum())
        return float(events / (self.samples * self.steps * self.program.network.source_size(name)))

    def raster(self, name: str) -> Floats:
        """Spikes of a source as ``[samples, steps, units]`` in the program's precision."""
        k = self.program.sources[name]
        out = np.zeros((self.samples, self.steps, self.program.network.source_size(name)), self.program.dtype)
        over_ranges(raster_of, self.samples, self.ptr[k], self.idx, out)
        return out

    def currents(self, group: Group) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Constant current, stepwise current (or empty), and the connections left to events."""
        dtype, program = self.program.dtype, self.program
        constant = np.empty((self.samples, group.units), dtype)
        constant[:] = group.bias
        drive: Floats = np.zeros((0, 0, 0), dtype)

        def stepwise() -> Floats:
            return drive if drive.size else np.zeros((self.samples, self.steps, group.units), dtype)

        for c in group.analog_connections:
            product = times(self.values[c.source], program.matrix(c))
            span, delay = group.span(c.target), program.network.total_delay(c)
            if product.shape[1] == 1 and delay == 0:
                constant[:, span] += product[:, 0]
            else:
                drive = stepwise()
                drive[:, delay:, span] += product[:, : max(self.steps - delay, 0)]
        events = np.ones(len(group.conns), bool)
        for k, c in enumerate(group.spiking_connections):
            if self._dense(group, k, c):
                drive = stepwise()
                delay = program.network.total_delay(c)
                product = times(self.raster(c.source), program.matrix(c))
                drive[:, delay:, group.span(c.target)] += product[:, : max(self.steps - delay, 0)]
                events[k] = False
        return constant, drive, group.conns[events]

    def _dense(self, group: Group, k: int, c: Connection) -> bool:
        """Whether connection ``c`` goes through BLAS rather than through event lists."""
        possible = not sp.issparse(c.weight) and not group.conns[k, at.INNER] and c.receptor == "current"
        wanted = self.engine == "dense" or (self.engine == "auto" and self.density(c.source) > DENSE_ABOVE)
        dense = group.analog or (possible and wanted)
        self.engines[c.name] = "dense" if dense else "event"
        return dense

    def step_group(self, group: Group, keep: set[str], training: bool = False) -> Kept:
        """Compute one group; its spikes become event lists, its values ``self.values``."""
        constant, drive, conns = self.currents(group)
        shape = (self.samples, self.steps, group.units)
        none = np.zeros((0, 0, 0), self.program.dtype)
        ints = np.zeros((self.samples, group.units), np.int32)
        if group.analog:
            kept = Kept(none, none, np.zeros((0, 0, 0), np.int8), ints, ints)
            self._analog_group(group, constant, drive)
            self.kept.append(kept)
            return kept
        names = {p.name for p in group.populations}
        reads = any(isinstance(p.unit, LI) for p in group.populations)
        adapts = training and bool(group.pops[:, at.ADAPTS].any())
        wanted = bool(names & keep) or training
        v = np.empty(shape, self.program.dtype) if wanted or reads else none
        a = np.empty(shape, self.program.dtype) if adapts else none
        width = np.int32 if group.pops[:, at.MULTI].any() else np.int8
        s = np.zeros(shape if wanted else (0, 0, 0), width)
        first = np.full_like(ints, self.steps)
        kept = Kept(v, a, s, ints, first)
        self._run_kernel(group, conns, constant, drive, kept)
        for p in group.populations:
            if isinstance(p.unit, LI):
                self.values[p.name] = v[:, :, group.span(p.name)]
        self.kept.append(kept)
        return kept

    def _run_kernel(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, drive: Floats, kept: Kept
    ) -> None:
        loop: Any = forward if self.engine != "reference" else forward.py_func
        burst = 1
        while True:
            for k, p in enumerate(group.populations):
                if p.name in self.slabs:
                    group.pops[k, at.SLAB], group.pops[k, at.CAPACITY] = self.slabs[p.name]
            full = np.zeros(self.samples, np.int8)
            over_ranges(
                loop, self.samples, self.steps, group.pops, conns, group.params, self.program.parameters,
                group.row_ptr, group.column, self.ptr, self.idx, constant, drive,
                kept.v, kept.a, kept.s, kept.counts, kept.first, full,
            )  # fmt: skip
            if not full.any():
                return
            burst *= 4
            require(burst < 10**5, f"{group.populations[0].name!r} emits over {burst} spikes per step")
            for p in group.populations:  # move to a longer slab at the end and run again
                base, capacity = len(self.idx), p.size * self.steps * burst + 1
                self.slabs[p.name] = (base, capacity)
                self.idx = np.concatenate([self.idx, np.empty(capacity * self.samples, np.int32)])
            kept.counts[:] = 0
            kept.first[:] = self.steps

    def _analog_group(self, group: Group, constant: Floats, drive: Floats) -> None:
        (p,) = group.populations
        value = constant[:, None, :] + drive if drive.size else constant[:, None, :]
        if isinstance(p.unit, ReLU):
            value = quantised(np.maximum(value, 0), p.unit.bits or 32, p.unit.scale)
        self.values[p.name] = value


def times(values: Floats, weight: Any) -> Floats:
    """``[samples, steps, n] @ [n, m]`` as one matrix product."""
    flat = values.reshape(-1, values.shape[-1])
    made = product(flat, weight) if isinstance(weight, np.ndarray) else np.asarray(flat @ weight)
    return made.reshape(*values.shape[:-1], weight.shape[1])


def quantised(values: Floats, bits: int, scale: float | None) -> Floats:
    """Round to ``scale * {0 .. 2**bits - 1}``; unchanged without a scale."""
    if scale is None:
        return values
    s = values.dtype.type(scale)
    return np.clip(np.rint(values / s), 0, 2**bits - 1) * s
