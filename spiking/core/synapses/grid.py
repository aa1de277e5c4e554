"""Rounding to the integer grids that hardware stores: symmetric signed weights, values from 0 up."""

from __future__ import annotations

from typing import Any

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
    """Round to ``scale * {0, ..., 2**bits - 1}``; unchanged without a scale."""
    if scale is None:
        return values
    s = values.dtype.type(scale)
    return np.asarray(np.clip(np.rint(values / s), 0, 2**bits - 1) * s)


def to_powers(weight: Floats, bits: int, axis: int | None = None) -> Floats:
    """Round to 0 and powers of two, ``2**(bits - 2)`` of each sign (Zhou et al. 2017, ICLR, INQ).

    The largest exponent is ``floor(log2(4 m / 3))`` with ``m`` the largest ``|weight|``, of the tensor or,
    with ``axis=0``, of a column. From 3/4 to 3/2 of a power a weight becomes it; below half the least it
    becomes 0.
    """
    require(2 <= bits <= 8, f"weight_bits is {bits!r}; allowed for powers of two: 2 to 8")
    w = np.abs(weight, dtype=np.float64)
    top = np.max(w, axis=axis, keepdims=axis is not None, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.floor(np.log2(4.0 * top / 3.0))
        last = first + 1 - 2 ** (bits - 2)
        power = np.clip(np.floor(np.log2(4.0 * w / 3.0)), last, first)
        held = np.where(w < 2.0 ** (last - 1), 0.0, 2.0**power)
    return np.asarray(np.where(top > 0, np.sign(weight) * held, weight), weight.dtype)


def to_ternary(weight: Floats, axis: int | None = None) -> Floats:
    """Round to ``{-a, 0, a}``: 0 below ``0.7 mean |w|``, ``a`` the mean ``|w|`` of the others.

    Li & Liu 2016 (arXiv:1605.04711), per tensor or, with ``axis=0``, per column.
    """
    w = np.abs(weight, dtype=np.float64)
    keep: Any = {"axis": axis, "keepdims": axis is not None}
    large = w > 0.7 * np.mean(w, **keep)
    scale = np.sum(w * large, **keep) / np.maximum(np.sum(large, **keep), 1)
    return np.asarray(np.sign(weight) * large * scale, weight.dtype)
