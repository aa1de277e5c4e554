"""Running the targets: each has an expected value with its source, and a function that computes ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from spiking.core.errors import SpikingError
from spiking.hardware.quantity import Interval
from spiking.hardware.schema import Reader, bibliography
from spiking.study.validation.energy.answers import ANSWERS

FILES = ("targets.toml", "ledger.toml")
FIELDS = (
    "id", "item", "device", "source", "where", "kind", "expected", "unit", "tolerance", "band",
    "known", "note", "reason",
)  # fmt: skip
KINDS = ("check", "prediction", "negative")
KNOWN = ("primary", "secondary", "recall")


class Row(TypedDict):
    """One comparison: published value, ours, and whether it passes.

    ``tolerance`` is what a row is allowed: a relative error, or two ends; None: it is judged by our own band.
    """

    id: str
    item: str
    source: str
    where: str
    kind: str
    unit: str
    expected: float | None
    got: float
    error: float | None
    tolerance: float | list[float] | None
    passed: bool
    note: str


class Target(Row):
    """A row of the energy estimate.

    ``low`` and ``high`` are the ends of our own answer where it has a band. ``known`` says where the
    published value was read; ``reason`` why a prediction fails, as far as it is known.
    """

    device: str
    low: float | None
    high: float | None
    known: str
    reason: str


@cache
def targets() -> tuple[Mapping[str, Any], ...]:
    """Return the targets as written in ``targets.toml`` and ``ledger.toml``, checked."""
    made: list[Mapping[str, Any]] = []
    for name in FILES:
        read = Reader(Path(str(files("spiking.study.validation.energy") / name)))
        out = read.take(read.data, "", "target", list, ...)
        for i, t in enumerate(out):
            read.only(t, f"target {i}: ", FIELDS)
            if t["kind"] not in KINDS or ("tolerance" in t and "band" in t):
                raise read.fail(f"target {i}", "needs a kind, and no tolerance beside a band")
            if t["kind"] == "prediction" and ("tolerance" in t or "band" in t or "device" not in t):
                raise read.fail(f"target {i}", "a prediction is judged by its own band, and names its device")
            if t.get("known", "primary") not in KNOWN:
                raise read.fail(f"target {i}: known", f"is {t['known']!r}; allowed: {', '.join(KNOWN)}")
            for source in t["source"].split(","):
                if source.strip() not in bibliography():
                    raise read.fail(f"target {i}: source", f"{source.strip()!r} is not in the bibliography")
        made += out
    return tuple(made)


def validate_energy() -> list[Target]:
    """Compute every target and compare.

    ``error`` is relative to the expected value (None for a band without one). A row passes if our value lies
    within its tolerance or band; one that states neither passes if the published value lies within our band.
    """
    computed = {name: answer() for name, answer in ANSWERS.items()}
    rows = []
    for t in targets():
        try:
            answer = computed[t["id"]][t["item"]]
        except KeyError:
            raise SpikingError(f"target {t['id']} {t['item']!r} has no answer") from None
        rows.append(_row(t, answer))
    return rows


def _row(t: Mapping[str, Any], answer: float | Interval) -> Target:
    banded = isinstance(answer, Interval)
    own = answer.mean() if isinstance(answer, Interval) else Interval.exact(float(answer))
    got, expected = float(own.nominal), t.get("expected")
    error = None if expected is None else got / expected - 1
    tolerance: float | list[float] | None
    if "band" in t:
        tolerance = [float(end) for end in t["band"]]
        passed = tolerance[0] <= got <= tolerance[1]
    elif "tolerance" in t:
        tolerance = float(t["tolerance"])
        passed = abs(error or 0.0) <= tolerance
    else:
        tolerance = None
        passed = expected is not None and bool(own.low <= expected <= own.high)
    return Target(
        id=t["id"],
        item=t["item"],
        device=t.get("device", ""),
        source=t["source"],
        where=t.get("where", ""),
        kind=t["kind"],
        unit=t["unit"],
        expected=None if expected is None else float(expected),
        got=got,
        low=float(own.low) if banded else None,
        high=float(own.high) if banded else None,
        error=error,
        tolerance=tolerance,
        passed=bool(passed and np.isfinite(got)),
        known=t.get("known", "primary"),
        note=t.get("note", ""),
        reason=t.get("reason", ""),
    )


def sound(rows: Sequence[Target]) -> bool:
    """Return whether every check and every negative passes; predictions may fail."""
    return all(row["passed"] for row in rows if row["kind"] != "prediction")


def in_words(rows: Sequence[Target]) -> str:
    """Return how many predictions hold, in a sentence without its full stop."""
    predictions = [row for row in rows if row["kind"] == "prediction"]
    inside = sum(row["passed"] for row in predictions)
    return f"{inside} of {len(predictions)} predictions inside their band"
