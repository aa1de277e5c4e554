"""Figures by their kind, from a table of rows or from the folder that holds it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spiking.core.errors import SpikingError, require, unknown
from spiking.study.figures.rows.effects import parallel, parts, rate, tornado
from spiking.study.figures.rows.front import front
from spiking.study.figures.rows.heatmap import heatmap
from spiking.study.figures.rows.pace import pace
from spiking.study.figures.rows.spread import cloud, degradation, yield_curve

KINDS: Mapping[str, Callable[..., Figure]] = {
    "front": front,
    "heatmap": heatmap,
    "degradation": degradation,
    "yield": yield_curve,
    "cloud": cloud,
    "tornado": tornado,
    "waterfall": parts,
    "rate": rate,
    "pace": pace,
    "parallel": parallel,
}


def draw(rows: pd.DataFrame, kind: str, **options: Any) -> Figure:
    """Return the figure of ``rows`` called ``kind``; options that are None are left out.

    Raises:
        SpikingError: no such kind, an option the kind does not have, or rows it cannot show.
    """
    if kind not in KINDS:
        raise unknown("kind of figure", kind, KINDS)
    made = KINDS[kind]
    allowed = [name for name in inspect.signature(made).parameters if name != "rows"]
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        require(
            name in allowed,
            f"a {kind} has no option {name!r}; it has {', '.join(allowed)}; leave --{name} out",
        )
    return made(rows, **given)


def rows_of(folder: str | Path) -> pd.DataFrame:
    """Return the rows that a comparison or a sweep left in ``folder``.

    Raises:
        SpikingError: no rows there, or none that can be read.
    """
    path = Path(folder) / "rows.json"
    require(
        path.is_file(),
        f"{folder} has no rows.json; give the folder of a `spiking compare` or of a `spiking sweep`",
    )
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SpikingError(f"{path} cannot be read ({error})") from None
    require(
        isinstance(records, list) and all(isinstance(r, dict) for r in records) and len(records) > 0,
        f"{path} is no list of rows; give the folder of a comparison or of a sweep",
    )
    return pd.DataFrame(records)
