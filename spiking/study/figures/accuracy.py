"""Accuracy against energy, one panel per chip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spiking.study.figures.panels import (
    ACROSS,
    FEW,
    bound_handle,
    bounded,
    caption,
    chips_of,
    grid,
    handle,
    head,
    joules,
    left_out,
    open_arrow,
    priced,
    span,
)
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import EDGE, GREY, WIDTH, label, look, style

FAINT = 0.4  # opacity of what another contender beats in both


def pareto(energy: Sequence[float], accuracy: Sequence[float], bound: Sequence[bool] = ()) -> list[int]:
    """Indices of the points no other point beats in both, by rising energy.

    A point whose energy is a lower bound (``bound``) beats nobody: its true energy is not known.
    """
    open_ended = list(bound) or [False] * len(energy)

    def beaten(i: int) -> bool:
        return any(
            energy[j] <= energy[i]
            and accuracy[j] >= accuracy[i]
            and (energy[j] < energy[i] or accuracy[j] > accuracy[i])
            for j in range(len(energy))
            if not open_ended[j]
        )

    return sorted((i for i in range(len(energy)) if not beaten(i)), key=lambda i: (energy[i], accuracy[i]))


def accuracy_energy(rows: pd.DataFrame, *, title: str = "") -> Figure:
    """Accuracy against estimated energy per inference, one panel per chip, with ranges.

    Horizontal bars span the low and high estimate, vertical bars the 95 % interval of the accuracy.
    Contenders that another one beats in both are faint; the others form the Pareto front. An open arrow
    head marks a lower bound, which beats nobody. Chips where nothing has an energy are named in the caption.

    Args:
        rows: the rows of a comparison (:mod:`spiking.study.results.rows`).
        title: the answer in words, set above.
    """
    chips, models = chips_of(rows), list(dict.fromkeys(rows["model"]))
    few = len(chips) <= FEW
    across = len(chips) if few else ACROSS
    down = math.ceil(len(chips) / across)
    with style():
        figure = Sheet(figsize=(WIDTH, 3.4 if few else 1.2 + 1.55 * down), layout="constrained")
        fronts = 0
        for place, (ax, chip) in enumerate(zip(grid(figure, len(chips), across), chips, strict=True)):
            here = rows[rows["chip"] == chip]
            fronts += _panel(ax, here, models, small=not few)
            ax.set_title(chip, fontsize=9.5 if few else 8, pad=17 if few else 14)
            small: dict[str, Any] = {"transform": ax.transAxes, "color": EDGE, "va": "bottom"}
            ax.text(0, 1.03, _cheapest(here, models, short=not few), fontsize=7.5 if few else 6.5, **small)
            if place >= len(chips) - across:
                ax.set_xlabel("Estimated energy per inference", fontsize=8.5 if few else 7)
        run = priced(rows)
        worst, best = 100 * run["accuracy_low"].min(), 100 * run["accuracy_high"].max()
        if len(run):
            room = best - worst + 1
            figure.axes[0].set_ylim(worst - 0.06 * room, best + 0.06 * room)
        figure.supylabel("Test accuracy [%]", fontsize=8.5)
        handles: list[Any] = [handle(m, models) for m in models]
        if fronts:
            handles.append(Line2D([], [], color=GREY, lw=2.2, alpha=0.5, label="Pareto front"))
        if bool(run["lower_bound"].any()):
            handles.append(bound_handle())
        head(figure, handles, title)
        caption(
            figure,
            [
                "Energy: static power over the latency included; bars: range of the published constants, and "
                "95 % interval of the accuracy. Faint: another is at least as accurate for no more energy.",
                left_out(rows),
            ],
        )
    return figure


def _cheapest(here: pd.DataFrame, models: list[str], *, short: bool) -> str:
    """Who costs least, and how much; a lower bound is said to be one and wins nothing."""
    run = priced(here).sort_values("energy_J")
    absent = [label(m) for m in models if m not in set(run["model"])]
    no = f"cannot run here: {', '.join(absent)}"
    if not len(run):
        return no
    first = run.iloc[0]
    text = f"{label(first['model'])} {'' if first['lower_bound'] else 'least: '}{bounded(first)}"
    return f"{text}; {no}" if absent and not short else text


def _panel(ax: Axes, rows: pd.DataFrame, models: list[str], *, small: bool) -> bool:
    """Draw one chip; return whether a front was drawn."""
    run = priced(rows).reset_index(drop=True)
    ax.grid(True, axis="y")
    front = pareto(run["energy_J"].tolist(), run["accuracy"].tolist(), run["lower_bound"].tolist())
    for i, r in run.iterrows():
        colour, marker = look(r["model"], models)
        x, y = r["energy_J"], 100 * r["accuracy"]
        seen = 1.0 if i in front else FAINT
        ax.errorbar(
            x,
            y,
            xerr=[[x - r["energy_low_J"]], [r["energy_high_J"] - x]],
            yerr=[[y - 100 * r["accuracy_low"]], [100 * r["accuracy_high"] - y]],
            color=colour,
            alpha=seen,
            marker=marker,
            ms=4.5 if small else 6.5,
            mec="white",
            mew=0.6,
            lw=1.1,
            capsize=0 if small else 2,
            zorder=3,
        )
        if r["lower_bound"]:
            open_arrow(ax, r["energy_high_J"], y, colour, size=3.5 if small else 5, away=5 if small else 7)
    known = run.loc[[i for i in front if not run["lower_bound"][i]]]
    if len(known) > 1:  # a line from one point of the front to the next, and no further
        ax.step(
            known["energy_J"], 100 * known["accuracy"], where="post", color=GREY, lw=2.2, alpha=0.5, zorder=1
        )
    joules(ax, *span(run), ticks=4 if small else 6)
    ax.tick_params(labelsize=7 if small else 8)
    return len(known) > 1
