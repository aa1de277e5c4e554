"""Forward loop of one population in columns of 16 units: the weights of a column in the first-level cache.

For many chips under the same input: their spikes are listed once, and the weights of one column of one chip
(``LANES`` values of each source unit, side by side) serve all samples before the next come. The state of a
column stays in registers. Sums are taken in the order of ``gather.py`` and ``forward.py``, so that the bits
are those of the ordinary loop.
"""

from __future__ import annotations

from spiking.kernels.compile import inline_views, jit_views
from spiking.kernels.equations import adapt, fires, integrate, subtract_reset, synapse, zero_reset
from spiking.kernels.layout import (
    ADAPT_DECAY,
    ADAPT_START,
    ADAPT_STEP,
    ADAPTS,
    ALPHA,
    DECAY,
    DELAY,
    DELAYED,
    DROP,
    FOLD,
    FROM,
    GAIN,
    INTEGRATOR,
    KIND,
    LEAK,
    RESET,
    RESET_TO,
    START,
    STRICT,
    SUBTRACT,
    SYNAPSE,
    THRESHOLD,
    WEIGHTS,
)
from spiking.kernels.tile import LANES, put, put_bits, spread, take, where


@jit_views
def pack_columns(start, stop, weights, base, stride, rows, out):  # type: ignore[no-untyped-def]
    """Copy columns ``start..stop`` of a padded matrix ``[rows, stride]`` to ``out`` ``[column, row, 16]``."""
    for k in range(start, stop):
        for i in range(rows):
            put(out, (k * rows + i) * LANES, take(weights, base + i * stride + k * LANES))


@inline_views
def gathered(total, weights, base, idx, first, last, wide):  # type: ignore[no-untyped-def]
    """``total`` plus the rows ``idx[first:last]`` of a column; four at a time if ``wide``."""
    k = first
    if wide:
        while k + 4 <= last:
            a, b = take(weights, base + idx[k] * LANES), take(weights, base + idx[k + 1] * LANES)
            c, d = take(weights, base + idx[k + 2] * LANES), take(weights, base + idx[k + 3] * LANES)
            total = total + ((a + b) + (c + d))
            k += 4
    while k < last:
        total = total + take(weights, base + idx[k] * LANES)
        k += 1
    return total


@inline_views
def ungathered(total, weights, base, idx, first, last):  # type: ignore[no-untyped-def]
    """``total`` less the rows ``idx[first:last]`` of a column."""
    k = first
    while k + 4 <= last:
        a, b = take(weights, base + idx[k] * LANES), take(weights, base + idx[k + 1] * LANES)
        c, d = take(weights, base + idx[k + 2] * LANES), take(weights, base + idx[k + 3] * LANES)
        total = total - ((a + b) + (c + d))
        k += 4
    while k < last:
        total = total - take(weights, base + idx[k] * LANES)
        k += 1
    return total


@inline_views
def arriving(  # type: ignore[no-untyped-def]
    total, column, b, t, conns, rows, weights, ptr, idx, fold_ptr, fold_idx, wide
):
    """``total`` plus what all connections deliver at step ``t``; at ``t = -1`` what they do at every one."""
    for c in range(conns.shape[0]):
        base = conns[c, WEIGHTS] + column * rows[c] * LANES
        if conns[c, FOLD] >= 0:
            lists = fold_ptr[conns[c, FOLD], b]
            if t < 0:
                total = gathered(total, weights, base, fold_idx, lists[0], lists[1], wide)
                continue
            k = 1 + 2 * (t - conns[c, DELAY])
            if k > 0:
                total = gathered(total, weights, base, fold_idx, lists[k], lists[k + 1], wide)
                total = ungathered(total, weights, base, fold_idx, lists[k + 1], lists[k + 2])
        elif t >= conns[c, DELAY]:
            lists = ptr[conns[c, FROM], b]
            when = t - conns[c, DELAY]
            total = gathered(total, weights, base, idx, lists[when], lists[when + 1], wide)
    return total


