"""What figures of a comparison share: which rows are drawn, grids, axes of joules, title and caption."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator
from matplotlib.transforms import offset_copy

from spiking.core.numbers import si, unbroken
from spiking.study.figures.style import GREY, label, look

FEW = 3  # panels that stand in one row
ACROSS = 4  # panels of a row, where there are many


def priced(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have an energy: the network runs there and something has a price."""
    return rows[rows["runs_here"].astype(bool) & (rows["energy_J"] > 0)]


def chips_of(rows: pd.DataFrame) -> list[str]:
    """The chips with an energy to show, in order; all of them where none has one."""
    return list(dict.fromkeys(priced(rows)["chip"])) or list(dict.fromkeys(rows["chip"]))


def left_out(rows: pd.DataFrame) -> str:
    """A sentence on the chips that have no panel, empty where all have one."""
    shown = set(chips_of(rows))
    absent = rows[~rows["chip"].isin(shown)]
    runs = absent.groupby("chip", sort=False)["runs_here"].any()
    words = {True: "no published price", False: "run none of these networks"}
    parts = [
        f"{', '.join(str(c) for c in runs.index[runs == can])} ({words[can]})"
        for can in (True, False)
        if bool((runs == can).any())
    ]
    return f"Not shown: {'; '.join(parts)}." if parts else ""


def grid(figure: Figure, number: int, across: int) -> list[Axes]:
    """``number`` panels, ``across`` in a row, sharing the vertical axis."""
    down = math.ceil(number / across)
    axes = figure.subplots(down, across, sharey=True, squeeze=False).ravel().tolist()
    for spare in axes[number:]:
        spare.set_axis_off()
    return list(axes[:number])


def joules(ax: Axes, low: float, high: float, *, ticks: int = 6) -> None:
    """Make the horizontal axis logarithmic from ``low`` to ``high`` [J], with prefixes for exponents."""
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(LogLocator(numticks=ticks))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: si(v, "J", 1)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(True, axis="x")


def span(rows: pd.DataFrame, *, least: float = 2.0) -> tuple[float, float]:
    """Ends of a logarithmic axis [J]: the data and a margin, at least ``least`` decades, for the ticks."""
    if not len(rows):
        return 1e-9, 1e-6
    low, high = np.log10(rows["energy_low_J"].min()), np.log10(rows["energy_high_J"].max())
    pad = max(0.15, (least - (high - low)) / 2)
    return float(10 ** (low - pad)), float(10 ** (high + pad))


def bounded(row: pd.Series) -> str:
    """The energy of a row as text, ``"≥ 6.05 µJ"`` where it is a lower bound."""
    return f"{'≥ ' if row['lower_bound'] else ''}{si(float(row['energy_J']), 'J')}".replace(" ", "\xa0")


def open_arrow(ax: Axes, x: float, y: float, colour: str, *, size: float = 5.0, away: float = 5.0) -> None:
    """An open arrow head, ``away`` points to the right of ``x``: the true value lies at ``x`` or beyond."""
    figure = ax.get_figure(root=True)
    beside = offset_copy(ax.transData, fig=figure, x=away, units="points")
    form: dict[str, Any] = {"marker": ">", "mfc": "white", "mec": colour, "mew": 1.0, "ms": size, "ls": ""}
    ax.plot([x], [y], transform=beside, zorder=5, clip_on=False, **form)


def handle(model: str, models: list[str], *, words: str = "") -> Line2D:
    """The legend entry of a contender, with ``words`` behind its name."""
    colour, marker = look(model, models)
    return Line2D([], [], color=colour, marker=marker, ls="", ms=6, label=label(model) + words)


def bound_handle() -> Line2D:
    """The legend entry of a lower bound."""
    return Line2D([], [], color=GREY, marker=">", mfc="white", ls="-", ms=5, label="lower bound (≥)")


def head(figure: Figure, handles: Sequence[Any], title: str, *, columns: int = 6) -> None:
    """Set the answer above the figure, broken into lines that fit, and the legend below it."""
    figure.legend(
        handles=list(handles),
        loc="outside upper left",
        ncols=min(len(handles), columns),
        title=textwrap.fill(unbroken(title), int(figure.get_figwidth() * 12)) or None,
        title_fontproperties={"weight": "bold", "size": 9.5},
        alignment="left",
        borderaxespad=0.2,
        columnspacing=1.4,
        handletextpad=0.5,
    )


def caption(figure: Figure, sentences: Sequence[str]) -> None:
    """Set small print under the figure; no number is parted from its unit."""
    text = " ".join(s for s in sentences if s)
    if text:
        text = textwrap.fill(unbroken(text), int(figure.get_figwidth() * 20))
        figure.supxlabel(text, fontsize=7, color=GREY, x=0.01, ha="left")
