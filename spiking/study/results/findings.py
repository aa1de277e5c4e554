"""What a comparison found, in words and small tables, read off its rows and bills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from spiking.hardware.bill import Bill
from spiking.hardware.verdict.ratio import Line, Ratio, ratio_interval
from spiking.study.figures.style import label
from spiking.study.numbers import percent, si, si_range, significant

Bills = Mapping[tuple[str, str], Bill]  # (model, chip) -> bill of the mean inference
BASELINE = "mlp"
NEAR = 0.01  # accuracy lost to the MLP up to which energies are compared in the lead
SCOPE_TERMS: dict[str, Callable[[str], bool]] = {
    "compute": lambda t: t == "compute",
    "dynamic": lambda t: t != "static",
    "total": lambda t: True,
}


@dataclass(frozen=True)
class Threshold:
    """A published break-even activity: below ``low`` an SNN wins, above ``high`` the MLP."""

    column: str
    low: float
    high: float
    source: str
    words: str


THRESHOLDS = (
    Threshold(
        "spikes_per_synapse",
        1.72,
        1.72,
        "Davidson & Furber 2021, Front. Neurosci. 15:651141",
        "rate-coded SNN",
    ),
    Threshold(
        "spikes_per_synapse",
        0.15,
        1.38,
        "Dampfhoffer et al. 2023, IEEE TETCI 7(3):731-741",
        "0.15 against an MLP with data reuse and sparsity, 1.38 against a naive one",
    ),
    Threshold(
        "spikes_per_neuron_step",
        0.057,
        0.064,
        "Yan, Bai & Wong 2024, arXiv:2409.08290",
        "5 to 10 steps, against an MLP quantised to the same information",
    ),
)


def lines(bill: Bill, scope: str, chip: str = "") -> Iterator[Line]:
    """The priced lines of a bill as ``(constant, low, nominal, high)`` for :func:`ratio_interval`."""
    for line in bill.lines:
        if line.price.known and SCOPE_TERMS[scope](line.term):
            e = line.energy
            yield (chip, line.constant), float(e.low), float(e.nominal), float(e.high)


def ratio(bills: Bills, model: str, chip: str, scope: str, against: str) -> Ratio | None:
    """Energy of ``model`` on ``chip`` over that of the MLP on ``against``; None where one is not known."""
    over, under = bills.get((model, chip)), bills.get((BASELINE, against))
    if over is None or under is None or not all(float(b.total(scope).nominal) > 0 for b in (over, under)):
        return None  # an energy that is not known is NaN, which is not above 0 either
    low, nominal, high = ratio_interval(lines(over, scope, chip), lines(under, scope, against))
    return Ratio(model=model, chip=chip, scope=scope, low=low, nominal=nominal, high=high)


def ratios(bills: Bills) -> list[Ratio]:
    """Ratios of every spiking model to the MLP on the same chip, for the three totals."""
    found = (
        ratio(bills, model, chip, scope, against=chip)
        for model, chip in bills
        if model != BASELINE
        for scope in SCOPE_TERMS
    )
    return [r for r in found if r is not None]


def answer(rows: pd.DataFrame, bills: Bills) -> list[str]:
    """The lead of the report: who wins on accuracy, on energy, on which chip, and how sure that is."""
    chips = list(dict.fromkeys(rows["chip"]))
    out = [_accuracy(rows), *(_energy(rows, bills, chip) for chip in chips)]
    if len(chips) > 1:
        out += _across(rows, bills)
    return out


def _accuracy(rows: pd.DataFrame) -> str:
    models = rows.drop_duplicates("model").sort_values("accuracy", ascending=False)
    best = models.iloc[0]
    text = (
        f"**Accuracy: {label(best['model'])}**, {percent(best['accuracy'])} "
        f"(95 % interval {percent(best['accuracy_low'])} to {percent(best['accuracy_high'])})"
    )
    close = models.iloc[1:][models.iloc[1:]["accuracy_high"] >= best["accuracy_low"]]
    if len(close):
        names = ", ".join(
            f"{label(m)} ({percent(a)})" for m, a in zip(close["model"], close["accuracy"], strict=True)
        )
        return f"{text}; the intervals overlap with {names}, so this test set alone does not separate them."
    return f"{text}; no other model's interval reaches it."


def _near(rows: pd.DataFrame) -> set[str]:
    """Models that lose at most :data:`NEAR` of accuracy to the MLP (all, where there is no MLP)."""
    base = rows[rows["model"] == BASELINE]
    floor = float(base["accuracy"].iloc[0]) - NEAR if len(base) else 0.0
    return set(rows[rows["accuracy"] >= floor - 1e-9]["model"])


def _runs(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["runs_here"].astype(bool) & rows["energy_J"].notna()].sort_values("energy_J")


def _energy(rows: pd.DataFrame, bills: Bills, chip: str) -> str:
    here = rows[rows["chip"] == chip]
    runs = _runs(here)
    if not len(runs):
        return f"**Energy on {chip}**: none of the models can be run or priced here."
    first = runs.iloc[0]
    who = label(first["model"])
    text = f"**Energy on {chip}: {who}** costs least, an estimated {_joules(first)} per inference"
    missing = here[(here["model"] == BASELINE) & ~here["runs_here"].astype(bool)]
    if len(missing):
        return f"{text}. The MLP cannot run here: it needs {missing['needs'].iloc[0]}."
    spiking = runs[runs["model"] != BASELINE]
    if BASELINE not in set(runs["model"]) or not len(spiking):
        return f"{text}."
    near = spiking[spiking["model"].isin(_near(rows))]
    chosen = (near if len(near) else spiking).iloc[0]["model"]
    who = "the cheapest spiking network within 1 point of the MLP's accuracy"
    if not len(near):
        who = "no spiking network comes within 1 point of the MLP's accuracy; the cheapest of them"
    r = ratio(bills, chosen, chip, "total", against=chip)
    if r is None:
        return f"{text}."
    return f"{text}. Of the rest: {who}, {label(chosen)}, costs {_times(r)} what the MLP does. {_verdict(r)}"


def _across(rows: pd.DataFrame, bills: Bills) -> list[str]:
    runs = _runs(rows)
    spiking = runs[(runs["model"] != BASELINE) & runs["model"].isin(_near(rows))]
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
        f"**Each on its best chip**: {who} costs {_times(r)} what the MLP does on {m['chip']}. {_verdict(r)}"
    ]


def _joules(row: pd.Series) -> str:
    return si_range(row["energy_low_J"], row["energy_J"], row["energy_high_J"], "J")


def _times(r: Ratio) -> str:
    return f"{significant(r.nominal, 2)} times ({significant(r.low, 2)} to {significant(r.high, 2)})"


def _verdict(r: Ratio) -> str:
    if r.verdict == "undecided":
        return "Verdict: **undecided**, the range of the constants includes 1."
    return f"Verdict: **{r.verdict}**, over the whole range of the constants."


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
    """``(model, spikes per synapse, spikes per neuron per step, what the thresholds say)``."""
    out = []
    for _, r in rows.drop_duplicates("model").iterrows():
        if pd.isna(r["spikes_per_neuron_step"]):
            continue
        words = [f"{_place(float(r[t.column]), t)} {t.source.split(',')[0]}" for t in THRESHOLDS]
        synapse, rate = float(r["spikes_per_synapse"]), float(r["spikes_per_neuron_step"])
        out.append((label(r["model"]), significant(synapse), percent(rate, 2), "; ".join(words)))
    return out


def _place(value: float, t: Threshold) -> str:
    if value < t.low:
        return "below"
    return "above" if value > t.high else "within"


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
