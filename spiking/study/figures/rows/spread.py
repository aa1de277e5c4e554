"""What devices do to a network: accuracy against a disturbance, yield, and the cloud of chips."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spiking.core.errors import SpikingError, require
from spiking.core.numbers import percent
from spiking.study.figures.rows.axes import scaled, sheet
from spiking.study.figures.rows.table import axes_of, checked, groups, in_order, words
from spiking.study.figures.style import GREY, label

INSTANCES = ("seed", "instance", "effect_seed", "device_seed")  # columns that only tell draws apart


def _name(colour: str, value: Any) -> str:
    return label(value) if colour == "model" else f"{words(colour)} {value}"


def degradation(
    rows: pd.DataFrame,
    *,
    x: str | None = None,
    y: str = "accuracy",
    colour: str = "model",
    title: str | None = None,
) -> Figure:
    """Return the median of ``y`` over an axis of numbers, with bands from 5 to 95 % of the rows at each.

    Raises:
        SpikingError: no axis of numbers was varied.
    """
    table = checked(rows, x, y, colour)
    varied = [a for a in axes_of(table) if a not in (*INSTANCES, colour) and _numeric(table[a])]
    column = x or (varied[0] if varied else None)
    if column is None or not _numeric(table[column]):
        raise SpikingError(
            f"a degradation is drawn over an axis of numbers; {column or 'none'} came; allowed: "
            f"{', '.join(varied) or 'no column of these rows'}"
        )
    notes = [
        "Lines: median; bands: 5 to 95 % of the rows at each value (chips, seeds, all that varied besides)."
    ]
    with sheet(title or "", notes) as (figure, ax, handles):
        for value, part, (tint, marker, dash) in groups(table, colour):
            at = in_order(part[column])
            if not at:  # the axis does not touch it: a line from end to end
                level = float(part[y].median())
                ax.axhline(level, color=tint, ls=dash, lw=1.4)
            else:
                found = np.array([part.loc[part[column] == v, y].quantile([0.05, 0.5, 0.95]) for v in at])
                ax.fill_between(at, found[:, 0], found[:, 2], color=tint, alpha=0.15, lw=0)
                ax.plot(at, found[:, 1], color=tint, marker=marker, ls=dash, ms=5, mec="white", lw=1.6)
            handles.append(Line2D([], [], color=tint, marker=marker, ls=dash, label=_name(colour, value)))
        scaled(ax.xaxis, column, table[column].dropna().to_numpy(np.float64))
        scaled(ax.yaxis, y, table[y].dropna().to_numpy(np.float64), log=False if "accuracy" in y else None)
    return figure


def yield_curve(
    rows: pd.DataFrame,
    *,
    x: str = "accuracy",
    colour: str = "model",
    floor: float | None = None,
    title: str | None = None,
) -> Figure:
    """Return the share of rows (chips) that reach at least each ``x``, with ``floor`` (a fraction) marked.

    Bands are 95 % for the share of so many chips (Wilson 1927).
    """
    from spiking.study.results.rows import wilson

    table = checked(rows, x, colour)
    notes = ["Share of the chips that do at least as well; bands: 95 % interval for so few of them."]
    with sheet(title or "", notes, columns=2) as (figure, ax, handles):
        for value, part, (tint, _, dash) in groups(table, colour):
            found = np.sort(part[x].dropna().to_numpy(np.float64))
            n = len(found)
            at = np.r_[found, found[-1]]
            share = np.r_[1 - np.arange(n) / n, 0.0]
            ends = np.array([wilson(round(s * n), n) for s in share])
            ax.step(at, share, where="pre", color=tint, ls=dash, lw=1.7)
            ax.fill_between(at, ends[:, 0], ends[:, 1], step="pre", color=tint, alpha=0.13, lw=0)
            words_ = _name(colour, value)
            if floor is not None:
                words_ += f": {percent(float(np.mean(found >= floor)), 0)} reach {percent(floor)}"
            handles.append(Line2D([], [], color=tint, ls=dash, lw=1.7, label=f"{words_} ({n})"))
        if floor is not None:
            ax.axvline(floor, color=GREY, lw=1.0, ls=(0, (4, 2)))
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(lambda v, _: percent(v, 0))
        ax.set_ylabel("Share of the chips")
        scaled(ax.xaxis, x, table[x].dropna().to_numpy(np.float64), log=False if "accuracy" in x else None)
        ax.grid(True, axis="y")
    return figure


def cloud(
    rows: pd.DataFrame,
    *,
    x: str = "energy_J",
    y: str = "accuracy",
    colour: str = "model",
    title: str | None = None,
) -> Figure:
    """Return every row (chip) by two measures at once, with medians and ellipses of 90 %.

    Raises:
        SpikingError: a column is missing.
    """
    table = checked(rows, x, y, colour)
    table = table[table[x].notna() & table[y].notna()]
    require(len(table) > 0, f"no row has both {x} and {y}")
    log = bool(table[x].min() > 0 and table[x].max() > 10 * table[x].min())
    notes = ["A point is one row (one chip). Cross: medians; line: would hold 90 % of a normal cloud."]
    with sheet(title or "", notes) as (figure, ax, handles):
        for value, part, (tint, marker, dash) in groups(table, colour):
            a, b = part[x].to_numpy(np.float64), part[y].to_numpy(np.float64)
            ax.plot(a, b, marker=marker, color=tint, ls="", ms=3.6, alpha=0.35, mew=0)
            ax.plot(np.median(a), np.median(b), "+", color=tint, ms=13, mew=2.2)
            if len(a) > 3:
                ring = _ellipse(np.log(a) if log else a, b)
                ax.plot(np.exp(ring[0]) if log else ring[0], ring[1], color=tint, ls=dash, lw=1.4)
            handles.append(Line2D([], [], color=tint, marker=marker, ls=dash, label=_name(colour, value)))
        scaled(ax.xaxis, x, table[x].to_numpy(np.float64), log=log)
        scaled(ax.yaxis, y, table[y].to_numpy(np.float64), log=False if "accuracy" in y else None)
    return figure


def _ellipse(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Points of the ellipse of 90 % of a normal cloud with these means and covariances, ``[2, points]``."""
    turn = np.linspace(0, 2 * np.pi, 100)
    values, vectors = np.linalg.eigh(np.cov(a, b))
    arms = np.sqrt(np.maximum(values, 0) * 4.605170185988092)  # chi-square of two, 90 %
    ring = vectors @ (arms[:, None] * np.stack([np.cos(turn), np.sin(turn)]))
    return np.asarray(ring + np.array([[a.mean()], [b.mean()]]))


def _numeric(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
