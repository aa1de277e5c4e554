"""The figure of one inference: what came in, who spiked when, what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from spiking.study.figures.panels import caption
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import BLUE, EDGE, ORANGE, PALE, VERMILLION, WIDTH, style


@dataclass(frozen=True, kw_only=True, eq=False)
class Inference:
    """One sample's way through a spiking network.

    Attributes:
        spikes: for each population, in order, spikes ``[steps, units]``.
        scores: ``[classes]`` from the decoder; ``truth``: the sample's class.
        image: ``[height, width]`` in [0, 1], or None.
        dt: step [s]; ``note``: a line under the figure.
    """

    spikes: Mapping[str, NDArray[np.floating]]
    scores: NDArray[np.floating]
    truth: int
    dt: float = 1e-3
    image: NDArray[np.floating] | None = field(default=None)
    note: str = ""


def spike_raster(one: Inference, *, title: str = "") -> Figure:
    """Raster of one inference: the image, the spikes of each population over time, the scores."""
    names = list(one.spikes)
    with style():
        figure = Sheet(figsize=(WIDTH, 3.6), layout="constrained")
        grid = figure.add_gridspec(1, 3, width_ratios=[1.0, 3.0, 0.9])
        _image(figure.add_subplot(grid[0]), one)
        heights = [max(np.sqrt(one.spikes[n].shape[1]), 3.0) for n in names]
        middle = grid[1].subgridspec(len(names), 1, height_ratios=heights, hspace=0.12)
        first = None
        for i, name in enumerate(names):
            ax = figure.add_subplot(middle[i], sharex=first)
            first = first or ax
            _spikes(ax, name, one.spikes[name], one.dt)
            ax.tick_params(labelbottom=i == len(names) - 1)
        ax.set_xlabel("Time [ms]")
        _scores(figure.add_subplot(grid[2]), one)
        if title:
            figure.suptitle(title, fontsize=9.5, fontweight="bold", x=0.01, ha="left")
        caption(figure, [one.note])
    return figure


def _image(ax: Axes, one: Inference) -> None:
    ax.set_title("Input")
    if one.image is None:
        ax.axis("off")
        return
    ax.imshow(one.image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel(f"true class {one.truth}")
    for side in ax.spines.values():
        side.set_visible(True)


def _spikes(ax: Axes, name: str, spikes: NDArray[np.floating], dt: float) -> None:
    steps, units = spikes.shape
    when, who = np.nonzero(spikes)
    tall = min(max(260 / units, 1.2), 7.0)  # points: fewer units leave room for longer marks
    ax.plot((when + 0.5) * dt * 1e3, who, "|", color="black", ms=tall, mew=1.0, ls="")
    ax.set_xlim(0, steps * dt * 1e3)
    ax.set_ylim(-0.7, units - 0.3)
    ax.set_ylabel("unit")
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    rate = spikes.sum() / (steps * units * dt)
    ax.set_title(
        f"{name}: {int(spikes.sum())} spikes, {rate:.3g}\xa0Hz per unit", fontsize=8, fontweight="normal"
    )


def _scores(ax: Axes, one: Inference) -> None:
    classes = np.arange(len(one.scores))
    winner = int(np.argmax(one.scores))
    colours = [PALE] * len(classes)
    colours[winner] = BLUE if winner == one.truth else VERMILLION
    ax.barh(classes, one.scores, color=colours, edgecolor=EDGE, linewidth=0.5, height=0.7)
    if winner != one.truth:
        ax.barh(one.truth, one.scores[one.truth], color=ORANGE, edgecolor=EDGE, hatch="///", height=0.7)
    ax.set_yticks(classes)
    ax.invert_yaxis()
    ax.set_xlabel("score")
    ax.set_title(f"Answer: {winner} ({'right' if winner == one.truth else 'wrong'})")
    ax.set_ylabel("class")
