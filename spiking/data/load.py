"""``load(name)``: every data set by its name, from wherever it lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require, unknown
from spiking.data.dataset import Dataset
from spiking.data.places import Arrays, places, read_place
from spiking.data.sets.yinyang import yinyang

OPENML = {"mnist": "mnist_784", "fashion-mnist": "Fashion-MNIST"}
ENVIRONMENT = {"mnist": "SPIKING_MNIST", "fashion-mnist": "SPIKING_FASHION_MNIST"}
NAMES = ("digits", "fashion-mnist", "mnist", "yinyang")


def load(name: str, *, path: str | Path | None = None, seed: int = 0, download: bool = True) -> Dataset:
    """Return the data set called ``name``, its values scaled to [0, 1].

    ``digits``: scikit-learn's 8x8 digits (shipped with it), split 80/20, stratified, by ``seed``.
    ``mnist``, ``fashion-mnist``: the published split, from ``path`` or the variable ``SPIKING_MNIST``
    (``SPIKING_FASHION_MNIST``) if given, else from the first usual place that has it, else by download
    from OpenML. ``yinyang``: generated as published (arXiv:2102.08211).

    Args:
        path: folder with the four idx files (plain or gz), or an ``.npz`` as Keras writes it.
        download: whether OpenML may be asked when no place has the data.

    Raises:
        SpikingError: unknown name, broken files, or no place that works (the message lists them).
    """
    if name not in NAMES:
        raise unknown("data set", name, NAMES)
    if name in OPENML:
        return _mnist_family(name, path, download)
    require(path is None, f"{name!r} is not read from files; leave the path out, or choose mnist")
    return _digits(seed) if name == "digits" else yinyang()


def _digits(seed: int) -> Dataset:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        x / 16.0, y, test_size=0.2, stratify=y, random_state=seed
    )
    return Dataset(
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test,
        name="digits",
        classes=10,
        image_shape=(8, 8),
        origin=f"scikit-learn load_digits, 80/20 stratified split, seed {seed}",
    )


def _mnist_family(name: str, path: str | Path | None, download: bool) -> Dataset:
    said = path if path is not None else os.environ.get(ENVIRONMENT[name])
    if said:
        # a place the user named must work: falling through to another copy would hide a mistake
        where = Path(said).expanduser()
        return _dataset(name, read_place(where), str(where))
    tried = []
    for kind, place in places(name):
        if place.exists():
            return _dataset(name, read_place(place), f"{kind}: {place}")
        tried.append(f"{kind} ({place}): not there")
    if download:
        try:
            return _dataset(name, _openml(OPENML[name]), f"OpenML {OPENML[name]}")
        except SpikingError:
            raise
        except Exception as error:  # network, proxy, disk or server: all mean "not from here"
            tried.append(f"download from OpenML: {type(error).__name__}: {error}")
    raise SpikingError(
        f"no copy of {name!r} was found; tried {'; '.join(tried)}; "
        f"give the folder with its four idx files with --data-path or the variable {ENVIRONMENT[name]}"
    )


def _openml(name: str) -> Arrays:
    from sklearn.datasets import fetch_openml

    x, y = fetch_openml(name, version=1, as_frame=False, parser="liac-arff", return_X_y=True)
    y = y.astype(np.int64)
    require(x.shape == (70000, 784), f"OpenML's {name} has shape {x.shape}; expected (70000, 784)")
    return x[:60000], y[:60000], x[60000:], y[60000:]


def _dataset(name: str, arrays: Arrays, origin: str) -> Dataset:
    x_train, y_train, x_test, y_test = arrays
    for part, pixels in (("training", x_train), ("test", x_test)):
        _check_pixels(f"the {part} images of {origin}", pixels)
    return Dataset(
        x_train=_scaled(x_train),
        y_train=y_train,
        x_test=_scaled(x_test),
        y_test=y_test,
        name=name,
        classes=10,
        image_shape=(28, 28),
        origin=origin,
    )


def _check_pixels(what: str, pixels: NDArray[Any]) -> None:
    require(
        pixels.ndim in (2, 3) and pixels[0].size == 784 if len(pixels) else False,
        f"{what} have shape {pixels.shape}; expected [samples, 28, 28]",
    )
    require(not bool(np.isnan(pixels).any()), f"{what} hold NaN pixels; allowed: 0 to 255")
    require(
        bool(pixels.min() >= 0 and pixels.max() <= 255),
        f"{what} hold pixels from {pixels.min()} to {pixels.max()}; allowed: 0 to 255",
    )


def _scaled(pixels: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(pixels.reshape(len(pixels), -1) / np.float32(255), np.float32)
