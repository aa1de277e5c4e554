"""What these figures share: a sheet with one panel, axes that read, a legend and a caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from spiking.study.figures.panels import caption, grid, head
from spiking.study.figures.rows.table import shown, words
from spiking.study.figures.sheet import Sheet
from spiking.study.figures.style import WIDTH, style

ESTIMATED = "Energies are estimated, not measured."


@contextmanager
def sheet(
    title: str,
    notes: Sequence[str],
    *,
    width: float = 0.85,
    height: float = 3.6,
    columns: int = 5,
    panels: int = 0,
) -> Iterator[tuple[Figure, Any, list[Any]]]:
    """A figure with one panel, or a list of ``panels``; handles put into the list become its legend."""
    with style():
        figure = Sheet(figsize=(WIDTH * width, height), layout="constrained")
        handles: list[Any] = []
        yield figure, (grid(figure, panels, min(panels, 3)) if panels else figure.subplots()), handles
        if handles or title:
            head(figure, handles, title, columns=columns)
        caption(figure, [*notes, ESTIMATED])


def scaled(axis: Axis, column: str, values: NDArray[np.float64], *, log: bool | None = None) -> None:
    """Name an axis, and make it logarithmic where its values span more than a decade."""
    good = values[np.isfinite(values) & (values > 0)]
    wide = len(good) > 0 and len(good) == len(values) and good.max() > 10 * good.min()
    axis.set_label_text(words(column))
    if wide if log is None else log:
        getattr(axis.axes, f"set_{axis.axis_name}scale")("log")  # type: ignore[attr-defined]
        few = good.max() < 100 * good.min()
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=9))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(7))
    logarithmic = axis.get_scale() == "log"
    axis.set_major_formatter(FuncFormatter(shown(column, 1 if logarithmic else 3)))
    axis.axes.grid(True, axis=axis.axis_name)  # type: ignore[attr-defined]
