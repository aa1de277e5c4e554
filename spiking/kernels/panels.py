"""Forward loop of a wide population outside loops: 64 columns at a time, their sums in registers.

A *panel*, ``PANEL`` neighbouring units, has its weights copied to where they lie close together (the rows of
a wide matrix are far apart), and is walked over all samples before the next one begins. What a step adds up
stays in registers; spikes leave as bits, and, where a readout is linear, as one weighted sum per unit.
Results depend neither on who computes a panel nor on how samples are shared out.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import inline_views, jit
from spiking.kernels.fold import PLAIN
from spiking.kernels.layout import ADAPT_START, DELAY, FOLD, FROM, START, STRIDE, THRESHOLD, WEIGHTS
from spiking.kernels.lif import flags, lif_tile
from spiking.kernels.tile import LANES, put, put_bits, spread, take, where

PANEL = 4 * LANES
LINE = 64  # bytes of a cache line


@jit
def on_line(room):  # type: ignore[no-untyped-def]
    """``room`` without what lies before its first cache line; it needs ``PANEL`` elements too many."""
    skip = (-room.ctypes.data % LINE) // room.itemsize
    return room[skip : skip + room.size - PANEL]


@inline_views
def load_units(low, wide, params, near):  # type: ignore[no-untyped-def]
    """The parameter columns from ``low`` on as flat ``near`` ``[rows, wide]``; padding never spikes."""
    units = params.shape[1]
    none = spread(params.dtype.type(0))
    for r in range(params.shape[0]):
        for k in range(0, wide, LANES):
            if low + k < units:
                put(near, r * wide + k, take(params, r * units + low + k))
            else:
                put(near, r * wide + k, none)
    if low + wide > units:
        for k in range(units - low, wide):
            near[THRESHOLD * wide + k] = np.inf


@inline_views
def load_weights(low, conns, rows, units, weights, own):  # type: ignore[no-untyped-def]
    """The weights into the panel at ``low``, row after row, into flat ``own`` ``[sum of rows, PANEL]``."""
    none = spread(own.dtype.type(0))
    for c in range(conns.shape[0]):
        base, stride = conns[c, WEIGHTS] + low, conns[c, STRIDE]
        for i in range(rows[c + 1] - rows[c]):
            for k in range(0, PANEL, LANES):
                row = take(weights, base + i * stride + k) if low + k < units else none
                put(own, (rows[c] + i) * PANEL + k, row)


@inline_views
def add_rows(own, base, idx, first, last, s0, s1, s2, s3):  # type: ignore[no-untyped-def]
    """``s + sum of rows idx[first:last]`` of a panel, two rows at a time in sums of their own."""
    r0 = s0 - s0
    r1, r2, r3 = r0, r0, r0
    k = first
    while k + 2 <= last:
        p, q = base + np.int64(idx[k]) * PANEL, base + np.int64(idx[k + 1]) * PANEL
        s0, s1 = s0 + take(own, p), s1 + take(own, p + LANES)
        s2, s3 = s2 + take(own, p + 2 * LANES), s3 + take(own, p + 3 * LANES)
        r0, r1 = r0 + take(own, q), r1 + take(own, q + LANES)
        r2, r3 = r2 + take(own, q + 2 * LANES), r3 + take(own, q + 3 * LANES)
        k += 2
    if k < last:
        p = base + np.int64(idx[k]) * PANEL
        s0, s1 = s0 + take(own, p), s1 + take(own, p + LANES)
        s2, s3 = s2 + take(own, p + 2 * LANES), s3 + take(own, p + 3 * LANES)
    return s0 + r0, s1 + r1, s2 + r2, s3 + r3


@inline_views
def take_away(own, base, idx, first, last, s0, s1, s2, s3):  # type: ignore[no-untyped-def]
    """``s - sum of rows idx[first:last]`` of a panel."""
    for k in range(first, last):
        p = base + np.int64(idx[k]) * PANEL
        s0, s1 = s0 - take(own, p), s1 - take(own, p + LANES)
        s2, s3 = s2 - take(own, p + 2 * LANES), s3 - take(own, p + 3 * LANES)
    return s0, s1, s2, s3


@inline_views
def part_of(array, at, k, n, none):  # type: ignore[no-untyped-def]
    """The tile ``array[at + k:]`` where the row, ``n`` long, reaches that far, else ``none``."""
    return take(array, at + k) if k < n else none


@inline_views
def four(array, at):  # type: ignore[no-untyped-def]
    """Four tiles that lie side by side."""
    return take(array, at), take(array, at + LANES), take(array, at + 2 * LANES), take(array, at + 3 * LANES)


@inline_views
def put_four(array, at, s0, s1, s2, s3):  # type: ignore[no-untyped-def]
    """Store a panel's four tiles side by side."""
    put(array, at, s0)
    put(array, at + LANES, s1)
    put(array, at + 2 * LANES, s2)
    put(array, at + 3 * LANES, s3)


@inline_views
def steady_sums(b, low, n, units, conns, rows, own, fold_ptr, fold_idx, constant):  # type: ignore[no-untyped-def]
    """The current of every step: ``constant`` and the rows of units that spike in most steps."""
    none = spread(own.dtype.type(0))
    at = b % constant.shape[0] * units + low
    c0, c1 = take(constant, at), part_of(constant, at, LANES, n, none)
    c2, c3 = part_of(constant, at, 2 * LANES, n, none), part_of(constant, at, 3 * LANES, n, none)
    for c in range(conns.shape[0]):
        f = conns[c, FOLD]
        if f >= 0 and fold_ptr[f, b, 0] != PLAIN:
            first, last = fold_ptr[f, b, 0], fold_ptr[f, b, 1]
            c0, c1, c2, c3 = add_rows(own, rows[c] * PANEL, fold_idx, first, last, c0, c1, c2, c3)
    return c0, c1, c2, c3


