"""A sweep on the screen: what it will take, and what came of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from spiking.study.screen.console import plain
from spiking.study.sweep.estimate import Estimate
from spiking.study.sweep.table import failures

SHOWN = 5  # different errors


def estimated(e: Estimate) -> None:
    """Print how much there is to do."""
    for line in e.words():
        plain().print(f"{line}.")


def swept(folder: Path, rows: pd.DataFrame) -> bool:
    """Print where the rows lie and what failed; return whether anything did."""
    failed = failures(rows)
    bad = int((rows["error"] != "").sum())
    good = f"{len(rows) - bad} points are in {folder / 'rows.csv'}"
    plain().print(good if not bad else f"{good}, {bad} failed:")
    for line in failed[:SHOWN]:
        plain().print(f"  {line}")
    if len(failed) > SHOWN:
        plain().print(f"  and {len(failed) - SHOWN} other errors")
    return bool(failed)
