"""A data set: checked values, rasters or event streams with labels, and a checksum that names them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.frozen.html import table
from spiking.data.events import Streams

MOST_CLASSES = 100_000
LARGEST_COUNT = 255  # spikes of one unit in one step
PARTS = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dataset:
    """Training, validation and test samples of a classification task.

    Samples are of one kind: *values* in [0, 1], float32 ``[samples, features]``; *rasters* of spike counts,
    float32 ``[samples, steps, features]``, whole numbers from 0 to 255; or *events*
    (:class:`~spiking.data.events.Streams`), which :meth:`binned` turns into rasters, a slice at a time.

    Attributes:
        x_train, x_test: samples; a set for testing alone has no training samples.
        y_train, y_test: class of each sample, int64 ``[samples]``, in ``0 .. classes - 1``.
        x_validation, y_validation: held-out samples where the data set comes with them, else None.
        groups: what each training sample belongs to (a speaker, a subject), ``[samples]``, or None;
            validation samples are then held out by whole groups.
        class_names: what the classes are called; empty: by their numbers.
        image_shape: ``(height, width)``, or None where a sample is not a picture.
        origin: where the samples were read from; ``scaling``: how they were mapped to [0, 1];
            ``licence``: of the data; all in words, for the manifest.

    Raises:
        SpikingError: NaN, negative or too large values, labels without a class, a class without
            training samples, or numbers of samples and labels that disagree.
    """

    x_train: Any
    y_train: NDArray[np.int64]
    x_test: Any
    y_test: NDArray[np.int64]
    name: str
    classes: int
    x_validation: Any = None
    y_validation: NDArray[np.int64] | None = None
    groups: NDArray[Any] | None = None
    class_names: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    origin: str = ""
    scaling: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        self._check_words()
        require(
            (self.x_validation is None) == (self.y_validation is None),
            f"{self.name}: validation samples and labels come together, or neither",
        )
        for part in self.parts:
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            what = f"the {'training' if part == 'train' else part} set of {self.name}"
            x = x if isinstance(x, Streams) else _array(what, x)
            y = _array(f"the labels of {what}", y)
            _check_labels(what, len(x), y, self.classes)
            require(len(x) > 0 or part == "train", f"{what} has shape {np.shape(x)}; it needs samples")
            if not isinstance(x, Streams):
                _check_samples(what, x)
                x = np.ascontiguousarray(x, np.float32)
            object.__setattr__(self, f"x_{part}", x)
            object.__setattr__(self, f"y_{part}", np.ascontiguousarray(y, np.int64))
        self._check_together()

    def _check_together(self) -> None:
        shapes = {part: np.shape(getattr(self, f"x_{part}"))[1:] for part in self.parts}
        for part, shape in shapes.items():
            require(
                shape == shapes["test"],
                f"{self.name}: {part} samples have {_times(shape)} features, "
                f"test samples {_times(shapes['test'])}; both need the same",
            )
        empty = sorted(set(range(self.classes)) - set(np.unique(self.y_train).tolist()))
        require(
            not empty or len(self.y_train) == 0,
            f"{self.name}: no training sample of class {', '.join(map(str, empty))}; "
            f"each of the {self.classes} classes needs at least one",
        )
        if self.groups is not None:
            object.__setattr__(self, "groups", np.asarray(self.groups))
            require(
                self.groups.shape == self.y_train.shape,
                f"{self.name} has {len(self.y_train)} training samples and groups of shape "
                f"{self.groups.shape}; "
                "each training sample needs one",
            )
        require(
            not self.class_names or len(self.class_names) == self.classes,
            f"{self.name} has {self.classes} classes and {len(self.class_names)} names; "
            "each needs one, or none",
        )

    def _check_words(self) -> None:
        """What is said of the samples, without them."""
        for name in ("name", "origin", "scaling", "licence"):
            check.text(name, getattr(self, name))
        check.whole("classes", self.classes, 1, MOST_CLASSES)
        for part in ("train", "test"):
            require(getattr(self, f"x_{part}") is not None, f"x_{part} of {self.name} is None; give samples")
        names = self.class_names
        require(
            isinstance(names, tuple | list) and all(isinstance(n, str) for n in names),
            f"class_names of {self.name} is {str(names)[:80]}; a word for each class is needed, or ()",
        )
        if self.image_shape is not None:
            shape = self.image_shape
            good = isinstance(shape, tuple | list) and len(shape) == 2
            require(good, f"image_shape of {self.name} is {str(shape)[:80]}; (height, width) is needed")
            for side in shape:
                check.whole("a side of image_shape", side, 1)

    @property
    def parts(self) -> tuple[str, ...]:
        """Which of ``train``, ``validation`` and ``test`` there are."""
        return tuple(p for p in PARTS if getattr(self, f"x_{p}") is not None)

    @property
    def kind(self) -> str:
        """``values``, ``rasters`` or ``events``."""
        if isinstance(self.x_test, Streams):
            return "events"
        return "values" if self.x_test.ndim == 2 else "rasters"

    @property
    def features(self) -> int:
        """Number of values in a sample, or of units that spike."""
        return int(np.shape(self.x_test)[-1])

    def binned(self, dt: float, steps: int | None = None) -> Dataset:
        """Return the same streams of events binned to ``steps`` of ``dt`` [s], a slice at a time.

        ``x_test[a:b]`` is then a raster ``[samples, steps, units]``; without ``steps`` the longest stream of
        the test set fits. Values and rasters are returned as they are.

        Raises:
            SpikingError: ``dt`` not positive, or fewer than 1 step.
        """
        if self.kind != "events":
            return self
        new = object.__new__(Dataset)  # the samples are checked already
        new.__dict__.update(vars(self))
        fitting = self.x_test.steps(dt) if steps is None else steps
        for part in self.parts:
            object.__setattr__(new, f"x_{part}", getattr(self, f"x_{part}").binned(dt, fitting))
        return new

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the arrays and their shapes."""
        digest = hashlib.sha256()
        for part in ("train", "test", "validation"):  # training and test first: they were alone once
            for a in (getattr(self, f"x_{part}"), getattr(self, f"y_{part}")):
                for b in (a.time, a.unit, a.start) if isinstance(a, Streams) else (a,):
                    if b is not None:
                        digest.update(f"{b.dtype.str}{b.shape}".encode())
                        digest.update(np.ascontiguousarray(b).data)
        return digest.hexdigest()

    def facts(self) -> dict[str, Any]:
        """What a manifest says of the data, as plain values."""
        return {
            "name": self.name,
            "origin": self.origin,
            "scaling": self.scaling,
            "licence": self.licence,
            "checksum": self.checksum,
            "kind": self.kind,
            "train_samples": len(self.x_train),
            "test_samples": len(self.x_test),
            "features": self.features,
            "classes": self.classes,
            "class_names": list(self.class_names),
        }

    def __repr__(self) -> str:
        """``Dataset(digits: 1437 training and 360 test samples, ...)``."""
        return f"Dataset({self.summary()})"

    def _repr_html_(self) -> str:
        """Sizes and classes as a table, for notebooks."""
        rows = []
        for part in self.parts:
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            n = np.bincount(y, minlength=self.classes)
            span = f"{x.min():g} to {x.max():g}" if isinstance(x, np.ndarray) and x.size else "-"
            name = "training" if part == "train" else part
            rows.append((name, len(x), self.features, f"{n.min()} to {n.max()}", span))
        columns = ("part", "samples", "features", "samples of a class", "values")
        return table(self.summary(), columns, rows, note=self.origin)

    def summary(self) -> str:
        """One line: name, numbers of samples, features and classes."""
        return (
            f"{self.name}: {len(self.x_train)} training and {len(self.x_test)} test samples, "
            f"{self.features} features, {self.classes} classes"
        )


