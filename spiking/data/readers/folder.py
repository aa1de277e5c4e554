"""Reader of a user's folder: four idx files, or one folder per class with images, arrays or tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.data.readers.guard import check_size, reading
from spiking.data.readers.npz import read_npy

IMAGES = (".png", ".jpg", ".jpeg", ".bmp")
TAKEN = (*IMAGES, ".npy", ".csv")


def read_classes(folder: Path) -> tuple[NDArray[Any], list[str], tuple[int, int] | None]:
    """Read one sample per file from folders named after the classes.

    A sample is an image (taken as grey, all of one size), an ``.npy`` array or a ``.csv`` of numbers.

    Returns:
        Values ``[samples, features]``, the class name of each, and ``(height, width)`` for images.

    Raises:
        SpikingError: no such folders, no samples in one, files of another kind, or of different sizes.
    """
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    require(
        len(classes) >= 2,
        f"{folder} holds {len(classes)} folders; give the four idx files, or one folder per class "
        f"(at least two) with one {', '.join(TAKEN)} file per sample",
    )
    samples: list[NDArray[Any]] = []
    names: list[str] = []
    shape: tuple[int, ...] | None = None
    for one in classes:
        files = sorted(p for p in one.iterdir() if not p.name.startswith("."))
        require(bool(files), f"{one} is empty; each class needs samples")
        for path in files:
            sample = _sample(path)
            shape = sample.shape if shape is None else shape
            require(
                sample.shape == shape and sample.dtype == (samples[0].dtype if samples else sample.dtype),
                f"{path} has shape {sample.shape} of {sample.dtype}, the first sample {shape} of "
                f"{samples[0].dtype if samples else sample.dtype}; all samples need the same",
            )
            samples.append(sample)
            names.append(one.name)
            if len(samples) == 1:
                count = sum(1 for c in classes for _ in c.iterdir())
                check_size(folder, count * sample.nbytes)
    picture = (int(shape[0]), int(shape[1])) if shape is not None and len(shape) == 2 else None
    return np.stack([s.reshape(-1) for s in samples]), names, picture


def _sample(path: Path) -> NDArray[Any]:
    kind = path.suffix.lower()
    if kind in IMAGES:
        return _image(path)
    if kind == ".npy":
        return read_npy(path)
    if kind == ".csv":
        with reading(path, "CSV file"):
            check_size(path, path.stat().st_size)
            return np.loadtxt(path, delimiter=",", ndmin=2)
    raise SpikingError(f"{path} is no sample; allowed: {', '.join(TAKEN)}")


def _image(path: Path) -> NDArray[np.uint8]:
    """Grey values of an image; its size is checked before it is unpacked."""
    from PIL import Image

    with reading(path, "image"), Image.open(path) as image:
        check_size(path, image.width * image.height)
        return np.asarray(image.convert("L"), np.uint8)
