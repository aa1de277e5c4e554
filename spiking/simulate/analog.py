"""Analog values of a batch, and products with them that skip zeros where these are many."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.parts import Connection
from spiking.kernels.dense import product
from spiking.kernels.gather import padded
from spiking.kernels.panels import PANEL
from spiking.kernels.tile import LANES
from spiking.kernels.values import list_rows, times_values, turn
from spiking.simulate.event_lists import EventLists
from spiking.simulate.program import Program
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]
LISTED_BELOW = 0.35  # share of values that are not 0 below which a list of them beats a dense product


class Listing:
    """The values ``x`` ``[rows, columns]`` that are not 0: row after row, and column after column."""

    def __init__(self, space: Workspace, key: str, x: Floats, entries: int) -> None:
        kinds = {"index": np.dtype(np.int32), "value": x.dtype}

        def room(way: str, borders: int) -> tuple[NDArray[Any], ...]:
            lists = (space.empty(f"{way} {k}:{key}", (entries + 1,), kind) for k, kind in kinds.items())
            return space.empty(f"{way}:{key}", (borders + 1,), np.int64), *lists

        self.rows, self._columns, self._turned = room("rows", len(x)), room("columns", x.shape[1]), False
        list_rows(x, *self.rows)

    def columns(self) -> tuple[NDArray[Any], ...]:
        """The lists column after column."""
        if not self._turned:
            turn(*self.rows, *self._columns)
            self._turned = True
        return self._columns


class AnalogValues(EventLists):
    """``values`` ``[samples, steps or 1, units]`` of analog sources, beside the events of the others."""

    def __init__(self, program: Program, samples: int, engine: str, workspace: Workspace) -> None:
        super().__init__(program, samples, workspace)
        self.engine = engine
        self.engines: dict[str, str] = {}
        self.values: dict[str, Floats] = {}
        self.listings: dict[str, Listing] = {}
        self.nonzero: dict[str, int] = {}

    def listing(self, c: Connection, *, always: bool = False) -> Listing | None:
        """The list of the values that ``c`` carries, where it pays, or ``always``."""
        if self.engine not in ("auto", "event") or sp.issparse(c.weight):
            return None
        x = self.values[c.source].reshape(-1, self.values[c.source].shape[-1])
        if c.source not in self.nonzero:
            self.nonzero[c.source] = int(np.count_nonzero(x))
        entries = self.nonzero[c.source]
        if not always and (c.weight.shape[1] <= LANES or entries >= LISTED_BELOW * x.size):
            return None
        if c.source not in self.listings:
            x = np.ascontiguousarray(x)
            self.listings[c.source] = Listing(self.workspace, c.source, x, entries)
        return self.listings[c.source]

    def weighted(self, c: Connection) -> Floats:
        """``values weight`` ``[samples, steps or 1, targets]`` of connection ``c``.

        What reaches a threshold is always added up from a list, in one order: the last bits of a BLAS
        product depend on the number of its rows, and a spike may depend on them.
        """
        weight, values, name = self.program.matrix(c), self.values[c.source], c.name
        group, _ = self.program.member(c.target)
        listing = self.listing(c, always=not group.analog)
        self.engines[name] = "dense" if listing is None else "listed"
        if listing is None:
            return times(values, weight)
        wide, columns = padded(weight.shape[1]), weight.shape[1]
        rows = values.shape[0] * values.shape[1]
        out = self.workspace.empty(f"weighted:{name}", (rows, wide), self.program.dtype)
        args = (self.program.parameters, wide, self.program.place[name][0], weight.shape[0])
        self.share(times_values, -(-wide // PANEL), *listing.rows, *args, out.reshape(-1), wide)
        return out[:, :columns].reshape(*values.shape[:2], columns)


def times(values: Floats, weight: Any) -> Floats:
    """``[samples, steps, n] @ [n, m]`` as one matrix product."""
    flat = values.reshape(-1, values.shape[-1])
    made = product(flat, weight) if isinstance(weight, np.ndarray) else np.asarray(flat @ weight)
    return made.reshape(*values.shape[:-1], weight.shape[1])
