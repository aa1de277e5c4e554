"""Backward loop for populations outside loops: columns in blocks, a sample's gradients in cache.

The gradient of a block's currents in all steps of a sample stays in the first-level cache; from there
the weight gradients of the sample are added up at once, so that it need not be stored for the batch.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.arrays import clear
from spiking.kernels.backward import time_constants
from spiking.kernels.compile import inline_views, jit, jit_views
from spiking.kernels.layout import DELAY, SIZE, STRIDE, SYNAPSE, WEIGHTS
from spiking.kernels.lif import lif_row_back, synapse_row_back
from spiking.kernels.tile import LANES, put, spread, take
from spiking.kernels.weight_grad import collect


@inline_views
def pull_row(delta, at, n, target, first, classes, back, low, zero):  # type: ignore[no-untyped-def]
    """``delta[at + j] = sum over c of target[first + c] back[c, low + j]`` for ``n`` columns ``j``."""
    units = back.shape[1]
    k = 0
    while k + 4 * LANES <= n:
        s0 = spread(zero)
        s1, s2, s3 = s0, s0, s0
        for c in range(classes):
            g, w = spread(target[first + c]), c * units + low + k
            s0, s1 = s0 + g * take(back, w), s1 + g * take(back, w + LANES)
            s2, s3 = s2 + g * take(back, w + 2 * LANES), s3 + g * take(back, w + 3 * LANES)
        put(delta, at + k, s0)
        put(delta, at + k + LANES, s1)
        put(delta, at + k + 2 * LANES, s2)
        put(delta, at + k + 3 * LANES, s3)
        k += 4 * LANES
    while k < n:
        total = spread(zero)
        for c in range(classes):
            total = total + spread(target[first + c]) * take(back, c * units + low + k)
        put(delta, at + k, total)
        k += LANES


@jit_views
def walk_rows(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, block, steps, pop, conns, params, v, a, s, grad_s, grad_v, grad_b,
    grad_p, target, back, classes, lag, places, unit, base, mask, out, kind, slope, least, attached, const,
    delta, total, gv, gu, ga, gd,
):  # fmt: skip
    """The loop of :func:`backward_rows`, in memory it is given."""
    units = params.shape[1]
    wide = block + LANES
    for task in range(start, stop):
        low, part = block * (task // ranges), task % ranges
        n = min(units - low, block)
        for b in range(samples * part // ranges, samples * (part + 1) // ranges):
            clear(gv)
            clear(gu)
            clear(ga)
            clear(gd)
            clear(total)
            for t in range(steps - 1, -1, -1):
                at, row = t * wide, (b * steps + t) * units + low
                if grad_s.size > 0:
                    for k in range(0, n, LANES):
                        put(delta, at + k, take(grad_s, row + k))
                elif t + lag < steps:
                    pull_row(
                        delta, at, n, target, (b * steps + t + lag) * LANES, classes, back, low, const[0]
                    )
                else:
                    for k in range(0, n, LANES):
                        put(delta, at + k, spread(const[0]))
                lif_row_back(
                    low, n, pop, params, delta, at, gv, ga, gd, row, v, a, grad_v,
                    kind, slope, least, attached, const,
                )  # fmt: skip
                if grad_p.size > 0:
                    real = min(n, pop[SIZE] - low)
                    time_constants(b, t, real, low, pop, params, v, s, delta[at : at + n], grad_p)
                if pop[SYNAPSE]:
                    synapse_row_back(low, n, params, delta, at, gu)
                for k in range(0, n, LANES):
                    put(total, k, take(total, k) + take(delta, at + k))
                if grad_s.size > 0:
                    for k in range(0, n, LANES):
                        put(grad_s, row + k, take(delta, at + k))
            for k in range(0, n if grad_b.size > 0 else 0, LANES):
                put(grad_b, b * units + low + k, take(total, k))
            for c in range(conns.shape[0]):
                first = places[c, 0] + b * places[c, 1]
                collect(
                    first, unit, base, mask, steps, conns[c, DELAY], delta, 0, wide, n,
                    total, out, conns[c, WEIGHTS] + low, conns[c, STRIDE],
                )  # fmt: skip


@jit
def backward_rows(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, block, steps, pop, conns, params, v, a, s, grad_s, grad_v, grad_b,
    grad_p, target, back, classes, lag, places, unit, base, mask, out, kind, slope, least, attached, const,
):  # fmt: skip
    """Turn gradients of spikes into those of currents and weights, for tasks ``start..stop``.

    Task ``k`` is block ``k // ranges`` of columns and part ``k % ranges`` of the samples. Arguments are those
    of ``backward``, and further:

    ``grad_s``: as there, or empty where the gradient of the spikes comes from one narrow reader alone: then
    ``target`` (flat ``[samples, steps, LANES]``) holds the gradient of the reader's currents, ``back``
    ``[classes, units]`` its weights transposed, ``lag`` its delay.
    ``conns``: connections whose weight gradient is added to ``out``, laid out like the parameters; row ``c``
    of ``places`` says where the spike trains of its source begin in ``unit, base, mask`` (``pack``), and how
    much room a sample has there.
    """
    gv = const[0] * params[0]
    gu, ga, gd = gv.copy(), gv.copy(), gv.copy()
    delta, total = np.zeros(steps * (block + LANES), params.dtype), np.zeros(block, params.dtype)
    walk_rows(
        start, stop, ranges, samples, block, steps, pop, conns, params, v, a, s, grad_s, grad_v, grad_b,
        grad_p, target, back, classes, lag, places, unit, base, mask, out, kind, slope, least, attached,
        const, delta, total, gv, gu, ga, gd,
    )  # fmt: skip
