"""Units that spike in most steps: add their rows once for all, and take them away where they are silent.

Work then grows with the smaller of spikes and silences. A bright pixel of a rate-coded image spikes in nearly
every step, so that this saves most additions where probabilities reach 1, and nothing below 1/2.

A sum that is folded is rounded otherwise than one that is not. So each sample decides by its own spikes
whether it folds: its result does not depend on what it is run with.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import jit_views
from spiking.kernels.tile import WORD, bits_set, lowest_bit

LIMIT = WORD  # steps at most: one word of a spike train
PLAIN = -1  # in place of the first border: the sample is not folded, and its plain lists hold


@jit_views
def folded(mask, steps):  # type: ignore[no-untyped-def]
    """Whether a unit counts among those that spike in most steps."""
    return 2 * bits_set(mask) > steps


@jit_views
def silent(mask, steps):  # type: ignore[no-untyped-def]
    """The steps in which a unit did not spike, as bits."""
    every = ~np.uint64(0) >> np.uint64(LIMIT - steps)
    return ~mask & every


@jit_views
def pays(unit, mask, e, least):  # type: ignore[no-untyped-def]
    """Whether the trains of a sample, from ``e`` on, hold over ``least`` spikes, of a unit one in a step."""
    spikes = 0
    while unit[e] >= 0:
        if unit[e + 1] == unit[e]:
            return False
        spikes += bits_set(mask[e])
        e += 1
    return spikes > least


@jit_views
def fold(start, stop, place, room, unit, mask, least, capacity, ptr, idx):  # type: ignore[no-untyped-def]
    """Turn the spike trains of samples ``start..stop`` (one word each, ``pack``) into three kinds of lists.

    Samples with at most ``least`` spikes, or with several of a unit in one step, are marked ``PLAIN``.

    Border ``k`` of ``ptr`` ``[samples, 2 steps + 2]`` begins list ``k`` in ``idx``: list 0 holds the units
    that spike in most steps, list ``1 + 2t`` the others that spike at ``t``, list ``2 + 2t`` those of list 0
    that are silent at ``t``. Sample ``b`` has ``capacity`` entries from ``b capacity`` on.
    """
    steps = ptr.shape[1] // 2 - 1
    for b in range(start, stop):
        if not pays(unit, mask, place + b * room, least):
            ptr[b, 0] = PLAIN
            continue
        for turn in range(2):  # count, then place
            if turn == 0:
                for k in range(ptr.shape[1]):
                    ptr[b, k] = 0
            else:
                at = b * capacity
                for k in range(ptr.shape[1]):
                    at, ptr[b, k] = at + ptr[b, k], at
            e = place + b * room
            while unit[e] >= 0:
                most = folded(mask[e], steps)
                left, first = mask[e], 1
                if most:
                    left, first = silent(mask[e], steps), 2
                    if turn == 1:
                        idx[ptr[b, 0]] = unit[e]
                    ptr[b, 0] += 1
                while left != 0:
                    k = first + 2 * lowest_bit(left)
                    left &= left - np.uint64(1)
                    if turn == 1:
                        idx[ptr[b, k]] = unit[e]
                    ptr[b, k] += 1
                e += 1
        for k in range(ptr.shape[1] - 1, 0, -1):  # each border moved to the end of its list; move them back
            ptr[b, k] = ptr[b, k - 1]
        ptr[b, 0] = b * capacity
