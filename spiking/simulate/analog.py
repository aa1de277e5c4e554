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
        self.listings: dict[str, Listing | None] = {}

    def listing(self, name: str, weight: Any) -> Listing | None:
        """The list of a source's values, where it pays for a connection with ``weight``."""
        if self.engine not in ("auto", "event") or sp.issparse(weight) or weight.shape[1] <= LANES:
            return None
        if name not in self.listings:
            x = self.values[name]
            x = np.ascontiguousarray(x.reshape(-1, x.shape[-1]))
            entries = int(np.count_nonzero(x))
            few = entries < LISTED_BELOW * x.size
            self.listings[name] = Listing(self.workspace, name, x, entries) if few else None
        return self.listings[name]

    def weighted(self, c: Connection) -> Floats:
        """``values weight`` ``[samples, steps or 1, targets]`` of connection ``c``."""
        weight, values, name = self.program.matrix(c), self.values[c.source], c.name
        listing = self.listing(c.source, weight)
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
