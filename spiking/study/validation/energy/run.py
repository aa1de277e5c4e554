"""Running the targets: each has an expected value with its source, and a function that computes ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from spiking.core.errors import SpikingError
from spiking.hardware.schema import Reader, bibliography
from spiking.study.validation.energy.answers import ANSWERS

FIELDS = ("id", "item", "source", "where", "kind", "expected", "unit", "tolerance", "band", "note")
KINDS = ("check", "prediction", "negative")


class Row(TypedDict):
    """One target: published value, ours, and whether it passes."""

    id: str
    item: str
    source: str
    where: str
    kind: str
    unit: str
    expected: float | None
    got: float
    error: float | None
    tolerance: float | list[float]
    passed: bool
    note: str


@cache
def targets() -> tuple[Mapping[str, Any], ...]:
    """Return the targets as written in ``targets.toml``, checked."""
    read = Reader(Path(str(files("spiking.study.validation.energy") / "targets.toml")))
    out = read.take(read.data, "", "target", list, ...)
    for i, t in enumerate(out):
        read.only(t, f"target {i}: ", FIELDS)
        if t["kind"] not in KINDS or ("tolerance" in t) == ("band" in t):
            raise read.fail(f"target {i}", "needs a kind, and either a tolerance or a band")
        for source in t["source"].split(","):
            if source.strip() not in bibliography():
                raise read.fail(f"target {i}: source", f"{source.strip()!r} is not in the bibliography")
    return tuple(out)


def validate_energy() -> list[Row]:
    """Compute every target and compare.

    ``error`` is relative to the expected value (None for a band without one); a row passes if it lies
    within its tolerance or band.
    """
    computed = {name: answer() for name, answer in ANSWERS.items()}
    rows: list[Row] = []
    for t in targets():
        try:
            got = float(computed[t["id"]][t["item"]])
        except KeyError:
            raise SpikingError(f"target {t['id']} {t['item']!r} has no answer") from None
        expected = t.get("expected")
        error = None if expected is None else got / expected - 1
        low, high = t.get("band", (0, 0))
        passed = low <= got <= high if "band" in t else abs(error or 0.0) <= t["tolerance"]
        rows.append(
            Row(
                id=t["id"],
                item=t["item"],
                source=t["source"],
                where=t.get("where", ""),
                kind=t["kind"],
                unit=t["unit"],
                expected=None if expected is None else float(expected),
                got=got,
                error=error,
                tolerance=[float(low), float(high)] if "band" in t else float(t["tolerance"]),
                passed=bool(passed and np.isfinite(got)),
                note=t.get("note", ""),
            )
        )
    return rows
