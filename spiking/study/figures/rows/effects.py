"""Which axis matters, where the energy of rows goes, and every axis at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator

from spiking.core.errors import require
from spiking.core.numbers import si_range, significant
from spiking.study.figures.accuracy import pareto
from spiking.study.figures.rows.axes import scaled, sheet
from spiking.study.figures.rows.table import (
    axes_of,
    bounds,
    checked,
    groups,
    in_order,
    shown,
    spiking,
    words,
)
from spiking.study.figures.style import BLUE, EDGE, GREY, ORANGE, PALE, SKY, VERMILLION, label

PARTS = (  # what a scope adds to the one before, colour, hatch
    ("arithmetic", BLUE, ""),
    ("memory, messages, input and output", ORANGE, "///"),
    ("static power and idle time", PALE, "---"),
)


def tornado(rows: pd.DataFrame, *, y: str = "energy_J", title: str | None = None) -> Figure:
    """Return, for each axis, how far ``y`` moves with it while all else is averaged, the widest first.

    A bar spans the geometric means (for an accuracy the means) of ``y`` at the values of the axis, of the
    network whose rows have that axis; the ends are named by the values that give them.

    Raises:
        SpikingError: nothing was varied.
    """
    table = checked(rows, y)
    axes = [
        a
        for a in [*axes_of(table), "model"]
        if a != "design" and table[a].dropna().astype(str).nunique() > 1 and a != y
    ]
    require(bool(axes), "nothing was varied in these rows; a tornado needs at least one axis")
    share = "accuracy" in y
    found = []
    for axis in axes:
        part = table[table[axis].notna()]
        means = {v: _middle(part.loc[part[axis] == v, y], share) for v in in_order(part[axis])}
        low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        middle = _middle(part[y], share)
        base = (
            (means[low] - middle, means[high] - middle)
            if share
            else (means[low] / middle, means[high] / middle)
        )
        found.append((axis, low, high, *base))
    found.sort(key=lambda f: (f[4] - f[3]) if share else f[4] / f[3])
    notes = ["Each bar: the least and the greatest mean over the values of one axis, all else averaged."]
    with sheet(title or f"{words(found[-1][0])} moves it most", notes, height=1.5 + 0.3 * len(found)) as (
        figure,
        ax,
        _,
    ):
        rest = 0.0 if share else 1.0
        for k, (axis, low, high, a, b) in enumerate(found):
            ax.barh(k, a - rest, left=rest, color=SKY, edgecolor=EDGE, lw=0.5, height=0.62)
            ax.barh(
                k, b - rest, left=rest, color=VERMILLION, edgecolor=EDGE, lw=0.5, height=0.62, hatch="///"
            )
            for end, value, side, away in ((a, low, "right", -3), (b, high, "left", 3)):
                ax.annotate(_short(axis, value), (end, k), xytext=(away, 0), textcoords="offset points",
                            ha=side,
                            va="center", fontsize=7.5)  # fmt: skip
        ax.axvline(rest, color=EDGE, lw=0.8)
        ax.set_yticks(range(len(found)), [words(f[0]) for f in found])
        ax.tick_params(axis="y", length=0)
        if share:
            ax.set_xlabel(f"{words(y)}, less the mean")
            ax.xaxis.set_major_formatter(lambda v, _: f"{100 * v:+.1f}")
        else:
            ax.set_xscale("log")
            low, high = min(f[3] for f in found), max(f[4] for f in found)
            ax.set_xlim(low / (high / low) ** 0.35, high * (high / low) ** 0.35)
            scaled(ax.xaxis, y, np.array([low, high]), log=True)
            ax.set_xlabel(f"{words(y)}, over its mean")
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
            ax.xaxis.set_major_formatter(lambda v, _: f"{v:.2g}")
        ax.grid(True, axis="x")
    return figure


def _middle(values: pd.Series, share: bool) -> float:
    numbers = values.dropna().to_numpy(np.float64)
    return float(numbers.mean()) if share else float(np.exp(np.log(numbers).mean()))


def _short(axis: str, value: object) -> str:
    text = label(str(value)) if axis == "model" else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 22 else f"{text[:21]}…"


def parts(rows: pd.DataFrame, *, colour: str = "model", title: str | None = None) -> Figure:
    """Return what the energy of the cheapest row of each value of ``colour`` is made of.

    Three parts: arithmetic, the rest of what is dynamic, and what is paid for time; behind each bar stands
    the total with its range.

    Raises:
        SpikingError: rows without the three totals.
    """
    table = checked(rows, "energy_compute_J", "energy_dynamic_J", colour)
    best = [part.iloc[int(part["energy_J"].argmin())] for _, part in table.groupby(colour, sort=False)]
    best.sort(key=lambda r: r["energy_J"])
    notes = ["The cheapest row of each; in brackets: range of the published constants. ≥: a lower bound."]
    with sheet(title or "", notes, height=1.5 + 0.36 * len(best)) as (figure, ax, handles):
        for k, r in enumerate(best):
            total = r["energy_J"]
            ends = [r["energy_compute_J"], r["energy_dynamic_J"], total]
            if np.isnan(ends[1]):  # the chip states its total only
                ends = [0.0, 0.0, total]
            start = 0.0
            for (_, tint, hatch), end in zip(PARTS, np.nan_to_num(ends), strict=True):
                ax.barh(k, 100 * (end - start) / total, left=100 * start / total, color=tint, hatch=hatch,
                        edgecolor=EDGE, lw=0.5, height=0.65)  # fmt: skip
                start = max(start, end)
            low, high = r.get("energy_low_J", total), r.get("energy_high_J", total)
            bound = "≥ " if r.get("lower_bound", False) else ""
            ax.text(
                101.5, k, f"{bound}{si_range(low, total, high, 'J')}", va="center", fontsize=7.5, color=EDGE
            )
        ax.set_yticks(
            range(len(best)), [_short("model" if colour == "model" else "", r[colour]) for r in best]
        )
        ax.set_ylim(len(best) - 0.5, -0.5)
        ax.set_xlim(0, 100)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("Share of the energy [%]")
        handles += [Patch(facecolor=t, hatch=h, edgecolor=EDGE, lw=0.5, label=w) for w, t, h in PARTS]
    return figure


def rate(
    rows: pd.DataFrame,
    *,
    x: str = "spikes_per_neuron_step",
    y: str = "energy_J",
    colour: str = "model",
    title: str | None = None,
) -> Figure:
    """Return the energy of spiking networks over their activity, with the cheapest MLP as a line.

    The energy of one network is affine in its spikes. Where a straight fit to all rows rises with them, it is
    drawn, and the point where it meets the MLP is the break-even; rows of designs that differ otherwise have
    no such line.

    Raises:
        SpikingError: no spiking network in the rows.
    """
    table = checked(rows, x, y, colour)
    snn, mlp = table[spiking(table) & (table[x] > 0)], table[~spiking(table)]
    require(len(snn) > 0, "no row of a spiking network; a rate needs some")
    best = mlp.iloc[int(mlp[y].argmin())] if len(mlp) else None
    line = _rising(snn[x].to_numpy(np.float64), snn[y].to_numpy(np.float64))
    even = None if line is None or best is None else (best[y] - line[1]) / line[0]
    notes = ["Dashed: the cheapest MLP, with its range."] if best is not None else []
    if line is not None:
        notes.append("Grey: straight fit of energy over activity; diamond: where it meets the MLP.")
    with sheet(title or _met(even, x), notes) as (figure, ax, handles):
        for value, part, (tint, marker, _) in groups(snn, colour):
            ax.plot(part[x], part[y], marker=marker, color=tint, ls="", ms=5, alpha=0.7, mec="white", mew=0.4)
            name = label(value) if colour == "model" else f"{words(colour)} {value}"
            handles.append(Line2D([], [], color=tint, marker=marker, ls="", label=name))
        ends = [snn[x].min() / 3, snn[x].max() * 3]
        if even is not None and even > 0:
            ends = [min(ends[0], even / 2), max(ends[1], even * 2)]
        grid = np.geomspace(float(ends[0]), float(ends[1]), 100)
        if line is not None:
            ax.plot(grid, line[1] + line[0] * grid, color=GREY, lw=1.4, zorder=1)
        if best is not None:
            ax.axhline(best[y], color=EDGE, ls="--", lw=1.5)
            if y == "energy_J" and "energy_low_J" in mlp:
                band = best["energy_low_J"], best["energy_high_J"]
                ax.axhspan(*band, color=PALE, alpha=0.5, lw=0, zorder=0)
            handles.append(Line2D([], [], color=EDGE, ls="--", label="cheapest MLP"))
            if even is not None and even > 0:
                ax.plot(even, best[y], "D", mfc="white", mec=EDGE, ms=7, zorder=5)
        scaled(ax.xaxis, x, grid, log=True)
        scaled(ax.yaxis, y, table[y].to_numpy(np.float64), log=True)
    return figure


def _rising(x: np.ndarray, y: np.ndarray) -> tuple[float, float] | None:
    """Slope and start of a straight fit (relative errors), or None where it does not rise from above 0."""
    if len(np.unique(x)) < 3:
        return None
    slope, start = np.polyfit(x, y, 1, w=1 / y)
    return (float(slope), float(start)) if slope > 0 and start >= 0 else None


def _met(even: float | None, x: str) -> str:
    if even is None:
        return ""
    if even <= 0:
        return "No activity breaks even: without spikes the fit lies above the MLP"
    return f"Break-even at {significant(even, 2)} {words(x).lower()}"


def parallel(rows: pd.DataFrame, *, colour: str = "model", title: str | None = None) -> Figure:
    """Return every row as a line across its axes, its accuracy and its energy; rows of the fronts stand out.

    Raises:
        SpikingError: a column is missing.
    """
    table = checked(rows, colour)
    axes = [a for a in axes_of(table) if a not in ("seed", "design", colour)]
    columns = [*axes[:7], "accuracy", "energy_J"]
    places, ticks = {}, {}
    for c in columns:
        places[c], ticks[c] = _place(table[c], c)
    strong = set()
    for kind in (True, False):
        at = np.flatnonzero(spiking(table) == kind)
        part = table.loc[at]
        strong |= set(
            at[pareto(part["energy_J"].tolist(), part["accuracy"].tolist(), bounds(table)[at].tolist())]
        )
    notes = ["Strong: on the front of its kind. A line that ends early has no value on the next axis."]
    with sheet(title or "", notes, width=1.0, height=3.4) as (figure, ax, handles):
        for value, part, (tint, marker, dash) in groups(table, colour):
            for i in part.index:
                y = [places[c][i] for c in columns]
                ax.plot(range(len(columns)), y, color=tint, ls=dash if i in strong else "-", marker=marker,
                        ms=3 if i in strong else 0, lw=1.6 if i in strong else 0.6,
                        alpha=0.9 if i in strong else 0.12, zorder=3 if i in strong else 1)  # fmt: skip
            name = label(value) if colour == "model" else f"{words(colour)} {value}"
            handles.append(Line2D([], [], color=tint, ls=dash, marker=marker, ms=4, label=name))
        for k, c in enumerate(columns):
            ax.axvline(k, color=GREY, lw=0.8, zorder=0)
            for place, text in ticks[c]:
                note = ax.annotate(text, (k, place), xytext=(-3, 0), textcoords="offset points", ha="right",
                                   va="center", fontsize=7, color=EDGE, zorder=5)  # fmt: skip
                note.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        ax.set_xticks(
            range(len(columns)), [words(c).removesuffix(" per inference") for c in columns], fontsize=7.5
        )
        ax.set_xlim(-0.45, len(columns) - 0.8)
        ax.set_yticks([])
        for side in ax.spines.values():
            side.set_visible(False)
    return figure


def _place(values: pd.Series, column: str) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Heights of 0 to 1, and what stands beside them."""
    if (
        pd.api.types.is_numeric_dtype(values)
        and not pd.api.types.is_bool_dtype(values)
        and values.nunique() > 6
    ):
        v = values.to_numpy(np.float64)
        log = np.nanmin(v) > 0 and np.nanmax(v) > 10 * np.nanmin(v)
        u = np.log(v) if log else v
        low, high = np.nanmin(u), np.nanmax(u)
        marks = [low, (low + high) / 2, high]
        show = shown(column, 3)
        texts = [(0.5 * k, show(float(np.exp(m) if log else m), None)) for k, m in enumerate(marks)]
        return (u - low) / max(high - low, 1e-300), texts
    order = in_order(values)
    where = {v: k / max(len(order) - 1, 1) for k, v in enumerate(order)}
    return values.map(where).to_numpy(np.float64), [(where[v], _short(column, v)) for v in order]
