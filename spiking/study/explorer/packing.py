"""Numbers for a page: few bytes, and every bit of them.

A column of numbers becomes a constant, a dictionary with an index for each row, a combination of columns that
came before it, or its bytes, whichever is smallest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
EXACT = 5e-14  # relative error of a column that others give: a twentieth of what totals may be off
PLAIN = 24  # rows below which numbers are written as they are


def packed(values: Sequence[float] | Array) -> dict[str, Any]:
    """Return one column as plain data: ``c`` constant, ``v`` values, ``d``/``i`` dictionary, ``b`` bytes."""
    column = np.asarray(values, np.float64)
    distinct, places = np.unique(column, return_inverse=True)
    if len(distinct) == 1:
        return {"c": float(distinct[0])}
    if len(column) <= PLAIN:
        return {"v": column.tolist()}
    kinds: list[dict[str, Any]] = [{"b": _text(column.astype("<f8"))}]
    if len(distinct) < 65536:
        width: Any = "<u1" if len(distinct) <= 256 else "<u2"
        kinds.append(
            {"d": distinct.tolist(), "i": _text(places.astype(width)), "w": int(np.dtype(width).itemsize)}
        )
    whole = column.astype(np.int64)
    if np.array_equal(whole, column):
        kinds.append({"v": whole.tolist()})
    return min(kinds, key=lambda kind: len(json.dumps(kind)))


def packed_table(columns: Sequence[Array]) -> list[dict[str, Any]]:
    """Return columns of one table; one that others give is written as ``l``: pairs of (column, factor)."""
    found: list[dict[str, Any]] = []
    basis: list[int] = []
    for k, column in enumerate(columns):
        plain = packed(column)
        size = len(json.dumps(plain))
        factors = _combination([columns[i] for i in basis], column) if size > 400 else None
        if factors is not None:
            found.append({"l": [[basis[i], float(f)] for i, f in enumerate(factors) if f]})
            continue
        found.append(plain)
        if "c" not in plain:
            basis.append(k)
    return found


def _combination(basis: Sequence[Array], column: Array) -> Array | None:
    """Factors with which columns of ``basis`` give ``column`` to the last bits, or None."""
    if not basis or len(column) <= 2 * len(basis):
        return None
    table = np.stack(basis, axis=1)
    scale = np.abs(table).max(axis=0)
    factors = np.asarray(np.linalg.lstsq(table / scale, column, rcond=None)[0]) / scale
    factors[np.abs(factors) * scale < 1e-13 * np.abs(column).max()] = 0.0
    made = sum((f * b for f, b in zip(factors, basis, strict=True) if f), start=np.zeros(len(column)))
    return factors if bool(np.all(np.abs(made - column) <= EXACT * np.abs(column))) else None


def _text(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
