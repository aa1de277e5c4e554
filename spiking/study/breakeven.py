"""Break-even against every form of the MLP, and over the steps for the map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spiking.hardware.chip import Chip
from spiking.hardware.verdict.breakeven import FORMS, BreakEven, Layers, breakeven

__all__ = ["FORMS", "STEPS", "Layers", "breakevens", "curves"]
STEPS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
MAP_DRAWS = 400  # draws of the constants at each of the steps of the map


def breakevens(chip: Chip | str, layers: Layers, *, samples: int = 2000) -> list[BreakEven]:
    """Return the break-even against each form of the MLP (:data:`FORMS`), with ``samples`` draws."""
    return [breakeven(chip, layers, form=form, samples=samples) for form in FORMS]


def curves(chip: Chip | str, layers: Layers) -> dict[str, NDArray[np.float64]]:
    """Return ``[steps, 3]`` (low, nominal, high spikes per synapse) over :data:`STEPS`, by form."""
    rows = [breakevens(chip, replace(layers, steps=steps), samples=MAP_DRAWS) for steps in STEPS]
    spans = np.array(
        [[[s.low, s.nominal, s.high] for s in (b.spikes_per_synapse for b in row)] for row in rows]
    )
    return {form: spans[:, k] for k, form in enumerate(FORMS)}
