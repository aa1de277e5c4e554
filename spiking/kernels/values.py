"""Products with analog values of which many are zero: the zeros are skipped, row by row.

A pixel of an image's background is 0 and its row of weights need not be looked at. Columns come in panels
(``panels.py``), whose sums stay in registers; every sum has one order, whoever computes it.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import inline_views, jit, jit_views
from spiking.kernels.panels import PANEL, on_line
from spiking.kernels.tile import LANES, fused, put, spread, take


@jit_views
def list_rows(x, ptr, idx, value):  # type: ignore[no-untyped-def]
    """The values of ``x`` ``[rows, columns]`` that are not 0, row after row: ``idx`` says in which column."""
    at = 0
    for b in range(x.shape[0]):
        ptr[b] = at
        for i in range(x.shape[1]):
            idx[at], value[at] = i, x[b, i]
            at += x[b, i] != 0
    ptr[x.shape[0]] = at


@jit_views
def turn(ptr, idx, value, ptr_back, idx_back, value_back):  # type: ignore[no-untyped-def]
    """The same values column after column: ``idx_back`` says in which row."""
    for i in range(ptr_back.size):
        ptr_back[i] = 0
    for e in range(ptr[ptr.size - 1]):
        ptr_back[idx[e] + 1] += 1
    for i in range(1, ptr_back.size):
        ptr_back[i] += ptr_back[i - 1]
    for b in range(ptr.size - 1):
        for e in range(ptr[b], ptr[b + 1]):
            at = ptr_back[idx[e]]
            idx_back[at], value_back[at] = b, value[e]
            ptr_back[idx[e]] += 1
    for i in range(ptr_back.size - 1, 0, -1):  # each border moved to the end of its column; move them back
        ptr_back[i] = ptr_back[i - 1]
    ptr_back[0] = 0


@inline_views
def part_to(array, at, k, n, tile):  # type: ignore[no-untyped-def]
    """Store a tile where the row, ``n`` long and padded to whole tiles, reaches that far."""
    if k < n:
        put(array, at + k, tile)


@jit_views
def walk_values(start, stop, ptr, idx, value, other, stride, low_other, n_rows, out, wide, own):  # type: ignore[no-untyped-def]
    """The loop of :func:`times_values`, in memory it is given."""
    none = spread(own.dtype.type(0))
    for panel in range(start, stop):
        low = PANEL * panel
        n = min(wide - low, PANEL)
        for i in range(n_rows):
            for k in range(0, PANEL, LANES):
                put(own, i * PANEL + k, take(other, low_other + i * stride + low + k) if k < n else none)
        for b in range(ptr.size - 1):
            s0, s1, s2, s3 = none, none, none, none
            for e in range(ptr[b], ptr[b + 1]):
                x, row = spread(value[e]), np.int64(idx[e]) * PANEL
                s0, s1 = fused(x, take(own, row), s0), fused(x, take(own, row + LANES), s1)
                s2, s3 = fused(x, take(own, row + 2 * LANES), s2), fused(x, take(own, row + 3 * LANES), s3)
            at = b * wide + low
            put(out, at, s0)
            part_to(out, at, LANES, n, s1)
            part_to(out, at, 2 * LANES, n, s2)
            part_to(out, at, 3 * LANES, n, s3)


@jit
def times_values(start, stop, ptr, idx, value, other, stride, low_other, n_rows, out, wide):  # type: ignore[no-untyped-def]
    """``out[b] = sum over e of value[e] other[idx[e]]`` for panels ``start..stop``, ``e`` from ``ptr[b]`` on.

    ``other``: flat, row ``i`` of ``n_rows`` begins at ``low_other + i stride``; ``out``: flat, rows of
    ``wide``, whole tiles.
    """
    own = on_line(np.empty((n_rows + 1) * PANEL, other.dtype))
    walk_values(start, stop, ptr, idx, value, other, stride, low_other, n_rows, out, wide, own)


@jit_views
def fade_back(start, stop, grad, decay):  # type: ignore[no-untyped-def]
    """``grad[b, t] += decay grad[b, t + 1]`` from the last step on, for samples ``start..stop``."""
    steps, units = grad.shape[1], grad.shape[2]
    factor = spread(decay)
    for b in range(start, stop):
        for t in range(steps - 2, -1, -1):
            at = (b * steps + t) * units
            for k in range(0, units, LANES):
                put(grad, at + k, fused(factor, take(grad, at + units + k), take(grad, at + k)))
