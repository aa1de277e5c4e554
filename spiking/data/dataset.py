"""A data set: checked arrays of images or points, and a checksum that names them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.frozen.html import table


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dataset:
    """Training and test samples of a classification task.

    Attributes:
        x_train, x_test: values in [0, 1], float32 ``[samples, features]``.
        y_train, y_test: class of each sample, int64 ``[samples]``, in ``0 .. classes - 1``.
        image_shape: ``(height, width)``, or None where a sample is not a picture.
        origin: where the samples were read from, for the manifest.

    Raises:
        SpikingError: NaN, negative or too large values, labels without a class, a class without
            training samples, or numbers of samples and labels that disagree.
    """

    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    name: str
    classes: int
    image_shape: tuple[int, int] | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            _check(f"the {part} set of {self.name}", np.asarray(x), np.asarray(y), self.classes)
            object.__setattr__(self, f"x_{part}", np.ascontiguousarray(x, np.float32))
            object.__setattr__(self, f"y_{part}", np.ascontiguousarray(y, np.int64))
        require(
            self.x_train.shape[1] == self.x_test.shape[1],
            f"{self.name}: training samples have {self.x_train.shape[1]} features, "
            f"test samples {self.x_test.shape[1]}; both need the same",
        )
        empty = sorted(set(range(self.classes)) - set(np.unique(self.y_train).tolist()))
        require(
            not empty,
            f"{self.name}: no training sample of class {', '.join(map(str, empty))}; "
            f"each of the {self.classes} classes needs at least one",
        )

    @property
    def features(self) -> int:
        """Number of values in a sample."""
        return int(self.x_train.shape[1])

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the four arrays and their shapes."""
        digest = hashlib.sha256()
        for a in (self.x_train, self.y_train, self.x_test, self.y_test):
            digest.update(f"{a.dtype.str}{a.shape}".encode())
            digest.update(a.data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        """``Dataset(digits: 1437 training and 360 test samples, ...)``."""
        return f"Dataset({self.summary()})"

    def _repr_html_(self) -> str:
        """Sizes and classes as a table, for notebooks."""
        parts = [("training", self.x_train, self.y_train), ("test", self.x_test, self.y_test)]
        rows = []
        for name, x, y in parts:
            n = np.bincount(y, minlength=self.classes)
            rows.append(
                (name, len(x), self.features, f"{n.min()} to {n.max()}", f"{x.min():g} to {x.max():g}")
            )
        columns = ("part", "samples", "features", "samples of a class", "values")
        return table(self.summary(), columns, rows, note=self.origin)

    def summary(self) -> str:
        """One line: name, numbers of samples, features and classes."""
        return (
            f"{self.name}: {len(self.x_train)} training and {len(self.x_test)} test samples, "
            f"{self.features} features, {self.classes} classes"
        )


def _check(what: str, x: NDArray[Any], y: NDArray[Any], classes: int) -> None:
    require(
        x.ndim == 2 and x.shape[0] > 0 and x.shape[1] > 0,
        f"{what} has shape {x.shape}; needed: [samples, features], neither zero",
    )
    require(
        y.shape == (x.shape[0],),
        f"{what} has {x.shape[0]} samples and labels of shape {y.shape}; each sample needs one label",
    )
    require(
        not bool(np.isnan(x).any()),
        f"{what} holds NaN, first in sample {_first(np.isnan(x))}; replace or drop such samples",
    )
    low, high = float(x.min()), float(x.max())
    require(
        low >= 0.0,
        f"{what} holds a negative value ({low:g}, sample {_first(x < 0)}); values must lie in [0, 1]",
    )
    require(high <= 1.0, f"{what} holds {high:g}; values must lie in [0, 1], so divide by the largest")
    without = np.unique(y[(y < 0) | (y >= classes)])
    require(
        without.size == 0,
        f"{what} has the label {', '.join(map(str, without[:5]))}, which no class has; "
        f"allowed: 0 to {classes - 1}",
    )


def _first(mask: NDArray[np.bool_]) -> int:
    return int(np.argmax(mask.any(axis=1)))
