"""What exploring designs found: the cheapest of each side, how sure the ratio is, what flips it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from spiking.core.numbers import percent, si, significant
from spiking.hardware.verdict.uncertainty import monte_carlo, sensitivity
from spiking.study.designs.choose import Chosen, Flip, flips, front
from spiking.study.designs.deploy import Deployed
from spiking.study.figures.style import label
from spiking.study.results.findings import BASELINE
from spiking.study.results.outcome import Evaluated

DRAWS = 10_000  # scenarios of the constants
MOST = 3  # choices and constants named in a sentence


def contest(
    rows: pd.DataFrame, evaluated: Sequence[Evaluated], chip: str, margin: float
) -> tuple[Evaluated, Evaluated] | None:
    """The cheapest spiking contender on ``chip`` near the MLP's accuracy, and the MLP; None without both."""
    here = rows[(rows["chip"] == chip) & rows["runs_here"].astype(bool) & (rows["energy_J"] > 0)]
    by_name = {e.model: e for e in evaluated}
    base = here[here["model"] == BASELINE]
    names = [m for m in here["model"] if by_name[m].deployed[chip].network.spiking]
    if not len(base) or not names:
        return None
    floor = float(base["accuracy"].iloc[0]) - margin - 1e-9
    spiking = here[here["model"].isin(names)]
    near = spiking[spiking["accuracy"] >= floor]
    best = (near if len(near) else spiking).sort_values("energy_J").iloc[0]["model"]
    return by_name[str(best)], by_name[BASELINE]


def design_sentences(
    rows: pd.DataFrame, evaluated: Sequence[Evaluated], *, margin: float, every: float | None = None
) -> list[str]:
    """For each machine on which designs were chosen: both designs, the share of scenarios, what flips."""
    out = []
    for chip in dict.fromkeys(rows["chip"]):
        pair = contest(rows, evaluated, chip, margin)
        if pair is None:
            continue
        snn, mlp = (e.deployed[chip] for e in pair)
        if snn.design is None or mlp.design is None:
            continue
        out.append(_sentence(chip, pair[0].model, snn, mlp, every))
    return out


def _sentence(chip: str, model: str, snn: Deployed, mlp: Deployed, every: float | None) -> str:
    how = "cheapest designs" if snn.chosen is not None else "the pinned design"
    text = (
        f"**Designs on {chip}** ({how}): {label(model)} with {_words(snn)}; MLP with {_words(mlp)}. "
        f"{_share(snn, mlp, every)}"
    )
    if snn.chosen is None or mlp.chosen is None:
        return text
    return f"{text} {_flipping(snn.chosen, mlp.chosen)}{_constants(snn, mlp, every)}"


def _words(d: Deployed) -> str:
    return "" if d.design is None else d.design.words(spiking=d.network.spiking)


def _share(snn: Deployed, mlp: Deployed, every: float | None) -> str:
    odds = monte_carlo(snn.counts, mlp.counts, snn.chip, mlp.chip, samples=DRAWS, every=every)
    low, high = significant(float(odds.quantiles.low), 2), significant(float(odds.quantiles.high), 2)
    return (
        f"Over {DRAWS} scenarios of the constants the SNN costs less in {percent(odds.share, 0)} "
        f"(ratio {low} to {high} in 90 % of them)."
    )


def _flipping(snn: Chosen, mlp: Chosen) -> str:
    found = flips(snn, mlp)
    if not found:
        return "No single other choice of either side changes who costs less."
    near = sorted(found, key=lambda f: abs(np.log(f.ratio)))[:MOST]
    more = f", and {len(found) - len(near)} more" if len(found) > len(near) else ""
    return f"Single choices that change who costs less: {'; '.join(map(_flip, near))}{more}."


def _flip(f: Flip) -> str:
    name = f.choice.replace("_", " ")
    return (
        f"{f.side} with {name} {_value(f.would)} instead of {_value(f.was)} (ratio {significant(f.ratio, 2)})"
    )


def _value(x: object) -> str:
    return "all" if x is None else str(x)


def _constants(snn: Deployed, mlp: Deployed, every: float | None) -> str:
    rows = sensitivity(snn.counts, mlp.counts, snn.chip, mlp.chip, every=every)
    flipping = [s.constant for s in rows if s.flips]
    if flipping:
        return f" Constants whose band alone changes it: {', '.join(dict.fromkeys(flipping[:MOST]))}."
    return f" No constant alone changes it; {rows[0].constant} moves the ratio most." if rows else ""


def design_rows(evaluated: Sequence[Evaluated]) -> list[dict[str, Any]]:
    """One row per contender and machine with a design: its choices, validation accuracy and energy [J]."""
    return [row for e in evaluated for chip, d in e.deployed.items() for row in _row(e.model, chip, d)]


def _row(model: str, chip: str, d: Deployed) -> Iterator[dict[str, Any]]:
    if d.design is None:
        return
    row: dict[str, Any] = {"model": model, "chip": chip, "design": asdict(d.design)}
    if d.chosen is not None:
        best = d.chosen.best
        row |= {
            "validation_accuracy": best.accuracy,
            "validation_energy_J": best.energy,
            "tried": len(d.chosen.points),
            "front": [
                {"accuracy": p.accuracy, "energy_J": p.energy, "design": asdict(p.design)}
                for p in front(d.chosen.points)
            ],
        }
    yield row


def tried_rows(evaluated: Sequence[Evaluated]) -> pd.DataFrame:
    """Every design that was tried, as rows for a figure: validation accuracy, energy [J] with its range."""
    rows = []
    for e in evaluated:
        for chip, d in e.deployed.items():
            for p in () if d.chosen is None else d.chosen.points:
                total = p.bill.total()
                low, high = float(total.low), float(total.high)
                row = {"model": e.model, "chip": chip, "accuracy": p.accuracy, "energy_J": p.energy}
                row |= {"energy_low_J": low, "energy_high_J": high, "lower_bound": p.bill.lower_bound}
                rows.append(row)
    return pd.DataFrame(rows)


def design_table(evaluated: Sequence[Evaluated]) -> list[dict[str, str]]:
    """The same for reading."""
    out = []
    for e in evaluated:
        for chip, d in e.deployed.items():
            if d.design is None:
                continue
            best = None if d.chosen is None else d.chosen.best
            out.append(
                {
                    "model": label(e.model),
                    "chip": chip,
                    "design": _words(d),
                    "accuracy": "-" if best is None else percent(best.accuracy),
                    "energy": "-" if best is None else si(best.energy, "J"),
                    "tried": "1" if d.chosen is None else str(len(d.chosen.points)),
                }
            )
    return out
