"""Samples and labels that STDP learning takes, checked before any work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.typed import typed

TOTAL_RATE = 6.53e3  # mean input spikes per second of a whole MNIST image at 63.75 Hz for white
MOST_CLASSES = 10_000  # tables of neurons and classes stay small


def check_images(x: Any, features: int) -> NDArray[np.float32]:
    """Return ``x`` as float32 ``[samples, features]``, or say what is wrong with it."""
    try:
        images = np.ascontiguousarray(x, np.float32)
    except (TypeError, ValueError):
        raise SpikingError(
            f"samples of type {type(x).__name__} came; numbers [samples, {features}] are needed"
        ) from None
    require(
        images.ndim == 2 and images.shape[1] == features and len(images) > 0,
        f"samples of shape {images.shape} came; the network takes [samples, {features}]",
    )
    require(
        bool(np.all(np.isfinite(images)) and np.all(images >= 0)),
        "the samples hold NaN, infinite or negative values; scale them to [0, 1]",
    )
    most = float(images.max())
    require(most <= 1, f"the samples go up to {most:g}; allowed: 0 to 1, divide them by {most:g}")
    return images


def check_labels(y: Any, samples: int) -> NDArray[np.int64]:
    """Return ``y`` as integers, one per sample, or say what is wrong with it."""
    labels: NDArray[Any] = np.asarray(y)
    require(
        labels.shape == (samples,) and np.issubdtype(labels.dtype, np.integer) and bool(np.all(labels >= 0)),
        f"labels of shape {labels.shape} and type {labels.dtype} came for {samples} samples; "
        "give one class 0, 1, 2, ... per sample",
    )
    most = int(labels.max(initial=0))
    require(
        most < MOST_CLASSES, f"a label is {most}; allowed: classes 0 to {MOST_CLASSES - 1}, counted from 0"
    )
    return labels.astype(np.int64)


@typed
def default_rate(x: NDArray[np.floating]) -> float:
    """Rate of the value 1 [Hz] at which the mean sample of ``x`` [samples, features] sends 6.53 kHz in all.

    Raises:
        SpikingError: bad samples, or black ones.
    """
    images = check_images(x, np.shape(x)[-1] if np.ndim(x) else 0)
    brightness = float(images.sum(axis=1, dtype=np.float64).mean())
    require(brightness > 0, "all samples are black; there is nothing to learn")
    return TOTAL_RATE / brightness
