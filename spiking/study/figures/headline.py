"""The answer of a figure in one line, to stand above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from spiking.core.numbers import percent
from spiking.hardware.verdict.accuracy import MARGIN
from spiking.hardware.verdict.ratio import Ratio
from spiking.study.figures.panels import bounded, priced
from spiking.study.figures.style import label, term_words
from spiking.study.results.findings import BASELINE, Bills, ratio, times


def who_costs_less(rows: pd.DataFrame, bills: Bills) -> str:
    """Whether the MLP or a spiking network that is as accurate costs less, on the chips that run both."""
    found = {
        chip: r for chip in dict.fromkeys(rows["chip"]) if (r := _beside(rows, bills, str(chip))) is not None
    }
    if not found:
        return _cheapest(rows)
    if len(found) == 1:
        r = next(iter(found.values()))
        word = {"MLP": "The MLP costs less", "SNN": "The spiking network costs less"}.get(
            r.verdict, "Undecided"
        )
        return f"{word} on {r.chip}: {label(r.model)} takes {times(r)} the MLP's energy"
    wins = [r.verdict for r in found.values()]
    mlp, snn, open_ = (wins.count(word) for word in ("MLP", "SNN", "undecided"))
    return (
        f"Of {len(found)} chips that run both, the MLP costs less on {mlp}, "
        f"a spiking network on {snn}, undecided on {open_}"
    )


def _beside(rows: pd.DataFrame, bills: Bills, chip: str) -> Ratio | None:
    """The cheapest spiking network within the margin of the MLP's accuracy, over the MLP, on one chip."""
    here = priced(rows[rows["chip"] == chip]).sort_values("energy_J", kind="stable")
    mlp = here[here["model"] == BASELINE]
    if not len(mlp):
        return None
    spiking = here[here["model"] != BASELINE]
    near = spiking[spiking["accuracy"] >= float(mlp["accuracy"].iloc[0]) - MARGIN - 1e-9]
    chosen = near if len(near) else spiking
    return ratio(bills, chosen["model"].iloc[0], chip, "total", against=chip) if len(chosen) else None


def _cheapest(rows: pd.DataFrame) -> str:
    run = priced(rows).sort_values("energy_J", kind="stable")
    if not len(run):
        return "No energy can be stated"
    first = run.iloc[0]
    word = "Lowest stated energy" if first["lower_bound"] else "Least energy"
    return f"{word} per inference: {label(first['model'])} {bounded(first)} on {first['chip']}"


def cheapest_of_each_kind(rows: pd.DataFrame) -> str:
    """The cheapest MLP and the cheapest spiking network, each with its chip."""
    kinds = (rows[rows["model"] == BASELINE], rows[rows["model"] != BASELINE])
    parts = [_cheapest(of).split(": ")[-1] for of in kinds if len(priced(of))]
    return f"Lowest stated energy per inference: {', '.join(parts)}" if parts else "No energy can be stated"


def largest_terms(terms: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What most energy of the MLP and of the cheapest spiking network goes to, on one chip."""
    run = priced(rows).sort_values("energy_J", kind="stable")
    if not len(run):
        return ""
    chip = priced(rows).groupby("chip", sort=False)["model"].nunique().idxmax()
    here = run.loc[run["chip"] == chip, "model"]
    parts = []
    for model in [*here[here == BASELINE], *here[here != BASELINE][:1]]:
        mine = terms[(terms["chip"] == chip) & (terms["model"] == model)].groupby("term")["energy_J"].sum()
        share = percent(float(mine.max() / mine.sum()), 0)
        parts.append(f"{share} of {label(model)} is {term_words(str(mine.idxmax()))}")
    return f"Energy on {chip}: {', '.join(parts)}"


def best_errors(histories: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The lowest validation error of each contender that was followed on validation samples."""
    best = {
        model: 1 - max(float(h["validation_accuracy"]) for h in history)
        for model, history in histories.items()
        if len(history) and all("validation_accuracy" in h for h in history)
    }
    parts = [f"{label(m)} {percent(e)}" for m, e in sorted(best.items(), key=lambda item: item[1]) if e == e]
    return f"Lowest error on validation samples: {', '.join(parts)}" if parts else ""
