"""Two axes of a sweep as a map, with the line on which both kinds of network cost the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.numbers import percent, si, significant
from spiking.study.figures.rows.axes import sheet
from spiking.study.figures.rows.table import axes_of, checked, in_order, spiking, words

RATIO = "ratio"  # energy of the cheapest spiking network over that of the cheapest MLP
MOST = 14  # cells in a row that have room for a number


def heatmap(
    rows: pd.DataFrame,
    *,
    x: str | None = None,
    y: str | None = None,
    colour: str = RATIO,
    title: str | None = None,
) -> Figure:
    """Return the map of ``colour`` over the axes ``x`` and ``y``, the best of all other choices in each cell.

    Args:
        colour: ``"ratio"`` (energy of the cheapest spiking network over that of the cheapest MLP; an MLP that
            an axis does not touch counts in every cell), or a measured column: its least value, or its
            largest where that is an accuracy.

    Raises:
        SpikingError: fewer than two axes were varied, or one of the kinds is missing for a ratio.
    """
    table = checked(rows, x, y, None if colour == RATIO else colour)
    x, y = _axes(table, x, y)
    across, down = in_order(table[x]), in_order(table[y])
    values = (
        _ratios(table, x, y, across, down) if colour == RATIO else _best(table, x, y, across, down, colour)
    )
    name = "Energy of SNN over MLP" if colour == RATIO else words(colour)
    said = _answer(values) if title is None and colour == RATIO else title or ""
    notes = ["In each cell the best of all that was varied besides."]
    with sheet(said, notes, height=1.9 + 0.34 * len(down)) as (figure, ax, handles):
        norm, map_ = _look(values, colour)
        image = ax.imshow(values, norm=norm, cmap=map_, aspect="auto", origin="lower")
        bar = figure.colorbar(image, ax=ax, label=name, pad=0.02)
        bar.ax.yaxis.set_major_formatter(lambda v, _: _text(v, colour))
        bar.ax.yaxis.set_minor_formatter("")
        if colour == RATIO:
            good = values[np.isfinite(values)]
            bar.set_ticks(sorted({float(f"{v:.2g}") for v in (good.min(), 1.0, good.max())}))
        if len(across) <= MOST:
            for i, j in np.ndindex(values.shape):
                if np.isfinite(values[i, j]):
                    note = ax.text(
                        j, i, _text(float(values[i, j]), colour), ha="center", va="center", fontsize=7.5
                    )
                    note.set_path_effects([withStroke(linewidth=2, foreground="white")])
        if colour == RATIO:
            handles += _equal(ax, values)
        ax.set_xticks(range(len(across)), [_tick(v) for v in across])
        ax.set_yticks(range(len(down)), [_tick(v) for v in down])
        ax.set_xlabel(words(x))
        ax.set_ylabel(words(y))
    return figure


def _axes(table: pd.DataFrame, x: str | None, y: str | None) -> tuple[str, str]:
    varied = [a for a in axes_of(table) if a not in (x, y, "seed", "design")]
    chosen = [x or (varied.pop(0) if varied else None), y]
    chosen[1] = y or (varied.pop(0) if varied else None)
    if chosen[0] is None or chosen[1] is None:
        raise SpikingError(
            f"a heat map needs two axes, and only {', '.join(axes_of(table)) or 'none'} varied; name columns "
            "with --x and --y"
        )
    require(chosen[0] != chosen[1], f"x and y are both {chosen[0]!r}; name two columns")
    return chosen[0], chosen[1]


def _cell(table: pd.DataFrame, x: str, y: str, a: Any, b: Any) -> pd.DataFrame:
    """The rows of a cell; those that an axis does not touch belong to every value of it."""
    here = ((table[x] == a) | table[x].isna()) & ((table[y] == b) | table[y].isna())
    found: pd.DataFrame = table.loc[here]
    return found


def _ratios(table: pd.DataFrame, x: str, y: str, across: list[Any], down: list[Any]) -> NDArray[np.float64]:
    kind = spiking(table)
    require(
        bool(kind.any() and not kind.all()),
        "a ratio needs rows of an MLP and of a spiking network; choose another --colour, e.g. energy_J",
    )
    out = np.full((len(down), len(across)), np.nan)
    for i, b in enumerate(down):
        for j, a in enumerate(across):
            here = _cell(table, x, y, a, b)
            snn, mlp = here[spiking(here)]["energy_J"], here[~spiking(here)]["energy_J"]
            if len(snn) and len(mlp):
                out[i, j] = snn.min() / mlp.min()
    require(bool(np.isfinite(out).any()), f"no cell of {x} and {y} holds both an MLP and a spiking network")
    return out


def _best(
    table: pd.DataFrame, x: str, y: str, across: list[Any], down: list[Any], colour: str
) -> NDArray[np.float64]:
    out = np.full((len(down), len(across)), np.nan)
    for i, b in enumerate(down):
        for j, a in enumerate(across):
            here = _cell(table, x, y, a, b)[colour].dropna()
            if len(here):
                out[i, j] = here.max() if "accuracy" in colour else here.min()
    return out


def _look(values: NDArray[np.float64], colour: str) -> tuple[Any, str]:
    good = values[np.isfinite(values)]
    if colour == RATIO:
        spread = max(float(np.exp(np.abs(np.log(good)).max())), 1.2)
        return LogNorm(1 / spread, spread), "PuOr_r"
    if good.min() > 0 and good.max() > 10 * good.min():
        return LogNorm(good.min(), good.max()), "cividis"
    return Normalize(good.min(), good.max()), "cividis"


def _equal(ax: Any, values: NDArray[np.float64]) -> list[Any]:
    """The contour at 1, if any cell lies on either side of it."""
    filled = np.where(np.isfinite(values), values, np.nan)
    if min(values.shape) > 1 and np.nanmin(filled) < 1 < np.nanmax(filled):
        ax.contour(np.log(filled), levels=[0.0], colors="black", linewidths=2.0)
        return [Line2D([], [], color="black", lw=2, label="both cost the same")]
    return []


def _answer(values: NDArray[np.float64]) -> str:
    good = values[np.isfinite(values)]
    return f"The spiking network costs less in {int((good < 1).sum())} of {good.size} cells"


def _text(v: float, colour: str) -> str:
    if colour.endswith("_J"):
        return si(float(v), "J", 2)
    return percent(float(v), 0) if "accuracy" in colour else significant(float(v), 2)


def _tick(v: Any) -> str:
    return f"{v:g}" if isinstance(v, float | np.floating) else str(v)
