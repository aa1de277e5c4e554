"""A user's own data: arrays, a ``.csv`` or ``.npz`` file, or a folder, split and scaled as stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require, unknown
from spiking.core.files import expanded, present
from spiking.data.dataset import Dataset
from spiking.data.labels import classes_of
from spiking.data.load import load
from spiking.data.readers.folder import read_classes
from spiking.data.readers.npz import read_npz
from spiking.data.readers.places import is_family, read_place
from spiking.data.readers.table import read_csv
from spiking.data.sets import DATA_SETS
from spiking.data.source import check_path
from spiking.data.split import scaled, split

Data = str | Path | Dataset | tuple[Any, Any]
FILES = (".csv", ".npz")


def check_data(
    data: Data, *, path: str | Path | None = None, label: str | None = None, group: str | None = None
) -> str:
    """Return what the data are called, for folders and tables, after checking all that needs no reading.

    Raises:
        SpikingError: neither a known name nor a file, or an option without effect.
    """
    if isinstance(data, Dataset):
        called, kind = data.name, "a Dataset"
    elif isinstance(data, tuple | list):
        require(len(data) == 2, f"data is a tuple of {len(data)}; give (x, y), samples and their labels")
        called, kind = "yours", "arrays"
    elif isinstance(data, str) and data in DATA_SETS:
        called, kind = data, "a data set by name"
        check_path(data, DATA_SETS[data], path)
    elif isinstance(data, str | Path):
        called, kind = _file(expanded(data)), "a file"
    else:
        raise SpikingError(
            f"data is a {type(data).__name__}; allowed: a name, a .csv, .npz or folder, (x, y) or a Dataset"
        )
    require(
        path is None or kind == "a data set by name", f"--data-path has no effect on {kind}; leave it out"
    )
    table = kind == "a file" and Path(str(data)).suffix.lower() == ".csv"
    for name, value in (("--label", label), ("--group", group)):
        require(
            value is None or table, f"{name} names a column of a .csv file, the data are {kind}; leave it out"
        )
    return called


def _file(path: Path) -> str:
    if not present(path):
        looks = path.suffix or len(path.parts) > 1
        if looks:
            raise SpikingError(
                f"{path} does not exist; allowed: {', '.join(DATA_SETS.names())}, or your own file"
            )
        raise unknown("data set", str(path), DATA_SETS.names(), "or name a .csv or .npz file or a folder")
    require(
        path.is_dir() or path.suffix.lower() in FILES,
        f"{path} is no data that can be read; allowed: a .csv or .npz file, or a folder",
    )
    return path.resolve().stem or "yours"


def read_data(
    data: Data,
    *,
    path: str | Path | None = None,
    label: str | None = None,
    group: str | None = None,
    seed: int = 0,
) -> Dataset:
    """Return ``data`` as a :class:`Dataset`.

    Args:
        data: a data set by name (``path``: where its files lie); ``(x, y)``, values ``[samples, features]``
            and labels ``[samples]``; a ``.csv`` (``label``, ``group``: its columns); an ``.npz`` with
            ``x, y`` or ``x_train, y_train, x_test, y_test``; a folder of four idx
            files or with one folder per class.
        seed: of the 80/20 split, stratified by class, or by whole groups.

    Raises:
        SpikingError: whatever cannot be read or taken, in one sentence.
    """
    name = check_data(data, path=path, label=label, group=group)
    if isinstance(data, Dataset):
        return data
    if isinstance(data, tuple | list):
        return _split(name, data[0], data[1], seed, origin="arrays")
    if isinstance(data, str) and data in DATA_SETS:
        return load(data, path=path, seed=seed)
    file = expanded(data)
    if file.suffix.lower() == ".csv":
        return _from_table(name, file, label, group, seed)
    if file.suffix.lower() == ".npz":
        return _from_npz(name, file, seed)
    if is_family(file):
        return _given(name, read_place(file), str(file))
    x, classes, shape = read_classes(file)
    return _split(name, x, classes, seed, origin=str(file), image_shape=shape)


def _from_table(name: str, file: Path, label: str | None, group: str | None, seed: int) -> Dataset:
    table = read_csv(file, label=label, group=group)
    words = f"{file}, label in column {table.label!r}"
    return _split(
        name, table.x, table.y, seed,
        origin=words if group is None else f"{words}, groups in column {group!r}",
        groups=table.groups, class_names=table.class_names,
    )  # fmt: skip


def _from_npz(name: str, file: Path, seed: int) -> Dataset:
    arrays = read_npz(file)
    keys = ("x_train", "y_train", "x_test", "y_test")
    if all(k in arrays for k in keys):
        x_train, y_train, x_test, y_test = (arrays[k] for k in keys)
        return _given(name, (x_train, y_train, x_test, y_test), str(file))
    require(
        "x" in arrays and "y" in arrays,
        f"{file} holds {', '.join(sorted(arrays)) or 'nothing'}; needed: x and y, or {', '.join(keys)}",
    )
    return _split(name, arrays["x"], arrays["y"], seed, origin=str(file))


def _split(
    name: str,
    x: Any,
    labels: Any,
    seed: int,
    *,
    origin: str,
    groups: NDArray[Any] | None = None,
    class_names: tuple[str, ...] = (),
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    values, shape = _values(name, x)
    y, found = classes_of(f"the labels of {name}", labels)
    require(
        len(values) == len(y), f"{name} has {len(values)} samples and {len(y)} labels; each sample needs one"
    )
    train, test = split(name, y, groups, seed)
    x_train, x_test, words = scaled(values[train], values[test])
    how = "stratified by class" if groups is None else "whole groups on one side"
    return Dataset(
        x_train=x_train, y_train=y[train], x_test=x_test, y_test=y[test],
        groups=None if groups is None else groups[train],
        name=name, classes=len(found), class_names=class_names or found, image_shape=image_shape or shape,
        origin=f"{origin}; split 80/20, {how}, seed {seed}", scaling=words,
    )  # fmt: skip


def _given(name: str, arrays: tuple[Any, Any, Any, Any], origin: str) -> Dataset:
    """Take a split that the files come with."""
    (x_train, shape), (x_test, _) = (_values(name, arrays[i]) for i in (0, 2))
    require(
        x_train.shape[1] == x_test.shape[1],
        f"{name}: training samples have {x_train.shape[1]} features, test samples {x_test.shape[1]}; "
        "both need the same",
    )
    y_train, y_test = (np.asarray(arrays[i]) for i in (1, 3))
    y, names = classes_of(f"the labels of {name}", np.concatenate([np.ravel(y_train), np.ravel(y_test)]))
    a, b, words = scaled(x_train, x_test)
    return Dataset(
        x_train=a, y_train=y[: y_train.size], x_test=b, y_test=y[y_train.size :],
        name=name, classes=len(names), class_names=names, image_shape=shape,
        origin=f"{origin}; split as it came", scaling=words,
    )  # fmt: skip


def _values(name: str, x: Any) -> tuple[NDArray[Any], tuple[int, int] | None]:
    """Samples as ``[samples, features]``, and the shape of pictures among them."""
    try:
        values = np.asarray(x)
    except ValueError as error:
        raise SpikingError(
            f"the samples of {name} are no array ({error}); give [samples, features]"
        ) from None
    require(
        values.dtype.kind in "biuf" and values.ndim in (2, 3) and values.size > 0,
        f"the samples of {name} have shape {values.shape} of {values.dtype}; needed: numbers "
        "[samples, features] or [samples, height, width]; of rasters and events build a Dataset",
    )
    shape = (int(values.shape[1]), int(values.shape[2])) if values.ndim == 3 else None
    values = values.reshape(len(values), -1)
    if values.dtype.kind == "f":
        bad = ~(np.abs(values) < 1e30)  # NaN too
        if bool(bad.any()):
            i, j = np.argwhere(bad)[0]
            raise SpikingError(
                f"{name} holds {values[i, j]:g} in sample {i}, feature {j}; finite numbers are needed: "
                "replace or drop such samples"
            )
    return values, shape
