"""From spikes per step to event lists, and counts per unit."""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import jit_views
from spiking.kernels.tile import WORD, bits_set, lowest_bit

BYTES = 8  # int8 spikes are looked through eight at a time


@jit_views
def emit_step(s, n, idx, at, limit):  # type: ignore[no-untyped-def]
    """Append the units of ``s`` ``[n]`` to the list at ``at``, once per spike; -1 if it gets full."""
    for j in range(n):
        if s[j] > 0:
            if at + s[j] > limit:
                return -1
            for _ in range(s[j]):
                idx[at] = j
                at += 1
    return at


@jit_views
def tally(idx, first_event, last_event, t, counts, first):  # type: ignore[no-untyped-def]
    """Count the spikes of one step, and remember the step of each unit's first one."""
    for e in range(first_event, last_event):
        j = idx[e]
        if counts[j] == 0:
            first[j] = t
        counts[j] += 1


@jit_views
def count_words(start, stop, words, out):  # type: ignore[no-untyped-def]
    """Spikes of samples ``start..stop`` among bits ``words`` ``uint64`` ``[samples, steps, n]``."""
    for b in range(start, stop):
        total = 0
        for t in range(words.shape[1]):
            for k in range(words.shape[2]):
                total += bits_set(words[b, t, k])
        out[b] = total


@jit_views
def emit_words(start, stop, words, slab, capacity, ptr, idx, counts, first):  # type: ignore[no-untyped-def]
    """Event lists of samples ``start..stop`` from bits ``words`` ``uint16`` ``[samples, steps, 4 x n]``.

    Four elements at a time, as one word of 64 units. ``counts, first`` may be empty.
    """
    for b in range(start, stop):
        at = slab + b * capacity
        ptr[b, 0] = at
        for t in range(words.shape[1]):
            row = words[b, t].view(np.uint64)
            begin = at
            for k in range(row.size):
                left = row[k]
                while left != 0:
                    idx[at] = WORD * k + lowest_bit(left)
                    left &= left - np.uint64(1)
                    at += 1
            ptr[b, t + 1] = at
            if counts.shape[0] > 0:
                tally(idx, begin, at, t, counts[b], first[b])


@jit_views
def emit_bits(start, stop, s, o, n, slab, capacity, ptr, idx, counts, first):  # type: ignore[no-untyped-def]
    """Event lists of samples ``start..stop`` from single spikes ``s`` (int8) ``[samples, steps, units]``.

    ``o`` and the number of units are multiples of eight; units from ``n`` on never spike.
    """
    words = -(-n // BYTES)
    for b in range(start, stop):
        at = slab + b * capacity
        ptr[b, 0] = at
        for t in range(s.shape[1]):
            row = s[b, t, o : o + BYTES * words]
            quick = row.view(np.uint64)
            begin = at
            for k in range(words):
                if quick[k] != 0:
                    for j in range(BYTES * k, BYTES * k + BYTES):
                        idx[at] = j
                        at += np.int64(row[j])
            ptr[b, t + 1] = at
            tally(idx, begin, at, t, counts[b, o : o + n], first[b, o : o + n])
