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
from matplotlib.ticker import FuncFormatter, MaxNLocator

from spiking.study.style import EDGE, GREY, WIDTH, label, look, style, term_look
from spiking.study.units import prefix, si


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
        rows: the rows of a comparison (:mod:`spiking.study.rows`).
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
        ax.text(0.03, 0.03, text, transform=ax.transAxes, color=GREY, style="italic", fontsize=7.5)


def _decades(run: pd.DataFrame) -> tuple[float, float]:
    """Limits of a log axis: the data and a margin, at least two decades so that ticks appear."""
    if not len(run):
        return 1e-9, 1e-6
    low, high = np.log10(run["energy_low_J"].min()), np.log10(run["energy_high_J"].max())
    pad = max(0.15, (2.0 - (high - low)) / 2)
    return float(10 ** (low - pad)), float(10 ** (high + pad))


def energy_terms(terms: pd.DataFrame, rows: pd.DataFrame, *, title: str = "") -> Figure:
    """Estimated energy per inference by term: left dynamic only, right with static power.

    Args:
        terms: columns ``model, chip, term, energy_J``; the term ``static`` is leakage x latency.
        rows: the rows of the comparison, for the ranges and for models that cannot run.
    """
    chips, models = list(dict.fromkeys(rows["chip"])), list(dict.fromkeys(rows["model"]))
    looks = term_look(list(dict.fromkeys(terms["term"])))
    with style():
        height = 0.9 + len(chips) * (0.55 + 0.27 * len(models))
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(len(chips), 2, squeeze=False)
        for chip, (left, right) in zip(chips, axes, strict=True):
            here, rows_here = terms[terms["chip"] == chip], rows[rows["chip"] == chip]
            dynamic = here[here["term"] != "static"]
            _bars(left, dynamic, rows_here, models, looks, "energy_dynamic")
            _bars(right, here, rows_here, models, looks, "energy")
            left.set_title(f"{chip}: dynamic energy")
            right.set_title("with static power over the latency")
            right.set_yticklabels([])
        handles: list[Any] = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=EDGE, lw=0.5, label=term.replace("_", " "))
            for term, (colour, hatch) in looks.items()
        ]
        handles.append(Line2D([], [], color="black", marker="|", lw=1.1, label="low to high estimate"))
        columns = min(len(handles), 5)
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, title=title or None)
    return figure


def _bars(
    ax: Axes,
    terms: pd.DataFrame,
    rows: pd.DataFrame,
    models: list[str],
    looks: Mapping[str, tuple[str, str]],
    column: str,
) -> None:
    totals = terms.groupby("model")["energy_J"].sum()
    factor, p = prefix(float(totals.max()) if len(totals) else 1.0)
    reach = 0.0
    for place, model in enumerate(models):
        row = rows[rows["model"] == model]
        mine = terms[terms["model"] == model].groupby("term")["energy_J"].sum() / factor
        if not len(row) or not bool(row["runs_here"].iloc[0]) or not len(mine):
            ax.text(0, place, " cannot run here", va="center", color=GREY, style="italic", fontsize=7.5)
            continue
        start = 0.0
        for term, (colour, hatch) in looks.items():
            size = float(mine.get(term, 0.0))
            ax.barh(place, size, 0.62, start, color=colour, hatch=hatch, edgecolor=EDGE, linewidth=0.5)
            start += size
        low, high = (float(row[f"{column}_{end}_J"].iloc[0]) / factor for end in ("low", "high"))
        span = [[max(start - low, 0)], [max(high - start, 0)]]
        ax.errorbar(start, place, xerr=span, color="black", lw=1.1, capsize=2.5)
        top = max(start, high)
        static = float(mine.get("static", 0.0)) / start if start else 0.0
        share = f" ({100 * static:.3g} % static)" if static else ""
        ax.text(top, place, f"  {si(start * factor, 'J')}{share}", va="center", fontsize=7.5)
        reach = max(reach, top)
    ax.set_yticks(range(len(models)), [label(m) for m in models])
    ax.set_ylim(len(models) - 0.5, -0.5)
    ax.set_xlim(0, reach * (1.3 if column == "energy_dynamic" else 1.55) if reach else 1.0)
    ax.set_xlabel(f"Estimated energy per inference [{p}J]")
    ax.grid(True, axis="x")
    ax.tick_params(axis="y", length=0)


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, Any]]], *, title: str = "") -> Figure:
    """Accuracy of each model as it learns: left against passes, right against seconds of training.

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
        right.set_xlabel("Training time [s]")
        right.set_xscale("log")
        right.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        left.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        left.set_ylabel("Estimated accuracy [%]")
        left.set_ylim(top=100.5)
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
    for name, line in (("accuracy", ":"), ("validation_accuracy", "-")):
        if name in table and table[name].notna().any():
            mark = marker if line == "-" else ""
            ax.plot(
                table[column],
                100 * table[name].astype(float),
                line,
                color=colour,
                marker=mark,
                markevery=every,
                ms=4.5,
                lw=1.3,
            )
