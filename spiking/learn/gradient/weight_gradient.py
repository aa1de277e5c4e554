"""Weight gradients of connections outside the loops that add them up themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.parts import Connection
from spiking.kernels import layout as at
from spiking.kernels.dense import product
from spiking.kernels.panels import PANEL
from spiking.kernels.tile import LANES
from spiking.kernels.values import times_values
from spiking.kernels.weight_grad import BLOCK, add_columns, add_sparse, add_tile
from spiking.simulate.analog import Listing
from spiking.simulate.batch import Batch
from spiking.simulate.program import Group, Program

Floats = NDArray[np.floating]
PARTS = 8  # of a batch, whose sums are added up in this order, whatever the number of threads


def add_events(batch: Batch, group: Group, j: int, c: Connection, delta: Floats, out: Floats) -> None:
    """Write the gradient of connection ``c``, number ``j`` into ``group``, from the events of its source.

    ``delta``: gradient of the group's currents ``[samples, steps, units]``.
    """
    program = batch.program
    first, size = program.place[c.name]
    target = out[first : first + size]
    target.fill(0)
    delay, offset = program.delays[c.name], group.span(c.target).start
    if sp.issparse(c.weight):
        t = batch.pack(c.source)
        row_ptr: Any = group.row_ptr[group.conns[j, at.ROWS] :]
        column = c.weight.indices.astype(np.int64)
        lists = (*t.places[c.source], t.unit, t.base, t.mask)
        batch.share(add_sparse, c.weight.shape[0], *lists, delay, delta, offset, row_ptr, column, target)
        return
    rows = c.weight.shape[0]
    if size == rows * LANES:
        source = program.sources[c.source]
        parts = batch.workspace.zeros("parts", (min(PARTS, batch.samples), rows, LANES), program.dtype)
        batch.share(add_tile, len(parts), batch.ptr[source], batch.idx, delay, delta, offset, parts)
        target += parts.sum(axis=0).reshape(-1)
        return
    grid = target.reshape(rows, -1)
    t = batch.pack(c.source)
    args = (*t.places[c.source], t.unit, t.base, t.mask, delay, delta, offset, grid)
    batch.share(add_columns, grid.shape[1], *args, grain=BLOCK)


def add_values(
    batch: Batch, listing: Listing, c: Connection, delta: Floats, offset: int, out: Floats
) -> None:
    """Write the gradient of connection ``c`` from the list of its source's values.

    ``delta`` ``[rows, units]``: gradient of the group's currents for each row of the values; the columns of
    the target begin at ``offset``.
    """
    first, size = batch.program.place[c.name]
    wide = size // c.weight.shape[0]
    delta = np.ascontiguousarray(delta)
    args = (delta.reshape(-1), delta.shape[1], offset, len(delta), out[first : first + size], wide)
    batch.share(times_values, -(-wide // PANEL), *listing.columns(), *args)


def store(program: Program, c: Connection, left: Floats, right: Floats, out: Floats) -> None:
    """Make ``left^T right`` the gradient of ``c``: all of it, or its stored entries."""
    part = program.part(out, c.name)
    if sp.issparse(c.weight):
        rows = np.repeat(np.arange(c.weight.shape[0]), np.diff(c.weight.indptr))
        part[:] = np.einsum("bk,bk->k", left[:, rows], right[:, c.weight.indices])
    else:
        product(left.T, right, out=part)