@inline_views
def step_sums(  # type: ignore[no-untyped-def]
    b, t, steps, low, n, units, conns, rows, own, ptr, idx, fold_ptr, fold_idx, drive, s0, s1, s2, s3,
):  # fmt: skip
    """``s`` and what arrives at step ``t``."""
    if drive.size > 0:
        none = spread(own.dtype.type(0))
        at = (b * steps + t) * units + low
        s0, s1 = s0 + take(drive, at), s1 + part_of(drive, at, LANES, n, none)
        s2 = s2 + part_of(drive, at, 2 * LANES, n, none)
        s3 = s3 + part_of(drive, at, 3 * LANES, n, none)
    for c in range(conns.shape[0]):
        when, base = t - conns[c, DELAY], rows[c] * PANEL
        if when < 0:
            continue
        f = conns[c, FOLD]
        if f >= 0 and fold_ptr[f, b, 0] != PLAIN:
            k = 1 + 2 * when
            first, last, end = fold_ptr[f, b, k], fold_ptr[f, b, k + 1], fold_ptr[f, b, k + 2]
            s0, s1, s2, s3 = add_rows(own, base, fold_idx, first, last, s0, s1, s2, s3)
            s0, s1, s2, s3 = take_away(own, base, fold_idx, last, end, s0, s1, s2, s3)
        else:
            first, last = ptr[conns[c, FROM], b, when], ptr[conns[c, FROM], b, when + 1]
            s0, s1, s2, s3 = add_rows(own, base, idx, first, last, s0, s1, s2, s3)
    return s0, s1, s2, s3


@jit
def forward_panels(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, steps, pop, conns, rows, params, weights, ptr, idx, fold_ptr, fold_idx,
    constant, drive, keep_v, keep_a, words, sums, share, more,
):  # fmt: skip
    """Run tasks ``start..stop`` of one population.

    Task ``k`` is panel ``k // ranges`` and part ``k % ranges`` of the samples. Arguments are those of
    ``forward``, and further: ``rows`` ``[connections + 1]``: where the rows of each connection's source begin
    among all. ``keep_v, keep_a``: ``[panels, samples, steps, PANEL]`` or empty; ``words`` ``[samples, steps,
    panels PANEL / LANES]``: the spikes as bits. ``sums`` ``[samples, panels PANEL]`` or empty: over the
    spikes of a unit, the sum of ``share`` ``[steps]``. ``more``: as in ``lif.py::lif_tile``.
    """
    kind, units, how = weights.dtype, params.shape[1], flags(pop)
    own = on_line(np.empty((rows[-1] + params.shape[0] + 1) * PANEL, kind))
    near = own[rows[-1] * PANEL :]
    none = spread(kind.type(0))
    loaded = -1
    for task in range(start, stop):
        panel, part = task // ranges, task % ranges
        low = PANEL * panel
        n = min(units - low, PANEL)
        if panel != loaded:
            load_units(low, PANEL, params, near)
            load_weights(low, conns, rows, units, weights, own)
            loaded = panel
        for b in range(samples * part // ranges, samples * (part + 1) // ranges):
            c0, c1, c2, c3 = steady_sums(b, low, n, units, conns, rows, own, fold_ptr, fold_idx, constant)
            v0, v1, v2, v3 = four(near, START * PANEL)
            a0, a1, a2, a3 = four(near, ADAPT_START * PANEL)
            u0, u1, u2, u3 = none, none, none, none
            l0, l1, l2, l3 = none, none, none, none
            m0, m1, m2, m3 = none, none, none, none
            for t in range(steps):
                s0, s1, s2, s3 = step_sums(
                    b, t, steps, low, n, units, conns, rows, own, ptr, idx, fold_ptr, fold_idx, drive,
                    c0, c1, c2, c3,
                )  # fmt: skip
                row = ((panel * samples + b) * steps + t) * PANEL
                if keep_a.size > 0:
                    put_four(keep_a, row, a0, a1, a2, a3)
                x0, f0, v0, a0, u0, l0 = lif_tile(0, PANEL, how, near, s0, v0, a0, u0, l0, more)
                x1, f1, v1, a1, u1, l1 = lif_tile(16, PANEL, how, near, s1, v1, a1, u1, l1, more)
                x2, f2, v2, a2, u2, l2 = lif_tile(32, PANEL, how, near, s2, v2, a2, u2, l2, more)
                x3, f3, v3, a3, u3, l3 = lif_tile(48, PANEL, how, near, s3, v3, a3, u3, l3, more)
                if keep_v.size > 0:
                    put_four(keep_v, row, x0, x1, x2, x3)
                word = (b * steps + t) * words.shape[2] + low // LANES
                put_bits(words, word, f0)
                put_bits(words, word + 1, f1)
                put_bits(words, word + 2, f2)
                put_bits(words, word + 3, f3)
                if sums.size > 0:
                    worth = spread(share[t])
                    m0, m1 = m0 + where(f0, worth, none), m1 + where(f1, worth, none)
                    m2, m3 = m2 + where(f2, worth, none), m3 + where(f3, worth, none)
            if sums.size > 0:
                put_four(sums, b * sums.shape[1] + low, m0, m1, m2, m3)
