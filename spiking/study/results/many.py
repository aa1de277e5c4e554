"""What a comparison on many chips found, in a few sentences and in one line per chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spiking.core.numbers import si
from spiking.hardware.bill import Bill
from spiking.hardware.verdict import decide
from spiking.hardware.verdict.accuracy import paired
from spiking.hardware.verdict.ratio import Ratio

Right = Mapping[tuple[str, str], NDArray[np.bool_]]
BASELINE = "mlp"
MANY = 5  # chips above which each no longer has a sentence of its own
CHEAPEST = 3  # named of each kind


@dataclass(frozen=True, kw_only=True)
class OnChip:
    """The MLP and the cheapest spiking network within the margin on one chip; None where there is none.

    ``ratio``: of the two, where the chip runs both. ``verdict``: SNN, MLP or undecided, accuracy considered.
    """

    chip: str
    mlp: pd.Series | None
    snn: pd.Series | None
    ratio: Ratio | None = None
    verdict: str = ""

    @property
    def least(self) -> float:
        """The lower of the two energies [J]; infinite where there is none."""
        return min((float(r["energy_J"]) for r in (self.mlp, self.snn) if r is not None), default=np.inf)


def on_each(
    rows: pd.DataFrame, bills: Mapping[tuple[str, str], Bill], right: Right, margin: float
) -> list[OnChip]:
    """Return every chip, the one with the lowest stated energy first."""
    found = [_on(rows[rows["chip"] == chip], str(chip), bills, right, margin) for chip in _chips(rows)]
    return sorted(found, key=lambda c: c.least)


def _chips(rows: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(rows["chip"]))


def _on(
    rows: pd.DataFrame, chip: str, bills: Mapping[tuple[str, str], Bill], right: Right, margin: float
) -> OnChip:
    priced = rows[rows["runs_here"].astype(bool) & (rows["energy_J"] > 0)].sort_values("energy_J")
    base = rows.loc[rows["model"] == BASELINE, "accuracy"]
    floor = float(base.iloc[0]) - margin - 1e-9 if len(base) else 0.0
    mlp, snn = priced[priced["model"] == BASELINE], priced[priced["model"] != BASELINE]
    near = snn[snn["accuracy"] >= floor]
    snn = near if len(near) else snn
    one, other = (t.iloc[0] if len(t) else None for t in (mlp, snn))
    if one is None or other is None:
        return OnChip(chip=chip, mlp=one, snn=other)
    key = (str(other["model"]), chip)
    r = decide.ratio(bills.get(key), bills.get((BASELINE, chip)), "total", model=key[0])
    return OnChip(chip=chip, mlp=one, snn=other, ratio=r, verdict=_verdict(r, right, key, margin))


def _verdict(r: Ratio | None, right: Right, key: tuple[str, str], margin: float) -> str:
    """The word on energy; the winner must also be shown to answer as well, where the answers are known."""
    if r is None:
        return ""
    base = (BASELINE, key[1])
    if r.verdict == "undecided" or key not in right or base not in right:
        return r.verdict
    pair = paired(np.asarray(right[key], np.bool_), np.asarray(right[base], np.bool_))
    shown = pair.no_worse(margin) if r.verdict == "SNN" else pair.no_better(margin)
    return r.verdict if shown else "undecided"


def summary(found: list[OnChip]) -> list[str]:
    """Sentences for the lead of a report on many chips."""
    priced = [c for c in found if np.isfinite(c.least)]
    out = [f"**Energy on {len(found)} chips**: {_cheapest(priced)}"]
    both = [c for c in found if c.ratio is not None]
    if both:
        who = {word: [c.chip for c in both if c.verdict == word] for word in ("MLP", "SNN", "undecided")}
        parts = [
            f"the MLP costs less on {_named(who['MLP'])}",
            f"a spiking network as accurate on {_named(who['SNN'])}",
            f"undecided on {_named(who['undecided'])}",
        ]
        out.append(f"**Of {len(both)} chips that run both**: {', '.join(parts)}.")
    silent = len(found) - len(priced)
    if silent:
        out.append(f"{silent} of the chips run none of these networks, or state no price for them.")
    return out


def _named(chips: list[str]) -> str:
    if not chips:
        return "none"
    return f"{len(chips)} ({', '.join(chips)})" if len(chips) <= 4 else str(len(chips))


def _cheapest(found: list[OnChip]) -> str:
    """The cheapest few of each kind; lower bounds are marked, and said to be no winners."""
    parts = []
    for words, rows in (
        ("MLP", [c.mlp for c in found if c.mlp is not None]),
        ("spiking network", [c.snn for c in found if c.snn is not None]),
    ):
        rows.sort(key=lambda r: float(r["energy_J"]))
        each = [f"{energy(r)} on {r['chip']}" for r in rows[:CHEAPEST]]
        if each:
            parts.append(f"{words} {', '.join(each)}")
    bound = "; ≥ marks a lower bound, which wins nothing" if any("≥" in p for p in parts) else ""
    if not parts:
        return "none can be stated."
    return f"the lowest stated per inference, estimated: {'; '.join(parts)}{bound}."


def energy(row: pd.Series | None) -> str:
    """The energy of a row, marked where it is a lower bound."""
    if row is None:
        return "-"
    return f"{'≥ ' if row['lower_bound'] else ''}{si(float(row['energy_J']), 'J')}"
