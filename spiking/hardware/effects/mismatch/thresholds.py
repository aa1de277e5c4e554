"""Thresholds that differ from unit to unit: ``theta' = rest + (theta - rest)(1 + sigma z)``, once per chip.

The distance from rest is what a comparator's offset changes; with ``relative_to="absolute"`` it is
``sigma z`` in the unit of the membrane. A threshold never falls below a thousandth of its nominal distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.mismatch.units import chosen, deviating, with_units


@EFFECTS.register("threshold-mismatch")
@typed
def threshold_mismatch(
    network: Network,
    rng: np.random.Generator,
    *,
    sigma: float,
    relative_to: str = "value",
    populations: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with Gaussian errors of its thresholds, one per unit.

    A unit that resets by subtraction takes off its own threshold.

    Args:
        sigma: standard deviation, a fraction of the distance from rest to threshold
            (``relative_to="value"``), or in the unit of the membrane (``"absolute"``).
        populations: names; None: all whose units have a threshold.

    Raises:
        SpikingError: a negative sigma, an unknown population, or one without a threshold.
    """
    changed = {}
    for p in chosen(network, populations, "threshold", lambda unit: unit.spiking):
        unit: Any = p.unit
        rest = np.asarray(unit.v_leak, np.float64)
        distance = np.asarray(unit.v_threshold, np.float64) - rest
        moved = rest + deviating(distance, p.size, sigma, relative_to, rng)
        changed[p.name] = replace(unit, v_threshold=moved) if sigma > 0 else unit
    return with_units(network, changed)
