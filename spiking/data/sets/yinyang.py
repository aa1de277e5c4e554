"""The Yin-Yang task (Kriener, Goeltz & Petrovici 2022, arXiv:2102.08211): points, drawn from a seed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.typed import typed
from spiking.data.dataset import Dataset
from spiking.data.sets import DATA_SETS
from spiking.data.source import Source

MOST_SAMPLES = 10**7
RADIUS, DOT = 0.5, 0.1  # of the disc and of its two dots
SIZES = {
    "train": (5000, 42),
    "validation": (1000, 41),
    "test": (1000, 40),
}  # samples, seed


def yinyang_class(x: float, y: float) -> int:
    """Class of a point of the disc: 0 yang, 1 yin, 2 a dot."""
    right = math.hypot(x - 1.5 * RADIUS, y - RADIUS)
    left = math.hypot(x - 0.5 * RADIUS, y - RADIUS)
    if right < DOT or left < DOT:
        return 2
    yin = right <= DOT or DOT < left <= RADIUS / 2 or (y > RADIUS and right > RADIUS / 2)
    return int(yin)


@typed
def yinyang_points(samples: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return points ``[samples, 4]`` as ``(x, y, 1 - x, 1 - y)`` and classes ``[samples]``.

    A class is drawn first, then points until one has it, from numpy's legacy generator: with the
    seeds 42, 41 and 40 these are the published training, validation and test arrays.

    Raises:
        SpikingError: a number out of its range.
    """
    check.whole("samples", samples, 1, MOST_SAMPLES)
    check.seed(seed)
    rng = np.random.RandomState(seed)  # legacy on purpose: it made the published arrays
    points = np.empty((samples, 4))
    labels = np.empty(samples, np.int64)
    for i in range(samples):
        goal = rng.randint(3)
        while True:
            x, y = rng.rand(2) * 2 * RADIUS
            if math.hypot(x - RADIUS, y - RADIUS) <= RADIUS and yinyang_class(x, y) == goal:
                break
        points[i], labels[i] = (x, y, 1 - x, 1 - y), goal
    return points.astype(np.float32), labels


def read(root: Path | None, *, seed: int, download: bool) -> Dataset:
    """Return the published training, validation and test sets, generated in place."""
    parts = {part: yinyang_points(*SIZES[part]) for part in SIZES}
    arrays: dict[str, Any] = {
        f"{axis}_{part}": pair[i] for part, pair in parts.items() for i, axis in enumerate("xy")
    }
    return Dataset(
        **arrays,
        name="yinyang",
        classes=3,
        class_names=("yang", "yin", "dot"),
        origin="generated as published (arXiv:2102.08211), seeds 42, 41 and 40",
        scaling="none: coordinates lie in [0, 1]",
        licence="MIT",
    )


DATA_SETS.register("yinyang")(
    Source(read=read, summary="5 000 points of the Yin-Yang disc, 4 features, 3 classes", licence="MIT")
)
