"""The rows of a sweep in order, from the ledger, and the files they are left in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.core.files import write_json, write_text
from spiking.study.sweep.compute import Bench
from spiking.study.sweep.points.plan import Group, Plan
from spiking.study.sweep.store.ledger import Ledger
from spiking.study.sweep.workers.work import attempt, priced

LAST = ("point", "evaluation", "training", "error")


def table(plan: Plan, ledger: Ledger) -> pd.DataFrame:
    """Return one row per point, in the order of the configuration.

    An axis is a column of its name, empty where it does not touch the row. ``point``, ``evaluation`` and
    ``training`` name what the row rests on in the ledger; ``error`` says why a point failed, else nothing.
    """
    bench = Bench(plan.objects)
    parts: list[pd.DataFrame] = []
    single: list[dict[str, Any]] = []
    for group in plan.groups:
        if group.constants:
            parts += [pd.DataFrame(single)] if single else []
            single = []
            record = ledger.known["evaluations"][group.evaluation]
            found = attempt(priced, bench, group, record)
            parts.append(
                pd.DataFrame(_named(plan, group, found | dict(group.constants)), index=range(group.size))
            )
        else:
            single.append(_named(plan, group, ledger.known["rows"][group.key]))
    parts += [pd.DataFrame(single)] if single else []
    rows = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    return rows[[c for c in rows.columns if c not in LAST] + list(LAST)]


def _named(plan: Plan, group: Group, found: Mapping[str, Any]) -> dict[str, Any]:
    training = plan.evaluations[group.evaluation]["training"]
    ids = {"point": group.key, "evaluation": group.evaluation, "training": training}
    # what was asked comes first, and stands for a measured column of the same name
    made = {**group.asked, "model": group.asked["contender"], **found, **group.asked, **ids}
    return made | {"error": found.get("error", "")}


def write(folder: Path, rows: pd.DataFrame, manifest: Mapping[str, Any]) -> None:
    """Write ``rows.csv``, ``rows.json``, and last ``manifest.json``, each whole or not at all."""
    write_text(folder / "rows.csv", rows.to_csv(index=False))
    records = rows.astype(object).where(rows.notna(), None).to_dict(orient="records")
    write_text(folder / "rows.json", "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n")
    write_json(folder / "manifest.json", manifest)


def failures(rows: pd.DataFrame) -> list[str]:
    """Sentences on what failed: each error once, with the number of points."""
    errors = rows["error"].fillna("")
    counts = errors[errors != ""].value_counts()
    return [f"{n} point{'s' * (n > 1)}: {why}" for why, n in counts.items()]
