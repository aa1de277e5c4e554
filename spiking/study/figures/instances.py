"""Chips that differ, and answers read early: the joint cloud, and accuracy against energy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spiking.core.errors import require
from spiking.study.figures.panels import caption
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import BLUE, EDGE, GREY, ORANGE, VERMILLION, WIDTH, style

FLAT = 1e-6  # relative spread of the energy below which a chip pays for no spike


def chip_cloud_figure(
    rows: pd.DataFrame, chip: str, *, nominal: float | None = None, floor: float | None = None
) -> Figure:
    """Accuracy against joules, one dot per chip instance, and the share of chips above every accuracy.

    Args:
        rows: as :meth:`spiking.study.instances.Cloud.rows` gives them.
        chip: the priced chip. nominal: accuracy without effects. floor: accuracy that a chip must reach.

    Raises:
        SpikingError: a chip that the rows do not price.
    """
    column = f"energy_J:{chip}"
    require(column in rows, f"the rows hold no energy on {chip!r}; price the chip instances on it")
    accuracy, energy = 100 * rows["accuracy"].to_numpy(), 1e9 * rows[column].to_numpy()
    with style():
        figure = Sheet(figsize=(WIDTH, 2.9), layout="constrained")
        cloud, share = figure.subplots(1, 2, sharey=True)
        cloud.plot(energy, accuracy, "o", ms=3.5, mfc="none", mec=BLUE, mew=0.8, label="chip")
        if np.ptp(energy) > FLAT * energy.mean():
            cloud.margins(0.08)
        cloud.set(xlabel=f"Energy per inference on {chip} [nJ]", ylabel="Accuracy [%]")
        order = np.sort(accuracy)[::-1]
        share.step(100 * np.arange(1, len(order) + 1) / len(order), order, where="pre", color=BLUE)
        share.set(xlabel="Yield: chips that reach it [%]", xlim=(0, 102))
        for ax in (cloud, share):
            _line(ax, nominal, GREY, "--", "without effects")
            _line(ax, floor, VERMILLION, ":", "floor")
            ax.grid(True)
        if nominal is not None or floor is not None:
            share.legend(loc="lower left")
        bound = rows.get(f"lower_bound:{chip}")
        notes = [f"{len(rows)} chips under the same input spikes. Energies are estimated, not measured."]
        if bound is not None and bool(bound.any()):
            notes.append("They are lower bounds: not everything has a price on this chip.")
        caption(figure, notes)
    return figure


def _line(ax: Axes, accuracy: float | None, colour: str, dashes: str, name: str) -> None:
    if accuracy is not None:
        ax.axhline(100 * accuracy, color=colour, ls=dashes, lw=1, label=name)


def early_exit_figure(fixed: pd.DataFrame, confident: pd.DataFrame, chip: str) -> Figure:
    """Accuracy against the joules spent until the answer: after a fixed step, or at a margin.

    Args:
        fixed, confident: as :class:`spiking.study.instances.EarlyExit` gives them.
        chip: the priced chip.

    Raises:
        SpikingError: a chip that the rows do not price.
    """
    column = f"energy_J:{chip}"
    require(
        column in fixed and column in confident, f"the rows hold no energy on {chip!r}; price the steps on it"
    )
    with style():
        figure = Sheet(figsize=(WIDTH / 2 + 0.6, 3.0), layout="constrained")
        ax = figure.subplots()
        ax.plot(1e9 * fixed[column], 100 * fixed["accuracy"], "o-", color=BLUE, ms=4, label="after a step")
        ax.plot(
            1e9 * confident[column], 100 * confident["accuracy"], "s--", color=ORANGE, mec=EDGE, mew=0.5,
            ms=4, label="stopped by confidence",
        )  # fmt: skip
        for row in fixed.to_dict("records")[:: max(1, len(fixed) // 5)]:
            ax.annotate(
                f"{row['steps']:.0f}", (1e9 * row[column], 100 * row["accuracy"]), xytext=(4, -9),
                textcoords="offset points", fontsize=7, color=EDGE,
            )  # fmt: skip
        ax.set(xlabel=f"Energy per inference on {chip} [nJ]", ylabel="Accuracy [%]")
        ax.grid(True)
        ax.legend(loc="lower right")
        caption(figure, ["Numbers: steps. Energies are estimated, not measured."])
    return figure
