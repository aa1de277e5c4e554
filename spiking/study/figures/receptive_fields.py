"""The picture everyone expects of STDP: what each neuron has learned to see."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import WIDTH, style

MOST = 400  # receptive fields in one picture
GAP = 1  # pixels between two fields


def receptive_fields(weight: NDArray[Any], shape: tuple[int, int], *, title: str = "") -> Figure:
    """Draw the incoming weights ``[pixels, neurons]`` of every neuron as an image of ``shape``.

    More than 400 neurons are thinned evenly. One scale for all, from 0 to the 99.9th percentile.
    """
    height, width = shape
    every = max(1, math.ceil(weight.shape[1] / MOST))
    fields = np.asarray(weight)[:, ::every].T.reshape(-1, height, width)
    columns = math.ceil(math.sqrt(len(fields)))
    rows = math.ceil(len(fields) / columns)
    sheet = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP), np.nan)
    for k, field in enumerate(fields):
        top, left = (k // columns) * (height + GAP) + GAP, (k % columns) * (width + GAP) + GAP
        sheet[top : top + height, left : left + width] = field
    with style():
        figure = Sheet(figsize=(WIDTH * 0.7, WIDTH * 0.7 * rows / columns + 0.3), layout="constrained")
        axes = figure.add_subplot()
        top_value = float(np.percentile(weight, 99.9)) or 1.0
        colours = colormaps["Greys"].with_extremes(bad="#C9DDEB")
        image = axes.imshow(sheet, cmap=colours, vmin=0.0, vmax=top_value, interpolation="nearest")
        axes.set_axis_off()
        thinned = f", every {every}th" if every > 1 else ""
        axes.set_title(
            f"Weights of {weight.shape[1]} neurons{thinned}" + (f" after {title}" if title else "")
        )
        bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.01, aspect=30)
        bar.set_label("weight of a pixel (conductance relative to the leak)")
        bar.outline.set_visible(False)
    return figure
