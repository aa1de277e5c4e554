"""A leaky integrate-and-fire step in fixed point, on scalars: the one place of its arithmetic.

State is an integer of a given width that saturates at its ends, as accumulators of digital cores do. It
decays either by a product with a fraction of 4096, rounded to the nearest integer, or by shift and addition,
``v - (v >> a) +- (v >> b)``, whose shifts round down as an arithmetic shift does. What arrives is added
before saturation, all events of a step at once. The numbers are integers held in float64, which is exact up
to 2**53 (the largest product here is 2**43).
"""

from __future__ import annotations

import math
from typing import Any

Scalar = Any  # integers held in float64

UNITY = 4096.0  # a decay of 12 bits
HALF, ZERO = 0.5, 0.0


def fade(v: Scalar, keep: Scalar, first: Scalar, second: Scalar) -> Scalar:
    """What is left of ``v`` one step later.

    ``keep``: parts of 4096, or negative where the decay is by shift and addition: ``first = 2**-a``, ``second
    = +-2**-b`` (positive: added back) or 0.
    """
    if keep >= ZERO:
        return math.floor(v * keep / UNITY + HALF)
    left = v - math.floor(v * first)
    shifted = math.floor(v * abs(second))
    return left + shifted if second > ZERO else left - shifted


def saturated(v: Scalar, top: Scalar) -> Scalar:
    """``v`` within ``-top .. top``."""
    return min(max(v, -top), top)
