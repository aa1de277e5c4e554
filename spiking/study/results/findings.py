"""What a comparison found, in words; what is decided is decided in ``hardware/verdict``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spiking.core.numbers import percent, si, si_range, significant
from spiking.hardware.bill import SCOPE_TERMS, Bill
from spiking.hardware.verdict import decide
from spiking.hardware.verdict.accuracy import MARGIN, Paired, paired
from spiking.hardware.verdict.ratio import Ratio
from spiking.hardware.verdict.thresholds import THRESHOLDS, Design, place
from spiking.study.figures.style import label
from spiking.study.results.many import MANY, on_each, summary

Bills = Mapping[tuple[str, str], Bill]  # (model, chip) -> bill of the mean inference
Right = Mapping[tuple[str, str], NDArray[np.bool_]]  # (model, chip) -> which test samples it got right
BASELINE = "mlp"


def points(margin: float) -> str:
    """A margin for reading: ``1 point``."""
    return f"{100 * margin:g} point" + ("" if margin == 0.01 else "s")


def ratio(bills: Bills, model: str, chip: str, scope: str, against: str) -> Ratio | None:
    """Energy of ``model`` on ``chip`` over that of the MLP on ``against``; None where one is not known."""
    return decide.ratio(bills.get((model, chip)), bills.get((BASELINE, against)), scope, model=model)


def ratios(bills: Bills) -> list[Ratio]:
    """Ratios of every spiking model to the MLP on the same chip, for the three totals."""
    found = (
        ratio(bills, model, chip, scope, against=chip)
        for model, chip in bills
        if model != BASELINE
        for scope in SCOPE_TERMS
    )
    return [r for r in found if r is not None]


def answer(
    rows: pd.DataFrame, bills: Bills, right: Right | None = None, *, margin: float = MARGIN
) -> list[str]:
    """The lead of the report: who wins on accuracy, on energy, on which chip, and how sure that is.

    Args:
        right: which test samples each model got right on each chip; with it accuracies are compared sample by
            sample. margin: accuracy (a fraction) that may be lost and still count as none.
    """
    chips = list(dict.fromkeys(rows["chip"]))
    right = right or {}
    out = [_accuracy(rows, right)]
    if len(chips) > MANY:
        out += summary(on_each(rows, bills, right, margin))
    else:
        out += [_energy(rows, bills, chip, right, margin) for chip in chips]
    if len(chips) > 1:
        out += _across(rows, bills, right, margin)
    return out


def _pair(right: Right, first: tuple[str, str], second: tuple[str, str]) -> Paired | None:
    if first not in right or second not in right:
        return None
    return paired(np.asarray(right[first], np.bool_), np.asarray(right[second], np.bool_))


def _accuracy(rows: pd.DataFrame, right: Right) -> str:
    models = rows.drop_duplicates("model").sort_values("accuracy", ascending=False)
    best = models.iloc[0]
    text = (
        f"**Accuracy: {label(best['model'])}**, {percent(best['accuracy'])} "
        f"(95 % interval {percent(best['accuracy_low'])} to {percent(best['accuracy_high'])})"
    )
    others = list(models.iloc[1:]["model"])
    chip = str(best["chip"])
    mine = (str(best["model"]), chip)
    pairs = {m: p for m in others if (p := _pair(right, mine, (m, chip))) is not None}
    if not pairs:
        return f"{text}." if not others else f"{text}; answers were not compared sample by sample."
    same = [f"{label(m)} ({_difference(p)})" for m, p in pairs.items() if not p.differs]
    if same:
        return f"{text}; sample by sample it is not shown to differ from {', '.join(same)}."
    return f"{text}; every other model differs from it sample by sample (McNemar, 5 %)."


def _difference(p: Paired) -> str:
    low, middle, high = (100 * x for x in (p.low, p.difference, p.high))
    return f"{middle:+.2f} points, 95 % {low:+.2f} to {high:+.2f}"


def _near(rows: pd.DataFrame, margin: float) -> set[str]:
    """Models that lose at most the margin of accuracy to the MLP (all, where there is no MLP)."""
    base = rows[rows["model"] == BASELINE]
    floor = float(base["accuracy"].iloc[0]) - margin if len(base) else 0.0
    return set(rows[rows["accuracy"] >= floor - 1e-9]["model"])


def _runs(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["runs_here"].astype(bool) & rows["energy_J"].notna()].sort_values("energy_J")


def _energy(rows: pd.DataFrame, bills: Bills, chip: str, right: Right, margin: float) -> str:
    here = rows[rows["chip"] == chip]
    runs = _runs(here)
    if not len(runs):
        return f"**Energy on {chip}**: none of the models can be run or priced here."
    first = runs.iloc[0]
    text = f"**Energy on {chip}: {label(first['model'])}** {_costs(first, len(runs))}"
    missing = here[(here["model"] == BASELINE) & ~here["runs_here"].astype(bool)]
    if len(missing):
        return f"{text}. The MLP cannot run here: it needs {missing['needs'].iloc[0]}."
    spiking = runs[runs["model"] != BASELINE]
    if BASELINE not in set(runs["model"]) or not len(spiking):
        return f"{text}."
    near = spiking[spiking["model"].isin(_near(here, margin))]
    chosen = (near if len(near) else spiking).iloc[0]["model"]
    who = f"the cheapest spiking network within {points(margin)} of the MLP's accuracy"
    if not len(near):
        who = f"no spiking network comes within {points(margin)} of the MLP's accuracy; the cheapest of them"
    r = ratio(bills, chosen, chip, "total", against=chip)
    if r is None:
        return f"{text}."
    return (
        f"{text}. Of the rest: {who}, {label(chosen)}, costs {times(r)} what the MLP does. "
        f"{verdict(r, _pair(right, (chosen, chip), (BASELINE, chip)), margin)}"
    )


def _costs(row: pd.Series, others: int) -> str:
    """What the cheapest line says: a lower bound is never called the cheapest."""
    if row["lower_bound"]:
        return f"has the lowest priced total, at least an estimated {_joules(row)} per inference"
    return f"costs least, an estimated {_joules(row)} per inference"


def _across(rows: pd.DataFrame, bills: Bills, right: Right, margin: float) -> list[str]:
    runs = _runs(rows)
    spiking = runs[(runs["model"] != BASELINE) & runs["model"].isin(_near(rows, margin))]
    mlp = runs[runs["model"] == BASELINE]
    if not len(spiking) or not len(mlp):
        return []
    s, m = spiking.iloc[0], mlp.iloc[0]
    if s["chip"] == m["chip"]:
        return []
    r = ratio(bills, s["model"], s["chip"], "total", against=m["chip"])
    if r is None:
        return []
    who = f"{label(s['model'])} on {s['chip']}"
    return [
        f"**Each on its best chip**: {who} costs {times(r)} what the MLP does on {m['chip']}. "
        f"{verdict(r, _pair(right, (s['model'], s['chip']), (BASELINE, m['chip'])), margin)}"
    ]


def _joules(row: pd.Series) -> str:
    return si_range(row["energy_low_J"], row["energy_J"], row["energy_high_J"], "J")


def times(r: Ratio) -> str:
    """The ratio with its range, e.g. ``at least 3.1 times (1.9 to 3.7)``."""
    span = f"{significant(r.nominal, 2)} times ({significant(r.low, 2)} to {significant(r.high, 2)})"
    if r.bound == "unbounded":
        return f"{span}, of what is priced,"
    return f"{r.bound} {span}" if r.bound else span


def verdict(r: Ratio, pair: Paired | None = None, margin: float = MARGIN) -> str:
    """The verdict in one sentence; who wins on energy must also be shown to answer as well."""
    if r.verdict == "undecided":
        return f"Verdict: **undecided**, {r.reason}."
    if pair is None:
        return f"Verdict: **{r.verdict}**, {r.reason}."
    shown = pair.no_worse(margin) if r.verdict == "SNN" else pair.no_better(margin)
    between = f"SNN less MLP {_difference(pair)} on {pair.samples} samples"
    if shown:
        return f"Verdict: **{r.verdict}**, {r.reason}, and it loses less than {points(margin)} ({between})."
    return (
        f"Verdict: **undecided**: the {r.verdict} costs less, {r.reason}, but that it loses less than "
        f"{points(margin)} of accuracy is not shown ({between})."
    )


def missing(rows: pd.DataFrame, bills: Bills) -> list[str]:
    """Sentences on what cannot run, what has no price, and what the prices were not made for."""
    cannot = rows[~rows["runs_here"].astype(bool)]
    bounds = rows[rows["lower_bound"].astype(bool)]
    out = [
        f"{_list(group['model'])} on {chip}: cannot run, needs {needs}."
        for (chip, needs), group in cannot.groupby(["chip", "needs"], sort=False)
    ]
    out += [
        f"{_list(group['model'])} on {chip}: lower bounds, for nobody has published a price for {unpriced}."
        for (chip, unpriced), group in bounds.groupby(["chip", "unpriced"], sort=False)
    ]
    warned = [w for bill in bills.values() for w in bill.warnings]
    return out + list(dict.fromkeys(warned))


def _list(models: pd.Series) -> str:
    return ", ".join(label(m) for m in models)


def activity_rows(rows: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """``(model, spikes per synapse, spikes per neuron per step, what the thresholds say)``.

    Each threshold is evaluated at the network's own steps, bits and fan-in.
    """
    out = []
    for _, r in rows.drop_duplicates("model").iterrows():
        if pd.isna(r["spikes_per_neuron_step"]):
            continue
        design = Design(*(int(r[k]) for k in ("steps", "weight_bits", "state_bits", "fan_in", "units")))
        words = [_beside(float(r[t.measure]), t, design) for t in THRESHOLDS]
        synapse, rate = float(r["spikes_per_synapse"]), float(r["spikes_per_neuron_step"])
        out.append((label(r["model"]), significant(synapse), percent(rate, 2), "; ".join(words)))
    return out


def _beside(value: float, t: Any, design: Design) -> str:
    at = t.at(design)
    if at.high <= 0:
        return f"above {t.name} (no activity breaks even)"

    def show(x: Any) -> str:
        return percent(float(x), 2) if t.measure == "spikes_per_neuron_step" else significant(float(x), 3)

    span = show(at.low) if at.low == at.high else f"{show(at.low)} to {show(at.high)}"
    return f"{place(value, at)} {t.name} ({span})"


def total_words(row: pd.Series, energy: str) -> str:
    """The cell of a total: ``energy``, or why there is none."""
    if not row["runs_here"]:
        return "cannot run here"
    return "no published energy" if pd.isna(row["energy_J"]) else energy


def rate_words(row: pd.Series) -> str:
    """Throughput for reading, e.g. ``241 k/s``; a dash where it is not known."""
    return si(float(row["throughput_per_s"]), "/s")


def delay_words(row: pd.Series) -> str:
    """Energy-delay product for reading, e.g. ``84.8 fJ s``, marked where it is a lower bound."""
    words = si(float(row["energy_delay_Js"]), "J s")
    return f"≥ {words}" if row["lower_bound"] and words != "-" else words


def static_share(rows: pd.DataFrame, chip: str) -> str:
    """How much of the total on ``chip`` is static power over the latency, as a range over models."""
    here = _runs(rows[rows["chip"] == chip])
    share = 1 - here["energy_dynamic_J"] / here["energy_J"]
    share = share.dropna()
    if not len(share):
        return ""
    low, high = percent(float(share.min()), 0), percent(float(share.max()), 0)
    latency = f"{si(float(here['latency_s'].min()), 's')} to {si(float(here['latency_s'].max()), 's')}"
    span = low if low == high else f"{low} to {high}"
    return f"{chip}: {span} of the total is static power, over latencies of {latency}."
