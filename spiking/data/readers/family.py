"""The MNIST family: four idx files or an ``.npz`` in a usual place, else OpenML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.data.dataset import Dataset
from spiking.data.readers.places import Arrays, places, read_place
from spiking.data.source import Source


@dataclass(frozen=True, kw_only=True)
class Family:
    """One of the family: its name here and at OpenML, and the variable that says where it lies."""

    name: str
    openml: str
    variable: str
    licence: str
    summary: str
    class_names: tuple[str, ...] = ()


def family(one: Family) -> Source:
    """Return how ``one`` is read."""
    return Source(
        read=partial(_read, one),
        summary=one.summary,
        licence=one.licence,
        variable=one.variable,
        files="the folder with its four idx files, or an .npz as Keras writes it",
    )


def _read(one: Family, root: Path | None, *, seed: int, download: bool) -> Dataset:
    """Return the published split; a place that the user named must work, others are tried in turn."""
    if root is not None:
        return _dataset(one, read_place(root), str(root))
    tried = []
    for kind, place in places(one.name):
        if place.exists():
            return _dataset(one, read_place(place), f"{kind}: {place}")
        tried.append(f"{kind} ({place}): not there")
    if download:
        try:
            return _dataset(one, _openml(one.openml), f"OpenML {one.openml}")
        except SpikingError:
            raise
        except Exception as error:  # network, proxy, disk or server: all mean "not from here"
            tried.append(f"download from OpenML: {type(error).__name__}: {error}")
    raise SpikingError(
        f"no copy of {one.name!r} was found; tried {'; '.join(tried)}; "
        f"give the folder with its four idx files with --data-path or the variable {one.variable}"
    )


def _openml(name: str) -> Arrays:
    from sklearn.datasets import fetch_openml

    x, y = fetch_openml(name, version=1, as_frame=False, parser="liac-arff", return_X_y=True)
    y = y.astype(np.int64)
    require(x.shape == (70000, 784), f"OpenML's {name} has shape {x.shape}; expected (70000, 784)")
    return x[:60000], y[:60000], x[60000:], y[60000:]


def _dataset(one: Family, arrays: Arrays, origin: str) -> Dataset:
    x_train, y_train, x_test, y_test = arrays
    for part, pixels in (("training", x_train), ("test", x_test)):
        _check_pixels(f"the {part} images of {origin}", pixels)
    return Dataset(
        x_train=_scaled(x_train),
        y_train=y_train,
        x_test=_scaled(x_test),
        y_test=y_test,
        name=one.name,
        classes=10,
        class_names=one.class_names,
        image_shape=(28, 28),
        origin=origin,
        scaling="divided by 255",
        licence=one.licence,
    )


def _check_pixels(what: str, pixels: NDArray[Any]) -> None:
    require(
        pixels.ndim in (2, 3) and len(pixels) > 0 and pixels[0].size == 784 and pixels.dtype.kind in "biuf",
        f"{what} have shape {pixels.shape}; expected [samples, 28, 28]",
    )
    require(not bool(np.isnan(pixels).any()), f"{what} hold NaN pixels; allowed: 0 to 255")
    require(
        bool(pixels.min() >= 0 and pixels.max() <= 255),
        f"{what} hold pixels from {pixels.min()} to {pixels.max()}; allowed: 0 to 255",
    )


def _scaled(pixels: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(pixels.reshape(len(pixels), -1) / np.float32(255), np.float32)
