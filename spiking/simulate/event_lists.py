"""The spikes of a batch as lists: per step, per unit, and folded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.kernels import layout as at
from spiking.kernels.emit import count_words, emit_words
from spiking.kernels.events import raster_of, unit_counts
from spiking.kernels.fold import LIMIT, PLAIN, fold
from spiking.kernels.random import poisson_trains, raster_events
from spiking.kernels.threads import over_ranges, threads
from spiking.kernels.tile import LANES, WORD
from spiking.kernels.weight_grad import pack, unpack
from spiking.simulate.program import Group, Program
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]
MOST_SPIKES = 2**14  # of one unit in one step
SMALL = 1 << 18  # unit updates in a batch below which threads cost more than they bring
FOLD_ABOVE = 0.06  # density of a sample above which units that spike in most steps are worth looking for


@dataclass(eq=False)
class Trains:
    """The spikes of all sources by unit: entries as ``kernels/weight_grad.py::pack`` writes them.

    ``places``: for each source its first entry, and the room of one sample.
    """

    places: dict[str, tuple[int, int]]
    unit: NDArray[np.int32]
    base: NDArray[np.int32]
    mask: NDArray[np.uint64]


class EventLists:
    """The events of all spiking sources of ``samples`` inferences.

    The units of source ``k`` that spiked in step ``t`` of sample ``b`` are
    ``idx[ptr[k, b, t]:ptr[k, b, t + 1]]``, once :meth:`lists` has been asked for them: spikes arise as trains
    (drawn ones), as bits (of wide populations) or as lists, and are turned into what their readers take.
    """

    def __init__(self, program: Program, samples: int, workspace: Workspace) -> None:
        self.program, self.samples, self.workspace = program, samples, workspace
        self.steps = program.network.steps
        shape = (max(len(program.sources), 1), samples, self.steps + 1)
        self.ptr = workspace.empty("ptr", shape, np.int64)
        units = program.network.input_size + sum(p.size for p in program.network.populations)
        self.workers = threads() if samples * self.steps * units > SMALL else 1
        self.slabs = self._slabs()
        self.rasters: dict[str, Floats] = {}
        self.planes: dict[str, int] = {}  # most spikes of a unit in one step, where it may be over 1
        self.listed: set[str] = set()
        self.packed: set[str] = set()
        self.drawn: dict[str, NDArray[np.int64]] = {}  # spikes of a sample, of sources that began as trains
        self.bits: dict[str, NDArray[np.uint16]] = {}  # [samples, steps, units / LANES]

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
        require(
            most <= MOST_SPIKES and base + capacity * self.samples < 2**31,
            f"{name!r} emits up to {most} spikes per unit and step, too many; allowed: {MOST_SPIKES}, "
            "or fewer in a large batch; raise its threshold or weaken its loop",
        )
        self.slabs[name] = (base, capacity)
        self.idx = np.concatenate([self.idx, np.empty(capacity * self.samples, np.int32)])

    def draw(self, name: str, part: Floats, gain: float, seed: int, first_sample: int) -> None:
        """Draw the spikes of a rate-coded input from its values ``[samples, features]``."""
        self.packed.add(name)
        self.drawn[name] = self.workspace.empty(f"drawn {name}", (self.samples,), np.int64)
        t, args = self.trains, (part, gain, self.steps, seed, first_sample)
        lists = (*t.places[name], t.unit, t.base, t.mask, self.drawn[name])
        self.share(poisson_trains, self.samples, *args, *lists)

    def take_raster(self, name: str, raster: NDArray[Any]) -> None:
        """Make event lists of spike counts ``[samples, steps, units]``."""
        most = int(raster.max(initial=0))
        if most > 1:
            self._longer_slab(name, most)
            self.planes[name] = most
        base, capacity = self.slabs[name]
        lists = (self.ptr[self.program.sources[name]], self.idx, capacity, base)
        self.share(raster_events, self.samples, raster, *lists)
        self.listed.add(name)

    def lists(self, name: str, counts: Any = None, first: Any = None) -> NDArray[np.int64]:
        """Have the events of a source written to ``idx``; return their borders ``[samples, steps + 1]``.

        ``counts, first`` ``[samples, units]``, where given, receive the spikes of a population that left
        bits, and the step of each unit's first one.
        """
        ptr: NDArray[np.int64] = self.ptr[self.program.sources[name]]
        if name in self.listed:
            return ptr
        self.listed.add(name)
        base, capacity = self.slabs[name]
        if name in self.bits:
            none = np.zeros((0, 0), np.int32)
            also = (none, none) if counts is None else (counts, first)
            self.share(emit_words, self.samples, self.bits[name], base, capacity, ptr, self.idx, *also)
        else:
            t = self.trains
            args = (*t.places[name], t.unit, t.base, t.mask, base, capacity, ptr, self.idx)
            self.share(unpack, self.samples, *args)
        return ptr

    def share(self, kernel: Any, count: int, *args: Any, grain: int = 1) -> None:
        """Call a kernel over ranges of ``count`` items, on threads where the batch is worth it."""
        over_ranges(kernel, count, *args, grain=grain, workers=self.workers)

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
            t = self.trains
            self.share(
                pack, self.samples, self.lists(name), self.idx, *args, *t.places[name], t.unit, t.base, t.mask
            )
        return self.trains

    def fold(self, group: Group, conns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Lists of ``kernels/fold.py`` for the sources it pays for; marks their connections in ``conns``.

        The other sources from outside the group have their plain lists written.
        """
        conns[:, at.FOLD] = -1
        wide = (conns[:, at.STRIDE] > LANES) & (conns[:, at.DELAY] == 0) & (conns[:, at.SPARSE] == 0)
        wide &= self.steps <= LIMIT and not group.looped
        least = {n: self._least(n) for n, k in self.program.sources.items() if k in conns[wide, at.FROM]}
        names = [n for n, most in least.items() if most < 0 or bool((self.events(n) > most).any())]
        lists = self.workspace.empty("fold ptr", (len(names), self.samples, 2 * self.steps + 2), np.int64)
        capacity = [self.program.network.source_size(n) * (self.steps // 2 + 1) for n in names]
        starts = np.cumsum([0, *capacity]) * self.samples
        idx = self.workspace.empty("fold idx", (int(starts[-1]),), np.int32)
        for k, name in enumerate(names):
            t = self.pack(name)
            own = idx[starts[k] : starts[k + 1]]
            args = (*t.places[name], t.unit, t.mask, least[name], capacity[k], lists[k], own)
            self.share(fold, self.samples, *args)
            lists[k][lists[k][:, 0] != PLAIN] += starts[k]
            conns[wide & (conns[:, at.FROM] == self.program.sources[name]), at.FOLD] = k
        for name, k in self.program.sources.items():
            if k in conns[(conns[:, at.FOLD] < 0) & (conns[:, at.INNER] == 0), at.FROM]:
                self.lists(name)
        return lists, idx

    def _least(self, name: str) -> int:
        """Spikes of a sample above which a source is folded."""
        if name in self.drawn:  # as trains: then these lists are the nearest
            return -1
        return int(FOLD_ABOVE * self.steps * self.program.network.source_size(name))

    def events(self, name: str) -> NDArray[np.int64]:
        """Spikes of a spiking source ``[samples]``."""
        if name in self.drawn:
            return self.drawn[name]
        if name in self.bits:
            each = np.empty(self.samples, np.int64)
            self.share(count_words, self.samples, self.bits[name].view(np.uint64), each)
            return each
        ptr = self.ptr[self.program.sources[name]]
        return np.asarray(ptr[:, -1] - ptr[:, 0])

    def density(self, name: str) -> float:
        """Spikes per unit and step of a spiking source in this batch."""
        size = self.program.network.source_size(name)
        return float(self.events(name).sum() / (self.samples * self.steps * size))

    def counts(self, name: str) -> NDArray[np.int64]:
        """Spikes ``[samples, units]`` of a spiking source."""
        out = np.zeros((self.samples, self.program.network.source_size(name)), np.int64)
        self.share(unit_counts, self.samples, self.lists(name), self.idx, out)
        return out

    def raster(self, name: str) -> Floats:
        """Spikes of a source as ``[samples, steps, units]`` in the program's precision."""
        if name not in self.rasters:
            shape = (self.samples, self.steps, self.program.network.source_size(name))
            out = self.workspace.zeros(f"raster:{name}", shape, self.program.dtype)
            self.share(raster_of, self.samples, self.lists(name), self.idx, out)
            self.rasters[name] = out
        return self.rasters[name]
