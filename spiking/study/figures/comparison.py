"""The figures of a comparison, drawn from rows and plain data. Energies are estimates, and say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from spiking.study.figures.style import EDGE, GREY, WIDTH, label, look, style, term_look
from spiking.study.numbers import si

ASIDE: dict[str, Any] = {"color": GREY, "style": "italic", "fontsize": 7.5}
TOTALS = (  # column of the rows, marker, face, words
    ("energy_compute", "D", "white", "compute only"),
    ("energy_dynamic", "o", GREY, "dynamic"),
    ("energy", "s", "black", "total, with static power"),
)


def pareto(energy: Sequence[float], accuracy: Sequence[float]) -> list[int]:
    """Indices of the points no other point beats in both, by rising energy."""
    order = sorted(range(len(energy)), key=lambda i: (energy[i], -accuracy[i]))
    front: list[int] = []
    for i in order:
        if not front or accuracy[i] > accuracy[front[-1]]:
            front.append(i)
    return front


def accuracy_energy(rows: pd.DataFrame, *, title: str = "") -> Figure:
    """Accuracy against estimated energy per inference, one panel per chip, with ranges.

    Horizontal bars span the low and high estimate, vertical bars the 95 % interval of the accuracy;
    the dashed staircase is the Pareto front of each chip: whatever lies below and to the right of it
    is beaten in both.

    Args:
        rows: the rows of a comparison (:mod:`spiking.study.results.rows`).
    """
    chips = list(dict.fromkeys(rows["chip"]))
    models = list(dict.fromkeys(rows["model"]))
    with style():
        figure = Figure(figsize=(WIDTH, 3.35), layout="constrained")
        axes = figure.subplots(1, len(chips), sharey=True, squeeze=False)[0]
        for ax, chip in zip(axes, chips, strict=True):
            _accuracy_panel(ax, rows[rows["chip"] == chip], models)
            ax.set_title(chip)
        spans = rows.dropna(subset=["energy_J"])
        worst, best = 100 * spans["accuracy_low"].min(), 100 * spans["accuracy_high"].max()
        axes[0].set_ylim(worst - 0.12 * (best - worst + 1), best + 0.06 * (best - worst + 1))
        axes[0].set_ylabel("Test accuracy [%]")
        figure.supxlabel("Estimated energy per inference, with static power over the latency", fontsize=8.5)
        handles = [_handle(m, models) for m in models]
        handles.append(Line2D([], [], color=GREY, lw=1.2, ls="--", label="Pareto front"))
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), title=title or None)
    return figure


def _handle(model: str, models: list[str]) -> Line2D:
    colour, marker = look(model, models)
    return Line2D([], [], color=colour, marker=marker, ls="", ms=6.5, label=label(model))


def _accuracy_panel(ax: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    run = rows[rows["runs_here"].astype(bool) & (rows["energy_J"] > 0)].reset_index(drop=True)
    ax.set_xscale("log")
    ax.grid(True, which="major")
    for _, r in run.iterrows():
        colour, marker = look(r["model"], models)
        x, y = r["energy_J"], 100 * r["accuracy"]
        ax.errorbar(
            x,
            y,
            xerr=[[x - r["energy_low_J"]], [r["energy_high_J"] - x]],
            yerr=[[y - 100 * r["accuracy_low"]], [100 * r["accuracy_high"] - y]],
            color=colour,
            marker=marker,
            ms=6.5,
            mec="white",
            mew=0.6,
            lw=1.1,
            capsize=2,
            zorder=3,
        )
    low, high = _decades(run)
    ax.set_xlim(low, high)
    if len(run):
        front = run.loc[pareto(run["energy_J"].tolist(), run["accuracy"].tolist())]
        # a staircase from the bottom to the right edge: what lies below and right of it is beaten
        x = [*front["energy_J"], high]
        y = [-100.0, *(100 * front["accuracy"])]
        ax.step(x, [*y[1:], y[-1]], "--", where="post", color=GREY, lw=1.1, zorder=1)
        ax.vlines(x[0], -100.0, y[1], color=GREY, lw=1.1, ls="--", zorder=1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: si(v, "J", 1)))
    ax.minorticks_off()
    absent = [label(m) for m in models if m not in set(run["model"])]
    if absent:
        text = f"cannot run here: {', '.join(absent)}"
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        ax.text(0.97, 0.03, text, transform=ax.transAxes, ha="right", bbox=box, **ASIDE)


def _decades(run: pd.DataFrame) -> tuple[float, float]:
    """Limits of a log axis: the data and a margin, at least two decades so that ticks appear."""
    if not len(run):
        return 1e-9, 1e-6
    low, high = np.log10(run["energy_low_J"].min()), np.log10(run["energy_high_J"].max())
    pad = max(0.15, (2.0 - (high - low)) / 2)
    return float(10 ** (low - pad)), float(10 ** (high + pad))


def energy_terms(terms: pd.DataFrame, rows: pd.DataFrame, *, title: str = "") -> Figure:
    """Where the energy goes: left the share of each term, right the three totals on a log axis.

    Shares are stacked to 100 % because totals of one figure may lie orders of magnitude apart.

    Args:
        terms: columns ``model, chip, term, energy_J``; the term ``static`` is leakage x latency.
        rows: the rows of the comparison, for totals, ranges and models that cannot run.
    """
    chips, models = list(dict.fromkeys(rows["chip"])), list(dict.fromkeys(rows["model"]))
    looks = term_look(list(dict.fromkeys(terms["term"])))
    with style():
        height = 1.0 + len(chips) * (0.55 + 0.27 * len(models))
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(len(chips), 2, squeeze=False)
        for chip, (left, right) in zip(chips, axes, strict=True):
            here = rows[rows["chip"] == chip].set_index("model")
            _shares(left, terms[terms["chip"] == chip], models, looks)
            _totals(right, here, models)
            left.set_title(f"{chip}: share of each term")
            right.set_title(f"{chip}: three totals")
        axes[-1, 0].set_xlabel("Share of the estimated energy [%]")
        axes[-1, 1].set_xlabel("Estimated energy per inference")
        handles: list[Any] = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=EDGE, lw=0.5, label=term.replace("_", " "))
            for term, (colour, hatch) in looks.items()
        ]
        handles += [
            Line2D([], [], color="black", marker=marker, mfc=face, ls="", ms=5, label=words)
            for _, marker, face, words in TOTALS
        ]
        columns = min(len(handles), 5)
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, title=title or None)
    return figure


def _shares(ax: Axes, terms: pd.DataFrame, models: list[str], looks: Mapping[str, tuple[str, str]]) -> None:
    for place, model in enumerate(models):
        mine = terms[terms["model"] == model].groupby("term")["energy_J"].sum()
        if not mine.sum() > 0:
            ax.text(1, place, "cannot run or be priced here", va="center", **ASIDE)
            continue
        start = 0.0
        for term, (colour, hatch) in looks.items():
            share = 100 * float(mine.get(term, 0.0)) / float(mine.sum())
            ax.barh(place, share, 0.62, start, color=colour, hatch=hatch, edgecolor=EDGE, linewidth=0.5)
            start += share
    ax.set_xlim(0, 100)
    _model_axis(ax, models)


def _totals(ax: Axes, rows: Any, models: list[str]) -> None:
    ax.set_xscale("log")
    for place, model in enumerate(models):
        for height, (column, marker, face, _) in zip((-0.24, 0.0, 0.24), TOTALS, strict=True):
            low, nominal, high = (float(rows.loc[model, f"{column}{end}_J"]) for end in ("_low", "", "_high"))
            if not nominal > 0:
                continue
            span, y = [[nominal - low], [high - nominal]], place + height
            bar: dict[str, Any] = {
                "color": "black",
                "marker": marker,
                "mfc": face,
                "ms": 4.2,
                "capsize": 2,
                "lw": 1,
            }
            ax.errorbar(nominal, y, xerr=span, **bar)
            if column == "energy":
                ax.annotate(f"  {si(nominal, 'J')}", (high, y), va="center", fontsize=7.5)
    low, high = ax.get_xlim()
    ax.set_xlim(low, high * (high / low) ** 0.22)  # room for the number behind the last point
    ax.set_yticklabels([])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: si(v, "J", 1)))
    ax.xaxis.set_major_locator(LogLocator(numticks=6))
    ax.minorticks_off()
    _model_axis(ax, models, named=False)


def _model_axis(ax: Axes, models: list[str], named: bool = True) -> None:
    ax.set_yticks(range(len(models)), [label(m) if named else "" for m in models])
    ax.set_ylim(len(models) - 0.5, -0.5)
    ax.grid(True, axis="x")
    ax.tick_params(axis="y", length=0)


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, Any]]], *, title: str = "") -> Figure:
    """Error rate of each model as it learns: left against passes, right against seconds of training.

    Solid lines are the held-out validation samples, dotted lines the training samples.

    Args:
        histories: for each model a list of dicts with ``epoch``, ``seconds``, and ``accuracy``
            and/or ``validation_accuracy`` (fractions).
    """
    shown = {m: h for m, h in histories.items() if len(h)}
    models = list(shown)
    with style():
        figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        for model, history in shown.items():
            colour, marker = look(model, models)
            table = pd.DataFrame(list(history))
            for ax, column in ((left, "epoch"), (right, "seconds")):
                _curve(ax, table, column, colour, marker)
        left.set_xlabel("Passes over the training samples")
        right.set_xlabel("Training time, compilation included [s]")
        right.set_xscale("log")
        right.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        left.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        left.set_ylabel("Estimated error rate [%]")
        left.set_yscale("log")
        left.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        left.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        left.minorticks_off()
        for ax in (left, right):
            ax.grid(True)
        handles: list[Any] = [_handle(m, models) for m in models]
        handles += [
            Line2D([], [], color=GREY, ls="-", label="validation"),
            Line2D([], [], color=GREY, ls=":", label="training"),
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), title=title or None)
    return figure


def _curve(ax: Axes, table: pd.DataFrame, column: str, colour: str, marker: str) -> None:
    every = max(len(table) // 8, 1)
    held_out = "validation_accuracy" in table and table["validation_accuracy"].notna().any()
    for name, line in (("accuracy", ":"), ("validation_accuracy", "-")):
        if name in table and table[name].notna().any():
            mark = marker if line == "-" or not held_out else ""
            error = 100 * (1 - table[name].astype(float))
            ax.plot(
                table[column],
                error.where(error > 0),  # a log axis has no place for none
                line,
                color=colour,
                marker=mark,
                markevery=every,
                ms=4.5,
                lw=1.3,
            )
