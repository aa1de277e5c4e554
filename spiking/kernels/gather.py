"""Events into currents: add the weight rows of the units that spiked. The cost grows with the spikes."""

from __future__ import annotations

from spiking.kernels.compile import jit


@jit
def gather_dense(current, at, weights, base, width, idx, first, last):  # type: ignore[no-untyped-def]
    """``current[at : at + width] += sum of rows idx[first:last]`` of a dense matrix at ``base``.

    Four rows at a time, so that the sum stays in registers and each target is stored once.
    """
    k = first
    while k + 4 <= last:
        a = base + idx[k] * width
        b = base + idx[k + 1] * width
        c = base + idx[k + 2] * width
        d = base + idx[k + 3] * width
        for j in range(width):
            current[at + j] += (weights[a + j] + weights[b + j]) + (weights[c + j] + weights[d + j])
        k += 4
    while k < last:
        a = base + idx[k] * width
        for j in range(width):
            current[at + j] += weights[a + j]
        k += 1


@jit
def gather_sparse(current, at, weights, base, row_ptr, row_base, column, idx, first, last):  # type: ignore[no-untyped-def]
    """The same for a CSR matrix: ``row_ptr[row_base + i]`` counts entries from ``base`` on."""
    for k in range(first, last):
        row = row_base + idx[k]
        for e in range(row_ptr[row], row_ptr[row + 1]):
            current[at + column[base + e]] += weights[base + e]
