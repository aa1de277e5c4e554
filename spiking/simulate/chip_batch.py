"""One batch of samples through many chips: encoded, listed and folded once, then chip after chip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.kernels import layout as at
from spiking.kernels.columns import pack_columns, step_columns, sum_columns
from spiking.kernels.emit import emit_words
from spiking.kernels.tile import LANES
from spiking.simulate.batch import Batch
from spiking.simulate.kept import Kept
from spiking.simulate.program import Group, Program, by_rows
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]


@dataclass(eq=False)
class Fold:
    """Folded lists of a group's sources, and what marks its connections."""

    ptr: NDArray[np.int64]
    idx: NDArray[np.int32]
    marks: NDArray[np.int64]


class ChipBatch(Batch):
    """A batch whose program is changed for that of the next chip; what the input alone decides stays.

    Args:
        shared: populations whose input currents are the same on all chips (same inputs, weights, biases).
    """

    def __init__(
        self,
        program: Program,
        x: Floats,
        seed: int,
        first_sample: int,
        engine: str,
        workspace: Workspace,
        shared: frozenset[str],
    ) -> None:
        super().__init__(program, x, seed, first_sample, engine, workspace)
        self.shared = shared
        self.inputs = {i.name for i in program.network.inputs}
        self.folds: dict[str, Fold] = {}
        self.drives: dict[str, Floats] = {}

    def take_up(self, program: Program) -> None:
        """Go on with another chip, of the same shape."""
        self.program = program
        self.kept = []
        for known in (self.values, self.rasters, self.planes):
            for name in [n for n in known if n not in self.inputs]:
                del known[name]
        self.packed &= self.inputs

    def fold(self, group: Group, conns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """As for any batch, but once for all chips where all sources are inputs."""
        name = group.populations[0].name
        if not {c.source for c in group.spiking_connections} <= self.inputs:
            return super().fold(group, conns)
        if name not in self.folds:
            own, self.workspace = self.workspace, Workspace()  # its lists outlive those of other groups
            ptr, idx = super().fold(group, conns)
            self.workspace = own
            self.folds[name] = Fold(ptr, idx, conns[:, at.FOLD].copy())
        known = self.folds[name]
        conns[:, at.FOLD] = known.marks
        return known.ptr, known.idx

    def _run_kernel(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, drive: Floats, kept: Kept
    ) -> None:
        if drive.size or self.engine == "reference" or not in_columns(group):
            super()._run_kernel(group, conns, constant, drive, kept)
            return
        (p,) = group.populations
        columns = group.units // LANES
        ranges = 1 if columns >= self.workers else min(self.workers, self.samples)
        self.steps_of(group, conns, constant, kept, columns * ranges, ranges)
        if p.unit.spiking:
            base, capacity = self.slabs[p.name]
            ptr = self.ptr[self.program.sources[p.name]]
            self.share(
                emit_words, self.samples, kept.words, base, capacity, ptr, self.idx, kept.counts, kept.first
            )

    def steps_of(
        self, group: Group, conns: NDArray[np.int64], constant: Floats, kept: Kept, tasks: int, ranges: int
    ) -> None:
        """Take all steps of a group column by column."""
        (p,) = group.populations
        drive = self.drives.get(p.name)
        shape = (ranges, self.samples, self.steps)
        if drive is None:
            feed = self._columns(group, conns)
            if p.name in self.shared:
                drive = self.drives[p.name] = np.empty((*shape[1:], group.units), self.program.dtype)
                self.share(sum_columns, tasks, *shape, group.units, *feed, constant, drive)
        if drive is not None:
            none = np.zeros((0, at.CONNECTION_COLUMNS), np.int64), np.zeros(0, np.int64)
            lists = self.ptr, self.idx, np.zeros((0, 0, 0), np.int64), np.zeros(0, np.int32)
            feed = (*none, constant.ravel(), *lists)
        else:
            drive = np.zeros((0, 0, 0), self.program.dtype)
        table, rows, weights, *lists_ = feed
        self.share(
            step_columns, tasks, *shape, group.pops[0], table, rows, group.params, weights, *lists_, constant,
            drive, kept.v, kept.words,
        )  # fmt: skip

    def _columns(self, group: Group, conns: NDArray[np.int64]) -> tuple[Any, ...]:
        """Connections with the places of their packed weights, their rows, those weights, and event lists."""
        fold_ptr, fold_idx = self.fold(group, conns)
        by_place = {self.program.place[c.name][0]: c for c in group.spiking_connections}
        rows = np.array([by_place[int(w)].weight.shape[0] for w in conns[:, at.WEIGHTS]], np.int64)
        columns = group.units // LANES
        starts = np.cumsum([0, *(rows * group.units)])
        packed = self.workspace.empty("columns", (int(starts[-1]) + LANES,), self.program.dtype)
        table = conns.copy()
        for k in range(len(rows)):
            base, stride = int(conns[k, at.WEIGHTS]), int(conns[k, at.STRIDE])
            out = packed[starts[k] : starts[k + 1]]
            self.share(pack_columns, columns, self.program.parameters, base, stride, int(rows[k]), out)
        table[:, at.WEIGHTS] = starts[:-1]
        return table, rows, packed, self.ptr, self.idx, fold_ptr, fold_idx


def in_columns(group: Group) -> bool:
    """Whether ``kernels/columns.py`` takes a group: one plain population behind dense connections."""
    return by_rows(group) and not group.conns[:, at.SPARSE].any()
