"""Events into currents: add the weight rows of the units that spiked. The cost grows with the spikes."""

from __future__ import annotations

from spiking.kernels.compile import jit


@jit
def gather_dense(current, weights, base, width, idx, first, last):  # type: ignore[no-untyped-def]
    """``current += sum of rows idx[first:last]`` of the dense matrix ``[.., width]`` at ``base``.

    Four rows at a time, so that the sum stays in registers and each target is stored once.
    """
    k = first
    while k + 4 <= last:
        a, b = base + idx[k] * width, base + idx[k + 1] * width
        c, d = base + idx[k + 2] * width, base + idx[k + 3] * width
        wa, wb = weights[a : a + width], weights[b : b + width]
        wc, wd = weights[c : c + width], weights[d : d + width]
        for j in range(width):
            current[j] += (wa[j] + wb[j]) + (wc[j] + wd[j])
        k += 4
    while k < last:
        a = base + idx[k] * width
        wa = weights[a : a + width]
        for j in range(width):
            current[j] += wa[j]
        k += 1


@jit
def gather_sparse(current, weights, base, row_ptr, row_base, column, idx, first, last):  # type: ignore[no-untyped-def]
    """The same for a CSR matrix: ``row_ptr[row_base + i]`` counts entries from ``base`` on."""
    for k in range(first, last):
        row = row_base + idx[k]
        for e in range(row_ptr[row], row_ptr[row + 1]):
            current[column[base + e]] += weights[base + e]