@jit_views
def sum_columns(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, steps, units, conns, rows, weights, ptr, idx, fold_ptr, fold_idx, constant,
    out,
):  # fmt: skip
    """Currents alone: ``out`` ``[samples, steps, units]``, for tasks as in :func:`step_columns`."""
    wide = units > LANES
    for task in range(start, stop):
        column, part = task // ranges, task % ranges
        o = column * LANES
        for b in range(samples * part // ranges, samples * (part + 1) // ranges):
            always = take(constant, b * units + o)
            always = arriving(always, column, b, -1, conns, rows, weights, ptr, idx, fold_ptr, fold_idx, wide)
            for t in range(steps):
                x = arriving(always, column, b, t, conns, rows, weights, ptr, idx, fold_ptr, fold_idx, wide)
                put(out, (b * steps + t) * units + o, x)


@jit_views
def step_columns(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, steps, pop, conns, rows, params, weights, ptr, idx, fold_ptr, fold_idx,
    constant, drive, keep_v, words,
):  # fmt: skip
    """Run tasks ``start..stop`` of a population: task ``k`` is column ``k // ranges``, part ``k % ranges`` of
    the samples.

    ``pop, conns, params``: tables of ``layout.py``, but ``conns[:, WEIGHTS]`` is where the packed columns of
    a connection begin in ``weights``; ``rows``: its number of source units. ``constant`` ``[samples,
    units]``; ``drive`` ``[samples, steps, units]``: the whole current, in place of connections and constant,
    or empty. Written where not empty: ``keep_v`` ``[samples, steps, units]``, ``words`` ``[samples, steps,
    units / LANES]``.
    """
    units = params.shape[1]
    wide = units > LANES
    integrator, synaptic, adapts = pop[KIND] == INTEGRATOR, pop[SYNAPSE] != 0, pop[ADAPTS] != 0
    strict, subtract, delayed = pop[STRICT] != 0, pop[RESET] == SUBTRACT, pop[DELAYED] != 0
    keeps, packs, driven = keep_v.size > 0, words.size > 0, drive.size > 0
    one = spread(weights.dtype.type(1))
    zero = one - one
    for task in range(start, stop):
        column, part = task // ranges, task % ranges
        o = column * LANES
        decay, gain = take(params, DECAY * units + o), take(params, GAIN * units + o)
        alpha, leak = take(params, ALPHA * units + o), take(params, LEAK * units + o)
        top, drop = take(params, THRESHOLD * units + o), take(params, DROP * units + o)
        back = take(params, RESET_TO * units + o)
        slow, jump = take(params, ADAPT_DECAY * units + o), take(params, ADAPT_STEP * units + o)
        for b in range(samples * part // ranges, samples * (part + 1) // ranges):
            v, level = take(params, START * units + o), take(params, ADAPT_START * units + o)
            u, late = zero, zero
            always = zero
            if not driven:
                always = take(constant, b * units + o)
                always = arriving(
                    always, column, b, -1, conns, rows, weights, ptr, idx, fold_ptr, fold_idx, wide
                )  # fmt: skip
            for t in range(steps):
                row = (b * steps + t) * units + o
                if driven:
                    x = take(drive, row)
                else:
                    x = arriving(
                        always, column, b, t, conns, rows, weights, ptr, idx, fold_ptr, fold_idx, wide
                    )  # fmt: skip
                if synaptic:
                    x = synapse(u, x, alpha)
                    u = x
                v = integrate(v, x, decay, gain, leak)
                if delayed and not integrator:
                    v = subtract_reset(v, late > zero, drop)
                if keeps:
                    put(keep_v, row, v)
                if integrator:
                    continue
                fired = fires(v, top + level if adapts else top, strict)
                if packs:
                    put_bits(words, (b * steps + t) * words.shape[2] + column, fired)
                if adapts:
                    level = adapt(level, fired, slow, jump)
                if delayed:
                    late = where(fired, one, zero)
                elif subtract:
                    v = subtract_reset(v, fired, drop)
                else:
                    v = zero_reset(v, fired, back)
