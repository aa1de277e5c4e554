"""The counter-based random numbers of ``core/encode.py``, compiled: the same bits on every engine."""

from __future__ import annotations

import numpy as np
from numba import njit

MIX_A = np.uint64(0xBF58476D1CE4E5B9)  # splitmix64 (Steele, Lea & Flood 2014, OOPSLA)
MIX_B = np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
S27, S30, S31, S32 = (np.uint64(k) for k in (27, 30, 31, 32))


@njit(cache=True, nogil=True, inline="always")
def mix(z):
    """Finaliser of splitmix64, a bijection on ``uint64``."""
    z = (z ^ (z >> S30)) * MIX_A
    z = (z ^ (z >> S27)) * MIX_B
    return z ^ (z >> S31)


@njit(cache=True, nogil=True, inline="always")
def row_key(seed, row):
    """Key of one step, ``row = sample * steps + step``; both arguments are ``uint64``."""
    return mix(row * GOLDEN + mix(seed + GOLDEN))


@njit(cache=True, nogil=True, inline="always")
def uniform32(key, feature):
    """32 random bits (in a ``uint64``) of one feature (``uint64``) under the key of its step."""
    return mix(key + (feature + np.uint64(1)) * GOLDEN) >> S32
