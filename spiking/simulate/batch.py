"""One batch through a program: encode, then group after group, source first."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.parts import Connection, Input
from spiking.core.synapses.grid import to_levels
from spiking.kernels import layout as at
from spiking.kernels.emit import emit_bits
from spiking.kernels.events import drop_events
from spiking.kernels.forward import forward
from spiking.kernels.gather import padded
from spiking.kernels.panels import PANEL, forward_panels
from spiking.kernels.tile import LANES
from spiking.simulate import reference
from spiking.simulate.analog import AnalogValues, times
from spiking.simulate.kept import Kept
from spiking.simulate.parameters import has_more
from spiking.simulate.program import Group, Program, in_panels
from spiking.simulate.summed import SummedReadout
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]
CACHE_BYTES = 7 << 18  # room for weights in a second-level cache of 2 MiB


class Batch(AnalogValues):
    """The activity of ``samples`` inferences: event lists of spiking sources, values of analog ones."""

    def __init__(
        self,
        program: Program,
        x: Floats,
        seed: int,
        first_sample: int,
        engine: str,
        workspace: Workspace | None = None,
        summed: SummedReadout | None = None,
    ) -> None:
        """Encode ``x``; with ``summed`` the readout's scores are computed without walking it."""
        super().__init__(program, x.shape[0], engine, workspace or Workspace())
        self.summed, self.sums = summed, dict[str, Floats]()  # sums: [samples, columns], by source
        self.scores: Floats | None = None
        self.seed, self.first_sample = seed, first_sample
        self.kept: list[Kept] = []
        self.kept_units: dict[str, NDArray[np.bool_]] = {}  # where dropout hides units
        self._encode(x)

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
        values = np.asarray(values, self.program.dtype) * self.program.dtype.type(source.encoder.gain)
        return to_levels(values, source.bits, source.scale)

    def _events(self, source: Input, part: Floats) -> None:
        if source.encoder.bernoulli and part.ndim == 2:
            self.draw(source.name, part, source.encoder.gain, self.seed, self.first_sample)
            return
        if part.ndim == 3 and not source.encoder.takes_streams:
            raster: Any = np.ascontiguousarray(part)  # a raster of spike counts, taken as it is
            require(
                raster.shape[1] == self.steps,
                f"a raster of {raster.shape[1]} steps came; the network has {self.steps}",
            )
        else:
            raster = source.encoder.spikes(part, self.steps, self.seed, self.first_sample)
        self.take_raster(source.name, raster)

    def hide(self, name: str, keep: NDArray[np.bool_]) -> None:
        """Let the readers of a population see only the units that ``keep`` ``[samples, units]`` marks."""
        self.kept_units[name] = keep
        if name in self.values:
            self.values[name] = self.values[name] * keep[:, None, :]
        elif name in self.bits:
            words = self.bits[name]
            padded_keep = np.zeros((self.samples, LANES * words.shape[2]), bool)
            padded_keep[:, : keep.shape[1]] = keep
            open_ = np.packbits(padded_keep, axis=-1, bitorder="little").view(np.uint16)
            seen = self.workspace.empty(f"seen:{name}", words.shape, np.uint16)
            self.bits[name] = np.bitwise_and(words, open_[:, None, :], out=seen)
            if name in self.sums:
                self.sums[name] *= padded_keep
        else:
            self.share(drop_events, self.samples, self.lists(name), self.idx, keep)

    def currents(self, group: Group) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Constant current (of all samples, or one row for all), stepwise current (or empty), and the
        connections left to events."""
        dtype, program = self.program.dtype, self.program
        alike = in_panels(group) and self.engine != "reference" and not group.analog_connections
        constant = group.bias[None]
        if not alike:
            constant = self.workspace.empty("constant", (self.samples, group.units), dtype)
            constant[:] = group.bias
        drive: Floats = np.zeros((0, 0, 0), dtype)

        def stepwise() -> Floats:
            shape = (self.samples, self.steps, group.units)
            return drive if drive.size else self.workspace.zeros("drive", shape, dtype)

        for c in group.analog_connections:
            product = self.weighted(c)
            span, delay = group.span(c.target), program.delays[c.name]
            if product.shape[1] == 1 and delay == 0:
                constant[:, span] += product[:, 0]
            else:
                drive = stepwise()
                drive[:, delay:, span] += product[:, : max(self.steps - delay, 0)]
        events = np.ones(len(group.conns), bool)
        for k, c in enumerate(group.spiking_connections):
            if self._dense(group, k, c):
                drive = stepwise()
                delay = program.delays[c.name]
                product = times(self.raster(c.source), program.matrix(c))
                drive[:, delay:, group.span(c.target)] += product[:, : max(self.steps - delay, 0)]
                events[k] = False
        return constant, drive, group.conns[events]

    def _dense(self, group: Group, k: int, c: Connection) -> bool:
        """Whether connection ``c`` goes through BLAS rather than through event lists."""
        possible = not sp.issparse(c.weight) and not group.conns[k, at.INNER] and c.receptor == "current"
        dense = group.analog or (possible and self.engine == "dense")
        self.engines[c.name] = "dense" if dense else "event"
        return dense

    def step_group(self, group: Group, keep_v: bool, training: bool = False, count: bool = True) -> Kept:
        """Compute one group; its spikes become event lists, its values ``self.values``.

        ``keep_v``: keep membranes for every step (readouts always do). ``count``: count the spikes of
        each unit, which training leaves out where it can.
        """
        if self.summed is not None and group is self.program.groups[self.summed.group]:
            self.kept.append(self._summed_group(group, self.summed))
            return self.kept[-1]
        constant, drive, conns = self.currents(group)
        if group.analog:
            self._analog_group(group, constant, drive)
            kept = self._nothing_kept(group)
        elif in_panels(group) and self.engine != "reference":
            kept = self._panels(group, conns, constant, drive, keep_v or training, training, count)
        else:
            kept = self._columns(group, conns, constant, drive, keep_v or training, training)
        for p in group.populations:
            if p.unit.graded and not group.analog:
                self.values[p.name] = kept.v[:, :, group.span(p.name)]
        self.kept.append(kept)
        return kept

    def _counts(self, group: Group, samples: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Room for spikes and first spikes of ``samples`` samples."""
        tag = group.populations[0].name
        counts = self.workspace.zeros(f"counts:{tag}", (samples, group.units), np.int32)
        first = self.workspace.empty(f"first:{tag}", counts.shape, np.int32)
        first.fill(self.steps)
        return counts, first

    def _nothing_kept(self, group: Group) -> Kept:
        none: Floats = np.zeros((0, 0, 0), self.program.dtype)
        empty = np.zeros((0, 0, 0), np.int8), np.zeros((0, 0, 0), np.uint16)
        return Kept(group.units, none, none, *empty, *self._counts(group, self.samples))

    def _summed_group(self, group: Group, summed: SummedReadout) -> Kept:
        """The readout's scores from the weighted sums of spikes that its sources left."""
        self.scores = summed.scores(self.program, self.sums)
        self.engines |= {c.name: "summed" for c in summed.connections}
        return self._nothing_kept(group)

    def _panels(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, drive: Floats,
        keep_v: bool, training: bool, count: bool,
    ) -> Kept:  # fmt: skip
        """Compute a wide population panel by panel; its spikes stay bits until lists are asked for."""
        (p,) = group.populations
        dtype, space, panels = self.program.dtype, self.workspace, -(-group.units // PANEL)
        shape = (panels, self.samples, self.steps, PANEL)
        none: Floats = np.zeros((0, 0, 0, 0), dtype)
        adapts = training and bool(group.pops[0, at.ADAPTS])
        words = (self.samples, self.steps, panels * (PANEL // LANES))
        counts, first = self._counts(group, self.samples if count and not training else 0)
        kept = Kept(
            units=group.units,
            v=space.empty(f"v:{p.name}", shape, dtype) if keep_v else none,
            a=space.empty(f"a:{p.name}", shape, dtype) if adapts else none,
            s=np.zeros((0, 0, 0), np.int8),
            words=space.empty(f"words:{p.name}", words, np.uint16),
            counts=counts,
            first=first,
        )
        share: Floats = np.zeros(self.steps, dtype)
        sums: Floats = np.zeros((0, 0), dtype)
        if self.summed is not None and p.name in self.summed.shares:
            share = self.summed.shares[p.name]
            sums = space.empty(f"sums:{p.name}", (self.samples, panels * PANEL), dtype)
            self.sums[p.name] = sums
        ranges = 1 if panels % self.workers == 0 else min(self.workers, self.samples)
        folded = self.fold(group, conns)
        self.share(
            forward_panels, panels * ranges, ranges, self.samples, self.steps, group.pops[0], conns,
            self.rows(conns), group.params, self.program.parameters, self.ptr, self.idx, *folded, constant,
            drive, kept.v, kept.a, kept.words, sums, share, has_more(group.pops[0]),
        )  # fmt: skip
        self.bits[p.name] = kept.words
        if counts.size:
            self.lists(p.name, counts, first)
        return kept

    def rows(self, conns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the rows of each connection's source begin among all rows, and their number."""
        names = list(self.program.sources)
        sizes = [self.program.network.source_size(names[k]) for k in conns[:, at.FROM]]
        return np.cumsum([0, *sizes], dtype=np.int64)

    def _columns(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, drive: Floats,
        keep_v: bool, training: bool,
    ) -> Kept:  # fmt: skip
        """Compute any group, in blocks of columns."""
        dtype, space, tag = self.program.dtype, self.workspace, group.populations[0].name
        shape = (self.samples, self.steps, group.units)
        none: Floats = np.zeros((0, 0, 0), dtype)
        reads = any(p.unit.graded for p in group.populations)
        adapts = training and bool(group.pops[:, at.ADAPTS].any())
        bursts = bool(group.pops[:, at.MULTI].any())
        counts, first = self._counts(group, self.samples)
        kept = Kept(
            units=group.units,
            v=space.empty(f"v:{tag}", shape, dtype) if keep_v or reads else none,
            a=space.empty(f"a:{tag}", shape, dtype) if adapts else none,
            s=space.zeros(f"s:{tag}", shape, np.int32 if bursts else np.int8),
            words=np.zeros((0, 0, 0), np.uint16),
            counts=counts,
            first=first,
        )
        self._run_kernel(group, conns, constant, drive, kept)
        return kept

    def _run_kernel(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, drive: Floats, kept: Kept
    ) -> None:
        if self.engine == "reference":
            reference.run_group(self, group, conns, constant, drive, kept)
            return
        blocks, block, ranges = self.tasks(group)
        most, looped = 1, group.looped
        others = None if group.pops[:, at.PLAIN].all() else True
        while True:
            for k, p in enumerate(group.populations):
                if p.name in self.slabs:
                    group.pops[k, at.SLAB], group.pops[k, at.CAPACITY] = self.slabs[p.name]
            full = np.zeros(self.samples, np.int8)
            self.share(
                forward, blocks * ranges, ranges, self.samples, block, looped, self.steps, group.pops, conns,
                group.params, self.program.parameters, group.row_ptr, group.column, self.ptr, self.idx,
                *self.fold(group, conns), constant, drive, kept.v, kept.a, kept.s, kept.counts, kept.first,
                full, others,
            )  # fmt: skip
            if not full.any():
                break
            most *= 4
            for p in group.populations:
                if p.unit.spiking:
                    self._longer_slab(p.name, most)
            kept.counts[:] = 0
            kept.first[:] = self.steps
        if group.pops[:, at.MULTI].any():  # lists with a unit several times in a step are not folded
            for p in group.populations:
                if p.name in self.slabs:
                    self.planes[p.name] = int(kept.s[:, :, group.span(p.name)].max(initial=1))
        (p, *_) = group.populations
        if not looped and p.unit.spiking:
            base, capacity = self.slabs[p.name]
            ptr = self.ptr[self.program.sources[p.name]]
            lists = (base, capacity, ptr, self.idx, kept.counts, kept.first)
            self.share(emit_bits, self.samples, kept.s, 0, p.size, *lists)
        self.listed |= {q.name for q in group.populations}

    def tasks(self, group: Group) -> tuple[int, int, int]:
        """Cut a group's work: number of column blocks, columns in one, ranges of samples per block.

        Blocks are as wide as lets the weights into them stay in the second-level cache. Results do
        not depend on the cut.
        """
        if group.looped or len(group.populations) > 1:
            return 1, group.units, min(self.workers, self.samples)
        rows = sum(c.weight.shape[0] for c in group.spiking_connections)
        wide = max(64, CACHE_BYTES // (max(rows, 1) * self.program.dtype.itemsize) // 64 * 64)
        if any(sp.issparse(c.weight) for c in group.spiking_connections):
            wide = group.units  # a block walks whole rows of a sparse matrix, so more blocks repeat them
        blocks = -(-group.units // wide)
        if blocks > 1:
            blocks += -blocks % self.workers  # as many for each thread
        block = padded(-(-group.units // blocks))
        blocks = -(-group.populations[0].size // block)
        return blocks, block, 1 if blocks >= self.workers else min(self.workers, self.samples)

    def _analog_group(self, group: Group, constant: Floats, drive: Floats) -> None:
        (p,) = group.populations
        value = constant[:, None, : p.size]
        value = value + drive[:, :, : p.size] if drive.size else value.copy()
        unit: Any = p.unit
        self.values[p.name] = unit.values(value)
