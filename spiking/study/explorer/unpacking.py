"""The data of a page read back: what its script does, in Python, at the published prices."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def unpacked(column: Mapping[str, Any], rows: int) -> Array:
    """Return a column that :func:`~spiking.study.explorer.packing.packed` wrote."""
    if "c" in column:
        return np.full(rows, float(column["c"]))
    if "v" in column:
        return np.asarray(column["v"], np.float64)
    if "b" in column:
        return np.frombuffer(base64.b64decode(column["b"]), "<f8")
    places = np.frombuffer(base64.b64decode(column["i"]), f"<u{column['w']}")
    found: Array = np.asarray(column["d"], np.float64)[places]
    return found


def table(columns: Sequence[Mapping[str, Any]], rows: int) -> list[Array]:
    """Return the columns of a table, those that others give included."""
    found: list[Array] = []
    for column in columns:
        if "l" in column:
            found.append(sum((f * found[k] for k, f in column["l"]), start=np.zeros(rows)))
        else:
            found.append(unpacked(column, rows))
    return found


def priced(chip: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return total [J] and time of an inference [s] of every form of a chip, at published prices."""
    rows = chip["rows"]
    si = [c["value"] * c["factor"] for c in chip["constants"]]
    share = 1.0 / unpacked(chip["batch"], rows)
    numbers = table(chip["columns"], rows)
    time, total = np.zeros(rows), np.zeros(rows)
    layers: dict[int, Array] = {}
    scaled = [
        n * float(np.prod([si[i] ** e for i, e in h[2]])) for h, n in zip(chip["heads"], numbers, strict=True)
    ]
    for (part, of, _), x in zip(chip["heads"], scaled, strict=True):
        if part in "fh":
            time = time + (x * share if part == "h" else x)
        elif part == "l":
            layers[of] = layers.get(of, np.zeros(rows)) + x
    time = time + (np.max(list(layers.values()), axis=0) if layers else 0.0)
    for (part, _, _), x in zip(chip["heads"], scaled, strict=True):
        if part in "esp":
            total = total + x * {"e": 1.0, "s": share, "p": time}[part]
    return total, np.where(unpacked(chip["timed"], rows) > 0, time, np.nan)


def totals(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the designs, ``energy`` [J] and ``time`` [s] of an inference at their prices."""
    points = data["points"]
    n = points["number"]
    names = ("chip", "model", "form", "accuracy", "low", "high", "built", "rate")
    out: dict[str, Any] = {name: unpacked(points[name], n) for name in names}
    for name in ("words", "lacks"):
        out[name] = [points[name]["words"][int(i)] for i in unpacked(points[name]["at"], n)]
    each = [priced(chip) for chip in data["chips"]]
    for k, name in enumerate(("energy", "time")):
        out[name] = np.array([each[int(c)][k][int(f)] for c, f in zip(out["chip"], out["form"], strict=True)])
    return out
