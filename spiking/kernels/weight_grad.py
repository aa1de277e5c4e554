"""Weight gradients from events: each spike adds the gradient of the current it caused.

The steps at which a unit spiked are the bits of words, so that a row of the gradient is loaded once for
all spikes of a sample. Weights are independent of one another: threads share out columns (or, where there
is one tile of them, parts of the samples, whose sums are added up in a fixed order), and results do not
depend on their number.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import inline_views, jit_views
from spiking.kernels.fold import folded, silent
from spiking.kernels.tile import LANES, WORD, lowest_bit, put, take

BLOCK = 256  # columns at a time: their gradients in 25 steps of a sample fit the first-level cache


@jit_views
def pack(start, stop, ptr, idx, planes, units, place, room, unit, base, mask):  # type: ignore[no-untyped-def]
    """Turn the event lists of samples ``start..stop`` into spike trains of ``units`` units.

    Entry ``e``: ``unit[e]`` spikes at step ``base[e] + k`` for every bit ``k`` set in ``mask[e]``.
    The entries of sample ``b`` begin at ``place + b room``, ordered by unit, and end before the first one of
    no unit (-1). Further spikes of a unit in the same step, at most ``planes``, go to further entries.
    """
    steps = ptr.shape[1] - 1
    words = -(-steps // WORD)
    for b in range(start, stop):
        first = place + b * room
        dense = mask[first : first + planes * words * units]  # a word per unit, later moved together
        for k in range(dense.size):
            dense[k] = 0
        for t in range(steps):
            bit = np.uint64(1) << np.uint64(t % WORD)
            for e in range(ptr[b, t], ptr[b, t + 1]):
                at = idx[e] * planes * words + t // WORD
                while dense[at] & bit:
                    at += words
                dense[at] |= bit
        to = first
        for i in range(units):
            for w in range(planes * words):
                found = dense[i * planes * words + w]
                if found != 0:
                    unit[to], base[to], mask[to] = i, WORD * (w % words), found
                    to += 1
        unit[to] = -1


@jit_views
def unpack(start, stop, place, room, unit, base, mask, slab, capacity, ptr, idx):  # type: ignore[no-untyped-def]
    """The way back: event lists of samples ``start..stop`` from spike trains, one spike a unit and step."""
    steps = ptr.shape[1] - 1
    for b in range(start, stop):
        for t in range(steps + 1):
            ptr[b, t] = 0
        e = place + b * room
        while unit[e] >= 0:
            left = mask[e]
            while left != 0:
                ptr[b, base[e] + lowest_bit(left)] += 1
                left &= left - np.uint64(1)
            e += 1
        at = slab + b * capacity
        for t in range(steps + 1):
            at, ptr[b, t] = at + ptr[b, t], at
        e = place + b * room
        while unit[e] >= 0:
            left = mask[e]
            while left != 0:
                t = base[e] + lowest_bit(left)
                idx[ptr[b, t]] = unit[e]
                ptr[b, t] += 1
                left &= left - np.uint64(1)
            e += 1
        for t in range(steps, 0, -1):  # each border moved to the end of its step; move them back
            ptr[b, t] = ptr[b, t - 1]
        ptr[b, 0] = slab + b * capacity


@inline_views
def add_eight(out, to, word, less, first, steps, delta, at, wide, total, low):  # type: ignore[no-untyped-def]
    """What ``collect`` does for eight tiles: their rows of the gradient stay in registers over the bits."""
    s0, s1, s2, s3 = take(out, to), take(out, to + 16), take(out, to + 32), take(out, to + 48)
    s4, s5, s6, s7 = take(out, to + 64), take(out, to + 80), take(out, to + 96), take(out, to + 112)
    if less:
        s0, s1, s2 = s0 + take(total, low), s1 + take(total, low + 16), s2 + take(total, low + 32)
        s3, s4, s5 = s3 + take(total, low + 48), s4 + take(total, low + 64), s5 + take(total, low + 80)
        s6, s7 = s6 + take(total, low + 96), s7 + take(total, low + 112)
        while word != 0:
            k = at + lowest_bit(word) * wide + low
            word &= word - np.uint64(1)
            s0, s1, s2 = s0 - take(delta, k), s1 - take(delta, k + 16), s2 - take(delta, k + 32)
            s3, s4, s5 = s3 - take(delta, k + 48), s4 - take(delta, k + 64), s5 - take(delta, k + 80)
            s6, s7 = s6 - take(delta, k + 96), s7 - take(delta, k + 112)
    while word != 0:
        t = first + lowest_bit(word)
        word &= word - np.uint64(1)
        if t >= steps:
            break
        k = at + t * wide + low
        s0, s1, s2 = s0 + take(delta, k), s1 + take(delta, k + 16), s2 + take(delta, k + 32)
        s3, s4, s5 = s3 + take(delta, k + 48), s4 + take(delta, k + 64), s5 + take(delta, k + 80)
        s6, s7 = s6 + take(delta, k + 96), s7 + take(delta, k + 112)
    put(out, to, s0)
    put(out, to + 16, s1)
    put(out, to + 32, s2)
    put(out, to + 48, s3)
    put(out, to + 64, s4)
    put(out, to + 80, s5)
    put(out, to + 96, s6)
    put(out, to + 112, s7)


@jit_views
def collect(e, unit, base, mask, steps, delay, delta, at, wide, n, total, out, corner, stride):  # type: ignore[no-untyped-def]
    """``out[corner + i stride + j] += sum of delta[at + t wide + j]`` over the arrivals ``t`` of unit ``i``.

    From ``e`` on lie the spike trains of one sample; ``n``: number of columns ``j``, whole tiles. ``total``
    ``[n]`` is the sum over all steps, from which units that spike in most steps (``fold.py``) take away those
    in which they are silent, or empty.
    """
    folds = total.size > 0 and delay == 0 and steps <= WORD
    while unit[e] >= 0:
        first, row, low = base[e] + delay, corner + unit[e] * stride, 0
        less = folds and folded(mask[e], steps)
        word = silent(mask[e], steps) if less else mask[e]
        while low + 8 * LANES <= n:
            add_eight(out, row + low, word, less, first, steps, delta, at, wide, total, low)
            low += 8 * LANES
        while low + 4 * LANES <= n:
            to, left = row + low, word
            s0, s1 = take(out, to), take(out, to + LANES)
            s2, s3 = take(out, to + 2 * LANES), take(out, to + 3 * LANES)
            if less:
                s0, s1 = s0 + take(total, low), s1 + take(total, low + LANES)
                s2, s3 = s2 + take(total, low + 2 * LANES), s3 + take(total, low + 3 * LANES)
                while left != 0:
                    k = at + lowest_bit(left) * wide + low
                    left &= left - np.uint64(1)
                    s0, s1 = s0 - take(delta, k), s1 - take(delta, k + LANES)
                    s2, s3 = s2 - take(delta, k + 2 * LANES), s3 - take(delta, k + 3 * LANES)
            while left != 0:
                t = first + lowest_bit(left)
                left &= left - np.uint64(1)
                if t >= steps:
                    break
                k = at + t * wide + low
                s0, s1 = s0 + take(delta, k), s1 + take(delta, k + LANES)
                s2, s3 = s2 + take(delta, k + 2 * LANES), s3 + take(delta, k + 3 * LANES)
            put(out, to, s0)
            put(out, to + LANES, s1)
            put(out, to + 2 * LANES, s2)
            put(out, to + 3 * LANES, s3)
            low += 4 * LANES
        while low < n:
            sum_, left = take(out, row + low), word
            if less:
                sum_ = sum_ + take(total, low)
                while left != 0:
                    sum_ = sum_ - take(delta, at + lowest_bit(left) * wide + low)
                    left &= left - np.uint64(1)
            while left != 0:
                t = first + lowest_bit(left)
                left &= left - np.uint64(1)
                if t >= steps:
                    break
                sum_ = sum_ + take(delta, at + t * wide + low)
            put(out, row + low, sum_)
            low += LANES
        e += 1


@jit_views
def add_columns(start, stop, place, room, unit, base, mask, delay, delta, offset, out):  # type: ignore[no-untyped-def]
    """Add the gradient of the columns ``start..stop`` of ``out`` ``[units, columns]`` for all samples.

    ``delta`` ``[samples, steps, units of the target's group]``; its columns begin at ``offset``.
    """
    steps, wide = delta.shape[1], delta.shape[2]
    none = delta[0, 0, :0]
    for low in range(start, stop, BLOCK):
        n = min(BLOCK, stop - low)
        for b in range(delta.shape[0]):
            first, at = place + b * room, b * steps * wide + offset + low
            collect(first, unit, base, mask, steps, delay, delta, at, wide, n, none, out, low, out.shape[1])


@jit_views
def add_tile(start, stop, ptr, idx, delay, delta, offset, parts):  # type: ignore[no-untyped-def]
    """The same for one tile of columns: part ``k`` of the samples into ``parts[k]`` ``[units, LANES]``.

    The gradient of a step stays in registers while its events are walked.
    """
    samples, steps, wide = ptr.shape[0], delta.shape[1], delta.shape[2]
    for part in range(start, stop):
        base = part * parts.shape[1] * LANES
        for b in range(samples * part // parts.shape[0], samples * (part + 1) // parts.shape[0]):
            for t in range(steps - delay):
                change = take(delta, (b * steps + t + delay) * wide + offset)
                for e in range(ptr[b, t], ptr[b, t + 1]):
                    at = base + idx[e] * LANES
                    put(parts, at, take(parts, at) + change)


@jit_views
def add_sparse(start, stop, place, room, unit, base, mask, delay, delta, offset, row_ptr, column, out):  # type: ignore[no-untyped-def]
    """The same for the stored entries of rows ``start..stop`` of a CSR matrix; ``out``: a value per entry."""
    steps = delta.shape[1]
    for b in range(delta.shape[0]):
        e = place + b * room
        while unit[e] >= 0:
            i, left = unit[e], mask[e]
            while start <= i < stop and left != 0:
                t = base[e] + delay + lowest_bit(left)
                left &= left - np.uint64(1)
                if t >= steps:
                    break
                for k in range(row_ptr[i], row_ptr[i + 1]):
                    out[k] += delta[b, t, offset + column[k]]
            e += 1
