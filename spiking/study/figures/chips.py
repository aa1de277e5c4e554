"""What each contender costs on every chip that runs it, the cheapest chip first."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spiking.study.figures.panels import (
    bound_handle,
    bounded,
    caption,
    handle,
    head,
    joules,
    left_out,
    open_arrow,
    priced,
)
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import EDGE, GREY, WIDTH, look, style

ROW, GAP = 0.155, 0.45  # [inch] of a bar; of the space between chips, in bars


def across_chips(rows: pd.DataFrame, *, title: str = "") -> Figure:
    """Estimated energy per inference of every contender on every chip that runs it, sorted.

    Bars span low and high estimate, the marker stands at the nominal one; a lower bound ends in an open arrow
    head. White diamonds count arithmetic alone, as many papers do.

    Args:
        rows: the rows of a comparison (:mod:`spiking.study.results.rows`).
        title: the answer in words, set above.
    """
    run, models = priced(rows), list(dict.fromkeys(rows["model"]))
    order = run.groupby("chip")["energy_J"].min().sort_values(kind="stable").index
    with style():
        figure = Sheet(figsize=(WIDTH, 1.5 + ROW * (len(run) + GAP * len(order))), layout="constrained")
        ax = figure.subplots()
        ticks, top = [], 0.0
        for k, chip in enumerate(order):
            here = run[run["chip"] == chip].sort_values("energy_J", kind="stable")
            if k % 2 == 0:
                ax.axhspan(
                    top - 0.5 - GAP / 2, top + len(here) - 0.5 + GAP / 2, color="#F4F4F4", lw=0, zorder=0
                )
            for place, (_, r) in enumerate(here.iterrows()):
                _bar(ax, r, top + place, models)
            ticks.append(top + (len(here) - 1) / 2)
            top += len(here) + GAP
        ax.set_yticks(ticks, list(order), fontweight="bold", fontsize=8)
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(max(top - 0.5 - GAP / 2, 0.5), -0.5 - GAP / 2)
        low, high = _ends(run)
        joules(ax, low, high * (high / low) ** 0.14, ticks=8)  # room for the number behind the last bar
        ax.set_xlabel("Estimated energy per inference")
        handles: list[Any] = [handle(m, models) for m in models]
        if run["energy_compute_J"].gt(0).any():
            handles.append(_diamond(label="arithmetic alone"))
        if bool(run["lower_bound"].any()):
            handles.append(bound_handle())
        head(figure, handles, title)
        caption(
            figure,
            [
                "Static power over the latency included; bars: range of the published constants. Boards are "
                "measured at the wall, components are not: compare contenders on one chip before chips.",
                left_out(rows),
            ],
        )
    return figure


def _bar(ax: Axes, r: pd.Series, y: float, models: list[str]) -> None:
    colour, marker = look(r["model"], models)
    low, nominal, high = r["energy_low_J"], r["energy_J"], r["energy_high_J"]
    ax.plot([low, high], [y, y], color=colour, lw=3.0, alpha=0.35, solid_capstyle="butt", zorder=2)
    if r["energy_compute_J"] > 0:
        arithmetic = _diamond()
        arithmetic.set_data([r["energy_compute_J"]], [y])
        ax.add_line(arithmetic)
    ax.plot([nominal], [y], marker=marker, color=colour, ms=5, mec="white", mew=0.5, ls="", zorder=4)
    if r["lower_bound"]:
        open_arrow(ax, high, y, colour, size=4.5, away=6)
    offset = 11 if r["lower_bound"] else 5
    ax.annotate(
        bounded(r),
        (high, y),
        xytext=(offset, 0),
        textcoords="offset points",
        va="center",
        fontsize=7,
        color=EDGE,
    )


def _diamond(label: str = "") -> Line2D:
    return Line2D([], [], marker="D", mfc="white", mec=GREY, mew=0.8, ms=3.2, ls="", zorder=3, label=label)


def _ends(run: pd.DataFrame) -> tuple[float, float]:
    if not len(run):
        return 1e-9, 1e-6
    smallest = run[["energy_low_J", "energy_compute_J"]].where(lambda v: v > 0).min().min()
    low, high = float(smallest) / 1.6, float(run["energy_high_J"].max()) * 1.6
    return (low, high) if high > 100 * low else (low / 4, high * 4)
