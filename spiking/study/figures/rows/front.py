"""Every point of a sweep by accuracy and energy, and what no other beats: once for each kind of network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from spiking.core.numbers import percent, significant
from spiking.study.figures.accuracy import pareto
from spiking.study.figures.panels import bound_handle
from spiking.study.figures.rows.axes import scaled, sheet
from spiking.study.figures.rows.table import bounds, checked, ends_of, groups, in_order, spiking, words
from spiking.study.figures.style import EDGE, VERMILLION, label

Mask = NDArray[np.bool_]
FAINT = 0.25
MOST = 6  # chips that have a panel each; more stand in one


def front(
    rows: pd.DataFrame,
    *,
    x: str = "energy_J",
    y: str = "accuracy",
    colour: str = "model",
    title: str | None = None,
    y_label: str | None = None,
) -> Figure:
    """Return ``y`` (large is good) against ``x`` (small is good) with the front of each kind of network.

    Points that another one of their kind beats are faint; those of a front have the ranges of their constants
    and the 95 % interval of their accuracy. A lower bound is open and beats nobody.

    Args:
        rows: of a comparison, of designs, or of a sweep.
        colour: column whose values have a colour and a marker each.
        y_label: words at the vertical axis, where those of the column would mislead.

    Raises:
        SpikingError: a column is missing, or no row has an energy.
    """
    table = checked(rows, x, y, colour)
    table = table[table[x].notna() & table[y].notna()].reset_index(drop=True)
    kind, open_ = spiking(table), bounds(table)
    notes = ["Faint: another of its kind is as good in both. Bars: range of the published constants, "
             "95 % interval of the accuracy."]  # fmt: skip
    said = _answer(table, kind, open_) if title is None and (x, y) == ("energy_J", "accuracy") else title
    chips = in_order(table["chip"]) if "chip" in table else [None]
    panels = chips if 1 < len(chips) <= MOST else [None]
    height, width = 3.6 if len(panels) < 4 else 5.4, 0.85 if len(panels) < 2 else 1.0
    with sheet(said or "", notes, height=height, width=width,
               panels=len(panels)) as (figure, axes, handles):  # fmt: skip
        drawn: dict[str, Line2D] = {}
        for ax, chip in zip(axes, panels, strict=True):
            here = np.asarray(table["chip"] == chip) if chip is not None else np.ones(len(table), np.bool_)
            strong = _lines(ax, table, here, x, y, kind, open_, drawn)
            for value, part, (tint, marker, _) in groups(table, colour):
                at = np.array([i for i in part.index if here[i]], np.int64)
                _faint(ax, part.loc[at[~strong[at]]], x, y, tint, marker)
                _strong(ax, part.loc[at[strong[at]]], x, y, tint, marker, open_)
                name = label(value) if colour == "model" else f"{words(colour)} {value}"
                drawn[name] = Line2D([], [], color=tint, marker=marker, ls="", ms=6, label=name)
            scaled(ax.xaxis, x, table.loc[here, x].to_numpy(np.float64))
            scaled(ax.yaxis, y, table[y].to_numpy(np.float64), log=False if y == "accuracy" else None)
            if y_label is not None:
                ax.set_ylabel(y_label)
            if chip is not None:
                ax.set_title(chip, fontsize=9)
                ax.label_outer()
        handles += drawn.values()
        if open_.any():
            handles.append(bound_handle())
    return figure


def _lines(
    ax: Axes,
    table: pd.DataFrame,
    here: Mask,
    x: str,
    y: str,
    kind: Mask,
    open_: Mask,
    drawn: dict[str, Line2D],
) -> Mask:
    """Draw the front of each kind among the rows ``here``; return which rows are on one."""
    strong = np.zeros(len(table), np.bool_)
    for spikes, dash, tone in ((False, "--", EDGE), (True, "-", VERMILLION)):
        mine = np.flatnonzero((kind == spikes) & here)
        if not len(mine):
            continue
        part = table.loc[mine]
        kept = mine[pareto(part[x].tolist(), part[y].tolist(), open_[mine].tolist())]
        strong[kept] = True
        line = table.loc[[i for i in kept if not open_[i]]]
        if len(line) > 1:
            ax.step(line[x], line[y], where="post", color=tone, ls=dash, lw=1.8, alpha=0.7, zorder=2)
            name = "front of the spiking networks" if spikes else "front of the MLPs"
            drawn[name] = Line2D([], [], color=tone, ls=dash, lw=1.8, label=name)
    return strong


def _faint(ax: Axes, part: pd.DataFrame, x: str, y: str, tint: str, marker: str) -> None:
    ax.plot(part[x], part[y], marker=marker, color=tint, alpha=FAINT, ms=4, ls="", mew=0, zorder=1)


def _strong(ax: Axes, part: pd.DataFrame, x: str, y: str, tint: str, marker: str, open_: Mask) -> None:
    if not len(part):
        return
    errors: dict[str, Any] = {}
    for name, column in (("xerr", x), ("yerr", y)):
        ends = ends_of(part, column)
        if ends is not None:
            value = part[column].to_numpy(float)
            errors[name] = [value - ends[0], ends[1] - value]
    ax.errorbar(part[x], part[y], **errors, color=tint, ls="", lw=0.9, alpha=0.55, zorder=3)
    for bound, face in ((False, tint), (True, "white")):
        some = part.loc[[i for i in part.index if open_[i] == bound]]
        edge, wide = (tint, 1.0) if bound else ("white", 0.6)
        ax.plot(some[x], some[y], marker=marker, mfc=face, mec=edge, mew=wide,
                ms=6.5, ls="", zorder=4)  # fmt: skip


def _answer(table: pd.DataFrame, kind: Mask, open_: Mask) -> str:
    """Which kind needs less at the accuracy that both reach."""
    if kind.all() or not kind.any() or ("chip" in table and table["chip"].nunique() > 1):
        return ""
    top = min(table.loc[kind, "accuracy"].max(), table.loc[~kind, "accuracy"].max())
    good = table["accuracy"] >= top - 1e-9
    mlp, snn = table.loc[good & ~kind, "energy_J"].min(), table.loc[good & kind, "energy_J"].min()
    bound = bool(open_[table.loc[good & kind, "energy_J"].idxmin()])
    return (
        f"At {percent(float(top))} the cheapest spiking network takes {'at least ' if bound else ''}"
        f"{significant(float(snn / mlp), 2)} times the energy of the cheapest MLP"
    )