def _array(what: str, x: Any) -> NDArray[Any]:
    try:
        found = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise SpikingError(f"{what} are no array ({error}); give numbers of one shape") from None
    require(found.ndim > 0, f"{what} are a single {found.dtype}; an array is needed")
    return found


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _check_labels(what: str, samples: int, y: NDArray[Any], classes: int) -> None:
    require(
        y.shape == (samples,),
        f"{what} has {samples} samples and labels of shape {y.shape}; each sample needs one label",
    )
    require(
        y.dtype.kind in "biuf",
        f"{what} has labels of type {y.dtype}; number the classes from 0 to {classes - 1}",
    )
    bad = y != np.floor(y) if y.dtype.kind == "f" else np.zeros(y.shape, bool)
    require(
        not bool(bad.any()),
        f"{what} has the label {y[np.argmax(bad)] if samples else 0:g}; labels are whole numbers, "
        f"0 to {classes - 1}",
    )
    without = np.unique(y[(y < 0) | (y >= classes)])
    require(
        without.size == 0,
        f"{what} has the label {', '.join(map(str, without[:5]))}, which no class has; "
        f"allowed: 0 to {classes - 1}",
    )


def _check_samples(what: str, x: NDArray[Any]) -> None:
    require(
        x.ndim in (2, 3) and all(x.shape[1:]),
        f"{what} has shape {x.shape}; needed: [samples, features] or [samples, steps, features], none zero",
    )
    require(x.dtype.kind in "biuf", f"{what} is of type {x.dtype}; numbers are needed")
    if x.size == 0:
        return
    low, high = float(x.min()), float(x.max())  # NaN where any value is
    if np.isnan(low):
        raise SpikingError(
            f"{what} holds NaN, first in sample {_first(np.isnan(x))}; replace or drop such samples"
        )
    if x.ndim == 2:
        require(
            low >= 0.0,
            f"{what} holds a negative value ({low:g}, sample {_first(x < 0)}); values must lie in [0, 1]",
        )
        require(high <= 1.0, f"{what} holds {high:g}; values must lie in [0, 1], so divide by the largest")
        return
    outside = (x < 0) | (x > LARGEST_COUNT) | (x != np.floor(x))
    if bool(outside.any()):
        i = _first(outside)
        raise SpikingError(
            f"{what} holds {x[i][outside[i]][0]:g} (sample {i}); a raster holds spike counts, whole numbers "
            f"from 0 to {LARGEST_COUNT}"
        )


def _first(mask: NDArray[np.bool_]) -> int:
    return int(np.argmax(mask.reshape(len(mask), -1).any(axis=1)))
