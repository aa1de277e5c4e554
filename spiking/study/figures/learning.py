"""How each contender learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from spiking.study.figures.panels import caption, handle, head
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import GREY, WIDTH, look, style

TICKS = (0, 1, 2, 5, 10, 20, 40, 60, 80, 100)  # of the error [%]


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, Any]]], *, title: str = "") -> Figure:
    """Error rate of each contender as it learns: left against passes, right against seconds of training.

    Solid lines are the validation samples, which training never saw; dotted lines the training samples.
    Markers stand at both ends of a curve and on the way; the legend says where it ends. The axis of the
    error is stretched near 0 (square root).

    Args:
        histories: for each contender a list of dicts with ``epoch``, ``seconds`` (of training, compilation
            left out), and ``accuracy`` and/or ``validation_accuracy`` (fractions).
    """
    shown = {m: pd.DataFrame(list(h)) for m, h in histories.items() if len(h)}
    models = list(shown)
    with style():
        figure = Sheet(figsize=(WIDTH, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        for model, table in shown.items():
            for ax, column in ((left, "epoch"), (right, "seconds")):
                _curve(ax, table, column, *look(model, models))
        left.set_xlabel("Passes over the training samples")
        left.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        right.set_xlabel("Seconds of training, compilation left out")
        right.set_xscale("log")
        right.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
        right.xaxis.set_minor_locator(NullLocator())
        right.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        _error_axis(left, list(shown.values()))
        for ax in (left, right):
            ax.grid(True)
        handles: list[Any] = [handle(m, models, words=f", at last {_last(shown[m])}") for m in models]
        handles += [
            Line2D([], [], color=GREY, ls="-", label="validation samples"),
            Line2D([], [], color=GREY, ls=":", label="training samples"),
        ]
        head(figure, handles, title, columns=max(3, len(models)))
        caption(
            figure,
            ["In the legend: error in the last pass. The network kept is that of the best pass."],
        )
    return figure


def _error_axis(ax: Axes, tables: Sequence[pd.DataFrame]) -> None:
    columns = [
        c for t in tables for c in (_error(t, "accuracy"), _error(t, "validation_accuracy")) if c is not None
    ]
    worst = max((float(c.max()) for c in columns), default=100.0)
    ax.set_yscale("function", functions=(lambda v: np.sqrt(np.maximum(v, 0)), np.square))
    ax.set_ylim(0, worst * 1.08)
    ax.yaxis.set_major_locator(FixedLocator(TICKS))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.set_ylabel("Error rate [%]")


def _last(table: pd.DataFrame) -> str:
    error = _error(table, "validation_accuracy")
    error = _error(table, "accuracy") if error is None else error
    return "" if error is None else f"{error.iloc[-1]:.1f}\xa0%"


def _error(table: pd.DataFrame, name: str) -> pd.Series | None:
    """Errors [%] of one column; None where it was not followed."""
    if name not in table or not table[name].notna().any():
        return None
    return 100 * (1 - table[name].astype(float))


def _curve(ax: Axes, table: pd.DataFrame, column: str, colour: str, marker: str) -> None:
    last = len(table) - 1
    marked = sorted({round(k * last / 5) for k in range(6)})  # both ends and four between
    held_out = _error(table, "validation_accuracy")
    for name, line in (("accuracy", ":"), ("validation_accuracy", "-")):
        error = _error(table, name)
        if error is None:
            continue
        main = line == "-" or held_out is None  # what carries the markers and the number
        ax.plot(
            table[column],
            error,
            line,
            color=colour,
            marker=marker if main else "",
            markevery=marked,
            mec="white",
            mew=0.5,
            ms=5,
            lw=1.3,
            clip_on=False,
        )
