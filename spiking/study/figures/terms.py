"""Where the energy of each contender goes, one panel per chip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from spiking.study.figures.panels import FEW, bounded, caption, chips_of, grid, head, left_out, priced
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import EDGE, GREY, WIDTH, label, style, term_look, term_words


def energy_terms(terms: pd.DataFrame, rows: pd.DataFrame, *, title: str = "") -> Figure:
    """Where the energy goes: the share of each term, with the total behind each bar.

    Shares add up to 100 %, because totals of one figure may lie orders of magnitude apart.

    Args:
        terms: columns ``model, chip, term, energy_J``; the term ``static`` is leakage x latency.
        rows: the rows of the comparison, for the totals and for contenders that cannot run.
        title: the answer in words, set above.
    """
    chips, models = chips_of(rows), list(dict.fromkeys(rows["model"]))
    looks = term_look(list(dict.fromkeys(terms.loc[terms["energy_J"] > 0, "term"])))
    across = min(len(chips), 2 if len(chips) <= FEW + 1 else 3)
    down = math.ceil(len(chips) / across)
    with style():
        height = 1.3 + down * (0.42 + 0.19 * len(models))
        figure = Sheet(figsize=(WIDTH, height), layout="constrained")
        panels = grid(figure, len(chips), across)
        for place, (ax, chip) in enumerate(zip(panels, chips, strict=True)):
            here = rows[rows["chip"] == chip].set_index("model")
            _shares(ax, terms[terms["chip"] == chip], here, models, looks)
            ax.set_title(chip, fontsize=9)
            ax.tick_params(labelsize=7.5, labelbottom=place >= len(chips) - across)
            if place >= len(chips) - across:
                ax.set_xlabel("Share of the energy [%]", fontsize=8)
        handles: list[Any] = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=EDGE, lw=0.5, label=term_words(term))
            for term, (colour, hatch) in looks.items()
        ]
        head(figure, handles, title, columns=5)
        caption(
            figure, ["Estimated energy per inference; the number behind a bar is its total.", left_out(rows)]
        )
    return figure


def _shares(
    ax: Axes, terms: pd.DataFrame, rows: pd.DataFrame, models: list[str], looks: Mapping[str, tuple[str, str]]
) -> None:
    for place, model in enumerate(models):
        mine = terms[terms["model"] == model].groupby("term")["energy_J"].sum()
        aside: dict[str, Any] = {"va": "center", "fontsize": 7, "color": EDGE}
        if model not in rows.index or not rows.loc[model, "runs_here"]:
            ax.text(2, place, "cannot run here", **aside | {"color": GREY, "style": "italic"})
            continue
        if not len(priced(rows.loc[[model]])):
            ax.text(2, place, "no published price", **aside | {"color": GREY, "style": "italic"})
            continue
        start = 0.0
        for term, (colour, hatch) in looks.items():
            share = 100 * float(mine.get(term, 0.0)) / float(mine.sum())
            if share > 0:
                ax.barh(place, share, 0.68, start, color=colour, hatch=hatch, edgecolor=EDGE, linewidth=0.5)
            start += share
        ax.text(102, place, bounded(rows.loc[[model]].iloc[0]), **aside)
    ax.set_xlim(0, 100)
    ax.set_xticks([0, 50, 100])
    ax.set_yticks(range(len(models)), [label(m) for m in models])
    ax.set_ylim(len(models) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
