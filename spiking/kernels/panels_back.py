"""Backward loop of a wide population outside loops: columns in panels, a sample's gradients in cache.

The gradient of a block's currents in all steps of a sample stays in the first-level cache, and is added up
there and then into the block's own part of the weight gradient, whose rows lie close together. No two
threads ever write to the same part; at the end it is copied to where the parameters have their gradient.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.backward import time_constants
from spiking.kernels.compile import inline_views, jit
from spiking.kernels.layout import DELAY, PARAMETER_ROWS, SIZE, STRIDE, SYNAPSE, WEIGHTS
from spiking.kernels.lif import flags, form_of, lif_tile_back, synapse_tile_back
from spiking.kernels.panels import PANEL, four, load_units, on_line, part_of, put_four
from spiking.kernels.tile import LANES, put, spread, take
from spiking.kernels.weight_grad import collect


@inline_views
def spike_gradient(  # type: ignore[no-untyped-def]
    b, t, steps, low, n, grad_s, units, fresh, share, q0, q1, q2, q3, target, back, classes, lag,
):  # fmt: skip
    """Gradient of the spikes of step ``t`` of a panel; ``q``: its tiles of ``pulled``."""
    none = q0 - q0
    row, part = (b * steps + t) * units + low, spread(share)
    g0, g1, g2, g3 = part * q0, part * q1, part * q2, part * q3
    if grad_s.size > 0 and not fresh:
        g0, g1 = g0 + take(grad_s, row), g1 + part_of(grad_s, row, LANES, n, none)
        g2 = g2 + part_of(grad_s, row, 2 * LANES, n, none)
        g3 = g3 + part_of(grad_s, row, 3 * LANES, n, none)
    if classes > 0 and t + lag < steps:
        first = (b * steps + t + lag) * LANES
        for c in range(classes):
            g, w = spread(target[first + c]), c * back.shape[1] + low
            g0, g1 = g0 + g * take(back, w), g1 + g * take(back, w + LANES)
            g2, g3 = g2 + g * take(back, w + 2 * LANES), g3 + g * take(back, w + 3 * LANES)
    return g0, g1, g2, g3


@inline_views
def put_part(array, at, n, s0, s1, s2, s3):  # type: ignore[no-untyped-def]
    """Store a panel's tiles where the row, ``n`` long from here, reaches."""
    put(array, at, s0)
    if n > LANES:
        put(array, at + LANES, s1)
    if n > 2 * LANES:
        put(array, at + 2 * LANES, s2)
    if n > 3 * LANES:
        put(array, at + 3 * LANES, s3)


