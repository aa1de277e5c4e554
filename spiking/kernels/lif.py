"""Leaky integrate-and-fire units and leaky integrators, one step of a row, tile by tile.

Rows of the parameter table and of everything kept are padded to whole tiles; padding never spikes, since
its threshold is infinite. ``PLAIN`` in ``layout.py`` marks the populations these loops can take.
"""

from __future__ import annotations

from spiking.kernels.compile import inline_views
from spiking.kernels.equations import adapt, fires, integrate, subtract_reset, synapse, zero_reset
from spiking.kernels.layout import (
    ADAPT_DECAY,
    ADAPT_STEP,
    ADAPTS,
    ALPHA,
    DECAY,
    DELAYED,
    DROP,
    GAIN,
    INTEGRATOR,
    KIND,
    LEAK,
    RESET,
    RESET_TO,
    STRICT,
    SUBTRACT,
    SYNAPSE,
    THRESHOLD,
)
from spiking.kernels.surrogate import derivative
from spiking.kernels.tile import LANES, put, put_bits, put_choice, spread, take, where


@inline_views
def lif_row(  # type: ignore[no-untyped-def]
    o, n, units, pop, params, x, v, a, u, late, row, keep_v, keep_a, keep_s, word, words, sums, share,
):  # fmt: skip
    """One step of the ``n`` units from column ``o`` on under the current ``x``.

    ``v, a, u``: membrane, adaptation and synaptic current, changed in place; ``late``: 1 where a unit
    spiked one step before. Where not empty, ``keep_v, keep_a`` receive, from their flat element ``row``
    on, the membrane before the reset and the adaptation at the decision, ``keep_s`` the spikes, and ``words``
    from its element ``word`` on the spikes as bits, ``LANES`` units in an element. ``sums`` grows by
    ``share`` for each spike. ``params``: rows of ``units`` values.
    """
    integrator, synaptic, adapts = pop[KIND] == INTEGRATOR, pop[SYNAPSE] != 0, pop[ADAPTS] != 0
    strict, subtract, delayed = pop[STRICT] != 0, pop[RESET] == SUBTRACT, pop[DELAYED] != 0
    keeps_v, keeps_a, keeps_s, packs = keep_v.size > 0, keep_a.size > 0, keep_s.size > 0, words.size > 0
    one, part = spread(v.dtype.type(1)), spread(share)
    zero = one - one
    for k in range(0, n, LANES):
        j = o + k
        current = take(x, j)
        if synaptic:
            current = synapse(take(u, j), current, take(params, ALPHA * units + j))
            put(u, j, current)
        decay, gain = take(params, DECAY * units + j), take(params, GAIN * units + j)
        new = integrate(take(v, j), current, decay, gain, take(params, LEAK * units + j))
        if integrator:
            put(v, j, new)
            put(keep_v, row + k, new)
            continue
        drop = take(params, DROP * units + j)
        if delayed:
            new = subtract_reset(new, take(late, j) > zero, drop)
        if keeps_v:
            put(keep_v, row + k, new)
        top = take(params, THRESHOLD * units + j)
        if adapts:
            level = take(a, j)
            top = top + level
            if keeps_a:
                put(keep_a, row + k, level)
        fired = fires(new, top, strict)
        if keeps_s:
            put_choice(keep_s, row + k, fired)
        if packs:
            put_bits(words, word + k // LANES, fired)
        if sums.size > 0:
            put(sums, j, take(sums, j) + where(fired, part, zero))
        if adapts:
            slow, jump = take(params, ADAPT_DECAY * units + j), take(params, ADAPT_STEP * units + j)
            put(a, j, adapt(level, fired, slow, jump))
        if delayed:
            put(late, j, where(fired, one, zero))
        elif subtract:
            new = subtract_reset(new, fired, drop)
        else:
            new = zero_reset(new, fired, take(params, RESET_TO * units + j))
        put(v, j, new)


@inline_views
def lif_row_back(  # type: ignore[no-untyped-def]
    o, n, units, pop, params, grad, at, gv, ga, gd, row, v, a, grad_v, kind, slope, least, attached, const,
    jumps, jump,
):  # fmt: skip
    """One step back: ``grad`` from element ``at`` on holds the gradient of the spikes, then of the currents.

    ``gv, ga, gd``: gradients of the membrane after the reset, the adaptation and, for a late reset, the
    membrane one step later; changed in place. ``v, a``: as ``lif_row`` kept them, from flat element ``row``
    on; ``grad_v``: gradient of a readout's membrane, at the same place. ``params``: rows of ``units`` values.
    ``jumps``, where not empty, receives from its element ``jump`` on what the spikes of this step added.
    """
    integrator, adapts = pop[KIND] == INTEGRATOR, pop[ADAPTS] != 0
    strict, subtract, delayed = pop[STRICT] != 0, pop[RESET] == SUBTRACT, pop[DELAYED] != 0
    zero, one, half_pi = spread(const[0]), spread(const[2]), spread(const[3])
    peak, sharp, floor = spread(const[1] * slope), spread(slope), spread(least)
    cuts = least > const[0]
    for k in range(0, n, LANES):
        j = o + k
        decay, gain = take(params, DECAY * units + j), take(params, GAIN * units + j)
        carry = take(gv, j)
        if integrator:
            g = carry + take(grad_v, row + k)
        else:
            x = take(v, row + k)
            top = take(params, THRESHOLD * units + j)
            if adapts:
                top = top + take(a, row + k)
            h = derivative(kind, sharp * (x - top), peak, half_pi, one, zero)
            if cuts:
                h = where(h >= floor, h, zero)
            gs = take(grad, at + k)
            if adapts:
                gs = gs + take(params, ADAPT_STEP * units + j) * take(ga, j)
            if delayed:
                if attached:
                    gs = gs - take(params, DROP * units + j) * take(gd, j)
            elif subtract:
                if attached:
                    gs = gs - take(params, DROP * units + j) * carry
            else:
                if attached:
                    gs = gs + (take(params, RESET_TO * units + j) - x) * carry
                carry = where(fires(x, top, strict), zero, carry)
            g = carry + gs * h
            if jumps.size > 0:
                put(jumps, jump + k, gain * (gs * h))
            if adapts:
                put(ga, j, take(params, ADAPT_DECAY * units + j) * take(ga, j) - gs * h)
            if delayed:
                put(gd, j, g)
        put(gv, j, decay * g)
        put(grad, at + k, gain * g)


@inline_views
def synapse_row_back(o, n, units, params, grad, at, gu):  # type: ignore[no-untyped-def]
    """One step back through exponential synapses: from the current of the membrane to what arrives."""
    for k in range(0, n, LANES):
        j = o + k
        g = take(grad, at + k) + take(params, ALPHA * units + j) * take(gu, j)
        put(gu, j, g)
        put(grad, at + k, g)
