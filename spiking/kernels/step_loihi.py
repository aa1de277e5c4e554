"""The integer step of Loihi's current-based LIF, on scalars: the one place of its arithmetic.

State is 24 bits wide, decays are fractions of 4096, and what arrives is aligned 6 bits up. Decay
truncates towards zero. The current wraps around at 24 bits; the potential saturates. The numbers
are integers held in float64, which is exact up to 2**53 (the largest product here is 2**36).
Source: unit tests and bit-accurate model of ``lava.proc.lif`` (lava-nc, BSD-3), whose golden vectors
and trace are tests of this package.
"""

from __future__ import annotations

import math
from typing import Any

Scalar = Any  # integers held in float64

UNITY = 4096.0  # a decay of 12 bits
LIFT = 64.0  # activations, thresholds are shifted by 6 bits
ZERO, ONE = 0.0, 1.0
TOP = 8388608.0  # 2**23, one bit of the 24 is the sign


def loihi_current(u: Scalar, arriving: Scalar, keep: Scalar) -> Scalar:
    """Synaptic current one step later; ``keep = 4096 - decay - 1`` (the chip adds one).

    What overflows 24 bits comes back from the other side.
    """
    kept = math.floor(abs(u) * keep / UNITY)
    new = LIFT * arriving + (kept if u > ZERO else -kept)
    if new > TOP:
        return new - TOP - TOP
    return new + TOP + TOP if new <= -TOP else new


def loihi_potential(v: Scalar, u: Scalar, bias: Scalar, keep: Scalar) -> Scalar:
    """Membrane potential one step later, saturated; ``keep = 4096 - decay``."""
    kept = math.floor(abs(v) * keep / UNITY)
    new = u + bias + (kept if v > ZERO else -kept)
    return min(max(new, ONE - TOP), TOP - ONE)
