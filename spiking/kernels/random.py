"""Counter-based randomness: the hash of ``core/encode.py``, compiled, and Poisson events from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.kernels.compile import inline, jit, jit_views
from spiking.kernels.tile import WORD, bits_set

MIX_A = np.uint64(0xBF58476D1CE4E5B9)
MIX_B = np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
S30, S27, S31, S32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)


@inline
def mix(z: Any) -> Any:
    """Finaliser of splitmix64 (Steele, Lea & Flood 2014)."""
    z = (z ^ (z >> S30)) * MIX_A
    z = (z ^ (z >> S27)) * MIX_B
    return z ^ (z >> S31)


@jit_views
def draw_word(key, steps, active, limit, step, word):  # type: ignore[no-untyped-def]
    """Bit ``t`` of ``word[k]``: whether feature ``k`` of the ``active`` ones spikes at step ``t``.

    ``key`` ``[steps]``: hashes of sample and step.
    """
    limit, step, word = limit[:active], step[:active], word[:active]
    for k in range(word.size):
        word[k] = 0
    for t in range(steps):
        now, bit = key[t], np.uint64(t)
        for k in range(word.size):
            word[k] |= np.uint64((mix(now + step[k]) >> S32) < limit[k]) << bit


@jit_views
def work(word, steps):  # type: ignore[no-untyped-def]
    """Rank of a train: by its spikes, and after these, of units that spike in most steps, by silences."""
    count = bits_set(word)
    return 2 * steps + 1 - count if 2 * count > steps else count


@jit
def poisson_trains(start, stop, x, gain, steps, seed, first, place, room, unit, base, mask, drawn):  # type: ignore[no-untyped-def]
    """Draw Bernoulli spikes for samples ``start..stop`` of ``x`` ``[samples, features]``.

    Writes them as spike trains (``weight_grad.py::pack``) from ``place + sample room`` on, and how many
    there are into ``drawn`` ``[samples]``. Trains of one word come in the order of the additions they will
    cost, so that loops over their bits are as long as the one before and end where the processor expects it.
    """
    size, words = x.shape[1], -(-steps // WORD)
    limit, step = np.empty(size, np.uint64), np.empty(size, np.uint64)
    where, word = np.empty(size, np.int32), np.empty((words, size), np.uint64)
    key, begin = np.empty(steps, np.uint64), np.empty(2 * steps + 3, np.int64)
    root = mix(np.uint64(seed) + GOLDEN)
    for b in range(start, stop):
        active = 0
        for i in range(size):
            p = gain * np.float64(x[b, i])
            if p > 0.0:
                limit[active] = np.uint64(np.ceil(min(p, 1.0) * 4294967296.0))
                where[active], step[active] = i, np.uint64(i + 1) * GOLDEN
                active += 1
        for t in range(steps):
            row = np.uint64(np.uint64(first + b) * np.uint64(steps) + np.uint64(t))
            key[t] = mix(row * GOLDEN + root)
        for w in range(words):
            now = key[WORD * w :]
            draw_word(now, min(now.size, WORD), active, limit, step, word[w])
        e, total = place + b * room, 0
        if words == 1:
            for k in range(begin.size):
                begin[k] = 0
            for k in range(active):
                begin[work(word[0, k], steps) + 1] += 1
            for k in range(1, begin.size):
                begin[k] += begin[k - 1]
            silent = begin[1]
            for k in range(active):
                if word[0, k] != 0:
                    kind = work(word[0, k], steps)
                    to = e + begin[kind] - silent
                    unit[to], base[to], mask[to] = where[k], 0, word[0, k]
                    begin[kind] += 1
                    total += bits_set(word[0, k])
            e += active - silent
        else:
            for k in range(active):
                for w in range(words):
                    if word[w, k] != 0:
                        unit[e], base[e], mask[e] = where[k], WORD * w, word[w, k]
                        total += bits_set(word[w, k])
                        e += 1
        unit[e] = -1
        drawn[b] = total


@jit
def raster_events(start, stop, raster, ptr, idx, capacity, base):  # type: ignore[no-untyped-def]
    """Write the non-zero entries of ``raster`` ``[samples, steps, features]`` as events."""
    for b in range(start, stop):
        n = base + b * capacity
        ptr[b, 0] = n
        for t in range(raster.shape[1]):
            for i in range(raster.shape[2]):
                for _ in range(np.int64(raster[b, t, i])):
                    idx[n] = i
                    n += 1
            ptr[b, t + 1] = n
