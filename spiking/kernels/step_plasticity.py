"""The weight change of one synapse at one spike, on scalars: the one place of its equation.

See ``core/plasticity.py`` for the rules. No numeric literals that would widen float32.
"""

from __future__ import annotations

from typing import Any

Scalar = Any  # float32 or float64, whatever the loop was given


def weight_change(size: Scalar, trace: Scalar, room: Scalar, mu: Scalar) -> Scalar:
    """``size * trace * room**mu``, with ``room`` the distance to the bound; ``mu = 0``: hard bound.

    At a presynaptic spike ``trace = y``, ``room = w``; at a postsynaptic one ``trace = x - x_target``,
    ``room = w_max - w``.
    """
    if mu == 0:
        return size * trace
    if room < 0:  # normalisation can lift a weight over its bound
        room = room - room
    if mu == 1:
        return size * trace * room
    return size * trace * room**mu


def clipped(w: Scalar, w_min: Scalar, w_max: Scalar) -> Scalar:
    """Weight inside its bounds."""
    return min(w_max, max(w_min, w))
