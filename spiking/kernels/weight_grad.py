"""Weight gradients from events: each spike adds the gradient of the current it caused.

Weights are independent of one another, so threads share out rows (of narrow matrices) or columns
without private copies, and the sum over samples and steps is taken in the same order whatever their
number. Columns that only pad ``delta`` hold zeros, and so do those of ``out``.
"""

from __future__ import annotations

from spiking.kernels.compile import jit_views
from spiking.kernels.gather import LANES

BLOCK = 256  # columns at a time: the gradients of 25 steps of a block stay in the first-level cache


@jit_views
def sort_by_unit(start, stop, ptr, idx, delay, unit_ptr, when):  # type: ignore[no-untyped-def]
    """Sort the events of samples ``start..stop`` by unit (counting sort).

    ``unit_ptr`` ``[samples, units + 1]`` receives the borders in ``when``, which lists for each unit
    the steps at which its spikes arrive; ``when`` has the layout of ``idx``.
    """
    steps, units = ptr.shape[1] - 1, unit_ptr.shape[1] - 1
    for b in range(start, stop):
        base = ptr[b, 0]
        for i in range(units + 1):
            unit_ptr[b, i] = 0
        last = max(steps - delay, 0)
        for e in range(base, ptr[b, last]):
            unit_ptr[b, idx[e] + 1] += 1
        total = base
        for i in range(units + 1):
            total += unit_ptr[b, i]
            unit_ptr[b, i] = total
        for t in range(last):
            for e in range(ptr[b, t], ptr[b, t + 1]):
                when[unit_ptr[b, idx[e]]] = t + delay
                unit_ptr[b, idx[e]] += 1
        for i in range(units, 0, -1):  # the borders moved up by one unit; move them back
            unit_ptr[b, i] = unit_ptr[b, i - 1]
        unit_ptr[b, 0] = base


@jit_views
def add_outer(start, stop, low, high, unit_ptr, when, delta, offset, out):  # type: ignore[no-untyped-def]
    """``out[i, j] += sum of delta[b, t, offset + j]`` over the arrivals of units ``start..stop``.

    ``low, high``: range of columns ``j``.
    """
    n, at = high - low, offset + low
    for b in range(unit_ptr.shape[0]):
        for i in range(start, stop):
            e, last = unit_ptr[b, i], unit_ptr[b, i + 1]
            if e == last:
                continue
            row = out[i, low:high]
            if n == LANES:
                while e < last:
                    d0 = delta[b, when[e], at : at + LANES]
                    for j in range(LANES):
                        row[j] += d0[j]
                    e += 1
                continue
            while e + 4 <= last:
                d0, d1 = delta[b, when[e], at : at + n], delta[b, when[e + 1], at : at + n]
                d2, d3 = delta[b, when[e + 2], at : at + n], delta[b, when[e + 3], at : at + n]
                for j in range(n):
                    row[j] += (d0[j] + d1[j]) + (d2[j] + d3[j])
                e += 4
            if e + 2 <= last:
                d0, d1 = delta[b, when[e], at : at + n], delta[b, when[e + 1], at : at + n]
                for j in range(n):
                    row[j] += d0[j] + d1[j]
                e += 2
            if e < last:
                d0 = delta[b, when[e], at : at + n]
                for j in range(n):
                    row[j] += d0[j]


@jit_views
def add_columns(start, stop, unit_ptr, when, delta, offset, out):  # type: ignore[no-untyped-def]
    """The same for all units and the columns ``start..stop``, block by block."""
    for low in range(start, stop, BLOCK):
        add_outer(0, out.shape[0], low, min(low + BLOCK, stop), unit_ptr, when, delta, offset, out)


@jit_views
def add_sparse(start, stop, unit_ptr, when, delta, offset, row_ptr, column, out):  # type: ignore[no-untyped-def]
    """The same for the stored entries of a CSR matrix; ``out`` has one value per entry."""
    for b in range(unit_ptr.shape[0]):
        for i in range(start, stop):
            for e in range(unit_ptr[b, i], unit_ptr[b, i + 1]):
                for k in range(row_ptr[i], row_ptr[i + 1]):
                    out[k] += delta[b, when[e], offset + column[k]]
