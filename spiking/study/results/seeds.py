"""Accuracy, energy and ratio over seeds: means and 95 % intervals of a mean (Student's t)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spiking.core.numbers import percent, si_range, significant
from spiking.study.figures.style import label
from spiking.study.results.findings import BASELINE, points

NAN = float("nan")


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return ``(low, mean, high)``, the 95 % interval of a mean; NaN where a value is."""
    from scipy.stats import t

    mean = float(np.mean(values))
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean - half, mean, mean + half


def over(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per contender and chip from the ``rows`` of several seeds (column ``seed``).

    ``ratio`` is the energy over that of the MLP on the same chip, seed by seed; its mean is the geometric one
    (of the logarithms), so that a ratio and its inverse say the same. ``cheaper`` counts the seeds in which
    it is below 1. Energies are at nominal constants: the interval is of seeds alone. Latency [s], throughput
    [1/s] and energy-delay product [J s] are means.
    """
    out = []
    base = rows[rows["model"] == BASELINE].set_index(["chip", "seed"])["energy_J"]
    for (model, chip), part in rows.groupby(["model", "chip"], sort=False):
        energy = np.asarray(part["energy_J"], np.float64)
        made: dict[str, Any] = {"model": model, "chip": chip, "seeds": len(part)}
        made |= _three("accuracy", "", np.asarray(part["accuracy"], np.float64))
        made |= _three("energy", "_J", energy)
        key = pd.MultiIndex.from_arrays([part["chip"], part["seed"]])
        against = base.reindex(key).astype(float).to_numpy()
        ratio = energy / against if model != BASELINE else np.full(len(part), NAN)
        low, mean, high = interval(np.log(ratio))
        made |= {"ratio_low": np.exp(low), "ratio": np.exp(mean), "ratio_high": np.exp(high)}
        made |= {"cheaper": int(np.sum(ratio < 1)), "lower_bound": bool(part["lower_bound"].any())}
        for name in ("latency_s", "throughput_per_s", "energy_delay_Js"):
            made[name] = float(part[name].astype(float).mean())
        made["runs_here"] = bool(part["runs_here"].all())
        out.append(made)
    return pd.DataFrame(out)


def _three(name: str, unit: str, values: NDArray[np.float64]) -> dict[str, float]:
    low, mean, high = interval(values)
    return {f"{name}_low{unit}": low, f"{name}{unit}": mean, f"{name}_high{unit}": high}


def seed_sentences(found: pd.DataFrame, *, margin: float) -> list[str]:
    """The lead: accuracies, then on each chip the cheapest spiking network near the MLP."""
    seeds = int(found["seeds"].iloc[0])
    models = found.drop_duplicates("model").sort_values("accuracy", ascending=False)
    said = ", ".join(f"{label(r['model'])} {accuracy_words(r)}" for _, r in models.iterrows())
    out = [f"**Accuracy over {seeds} seeds** (mean, 95 % interval): {said}."]
    for chip in dict.fromkeys(found["chip"]):
        out.append(_on(found[found["chip"] == chip], str(chip), seeds, margin))
    return out


def accuracy_words(r: pd.Series) -> str:
    """Mean accuracy with its interval."""
    low, high = max(r["accuracy_low"], 0.0), min(r["accuracy_high"], 1.0)
    return f"{percent(r['accuracy'])} ({100 * low:.1f} to {100 * high:.1f})"


def energy_words(r: pd.Series) -> str:
    """Mean energy with its interval over seeds."""
    if not r["runs_here"]:
        return "cannot run here"
    words = si_range(r["energy_low_J"], r["energy_J"], r["energy_high_J"], "J")
    return f"at least {words}" if r["lower_bound"] and words != "-" else words


def ratio_words(r: pd.Series) -> str:
    """Mean ratio to the MLP with its interval over seeds; a dash without one."""
    if np.isnan(r["ratio"]):
        return "-"
    span = f"{significant(r['ratio'])} ({significant(r['ratio_low'])} to {significant(r['ratio_high'])})"
    return f"at least {span}" if r["lower_bound"] else span


def _on(here: pd.DataFrame, chip: str, seeds: int, margin: float) -> str:
    base = here[here["model"] == BASELINE]
    spiking = here[here["ratio"].notna()].sort_values("energy_J")
    if not len(base) or not len(spiking):
        return f"**Energy on {chip} over {seeds} seeds**: no spiking network and MLP are both priced here."
    floor = float(base["accuracy"].iloc[0]) - margin - 1e-9
    near = spiking[spiking["accuracy"] >= floor]
    r = (near if len(near) else spiking).iloc[0]
    who = f"the cheapest spiking network within {points(margin)} of the MLP's mean accuracy"
    if not len(near):
        who = f"no spiking network comes within {points(margin)} of the MLP's mean accuracy; the cheapest"
    lead = f"**Energy on {chip} over {seeds} seeds**"
    text = f"{lead}: {who}, {label(r['model'])}, costs {ratio_words(r)} times what the MLP does"
    if r["lower_bound"]:
        return f"{text}: a lower bound, which wins nothing."
    return (
        f"{text} (geometric mean, 95 % interval over seeds), and less in {int(r['cheaper'])} of "
        f"{seeds} seeds. "
        "The range over the constants is in the report of each seed."
    )
