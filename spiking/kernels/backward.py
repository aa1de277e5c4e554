"""Backward loop: the adjoint of ``forward.py`` for one group, steps in reverse, state in cache.

Per unit and step, with ``h`` the surrogate derivative at ``d = v - threshold - a`` and ``g`` the
gradient with respect to the membrane before the reset (derivation in ``docs/model.md``)::

    gs   <- gs + attached reset + adaptation           gradient of the spike
    g     = (gradient of the membrane after the reset, passed through the reset) + gs h
    gu   <- gain g + alpha gu                          gradient of the current: what is handed on
    gv   <- decay g                                    carried to the step before
"""

from __future__ import annotations

from spiking.kernels.compile import jit, jit_reassociated
from spiking.kernels.layout import (
    ADAPT_DECAY,
    ADAPT_STEP,
    ADAPTS,
    ALPHA,
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
    REFRACTORY,
    RESET,
    RESET_TO,
    ROWS,
    SIZE,
    SOURCE,
    SPARSE,
    START,
    SUBTRACT,
    THRESHOLD,
    TO,
    WEIGHTS,
    WIDTH,
)
from spiking.kernels.surrogate import surrogate_compiled as surrogate


@jit
def readout_step(o, n, params, grad, grad_v, gv, gu):  # type: ignore[no-untyped-def]
    """One step back of leaky integrators; ``grad`` receives the gradient of their current."""
    decay, gain, alpha = params[DECAY, o : o + n], params[GAIN, o : o + n], params[ALPHA, o : o + n]
    for j in range(n):
        g = gv[j] + grad_v[j]
        gv[j] = decay[j] * g
        gu[j] = gain[j] * g + alpha[j] * gu[j]
        grad[j] = gu[j]


@jit
def plain_step(o, n, pop, params, v, s, grad, gv, gu, kind, slope, least, attached, const):  # type: ignore[no-untyped-def]
    """One step back of LIF units without refractory period, adaptation or delayed reset."""
    zero, half, one, half_pi = const[0], const[1], const[2], const[3]
    decay, gain, alpha = params[DECAY, o : o + n], params[GAIN, o : o + n], params[ALPHA, o : o + n]
    threshold, drop = params[THRESHOLD, o : o + n], params[DROP, o : o + n]
    reset_to = params[RESET_TO, o : o + n]
    subtract = pop[RESET] == SUBTRACT
    for j in range(n):
        x = v[j]
        h = surrogate(x - threshold[j], kind, slope, one, half, half_pi, zero)
        h = h if h >= least else zero
        carry = gv[j]
        gs = grad[j]
        if subtract:
            gs = gs - drop[j] * carry if attached else gs
        else:
            gs = gs + (reset_to[j] - x) * carry if attached else gs
            carry = zero if s[j] > 0 else carry
        g = carry + gs * h
        gv[j] = decay[j] * g
        gu[j] = gain[j] * g + alpha[j] * gu[j]
        grad[j] = gu[j]


@jit
def full_step(b, t, n, o, pop, params, v, a, s, grad_s, gv, gu, ga, gd, kind, slope, least, attached, const):  # type: ignore[no-untyped-def]
    """One step back of LIF units with everything: refractory, adaptive, delayed reset.

    ``gd`` is the gradient of the membrane one step later, which a delayed reset reaches.
    """
    zero, half, one, half_pi = const[0], const[1], const[2], const[3]
    subtract, delayed, wait = pop[RESET] == SUBTRACT, pop[DELAYED] != 0, pop[REFRACTORY]
    for j in range(o, o + n):
        x, fired = v[b, t, j], s[b, t, j] > 0
        held = False
        for k in range(1, min(wait, t) + 1):
            held = held or s[b, t - k, j] > 0
        carry, gs = gv[j], grad_s[b, t, j]
        level = params[THRESHOLD, j]
        if pop[ADAPTS]:
            level += a[b, t, j]
            gs += params[ADAPT_STEP, j] * ga[j]
        h = surrogate(x - level, kind, slope, one, half, half_pi, zero)
        h = zero if held or h < least else h
        if delayed:
            gs = gs - params[DROP, j] * gd[j] if attached and subtract else gs
        elif subtract:
            gs = gs - params[DROP, j] * carry if attached else gs
        else:
            gs = gs + (params[RESET_TO, j] - x) * carry if attached else gs
            carry = zero if fired else carry
        g = carry + gs * h
        ga[j] = params[ADAPT_DECAY, j] * ga[j] - gs * h
        before = t > 0 and s[b, t - 1, j] > 0
        if held:
            gv[j], gd[j] = g, zero
            gu[j] = params[ALPHA, j] * gu[j]
        elif delayed and not subtract and before:
            gv[j], gd[j] = zero, g
            gu[j] = params[ALPHA, j] * gu[j]
        else:
            gv[j], gd[j] = params[DECAY, j] * g, g
            gu[j] = params[GAIN, j] * g + params[ALPHA, j] * gu[j]
        grad_s[b, t, j] = gu[j]


