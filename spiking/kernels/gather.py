"""Events into currents: add the weight rows of the units that spiked. The cost grows with the spikes.

Dense matrices are stored with rows padded to ``LANES`` values (zeros), so that rows begin at cache
lines and a narrow target is one loop of constant length.
"""

from __future__ import annotations

from spiking.kernels.compile import jit_views
from spiking.kernels.tile import LANES, put, take


def padded(n: int) -> int:
    """``n`` rounded up to whole ``LANES``."""
    return -(-n // LANES) * LANES


@jit_views
def gather_dense(current, weights, base, stride, idx, first, last, less):  # type: ignore[no-untyped-def]
    """``current += sum of rows idx[first:last]`` of a dense matrix, or ``-=`` if ``less``.

    Row ``i`` of the columns wanted begins at ``weights[base + i * stride]``; ``current`` says how
    many. Four rows at a time, so that the sum stays in registers and each target is stored once; of a
    matrix that is one tile wide, row by row. The order depends on the matrix alone, not on how it is cut.
    """
    width = current.size
    if width == LANES and stride == LANES:
        total = take(current, 0)
        for k in range(first, last):
            row = take(weights, base + idx[k] * stride)
            total = total - row if less else total + row
        put(current, 0, total)
        return
    k = first
    while k + 4 <= last:
        a, b = base + idx[k] * stride, base + idx[k + 1] * stride
        c, d = base + idx[k + 2] * stride, base + idx[k + 3] * stride
        wa, wb = weights[a : a + width], weights[b : b + width]
        wc, wd = weights[c : c + width], weights[d : d + width]
        if less:
            for j in range(width):
                current[j] -= (wa[j] + wb[j]) + (wc[j] + wd[j])
        else:
            for j in range(width):
                current[j] += (wa[j] + wb[j]) + (wc[j] + wd[j])
        k += 4
    while k < last:
        a = base + idx[k] * stride
        row = weights[a : a + width]
        if less:
            for j in range(width):
                current[j] -= row[j]
        else:
            for j in range(width):
                current[j] += row[j]
        k += 1


@jit_views
def gather_sparse(current, weights, base, row_ptr, row_base, column, low, idx, first, last):  # type: ignore[no-untyped-def]
    """The same for a CSR matrix: ``row_ptr[row_base + i]`` counts entries from ``base`` on.

    Column ``low`` of the matrix is ``current[0]``; entries outside ``current`` are left out.
    """
    for k in range(first, last):
        row = row_base + idx[k]
        for e in range(row_ptr[row], row_ptr[row + 1]):
            j = column[base + e] - low
            if 0 <= j < current.size:
                current[j] += weights[base + e]
