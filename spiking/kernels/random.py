"""Counter-based randomness: the hash of ``core/encode.py``, compiled, and Poisson events from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.kernels.compile import inline, jit

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


@jit
def poisson_events(start, stop, x, gain, steps, seed, first, ptr, idx, capacity, base):  # type: ignore[no-untyped-def]
    """Draw Bernoulli spikes for samples ``start..stop`` of ``x`` ``[samples, features]``.

    Writes feature indices, step by step, into the slab of each sample (``base + sample capacity``)
    and the borders of the steps into ``ptr`` ``[samples, steps + 1]``.
    """
    size = x.shape[1]
    limit, step = np.empty(size, np.uint64), np.empty(size, np.uint64)
    where = np.empty(size, np.int32)
    root = mix(np.uint64(seed) + GOLDEN)
    for b in range(start, stop):
        active = 0
        for i in range(size):
            p = gain * np.float64(x[b, i])
            if p > 0.0:
                limit[active] = np.uint64(np.ceil(min(p, 1.0) * 4294967296.0))
                where[active], step[active] = i, np.uint64(i + 1) * GOLDEN
                active += 1
        n = base + b * capacity
        ptr[b, 0] = n
        for t in range(steps):
            row = np.uint64(np.uint64(first + b) * np.uint64(steps) + np.uint64(t))
            key = mix(row * GOLDEN + root)
            for k in range(active):
                idx[n] = where[k]
                n += (mix(key + step[k]) >> S32) < limit[k]
            ptr[b, t + 1] = n


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