@jit
def backward_panels(  # type: ignore[no-untyped-def]
    start, stop, block, samples, steps, pop, conns, rows, params, v, a, s, grad_s, fresh, jumps, grad_b,
    grad_p, pulled, share, target, back, classes, lag, places, unit, base, mask, out, bias, kind, slope,
    least, attached, const, more,
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
    ``more``: as in ``lif.py::lif_tile``; further, time constants are learned (``grad_p``) only where it is
    not None.
    """
    dtype, wide, units, how = params.dtype, block * PANEL, params.shape[1], flags(pop)
    room = on_line(np.empty((rows[-1] + PARAMETER_ROWS + steps + 3) * wide + PANEL, dtype))
    own, near = room[: rows[-1] * wide], room[rows[-1] * wide :]
    delta = near[PARAMETER_ROWS * wide :]
    total, biased = delta[steps * wide : (steps + 1) * wide], delta[(steps + 1) * wide :]
    form, none = form_of(kind, slope, least, const), spread(const[0])
    for task in range(start, stop):
        for k in range(0, own.size, LANES):
            put(own, k, none)
        load_units(wide * task, wide, params, near)
        for k in range(0, wide, LANES):
            put(biased, k, none)
        for b in range(samples):
            for o in range(0, wide, PANEL):
                low = wide * task + o
                n, panel = units - low, low // PANEL
                if n <= 0:
                    continue
                at = b * pulled.shape[1] + low
                q0, q1, q2, q3 = none, none, none, none
                if pulled.size > 0:
                    q0, q1 = take(pulled, at), take(pulled, at + LANES)
                    q2, q3 = take(pulled, at + 2 * LANES), take(pulled, at + 3 * LANES)
                v0, v1, v2, v3 = none, none, none, none
                a0, a1, a2, a3 = none, none, none, none
                d0, d1, d2, d3 = none, none, none, none
                u0, u1, u2, u3 = none, none, none, none
                t0, t1, t2, t3 = none, none, none, none
                z0, z1, z2, z3 = none, none, none, none
                for t in range(steps - 1, -1, -1):
                    g0, g1, g2, g3 = spike_gradient(
                        b, t, steps, low, n, grad_s, units, fresh, share[t], q0, q1, q2, q3,
                        target, back, classes, lag,
                    )  # fmt: skip
                    row = ((panel * samples + b) * steps + t) * PANEL
                    if more is not None and a.size > 0:
                        z0, z1, z2, z3 = four(a, row)
                    x0, x1, x2, x3 = four(v, row)
                    g0, j0, v0, a0, d0 = lif_tile_back(
                        o, wide, how, near, g0, v0, a0, d0, x0, z0, form, attached, more
                    )
                    g1, j1, v1, a1, d1 = lif_tile_back(
                        o + 16, wide, how, near, g1, v1, a1, d1, x1, z1, form, attached, more
                    )
                    g2, j2, v2, a2, d2 = lif_tile_back(
                        o + 32, wide, how, near, g2, v2, a2, d2, x2, z2, form, attached, more
                    )
                    g3, j3, v3, a3, d3 = lif_tile_back(
                        o + 48, wide, how, near, g3, v3, a3, d3, x3, z3, form, attached, more
                    )
                    if jumps.size > 0:
                        put_four(jumps, (b * steps + t) * jumps.shape[2] + low, j0, j1, j2, j3)
                    at = t * wide + o
                    if more is not None:
                        if grad_p.size > 0:
                            put_four(delta, at, g0, g1, g2, g3)
                            last = min(pop[SIZE] - low, PANEL)
                            moved = delta[at : at + PANEL]
                            time_constants(b, t, last, low, pop, params, v[panel], low, s, moved, grad_p)
                        if pop[SYNAPSE]:
                            g0 = u0 = synapse_tile_back(o, wide, near, g0, u0)
                            g1 = u1 = synapse_tile_back(o + 16, wide, near, g1, u1)
                            g2 = u2 = synapse_tile_back(o + 32, wide, near, g2, u2)
                            g3 = u3 = synapse_tile_back(o + 48, wide, near, g3, u3)
                    put_four(delta, at, g0, g1, g2, g3)
                    t0, t1, t2, t3 = t0 + g0, t1 + g1, t2 + g2, t3 + g3
                    if grad_s.size > 0:
                        put_part(grad_s, (b * steps + t) * units + low, n, g0, g1, g2, g3)
                put_four(total, o, t0, t1, t2, t3)
                if grad_b.size > 0:
                    put_part(grad_b, b * units + low, n, t0, t1, t2, t3)
                b0, b1, b2, b3 = four(biased, o)
                put_four(biased, o, b0 + t0, b1 + t1, b2 + t2, b3 + t3)
            for c in range(conns.shape[0]):
                first = places[c, 0] + b * places[c, 1]
                collect(
                    first, unit, base, mask, steps, conns[c, DELAY], delta, 0, wide, wide,
                    total, own, rows[c] * wide, wide,
                )  # fmt: skip
        low = wide * task
        n = min(units - low, wide)
        for c in range(conns.shape[0]):
            for i in range(rows[c + 1] - rows[c]):
                to = conns[c, WEIGHTS] + i * conns[c, STRIDE] + low
                for k in range(0, n, LANES):
                    put(out, to + k, take(own, (rows[c] + i) * wide + k))
        for k in range(0, n if bias >= 0 else 0, LANES):
            put(out, bias + low + k, take(biased, k))
