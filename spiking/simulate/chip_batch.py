"""One batch of samples through many chips: encoded, listed and folded once, then chip after chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spiking.kernels import layout as at
from spiking.simulate.batch import Batch
from spiking.simulate.program import Group, Program
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]


@dataclass(eq=False)
class Fold:
    """Folded lists of a group's sources, and what marks its connections."""

    ptr: NDArray[np.int64]
    idx: NDArray[np.int32]
    marks: NDArray[np.int64]


class ChipBatch(Batch):
    """A batch whose program is changed for that of the next chip; what the input alone decides stays."""

    def __init__(
        self,
        program: Program,
        x: Floats,
        seed: int,
        first_sample: int,
        engine: str,
        workspace: Workspace,
    ) -> None:
        super().__init__(program, x, seed, first_sample, engine, workspace)
        self.inputs = {i.name for i in program.network.inputs}
        self.folds: dict[str, Fold] = {}

    def take_up(self, program: Program) -> None:
        """Go on with another chip, of the same shape."""
        self.program = program
        self.kept = []
        for known in (self.values, self.listings, self.nonzero, self.rasters, self.planes, self.bits):
            for name in [n for n in known if n not in self.inputs]:
                del known[name]
        self.packed &= self.inputs
        self.listed &= self.inputs

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
