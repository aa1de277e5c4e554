"""One batch through a program: encode, then group after group, source first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.encode import Poisson
from spiking.core.errors import require
from spiking.core.network import Connection, Input
from spiking.core.neurons import LI, LoihiLI, ReLU
from spiking.kernels import layout as at
from spiking.kernels.compile import over_ranges, threads
from spiking.kernels.dense import product
from spiking.kernels.emit import emit_bits, emit_words
from spiking.kernels.events import drop_events, raster_of, unit_counts
from spiking.kernels.fold import LIMIT, fold
from spiking.kernels.forward import forward
from spiking.kernels.gather import LANES, padded
from spiking.kernels.random import poisson_events, raster_events
from spiking.kernels.weight_grad import WORD, pack
from spiking.simulate.program import Group, Program, by_rows
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]
SMALL = 1 << 18  # unit updates in a batch below which threads cost more than they bring
CACHE_BYTES = 7 << 18  # room for weights in a second-level cache of 2 MiB
FOLD_ABOVE = 0.06  # density above which units that spike in most steps are worth looking for
DENSE_ABOVE = 0.35  # density above which a BLAS product beats adding rows; see benchmarks/training_speed.py


@dataclass(eq=False)
class Kept:
    """What one group leaves behind for its readers: ``[samples, steps, units]`` arrays or empty.

    Spikes are in ``s`` or, as bits, in ``words`` ``[samples, steps, units / LANES]``; see :meth:`spikes`.
    In training ``counts`` and ``first`` are empty where ``words`` is not.
    """

    v: Floats
    a: Floats
    s: NDArray[np.signedinteger]
    words: NDArray[np.uint16]
    counts: NDArray[np.int32]
    first: NDArray[np.int32]

    def spikes(self) -> NDArray[np.signedinteger]:
        """Number of spikes ``[samples, steps, units]``."""
        if not self.words.size:
            return self.s
        bits = np.unpackbits(self.words.view(np.uint8), axis=-1, bitorder="little")
        return bits[:, :, : self.counts.shape[1]].view(np.int8)


@dataclass(eq=False)
class Trains:
    """The spikes of all sources by unit: entries as ``kernels/weight_grad.py::pack`` writes them.

    ``places``: for each source its first entry, and the room of one sample.
    """

    places: dict[str, tuple[int, int]]
    unit: NDArray[np.int32]
    base: NDArray[np.int32]
    mask: NDArray[np.uint64]


class Batch:
    """The activity of ``samples`` inferences: event lists of spiking sources, values of analog ones."""

    def __init__(
        self,
        program: Program,
        x: Floats,
        seed: int,
        first_sample: int,
        engine: str,
        workspace: Workspace | None = None,
    ) -> None:
        self.program, self.engine = program, engine
        self.workspace = workspace or Workspace()
        self.samples, self.steps = x.shape[0], program.network.steps
        self.seed, self.first_sample = seed, first_sample
        shape = (max(len(program.sources), 1), self.samples, self.steps + 1)
        self.ptr = self.workspace.empty("ptr", shape, np.int64)
        units = program.network.input_size + sum(p.size for p in program.network.populations)
        self.workers = threads() if self.samples * self.steps * units > SMALL else 1
        self.slabs = self._slabs()
        self.values: dict[str, Floats] = {}  # analog sources, [samples, steps or 1, units]
        self.kept: list[Kept] = []
        self.engines: dict[str, str] = {}
        self.rasters: dict[str, Floats] = {}
        self.kept_units: dict[str, NDArray[np.bool_]] = {}  # where dropout hides units
        self.planes: dict[str, int] = {}  # most spikes of a unit in one step, where it may be over 1
        self.packed: set[str] = set()
        self._encode(x)

    def _slabs(self) -> dict[str, tuple[int, int]]:
        """Give each source a slab of the event buffer per sample: (base, capacity).

        A slab holds one spike per unit and step, and a little that ``emit_bits`` writes ahead.
        """
        base, slabs = 0, {}
        for name in self.program.sources:
            capacity = self.program.network.source_size(name) * self.steps + 16
            slabs[name] = (base, capacity)
            base += capacity * self.samples
        require(
            base < 2**31,
            f"the event lists of {self.samples} samples could hold {base} events, more than 2^31; "
            "use a smaller batch",
        )
        self.idx = self.workspace.empty("idx", (max(base, 1),), np.int32)
        return slabs

    def _longer_slab(self, name: str, most: int) -> None:
        """Move a source to a new slab at the end, for up to ``most`` spikes per unit and step."""
        base, capacity = len(self.idx), self.program.network.source_size(name) * self.steps * most + 16
        self.slabs[name] = (base, capacity)
        self.idx = np.concatenate([self.idx, np.empty(capacity * self.samples, np.int32)])

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
            self.share(poisson_events, self.samples, *args, ptr, self.idx, capacity, base)
            return
        if part.ndim == 3 and not hasattr(source.encoder, "threshold"):
            raster: Any = np.ascontiguousarray(part)  # a raster of spike counts, taken as it is
            require(
                raster.shape[1] == self.steps,
                f"a raster of {raster.shape[1]} steps came; the network has {self.steps}",
            )
            most = int(raster.max(initial=0))
            if most > 1:
                self._longer_slab(source.name, most)
                base, capacity = self.slabs[source.name]
                self.planes[source.name] = most
        else:
            raster = source.encoder.spikes(part, self.steps, self.seed, self.first_sample)  # type: ignore[union-attr]
        self.share(raster_events, self.samples, raster, ptr, self.idx, capacity, base)

    @cached_property
    def trains(self) -> Trains:
        """Room for the spike trains of all sources, written by :meth:`pack`."""
        end, places = 0, {}
        for name in self.program.sources:
            words = self.planes.get(name, 1) * -(-self.steps // WORD)
            room = words * self.program.network.source_size(name) + 1
            places[name] = (end, room)
            end += self.samples * room
        types = {"unit": np.int32, "base": np.int32, "mask": np.uint64}
        return Trains(places, *(self.workspace.empty(f"trains {k}", (end,), t) for k, t in types.items()))

    def pack(self, name: str) -> Trains:
        """Have the spike trains of a source written, and return those of all."""
        if name not in self.packed:
            self.packed.add(name)
            args = (self.planes.get(name, 1), self.program.network.source_size(name))
            lists = (self.ptr[self.program.sources[name]], self.idx)
            t = self.trains
            self.share(pack, self.samples, *lists, *args, *t.places[name], t.unit, t.base, t.mask)
        return self.trains

    def fold(self, group: Group, conns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Lists of ``kernels/fold.py`` for the sources it pays for; marks their connections in ``conns``."""
        conns[:, at.FOLD] = -1
        if self.steps > LIMIT or self.engine == "reference" or group.looped:
            return np.zeros((0, 0, 0), np.int64), np.zeros(0, np.int32)
        wide = (conns[:, at.STRIDE] > LANES) & (conns[:, at.DELAY] == 0) & (conns[:, at.SPARSE] == 0)
        names = [n for n, k in self.program.sources.items() if k in conns[wide, at.FROM] and self._folds(n)]
        lists = self.workspace.empty("fold ptr", (len(names), self.samples, 2 * self.steps + 2), np.int64)
        capacity = [self.program.network.source_size(n) * (self.steps // 2 + 1) for n in names]
        starts = np.cumsum([0, *capacity]) * self.samples
        idx = self.workspace.empty("fold idx", (int(starts[-1]),), np.int32)
        for k, name in enumerate(names):
            t = self.pack(name)
            own = idx[starts[k] : starts[k + 1]]
            self.share(fold, self.samples, *t.places[name], t.unit, t.mask, capacity[k], lists[k], own)
            lists[k] += starts[k]
            conns[wide & (conns[:, at.FROM] == self.program.sources[name]), at.FOLD] = k
        return lists, idx

    def _folds(self, name: str) -> bool:
        return self.planes.get(name, 1) == 1 and self.density(name) > FOLD_ABOVE

    def density(self, name: str) -> float:
        """Spikes per unit and step of a spiking source in this batch."""
        ptr = self.ptr[self.program.sources[name]]
        events = int((ptr[:, -1] - ptr[:, 0]).sum())
        return float(events / (self.samples * self.steps * self.program.network.source_size(name)))

    def counts(self, name: str) -> NDArray[np.int64]:
        """Spikes ``[samples, units]`` of a spiking source."""
        out = np.zeros((self.samples, self.program.network.source_size(name)), np.int64)
        self.share(unit_counts, self.samples, self.ptr[self.program.sources[name]], self.idx, out)
        return out

    def raster(self, name: str) -> Floats:
        """Spikes of a source as ``[samples, steps, units]`` in the program's precision."""
        if name not in self.rasters:
            shape = (self.samples, self.steps, self.program.network.source_size(name))
            out = self.workspace.zeros(f"raster:{name}", shape, self.program.dtype)
            self.share(raster_of, self.samples, self.ptr[self.program.sources[name]], self.idx, out)
            self.rasters[name] = out
        return self.rasters[name]

    def share(self, kernel: Any, count: int, *args: Any, grain: int = 1) -> None:
        """Call a kernel over ranges of ``count`` items, on threads where the batch is worth it."""
        over_ranges(kernel, count, *args, grain=grain, workers=self.workers)

    def hide(self, name: str, keep: NDArray[np.bool_]) -> None:
        """Let the readers of a population see only the units that ``keep`` ``[samples, units]`` marks."""
        self.kept_units[name] = keep
        if name in self.values:
            self.values[name] = self.values[name] * keep[:, None, :]
        else:
            self.share(drop_events, self.samples, self.ptr[self.program.sources[name]], self.idx, keep)

    def currents(self, group: Group) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Constant current, stepwise current (or empty), and the connections left to events."""
        dtype, program = self.program.dtype, self.program
        constant = self.workspace.empty("constant", (self.samples, group.units), dtype)
        constant[:] = group.bias
        drive: Floats = np.zeros((0, 0, 0), dtype)

        def stepwise() -> Floats:
            shape = (self.samples, self.steps, group.units)
            return drive if drive.size else self.workspace.zeros("drive", shape, dtype)

        for c in group.analog_connections:
            product = times(self.values[c.source], program.matrix(c))
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
        wanted = self.engine == "dense" or (self.engine == "auto" and self.density(c.source) > DENSE_ABOVE)
        dense = group.analog or (possible and wanted)
        self.engines[c.name] = "dense" if dense else "event"
        return dense

    def step_group(self, group: Group, keep_v: bool, training: bool = False) -> Kept:
        """Compute one group; its spikes become event lists, its values ``self.values``.

        ``keep_v``: keep membranes for every step (readouts always do).
        """
        constant, drive, conns = self.currents(group)
        dtype, space, tag = self.program.dtype, self.workspace, group.populations[0].name
        shape = (self.samples, self.steps, group.units)
        none: Floats = np.zeros((0, 0, 0), dtype)
        packs = by_rows(group) and group.populations[0].unit.spiking
        counted = 0 if training and packs else self.samples
        counts = space.zeros(f"counts:{tag}", (counted, group.units), np.int32)
        first = space.empty(f"first:{tag}", counts.shape, np.int32)
        first.fill(self.steps)
        if group.analog:
            self._analog_group(group, constant, drive)
            nothing = np.zeros((0, 0, 0), np.int8), np.zeros((0, 0, 0), np.uint16)
            self.kept.append(Kept(none, none, *nothing, counts, first))
            return self.kept[-1]
        reads = any(isinstance(p.unit, LI | LoihiLI) for p in group.populations)
        adapts = training and bool(group.pops[:, at.ADAPTS].any())
        bursts = bool(group.pops[:, at.MULTI].any())
        row = -(-group.units // WORD) * (WORD // LANES)
        words = space.empty(f"words:{tag}", (*shape[:2], row) if packs else (0, 0, 0), np.uint16)
        words[:, :, group.units // LANES :] = 0  # the loop writes the others
        kept = Kept(
            v=space.empty(f"v:{tag}", shape, dtype) if keep_v or training or reads else none,
            a=space.empty(f"a:{tag}", shape, dtype) if adapts else none,
            s=space.zeros(f"s:{tag}", (0, 0, 0) if packs else shape, np.int32 if bursts else np.int8),
            words=words,
            counts=counts,
            first=first,
        )
        self._run_kernel(group, conns, constant, drive, kept)
        for p in group.populations:
            if isinstance(p.unit, LI | LoihiLI):
                self.values[p.name] = kept.v[:, :, group.span(p.name)]
        self.kept.append(kept)
        return kept

    def _run_kernel(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, drive: Floats, kept: Kept
    ) -> None:
        loop: Any = forward if self.engine != "reference" else forward.py_func
        blocks, block, ranges = self.tasks(group)
        most, looped = 1, group.looped
        while True:
            for k, p in enumerate(group.populations):
                if p.name in self.slabs:
                    group.pops[k, at.SLAB], group.pops[k, at.CAPACITY] = self.slabs[p.name]
            full = np.zeros(self.samples, np.int8)
            self.share(
                loop, blocks * ranges, ranges, self.samples, block, looped, self.steps, group.pops, conns,
                group.params, self.program.parameters, group.row_ptr, group.column, self.ptr, self.idx,
                *self.fold(group, conns), constant, drive, kept.v, kept.a, kept.s, kept.words, kept.counts, kept.first, full,
            )  # fmt: skip
            if not full.any():
                break
            most *= 4
            require(most < 10**5, f"{group.populations[0].name!r} emits over {most} spikes per step")
            for p in group.populations:
                if p.unit.spiking:
                    self._longer_slab(p.name, most)
            kept.counts[:] = 0
            kept.first[:] = self.steps
        (p, *_) = group.populations
        if not looped and p.unit.spiking:
            base, capacity = self.slabs[p.name]
            ptr = self.ptr[self.program.sources[p.name]]
            lists = (base, capacity, ptr, self.idx, kept.counts, kept.first)
            if kept.words.size:
                self.share(emit_words, self.samples, kept.words, *lists)
            else:
                self.share(emit_bits, self.samples, kept.s, 0, p.size, *lists)

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
