"""Reader of a user's CSV: numbers as features, a column as the class of each sample, maybe one as group."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require, unknown
from spiking.core.typed import typed
from spiking.data.labels import classes_of
from spiking.data.readers.guard import read_bytes, reading

LARGEST = 2**28  # bytes of text
LABELS = ("label", "class", "target", "y")  # columns taken for the label where none is named


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """``x [samples, features]``, classes ``y`` and their names, groups or None, and the columns."""

    x: NDArray[np.float64]
    y: NDArray[np.int64]
    class_names: tuple[str, ...]
    groups: NDArray[Any] | None
    features: tuple[str, ...]
    label: str


@typed
def read_csv(path: str | Path, *, label: str | None = None, group: str | None = None) -> Table:
    """Read a table of samples, separated by commas, semicolons or tabs.

    The first line names the columns; where it holds nothing but numbers, they are called ``1``, ``2``, ...

    Args:
        label: column of the class; by default one called label, class, target or y, else the last.
        group: column of what a sample belongs to.

    Raises:
        SpikingError: no table, an unknown column, a missing value or a word among the features (with column
            and line), infinite numbers, labels that are quantities.
    """
    path = Path(path)
    frame, first = _frame(path)
    names = [str(name) for name in frame.columns]
    for kind, name in (("label", label), ("group", group)):
        if name is not None and name not in names:
            raise unknown(f"column for the {kind}", name, names)
    label = _label_column(names, group) if label is None else label
    require(label != group, f"the column {label!r} cannot be label and group; name two columns")
    features = [name for name in names if name not in (label, group)]
    require(bool(features), f"{path} has no column beside {label!r}; features are needed")
    _refuse_missing(path, frame, [*features, label, *([group] if group else [])], first)
    y, classes = classes_of(f"{path}: the labels in column {label!r}", _plain(frame[label]))
    x = np.column_stack([_numbers(path, name, frame[name], first) for name in features])
    groups = None if group is None else frame[group].to_numpy().astype(str)
    return Table(x=x, y=y, class_names=classes, groups=groups, features=tuple(features), label=label)


def _frame(path: Path) -> tuple[Any, int]:
    """The table as a DataFrame, and the line of its first sample."""
    import pandas as pd

    raw = read_bytes(path, LARGEST)
    with reading(path, "CSV file", "save it as UTF-8 text with one line per sample"):
        text = raw.decode("utf-8-sig")
        require("\0" not in text, f"{path} is not a CSV file: it holds binary data")
        head = text.lstrip("\r\n").split("\n", 1)[0]
        require(bool(head.strip()), f"{path} is empty; column names and samples are needed")
        separator = max(",;\t", key=head.count)
        named = not all(_is_number(cell) for cell in head.split(separator))
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=0 if named else None,
            keep_default_na=False, na_values=[""], skipinitialspace=True, low_memory=False, index_col=False,
        )  # fmt: skip
    if not named:
        frame.columns = [str(i + 1) for i in range(frame.shape[1])]
    require(len(frame) > 0, f"{path} has column names but no samples")
    require(
        frame.shape[1] >= 2,
        f"{path} has one column, {str(frame.columns[0])[:60]!r}; features and a label are needed",
    )
    return frame, 2 if named else 1


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _label_column(names: Sequence[str], group: str | None) -> str:
    for wanted in LABELS:
        for name in names:
            if name.strip().lower() == wanted and name != group:
                return name
    return [name for name in names if name != group][-1]


def _refuse_missing(path: Path, frame: Any, names: Sequence[str], first: int) -> None:
    missing = frame[list(names)].isna().to_numpy()
    if missing.any():
        row, column = np.argwhere(missing)[0]
        raise SpikingError(
            f"{path} has {int(missing.sum())} missing values, the first in column {names[column]!r}, "
            f"line {row + first}; fill them in or drop such lines"
        )


def _numbers(path: Path, name: str, column: Any, first: int) -> NDArray[np.float64]:
    import pandas as pd

    try:
        values: NDArray[np.float64] = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, copy=True)
    except OverflowError:  # a whole number of hundreds of digits
        values = np.array([float(str(v)) if _is_number(str(v)) else np.nan for v in column])
    good = np.isfinite(values) & (np.abs(values) < 1e30)
    if not good.all():
        row = int(np.argmin(good))
        raise SpikingError(
            f"{path} holds {str(column.iloc[row])[:40]!r} in column {name!r}, line {row + first}; "
            "features are finite numbers: number the categories, drop the column, "
            "or name it with --label or --group"
        )
    return values


def _plain(column: Any) -> NDArray[Any]:
    """Labels as numbers where all are, else as words."""
    values = column.to_numpy()
    return values if values.dtype.kind in "biuf" else np.array([str(v).strip() for v in values])
