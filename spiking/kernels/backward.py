"""Backward loop: the adjoint of ``forward.py`` for one group, steps in reverse, state in cache.

Per unit and step, with ``h`` the surrogate derivative at ``d = v - threshold - a`` and ``g`` the
gradient with respect to the membrane before the reset (derivation in ``docs/model.md``)::

    gs   <- gs + attached reset + adaptation           gradient of the spike
    g     = (gradient of the membrane after the reset, passed through the reset) + gs h
    gu   <- gain g + alpha gu                          gradient of the current: what is handed on
    gv   <- decay g                                    carried to the step before
"""

from __future__ import annotations

from spiking.kernels.arrays import add, clear, copy
from spiking.kernels.compile import jit, jit_reassociated, jit_views
from spiking.kernels.layout import (
    ADAPT_DECAY,
    ADAPT_STEP,
    ADAPTS,
    DECAY,
    DELAY,
    DELAYED,
    DROP,
    FROM,
    GAIN,
    INTEGRATOR,
    KIND,
    LEAK,
    OFFSET,
    PLAIN,
    REFRACTORY,
    RESET,
    RESET_TO,
    ROWS,
    SIZE,
    SOURCE,
    SPARSE,
    START,
    STRIDE,
    SUBTRACT,
    SYNAPSE,
    THRESHOLD,
    TO,
    WEIGHTS,
)
from spiking.kernels.lif import form_of, lif_row_back, synapse_row_back
from spiking.kernels.surrogate import derivatives


@jit_views
def full_back(b, t, n, o, pop, params, v, a, s, h, grad_s, gv, ga, gd, attached):  # type: ignore[no-untyped-def]
    """One step back of LIF units with everything: refractory, adaptive, delayed reset.

    ``gd`` is the gradient of the membrane one step later, which a delayed reset reaches.
    """
    subtract, delayed, wait = pop[RESET] == SUBTRACT, pop[DELAYED] != 0, pop[REFRACTORY]
    zero = gv[0] * 0
    for j in range(o, o + n):
        x, fired = v[b, t, j], s[b, t, j] > 0
        held = False
        for k in range(1, min(wait, t) + 1):
            held = held or s[b, t - k, j] > 0
        carry, gs = gv[j], grad_s[b, t, j]
        if pop[ADAPTS]:
            gs += params[ADAPT_STEP, j] * ga[j]
        slope = zero if held else h[j - o]
        if delayed:
            gs = gs - params[DROP, j] * gd[j] if attached and subtract else gs
        elif subtract:
            gs = gs - params[DROP, j] * carry if attached else gs
        else:
            gs = gs + (params[RESET_TO, j] - x) * carry if attached else gs
            carry = zero if fired else carry
        g = carry + gs * slope
        ga[j] = params[ADAPT_DECAY, j] * ga[j] - gs * slope
        before = t > 0 and s[b, t - 1, j] > 0
        if held:
            gv[j], gd[j], grad_s[b, t, j] = g, zero, zero
        elif delayed and not subtract and before:
            gv[j], gd[j], grad_s[b, t, j] = zero, g, zero
        else:
            gv[j], gd[j], grad_s[b, t, j] = params[DECAY, j] * g, g, params[GAIN, j] * g


@jit_reassociated
def pull_dense(source, target, weights, base, stride):  # type: ignore[no-untyped-def]
    """``source[i] += weight[i] . target`` for the rows of the matrix at ``base``."""
    width = target.size
    for i in range(source.size):
        row = weights[base + i * stride : base + i * stride + width]
        total = target[0] * row[0]
        for j in range(1, width):
            total += target[j] * row[j]
        source[i] += total


@jit_views
def pull_sparse(source, target, weights, base, row_ptr, row_base, column):  # type: ignore[no-untyped-def]
    """The same for a CSR matrix."""
    for i in range(source.size):
        for e in range(row_ptr[row_base + i], row_ptr[row_base + i + 1]):
            source[i] += target[column[base + e]] * weights[base + e]


@jit_views
def pull(b, t, p, target, pops, inner, weights, row_ptr, column, grad_s):  # type: ignore[no-untyped-def]
    """Hand the gradient ``target`` of population ``p``'s currents to its sources inside the group."""
    for c in range(inner.shape[0]):
        when = t - inner[c, DELAY]
        if inner[c, TO] != p or when < 0:
            continue
        for q in range(pops.shape[0]):
            if pops[q, SOURCE] == inner[c, FROM]:
                first = pops[q, OFFSET]
                source = grad_s[b, when, first : first + pops[q, SIZE]]
                base = inner[c, WEIGHTS]
                if inner[c, SPARSE]:
                    pull_sparse(source, target, weights, base, row_ptr, inner[c, ROWS], column)
                else:
                    pull_dense(source, target, weights, base, inner[c, STRIDE])