@jit_reassociated
def pull_dense(source, target, rows, width, weights, base):  # type: ignore[no-untyped-def]
    """``source[i] += weight[i] . target`` for ``rows`` rows of the matrix at ``base``."""
    for i in range(rows):
        row = weights[base + i * width : base + (i + 1) * width]
        total = target[0] * row[0]
        for j in range(1, width):
            total += target[j] * row[j]
        source[i] += total


@jit
def pull_sparse(b, when, t, source, target, rows, weights, base, row_ptr, row_base, column, grad_s):  # type: ignore[no-untyped-def]
    """The same for a CSR matrix."""
    for i in range(rows):
        for e in range(row_ptr[row_base + i], row_ptr[row_base + i + 1]):
            grad_s[b, when, source + i] += grad_s[b, t, target + column[base + e]] * weights[base + e]


@jit
def backward(  # type: ignore[no-untyped-def]
    start, stop, steps, pops, inner, params, weights, row_ptr, column, v, a, s,
    grad_s, grad_v, grad_p, kind, slope, least, attached, const,
):  # fmt: skip
    """Turn gradients of spikes into gradients of input currents, for samples ``start..stop``.

    ``grad_s`` ``[samples, steps, units]`` holds the loss gradient of each spike on entry and of each
    current on exit; ``grad_v`` (or empty) that of readout membranes. ``inner``: connections within
    the group. A delayed reset to a value is always taken as detached.
    ``grad_p`` ``[samples, 2, units]`` or empty receives the gradients of decay and gain.
    ``kind, slope``: surrogate; derivatives below ``least`` count as zero; ``attached``: whether the
    reset is differentiated. ``const``: 0, 1/2, 1, pi/2 in the precision of the loop.
    """
    gv = const[0] * params[0]
    gu, ga, gd = gv.copy(), gv.copy(), gv.copy()
    for b in range(start, stop):
        gv[:] = 0
        gu[:] = 0
        ga[:] = 0
        gd[:] = 0
        for t in range(steps - 1, -1, -1):
            for p in range(pops.shape[0] - 1, -1, -1):
                pop = pops[p]
                n, o = pop[SIZE], pop[OFFSET]
                end = o + n
                if pop[KIND] == INTEGRATOR:
                    readout_step(o, n, params, grad_s[b, t, o:end], grad_v[b, t, o:end], gv[o:end], gu[o:end])
                elif pop[REFRACTORY] > 0 or pop[ADAPTS] or pop[DELAYED]:
                    full_step(
                        b, t, n, o, pop, params, v, a, s, grad_s, gv, gu, ga, gd,
                        kind, slope, least, attached, const,
                    )  # fmt: skip
                else:
                    plain_step(
                        o, n, pop, params, v[b, t, o:end], s[b, t, o:end], grad_s[b, t, o:end],
                        gv[o:end], gu[o:end], kind, slope, least, attached, const,
                    )  # fmt: skip
                for c in range(inner.shape[0]):
                    when = t - inner[c, DELAY]
                    if inner[c, TO] != p or when < 0:
                        continue
                    for q in range(pops.shape[0]):
                        if pops[q, SOURCE] != inner[c, FROM]:
                            continue
                        if inner[c, SPARSE]:
                            pull_sparse(
                                b, when, t, pops[q, OFFSET], o, pops[q, SIZE], weights, inner[c, WEIGHTS],
                                row_ptr, inner[c, ROWS], column, grad_s,
                            )  # fmt: skip
                        else:
                            first = pops[q, OFFSET]
                            pull_dense(
                                grad_s[b, when, first : first + pops[q, SIZE]], grad_s[b, t, o:end],
                                pops[q, SIZE], inner[c, WIDTH], weights, inner[c, WEIGHTS],
                            )  # fmt: skip
                if grad_p.shape[0] > 0:
                    time_constants(b, t, n, o, pop, params, v, s, gd, gv, grad_p)


@jit
def time_constants(b, t, n, o, pop, params, v, s, gd, gv, grad_p):  # type: ignore[no-untyped-def]
    """Add one step's gradients of decay and gain: ``g (v' - leak)`` and ``g u``.

    ``v'`` is the membrane after the reset one step before; ``g`` is recovered from ``gv = decay g``,
    or is ``gd`` where units may be held. ``u`` is recovered from the membrane's equation.
    """
    full = pop[REFRACTORY] > 0 or pop[ADAPTS] or pop[DELAYED]
    for j in range(o, o + n):
        if params[DECAY, j] == 0:
            continue
        g = gd[j] if full else gv[j] / params[DECAY, j]
        old = params[START, j]
        if t > 0:
            old = v[b, t - 1, j]
            if pop[KIND] != INTEGRATOR and not pop[DELAYED] and s[b, t - 1, j] > 0:
                old = old - params[DROP, j] if pop[RESET] == SUBTRACT else params[RESET_TO, j]
        grad_p[b, 0, j] += g * (old - params[LEAK, j])
        u = v[b, t, j] - params[LEAK, j] - params[DECAY, j] * (old - params[LEAK, j])
        if pop[DELAYED] and t > 0 and s[b, t - 1, j] > 0:
            u += params[DROP, j]
        grad_p[b, 1, j] += g * u / params[GAIN, j]
