"""Figures of energy: a waterfall of one bill, the map of break-even, predicted against published."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from spiking.core.numbers import prefix, si, unbroken
from spiking.hardware.bill import Bill
from spiking.hardware.verdict.thresholds import PUBLISHED
from spiking.study.figures.panels import caption
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import (
    BLUE,
    EDGE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    SKY,
    VERMILLION,
    WIDTH,
    style,
    term_look,
    term_words,
)
from spiking.study.validation.energy import Row


def waterfall(bill: Bill) -> Figure:
    """The terms of one bill one upon the other up to the total, each with its range."""
    terms = {t: e.mean() for t, e in bill.by_term().items() if float(np.mean(e.nominal)) > 0}
    total = bill.total().mean()
    factor, p = prefix(float(total.nominal))
    looks = term_look(list(terms))
    with style():
        figure = Sheet(figsize=(WIDTH * 0.75, 3.0), layout="constrained")
        ax = figure.subplots()
        base = 0.0
        order = [t for t in looks if t in terms]
        for i, term in enumerate(order):
            e = terms[term]
            height = float(e.nominal) / factor
            colour, hatch = looks[term]
            ax.bar(
                i, height, bottom=base, color=colour, hatch=hatch, edgecolor=EDGE, linewidth=0.6, width=0.7
            )
            spread = _spread(float(e.low) / factor, height, float(e.high) / factor)
            ax.errorbar(i, base + height, yerr=spread, color=EDGE, lw=0.9, capsize=2.5)
            ax.plot([i - 0.35, i + 1.35], [base + height] * 2, color=GREY, lw=0.6, ls=":")
            ax.annotate(
                _share(height / (float(total.nominal) / factor)),
                (i - 0.33, base + height),
                xytext=(0, 2),
                textcoords="offset points",
                ha="left",
                fontsize=7.5,
            )
            base += height
        ax.bar(len(order), base, color="white", edgecolor=EDGE, linewidth=1.0, width=0.7)
        spread = _spread(float(total.low) / factor, base, float(total.high) / factor)
        ax.errorbar(len(order), base, yerr=spread, color=EDGE, lw=0.9, capsize=2.5)
        names = [textwrap.fill(term_words(t), 11) for t in order] + ["total"]
        ax.set_xticks(range(len(names)), names, fontsize=7.5)
        ax.set_ylabel(f"Estimated energy per inference [{p}J]")
        if bill.lower_bound:  # open upwards: the true total lies there or beyond
            ax.plot(len(order), float(total.high) / factor, "^", mfc="white", mec=EDGE, ms=6, clip_on=False)
        bound = "≥ " if bill.lower_bound else ""
        largest = max(terms, key=lambda t: float(terms[t].nominal), default="")
        share = f", most of it {term_words(largest)}" if largest else ""
        ax.set_title(
            unbroken(f"{bill.network} on {bill.chip}: {bound}{si(float(total.nominal), 'J')}{share}")
        )
        caption(figure, ["Whiskers: bands of the published constants.", f"{bill.footer()}."])
    return figure


def _spread(low: float, value: float, high: float) -> list[list[float]]:
    """Arms of an error bar; not below 0, which rounding gives where an end is the value itself."""
    return [[max(value - low, 0.0)], [max(high - value, 0.0)]]


def _share(part: float) -> str:
    return f"{100 * part:.0f}\xa0%" if part >= 0.005 else "<\xa01\xa0%"


FORM_LOOKS: dict[str, tuple[str, Any, str]] = {
    "naive": (BLUE, "-", "computes every product"),
    "zero-skip": (SKY, "--", "skips zeros (half its inputs)"),
    "reuse": (ORANGE, "-.", "reuses weights (batch 16)"),
    "reuse+zero-skip": (VERMILLION, ":", "reuses and skips"),
    "bit-matched": (GREEN, (0, (3, 1, 1, 1, 1, 1)), "has ceil(log2(T+1)) bits"),
}


def breakeven_map(steps: Sequence[int], curves: dict[str, NDArray[np.float64]], *, footer: str) -> Figure:
    """Break-even spikes per synapse over the steps of an inference, one line per form of the MLP.

    Args:
        steps: time steps.
        curves: by form of the MLP ``[steps, 3]``: low, nominal, high; not drawn where it is not positive.
        footer: chip, layer and scope.
    """
    low, high, _ = PUBLISHED["Dampfhoffer et al. 2023"]
    davidson = PUBLISHED["Davidson & Furber 2021"][0]
    small: dict[str, Any] = {"fontsize": 7.5, "color": GREY}
    with style():
        figure = Sheet(figsize=(WIDTH * 0.85, 3.5), layout="constrained")
        ax = figure.subplots()
        ax.set(xscale="log", yscale="log", ylim=(0.05, 4.0), xlim=(steps[0], steps[-1]))
        ax.axhspan(low, high, color=PALE, alpha=0.5, lw=0)
        ax.axhline(davidson, color=GREY, lw=0.9, ls=(0, (6, 3)))
        inside = steps[0] * 1.06
        ax.text(inside, low * 1.02, "Dampfhoffer et al. 2023: 0.15 to 1.38 (grey)", va="bottom", **small)
        ax.text(inside, davidson * 1.04, "Davidson & Furber 2021: 1.72", va="bottom", **small)
        for form, values in curves.items():
            colour, dash, words = FORM_LOOKS.get(form, (EDGE, "-", form))
            shown = np.where(values > 0, values, np.nan)
            ax.fill_between(
                steps, np.maximum(values[:, 0], 1e-6), values[:, 2], color=colour, alpha=0.12, lw=0
            )
            ax.plot(steps, shown[:, 1], color=colour, ls=dash, lw=1.8, label=words)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
            axis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("Time steps of one inference")
        ax.set_ylabel("Spikes per synapse per inference")
        ax.set_title("Where a spiking layer and an MLP cost the same")
        below = {"transform": ax.transAxes, "style": "italic", **small}
        ax.text(0.03, 0.03, "below a line the SNN costs less, above it the MLP", **below)
        figure.legend(loc="outside right center", title="break-even against an MLP that", alignment="left")
        caption(figure, [f"{footer}; bands: 5 to 95 % over the constants; estimated, not measured."])
    return figure


NEAR = 1.25  # ratio to a measurement that counts as near
UNITS = {
    "J": 1.0, "mJ": 1e-3, "uJ": 1e-6, "nJ": 1e-9, "pJ": 1e-12,
    "W": 1.0, "mW": 1e-3, "uW": 1e-6, "us": 1e-6,
}  # fmt: skip


def predicted_against_published(rows: Sequence[Row]) -> Figure:
    """Ours over published, one line per target with a joule or a watt, predictions of measurements on top."""
    shown = [r for r in rows if r["expected"] and r["unit"] in UNITS and r["kind"] != "negative"]
    physical = [r for r in shown if r["kind"] == "prediction"]
    checks = [r for r in shown if r["kind"] == "check"]
    with style():
        figure = Sheet(figsize=(WIDTH, 3.9), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
        _scatter(right, checks, physical)
        names = [f"{r['id']}  {_short(r)}" for r in physical]
        ratio = [r["got"] / float(r["expected"] or 1.0) for r in physical]
        y = np.arange(len(physical))[::-1]
        left.axvline(1.0, color=GREY, lw=0.9)
        left.axvspan(1 / NEAR, NEAR, color=PALE, alpha=0.5, lw=0)
        left.hlines(y, 1.0, ratio, color=BLUE, lw=1.4)
        left.plot(ratio, y, "o", color=BLUE, ms=5)
        for value, at in zip(ratio, y, strict=True):
            side = 1 if value >= 1 else -1
            left.annotate(
                f"{100 * (value - 1):+.2g} %", (value, at), xytext=(6 * side, 0), textcoords="offset points",
                va="center", ha="left" if side > 0 else "right", fontsize=7,
            )  # fmt: skip
        left.set_yticks(y, names, fontsize=7)
        left.set_xscale("log")
        left.set_xlim(0.28, 2.6)
        left.set_xticks([0.3, 0.5, 1.0, 2.0], ["0.3", "0.5", "1", "2"])
        left.xaxis.set_minor_formatter(NullFormatter())
        left.set_xlabel("Ours over measured; grey: within 25 %")
        near = sum(1 / NEAR <= value <= NEAR for value in ratio)
        left.set_title(f"{near} of {len(ratio)} predictions within 25\xa0% of the measurement")
    return figure


def _short(row: Row) -> str:
    source = row["source"].split(",")[0]
    return f"{row['item']} [{source}]" if len(row["item"]) < 26 else row["item"]


def _scatter(ax: Axes, checks: Sequence[Row], physical: Sequence[Row]) -> None:
    sets = ((checks, "D", "white", GREY, "check of arithmetic"), (physical, "o", BLUE, BLUE, "prediction"))
    for rows, marker, face, edge, words in sets:
        x = [float(r["expected"] or 1.0) * UNITS[r["unit"]] for r in rows]
        y = [r["got"] * UNITS[r["unit"]] for r in rows]
        ax.plot(x, y, marker, mfc=face, mec=edge, ms=4.5, ls="", label=words)
    ends = np.array([1e-14, 1.0])
    ax.plot(ends, ends, color=GREY, lw=0.8)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("Published [J, W or s]")
    ax.set_ylabel("Estimated here [J, W or s]")
    ax.set_title("All targets with a unit")
    ax.legend(loc="lower right")