@jit_views
def time_constants(b, t, n, o, pop, params, v, near, s, grad, grad_p):  # type: ignore[no-untyped-def]
    """Add one step's gradients of decay and gain: ``g (v' - leak)`` and ``g u``.

    ``v'`` is the membrane after the reset one step before, ``grad = gain g``; the current ``u`` is
    recovered from the membrane's equation. Columns of ``v`` begin with unit ``near`` of the group.
    """
    for j in range(o, o + n):
        g = grad[j - o] / params[GAIN, j]
        old = params[START, j]
        before = pop[KIND] != INTEGRATOR and t > 0 and s[b, t - 1, j] > 0
        if t > 0:
            old = v[b, t - 1, j - near]
            if before and not pop[DELAYED]:
                old = old - params[DROP, j] if pop[RESET] == SUBTRACT else params[RESET_TO, j]
        grad_p[b, 0, j] += g * (old - params[LEAK, j])
        u = v[b, t, j - near] - params[LEAK, j] - params[DECAY, j] * (old - params[LEAK, j])
        if pop[DELAYED] and before:
            u += params[DROP, j]
        grad_p[b, 1, j] += g * u / params[GAIN, j]


@jit_views
def walk_back(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, block, steps, pops, inner, params, weights, row_ptr, column, v, a, s,
    grad_s, grad_v, grad_b, grad_p, kind, slope, least, attached, const, gv, gu, ga, gd, h, level,
):  # fmt: skip
    """The loop of :func:`backward`, in memory it is given."""
    for task in range(start, stop):
        low, part = block * (task // ranges), task % ranges
        for b in range(samples * part // ranges, samples * (part + 1) // ranges):
            clear(gv)
            clear(gu)
            clear(ga)
            clear(gd)
            for t in range(steps - 1, -1, -1):
                for p in range(pops.shape[0] - 1, -1, -1):
                    pop = pops[p]
                    o = pop[OFFSET] + low
                    n = min(pop[SIZE] - low, block)
                    end = o + n
                    grad = grad_s[b, t, o:end]
                    row = (b * steps + t) * params.shape[1] + o
                    if pop[PLAIN]:
                        form = form_of(kind, slope, least, const)
                        lif_row_back(
                            o, n, params.shape[1], pop, params, grad_s, row, gv, ga, gd, v, a, grad_v,
                            form, attached,
                        )  # fmt: skip
                    else:
                        top = params[THRESHOLD, o:end]
                        if pop[ADAPTS]:
                            copy(level[:n], a[b, t, o:end])
                            add(level[:n], top)
                            top = level[:n]
                        derivatives(n, v[b, t, o:end], top, kind, slope, least, const, h)
                        full_back(b, t, n, o, pop, params, v, a, s, h, grad_s, gv, ga, gd, attached)
                    if grad_p.shape[0] > 0:
                        time_constants(b, t, n, o, pop, params, v, 0, s, grad, grad_p)
                    if pop[SYNAPSE]:
                        synapse_row_back(o, n, params.shape[1], params, grad_s, row, gu)
                    if grad_b.shape[0] > 0:
                        add(grad_b[b, o:end], grad)
                    pull(b, t, p, grad, pops, inner, weights, row_ptr, column, grad_s)


@jit
def backward(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, block, steps, pops, inner, params, weights, row_ptr, column, v, a, s,
    grad_s, grad_v, grad_b, grad_p, kind, slope, least, attached, const,
):  # fmt: skip
    """Turn gradients of spikes into gradients of input currents, for tasks ``start..stop``.

    Tasks are those of ``forward``. ``grad_s`` ``[samples, steps, units]`` holds the loss gradient of
    each spike on entry and of each current on exit; ``grad_v`` (or empty) that of readout membranes.
    ``grad_b`` ``[samples, units]`` or empty receives the sum of the current's gradient over the steps.
    ``inner``: connections within the group. A delayed reset to a value is always taken as detached.
    ``grad_p`` ``[samples, 2, units]`` or empty receives the gradients of decay and gain.
    ``kind, slope``: surrogate; derivatives below ``least`` count as zero; ``attached``: whether the
    reset is differentiated. ``const``: 0, 1/2, 1, pi/2 in the precision of the loop.
    """
    gv = const[0] * params[0]
    gu, ga, gd, h, level = gv.copy(), gv.copy(), gv.copy(), gv.copy(), gv.copy()
    walk_back(
        start, stop, ranges, samples, block, steps, pops, inner, params, weights, row_ptr, column, v, a, s,
        grad_s, grad_v, grad_b, grad_p, kind, slope, least, attached, const, gv, gu, ga, gd, h, level,
    )  # fmt: skip
