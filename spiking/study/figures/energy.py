"""Figures of energy: a waterfall of one bill, the map of break-even, predicted against published."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
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
from spiking.study.validation.energy import Target, in_words


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


def predicted_against_published(rows: Sequence[Target]) -> Figure:
    """Every prediction of a measurement with its own band, over what was measured."""
    physical = [r for r in rows if r["kind"] == "prediction"][::-1]
    with style():
        figure = Sheet(figsize=(WIDTH, 1.4 + 0.165 * len(physical)), layout="constrained")
        ax = figure.subplots()
        ax.axvline(1.0, color=GREY, lw=0.9)
        for at, r in enumerate(physical):
            measured, colour = float(r["expected"] or 1.0), BLUE if r["passed"] else VERMILLION
            ends = [(r["low"] or r["got"]) / measured, (r["high"] or r["got"]) / measured]
            ax.hlines(at, ends[0], ends[1], color=colour, lw=2.2, alpha=0.45)
            ax.plot(r["got"] / measured, at, "o" if r["passed"] else "X", color=colour, ms=4.5, mec="white")
        names = [f"{r['id']}  {r['item']}" for r in physical]
        ax.set_yticks(range(len(names)), names, fontsize=6.5)
        ax.set_ylim(-0.7, len(names) - 0.3)
        ax.set_xscale("log")
        ax.set_xlabel("Ours over measured, with our band (round: holds; cross: fails)")
        ax.set_title(in_words(rows))
    return figure
