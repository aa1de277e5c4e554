"""Labels of any kind become classes ``0 .. classes - 1`` with names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require

MOST = 1000  # classes
FEW = 20  # with more classes than this, each needs several samples


def classes_of(what: str, labels: Any) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the class of each sample ``[samples]`` and the names of the classes, sorted.

    Args:
        what: what the labels are called in an error. labels: whole numbers or words ``[samples]``.

    Raises:
        SpikingError: labels that are quantities, one-hot rows, missing, of one class, or of too many.
    """
    y = np.asarray(labels)
    require(
        y.ndim == 1,
        f"{what} have shape {y.shape}; each sample needs one label, e.g. y.argmax(axis=1) of one-hot rows",
    )
    if y.dtype.kind == "O":
        words = [v for v in y.tolist() if not isinstance(v, str)]
        require(not words, f"{what} mix words and others, e.g. {words[:1]}; give words or whole numbers")
        y = y.astype(str)
    if y.dtype.kind == "f":
        bad = ~np.isfinite(y) | (y != np.floor(np.where(np.isfinite(y), y, 0)))
        if bool(bad.any()):
            i = int(np.argmax(bad))
            raise SpikingError(
                f"{what} hold {y[i]:g} (sample {i}); a class is a whole number or a word: "
                "round or bin quantities first"
            )
        require(
            bool((np.abs(y) < 2**53).all()), f"{what} hold numbers beyond 2^53; number the classes from 0"
        )
        y = y.astype(np.int64)
    require(y.dtype.kind in "biuUS", f"{what} are of type {y.dtype}; allowed: whole numbers or words")
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "replace")
    names, index = np.unique(y, return_inverse=True)
    require(
        len(names) >= 2,
        f"{what} hold {'only ' + repr(str(names[0])) if len(names) else 'nothing'}; two classes are needed",
    )
    require(
        len(names) <= MOST and (len(names) <= FEW or 3 * len(names) <= len(y)),
        f"{what} hold {len(names)} different values in {len(y)} samples; "
        f"classes are needed, at most {MOST}, with several samples each: is this the right column?",
    )
    return index.astype(np.int64), tuple(str(n) for n in names)
