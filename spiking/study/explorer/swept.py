"""The designs of a sweep: its rows name what was counted in its ledger; prices the page moves by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spiking.core.counts import Counts
from spiking.core.errors import require
from spiking.hardware.chip import Chip
from spiking.hardware.design import Design
from spiking.hardware.registry import load_chip
from spiking.study.explorer.data import collect
from spiking.study.explorer.points import Point
from spiking.study.explorer.read import read
from spiking.study.figures.rows.draw import rows_of
from spiking.study.record.folder import kind_of
from spiking.study.results.rows import records, wilson
from spiking.study.sweep.store.ledger import Ledger

WORK = ("schedule", "zero_skip", "weight_format", "input", "batch")  # axes that change the work alone
Row = Mapping[str, Any]


def data_of(folder: Path) -> dict[str, Any]:
    """Return what the page of a comparison or of a sweep needs.

    Raises:
        SpikingError: ``folder`` holds neither.
    """
    return of_sweep(folder) if kind_of(folder) == "sweep" else read(folder)


def of_sweep(folder: Path) -> dict[str, Any]:
    """Return what a page needs of the sweep in ``folder``.

    Rows that differ in prices alone (a node, a supply, a time between inferences, a constant) are one design.

    Raises:
        SpikingError: a sweep without rows, or one whose ledger lacks what they rest on.
    """
    rows = rows_of(folder)
    ledger = Ledger(folder)
    ledger.refresh("evaluations")
    known: Mapping[str, Row] = ledger.known["evaluations"]
    points = list(_points([r for r in records(rows) if not r.get("error")], known, folder))
    return collect(points, title=f"Sweep {folder.name}: {len(points)} designs")


def _points(rows: list[Row], known: Mapping[str, Row], folder: Path) -> Iterator[Point]:
    counts: dict[str, Counts] = {}
    chips: dict[str, Chip] = {}
    seen = set()
    for row in rows:
        key = str(row.get("evaluation"))
        require(key in known, f"the ledger in {folder} lacks the counts of {key}; run the sweep again")
        work = {name: row[name] for name in WORK if row.get(name) is not None}
        place = (row["contender"], key, row["chip"], tuple(work.items()))
        if place in seen:
            continue
        seen.add(place)
        record = known[key]
        if key not in counts:
            counts[key] = Counts.from_dict(record["counts"])
        name = json.dumps([row["chip"], record["design"], work], sort_keys=True)
        if name not in chips:
            chips[name] = _chip(str(row["chip"]), record, work)
        low, high = wilson(record["correct"], record["samples"])
        yield Point(
            model=str(row["contender"]), chip=chips[name], counts=counts[key], words=str(row["design"]),
            accuracy=record["correct"] / record["samples"], low=low, high=high,
        )  # fmt: skip


def _chip(name: str, record: Row, work: Mapping[str, Any]) -> Chip:
    chip = load_chip(name)
    if record["design"] is None:
        return chip
    return Design(**{**record["design"], **work}).chip(chip, spiking=record["spiking"])
