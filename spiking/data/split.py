"""Splitting a user's samples into training and test, and scaling both by what the training samples span."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require

TEST = 0.2  # share of the samples, or of the groups, that test
Index = NDArray[np.intp]


def split(what: str, y: NDArray[np.int64], groups: NDArray[Any] | None, seed: int) -> tuple[Index, Index]:
    """Return which samples train and which test: 80/20, stratified by class, or whole groups on one side.

    Raises:
        SpikingError: a class with fewer than 5 samples, fewer than 2 groups, or groups that leave a class
            without training samples.
    """
    if groups is None:
        return _stratified(what, y, seed)
    from sklearn.model_selection import GroupShuffleSplit

    several = len(np.unique(groups))
    require(several >= 2, f"{what} has {several} group; two at least are needed, one of them to test")
    for attempt in range(20):  # a draw of few groups may leave a class out of training
        cut = GroupShuffleSplit(1, test_size=TEST, random_state=(seed + 7919 * attempt) % 2**32)
        train, test = next(cut.split(y, y, groups))
        if len(np.unique(y[train])) == len(np.unique(y)):
            return train, test
    raise SpikingError(
        f"{what}: no split by group leaves samples of every class to train on; "
        "leave the group out, or merge classes"
    )


def _stratified(what: str, y: NDArray[np.int64], seed: int) -> tuple[Index, Index]:
    from sklearn.model_selection import train_test_split

    classes, size = np.unique(y, return_counts=True)
    require(
        int(size.min()) >= 5,
        f"{what} has {int(size.min())} samples of its class number {classes[int(size.argmin())]}; "
        "each class needs 5 at least, so that some train, some validate and some test",
    )
    train, test = train_test_split(np.arange(len(y)), test_size=TEST, stratify=y, random_state=seed)
    return train, test


def scaled(
    x_train: NDArray[Any], x_test: NDArray[Any]
) -> tuple[NDArray[np.float32], NDArray[np.float32], str]:
    """Map values to [0, 1] by statistics of the training samples alone, and say how.

    Bytes are divided by 255. Values that lie in [0, 1] already stay as they are. Otherwise each feature goes
    from its smallest to its largest training value; test values beyond these are clipped, and constant
    features become 0.
    """
    if x_train.dtype == np.uint8 and x_test.dtype == np.uint8:
        a, b = (x / np.float32(255) for x in (x_train, x_test))
        return a.astype(np.float32), b.astype(np.float32), "bytes divided by 255"
    train, test = x_train.astype(np.float64), x_test.astype(np.float64)
    low, high = train.min(axis=0), train.max(axis=0)
    if low.min() >= 0 and high.max() <= 1:
        low, high = np.zeros_like(low), np.ones_like(high)
        words = "taken as they are: training values lie in [0, 1]"
    else:
        words = "each feature from its smallest (0) to its largest (1) training value"
    span = np.where(high > low, high - low, 1.0)
    outside = int(np.sum((test < low) | (test > high)))
    constant = int(np.sum(high <= low))
    # clipped first: a test value far outside a tiny range would overflow
    a, b = (((x.clip(low, high) - low) / span).clip(0, 1).astype(np.float32) for x in (train, test))
    b[:, high <= low] = 0
    if constant:
        words += f"; {constant} constant features are 0"
    if outside:
        words += f"; {outside} of {test.size} test values lay outside and were clipped"
    return a, b, words
