"""Rounding to the integer grids that hardware stores: symmetric signed weights, values from 0 up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require

Floats = NDArray[np.floating]


def weight_scale(weight: Floats, bits: int, axis: int | None = None) -> Floats:
    """Return the step of a grid of ``bits`` bits that just holds ``weight``.

    ``axis=None`` gives one step per tensor; ``axis=0`` one per column (per target unit), shaped to
    broadcast. A tensor or column of zeros has step 0.
    """
    require(2 <= bits <= 32, f"weight_bits is {bits!r}; allowed: 2 to 32")
    top = np.max(np.abs(weight), axis=axis, keepdims=axis is not None, initial=0.0)
    return np.asarray(top / (2 ** (bits - 1) - 1), weight.dtype)


def to_grid(weight: Floats, scale: Floats) -> Floats:
    """Round ``weight`` to whole multiples of ``scale``; where that is 0, leave it."""
    safe = np.where(scale > 0, scale, weight.dtype.type(1))
    return np.asarray(np.where(scale > 0, np.rint(weight / safe) * scale, weight), weight.dtype)


def to_levels(values: Floats, bits: int, scale: float | None) -> Floats:
    """Round to ``scale * {0 .. 2**bits - 1}``; unchanged without a scale."""
    if scale is None:
        return values
    s = values.dtype.type(scale)
    return np.asarray(np.clip(np.rint(values / s), 0, 2**bits - 1) * s)
