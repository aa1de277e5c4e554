"""Leaky integrate-and-fire units and leaky integrators, one step, tile by tile.

A tile's state comes and goes as values, so that a loop over the steps can hold it in registers
(``panels.py``); ``lif_row`` and ``lif_row_back`` walk a row whose state lies in memory. Rows of the parameter
table and of everything kept are padded to whole tiles; padding never spikes, since its threshold is infinite.
``PLAIN`` in ``layout.py`` marks the populations these loops can take.
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
from spiking.kernels.tile import LANES, put, put_choice, spread, take, where


@inline_views
def flags(pop):  # type: ignore[no-untyped-def]
    """What a step asks of a population: strict, subtract, synaptic, adapts, delayed."""
    return pop[STRICT] != 0, pop[RESET] == SUBTRACT, pop[SYNAPSE] != 0, pop[ADAPTS] != 0, pop[DELAYED] != 0


@inline_views
def lif_tile(j, units, how, params, x, v, a, u, late, more):  # type: ignore[no-untyped-def]
    """One step of the tile of units from column ``j`` on under the current ``x``.

    ``v, a, u``: membrane, adaptation and synaptic current; ``late``: 1 where a unit spiked one step before.
    ``how``: ``flags``; ``params``: rows of ``units`` values. Returns the membrane before the reset, who
    spiked, and the new ``v, a, u, late``. ``more``: None where the units have no synapse of their own, no
    adaptation and no late reset, so that what these need is not compiled; else anything.
    """
    strict, subtract, synaptic, adapts, delayed = how
    one = spread(params.dtype.type(1))
    zero = one - one
    if more is not None and synaptic:
        u = synapse(u, x, take(params, ALPHA * units + j))
        x = u
    decay, gain = take(params, DECAY * units + j), take(params, GAIN * units + j)
    new = integrate(v, x, decay, gain, take(params, LEAK * units + j))
    top, drop = take(params, THRESHOLD * units + j), take(params, DROP * units + j)
    if more is not None:
        if delayed:
            new = subtract_reset(new, late > zero, drop)
        if adapts:
            top = top + a
    fired = fires(new, top, strict)
    after = new
    if more is not None:
        if adapts:
            a = adapt(a, fired, take(params, ADAPT_DECAY * units + j), take(params, ADAPT_STEP * units + j))
        late = where(fired, one, zero)
    if more is None or not delayed:
        if subtract:
            after = subtract_reset(new, fired, drop)
        else:
            after = zero_reset(new, fired, take(params, RESET_TO * units + j))
    return new, fired, after, a, u, late


@inline_views
def lif_row(o, n, units, pop, params, x, v, a, u, late, row, keep_v, keep_a, keep_s):  # type: ignore[no-untyped-def]
    """One step of the ``n`` units from column ``o`` on under the current ``x``, their state in memory.

    ``v, a, u, late``: as in ``lif_tile``, changed in place. Where not empty, ``keep_v, keep_a`` receive, from
    their flat element ``row`` on, the membrane before the reset and the adaptation at the decision, and
    ``keep_s`` the spikes.
    """
    integrator, how = pop[KIND] == INTEGRATOR, flags(pop)
    keeps_v, keeps_a, keeps_s = keep_v.size > 0, keep_a.size > 0, keep_s.size > 0
    for k in range(0, n, LANES):
        j = o + k
        if integrator:
            current = take(x, j)
            if pop[SYNAPSE]:
                current = synapse(take(u, j), current, take(params, ALPHA * units + j))
                put(u, j, current)
            decay, gain = take(params, DECAY * units + j), take(params, GAIN * units + j)
            new = integrate(take(v, j), current, decay, gain, take(params, LEAK * units + j))
            put(v, j, new)
            put(keep_v, row + k, new)
            continue
        level = take(a, j)
        new, fired, after, slow, filtered, hit = lif_tile(
            j, units, how, params, take(x, j), take(v, j), level, take(u, j), take(late, j), True
        )
        put(v, j, after)
        put(a, j, slow)
        put(u, j, filtered)
        put(late, j, hit)
        if keeps_v:
            put(keep_v, row + k, new)
        if keeps_a:
            put(keep_a, row + k, level)
        if keeps_s:
            put_choice(keep_s, row + k, fired)


@inline_views
def lif_tile_back(j, units, how, params, gs, gv, ga, gd, x, level, form, attached, more):  # type: ignore[no-untyped-def]
    """One step back of a tile: from the gradient ``gs`` of its spikes to that of its currents.

    ``gv, ga, gd``: gradients of the membrane after the reset, of the adaptation and, for a late reset, of
    the membrane one step later. ``x, level``: membrane before the reset and adaptation. ``form``: see
    ``form_of``. Returns the gradient of the currents, what of it the spikes of this step added, and the new
    ``gv, ga, gd``. ``how, params, more``: as in ``lif_tile``.
    """
    strict, subtract, _, adapts, delayed = how
    kind, sharp, peak, floor, half_pi, one, zero, cuts = form
    decay, gain = take(params, DECAY * units + j), take(params, GAIN * units + j)
    top = take(params, THRESHOLD * units + j)
    if more is not None and adapts:
        top = top + level
        gs = gs + take(params, ADAPT_STEP * units + j) * ga
    h = derivative(kind, sharp * (x - top), peak, half_pi, one, zero)
    if cuts:
        h = where(h >= floor, h, zero)
    carry = gv
    if more is not None and delayed:
        if attached:
            gs = gs - take(params, DROP * units + j) * gd
    elif subtract:
        if attached:
            gs = gs - take(params, DROP * units + j) * carry
    else:
        if attached:
            gs = gs + (take(params, RESET_TO * units + j) - x) * carry
        carry = where(fires(x, top, strict), zero, carry)
    added = gs * h
    g = carry + added
    if more is not None:
        gd = g
        if adapts:
            ga = take(params, ADAPT_DECAY * units + j) * ga - added
    return gain * g, gain * added, decay * g, ga, gd


@inline_views
def form_of(kind, slope, least, const):  # type: ignore[no-untyped-def]
    """The surrogate as the loops use it; arguments as in ``backward``."""
    zero, one, half_pi = spread(const[0]), spread(const[2]), spread(const[3])
    peak, sharp, floor = spread(const[1] * slope), spread(slope), spread(least)
    return kind, sharp, peak, floor, half_pi, one, zero, least > const[0]


@inline_views
def lif_row_back(  # type: ignore[no-untyped-def]
    o, n, units, pop, params, grad, at, gv, ga, gd, v, a, grad_v, form, attached,
):  # fmt: skip
    """One step back of a row: ``grad`` from element ``at`` on holds the gradient of the spikes, then of the
    currents.

    ``gv, ga, gd``: as in ``lif_tile_back``, changed in place. ``v, a``: as ``lif_row`` kept them; ``grad_v``:
    gradient of a readout's membrane; all three from their flat element ``at`` on.
    """
    integrator, how, adapts = pop[KIND] == INTEGRATOR, flags(pop), pop[ADAPTS] != 0
    none = spread(params.dtype.type(0))
    for k in range(0, n, LANES):
        j = o + k
        if integrator:
            g = take(gv, j) + take(grad_v, at + k)
            put(gv, j, take(params, DECAY * units + j) * g)
            put(grad, at + k, take(params, GAIN * units + j) * g)
            continue
        level = take(a, at + k) if adapts else none
        moved, _, back, slow, later = lif_tile_back(
            j, units, how, params, take(grad, at + k), take(gv, j), take(ga, j), take(gd, j),
            take(v, at + k), level, form, attached, True,
        )  # fmt: skip
        put(gv, j, back)
        put(ga, j, slow)
        put(gd, j, later)
        put(grad, at + k, moved)


@inline_views
def synapse_tile_back(j, units, params, g, gu):  # type: ignore[no-untyped-def]
    """One step back through exponential synapses: from the current of the membrane to what arrives."""
    return g + take(params, ALPHA * units + j) * gu


@inline_views
def synapse_row_back(o, n, units, params, grad, at, gu):  # type: ignore[no-untyped-def]
    """The same for a row, ``gu`` changed in place."""
    for k in range(0, n, LANES):
        g = synapse_tile_back(o + k, units, params, take(grad, at + k), take(gu, o + k))
        put(gu, o + k, g)
        put(grad, at + k, g)
