"""Backward loop of a wide population outside loops: columns in panels, a sample's gradients in cache.

The gradient of a block's currents in all steps of a sample stays in the first-level cache, and is added up
there and then into the block's own part of the weight gradient, whose rows lie close together. No two
threads ever write to the same part; at the end it is copied to where the parameters have their gradient.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.arrays import clear
from spiking.kernels.backward import time_constants
from spiking.kernels.compile import inline_views, jit, jit_views
from spiking.kernels.layout import DELAY, PARAMETER_ROWS, SIZE, STRIDE, SYNAPSE, WEIGHTS
from spiking.kernels.lif import lif_row_back, synapse_row_back
from spiking.kernels.panels import PANEL, load_units, on_line
from spiking.kernels.tile import LANES, put, spread, take
from spiking.kernels.weight_grad import collect


@inline_views
def spike_gradient(  # type: ignore[no-untyped-def]
    b, t, steps, low, n, wide, delta, at, grad_s, units, fresh, pulled, pulled_at, share,
    target, back, classes, lag, none,
):  # fmt: skip
    """Write the gradient of the spikes of step ``t`` to ``delta`` from ``at`` on."""
    row = (b * steps + t) * units + low
    part = spread(share)
    for k in range(0, wide, LANES):
        g = none
        if grad_s.size > 0 and not fresh and k < n:
            g = take(grad_s, row + k)
        if pulled.size > 0:
            g = g + part * take(pulled, pulled_at + k)
        put(delta, at + k, g)
    if classes > 0 and t + lag < steps:
        first, columns = (b * steps + t + lag) * LANES, back.shape[1]
        for c in range(classes):
            g, w = spread(target[first + c]), c * columns + low
            for k in range(0, wide, LANES):
                put(delta, at + k, take(delta, at + k) + g * take(back, w + k))


@jit_views
def walk_panels_back(  # type: ignore[no-untyped-def]
    start, stop, block, samples, steps, pop, conns, rows, params, v, a, s, grad_s, fresh, jumps, grad_b,
    grad_p, pulled, share, target, back, classes, lag, places, unit, base, mask, out, bias, kind, slope,
    least, attached, const, own, near, delta, total, biased, gv, gu, ga, gd,
):  # fmt: skip
    """The loop of :func:`backward_panels`, in memory it is given."""
    units, wide = params.shape[1], block * PANEL
    none = spread(const[0])
    for task in range(start, stop):
        low = wide * task
        n = min(units - low, wide)
        load_units(low, wide, params, near)
        clear(own)
        clear(biased)
        for b in range(samples):
            clear(gv)
            clear(gu)
            clear(ga)
            clear(gd)
            clear(total)
            for t in range(steps - 1, -1, -1):
                at = t * wide
                spike_gradient(
                    b, t, steps, low, n, wide, delta, at, grad_s, units, fresh, pulled,
                    b * pulled.shape[1] + low, share[t], target, back, classes, lag, none,
                )  # fmt: skip
                for g in range(block):
                    panel, o = block * task + g, g * PANEL
                    row = ((panel * samples + b) * steps + t) * PANEL
                    if o < n:
                        lif_row_back(
                            o, PANEL, wide, pop, near, delta, at + o, gv, ga, gd, row, v, a, total,
                            kind, slope, least, attached, const,
                            jumps, (b * steps + t) * jumps.shape[2] + low + o,
                        )  # fmt: skip
                if grad_p.size > 0:
                    for g in range(block):
                        panel, o = block * task + g, g * PANEL
                        last = min(pop[SIZE], low + o + PANEL)
                        if low + o < last:
                            time_constants(
                                b, t, last - low - o, low + o, pop, params, v[panel], low + o, s,
                                delta[at + o : at + o + PANEL], grad_p,
                            )  # fmt: skip
                if pop[SYNAPSE]:
                    synapse_row_back(0, wide, wide, near, delta, at, gu)
                for k in range(0, wide, LANES):
                    put(total, k, take(total, k) + take(delta, at + k))
                if grad_s.size > 0:
                    for k in range(0, n, LANES):
                        put(grad_s, (b * steps + t) * units + low + k, take(delta, at + k))
            for k in range(0, n if grad_b.size > 0 else 0, LANES):
                put(grad_b, b * units + low + k, take(total, k))
            for k in range(0, wide, LANES):
                put(biased, k, take(biased, k) + take(total, k))
            for c in range(conns.shape[0]):
                first = places[c, 0] + b * places[c, 1]
                collect(
                    first, unit, base, mask, steps, conns[c, DELAY], delta, 0, wide, wide,
                    total, own, rows[c] * wide, wide,
                )  # fmt: skip
        for c in range(conns.shape[0]):
            for i in range(rows[c + 1] - rows[c]):
                to = conns[c, WEIGHTS] + i * conns[c, STRIDE] + low
                for k in range(0, n, LANES):
                    put(out, to + k, take(own, (rows[c] + i) * wide + k))
        for k in range(0, n if bias >= 0 else 0, LANES):
            put(out, bias + low + k, take(biased, k))


@jit
def backward_panels(  # type: ignore[no-untyped-def]
    start, stop, block, samples, steps, pop, conns, rows, params, v, a, s, grad_s, fresh, jumps, grad_b,
    grad_p, pulled, share, target, back, classes, lag, places, unit, base, mask, out, bias, kind, slope,
    least, attached, const,
):  # fmt: skip
    """Turn gradients of spikes into those of currents, biases and weights, for tasks ``start..stop``.

    Task ``k`` is the ``block`` panels from ``k block`` on. Arguments are those of ``backward`` and
    ``forward_panels``, and further:

    Gradients of spikes are the sum of three, each of which may be empty: ``grad_s`` ``[samples, steps,
    units]``, which receives the gradient of the currents (``fresh``: what it holds does not count yet);
    ``pulled`` ``[samples, columns]`` times ``share`` ``[steps]``; and that from a reader of one tile, where
    ``target`` (flat ``[samples, steps, LANES]``) is the gradient of the reader's currents, ``back``
    ``[classes, columns]`` its weights transposed, ``lag`` its delay.
    ``jumps`` ``[samples, steps, columns]`` or empty receives what the spikes of a step add to the gradient of
    the currents, which else decays from step to step.
    ``conns``: connections whose weight gradient is written to ``out``, laid out like the parameters; row
    ``c`` of ``places`` says where the spike trains of its source begin in ``unit, base, mask`` (``pack``),
    and how much room a sample has there. ``bias``: where in ``out`` the gradient of the biases goes, or -1.
    """
    dtype, wide = params.dtype, block * PANEL
    own = on_line(np.empty(rows[-1] * wide + PANEL, dtype))
    near = on_line(np.empty(PARAMETER_ROWS * wide + PANEL, dtype))
    delta = on_line(np.empty(steps * wide + PANEL, dtype))
    room = on_line(np.zeros(6 * wide + PANEL, dtype))
    total, biased, gv = room[:wide], room[wide : 2 * wide], room[2 * wide : 3 * wide]
    gu, ga, gd = room[3 * wide : 4 * wide], room[4 * wide : 5 * wide], room[5 * wide : 6 * wide]
    walk_panels_back(
        start, stop, block, samples, steps, pop, conns, rows, params, v, a, s, grad_s, fresh, jumps, grad_b,
        grad_p, pulled, share, target, back, classes, lag, places, unit, base, mask, out, bias, kind, slope,
        least, attached, const, own, near, delta, total, biased, gv, gu, ga, gd,
    )  # fmt: skip
