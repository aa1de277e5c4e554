"""Where copies of the MNIST family lie on a computer, and how each kind of copy is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.data.readers.idx import read_images
from spiking.data.readers.npz import read_npz

Arrays = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")
KERAS = ("x_train", "y_train", "x_test", "y_test")
RANK = {"images": 3, "labels": 1}


def places(name: str) -> Iterator[tuple[str, Path]]:
    """Yield ``(what it is, path)`` for each usual place of ``name`` (``mnist`` or ``fashion-mnist``)."""
    torch = "MNIST" if name == "mnist" else "FashionMNIST"
    if root := os.environ.get("SPIKING_DATA"):
        yield "SPIKING_DATA", Path(root) / name
    yield "project folder", Path("data") / name
    home = Path(os.path.expanduser("~"))  # stays as it is for a user without a home
    for folder in (Path("data"), home / "data", home / ".cache" / "torchvision"):
        yield "torchvision", folder / torch / "raw"
    keras = Path(os.environ.get("KERAS_HOME", home / ".keras")) / "datasets"
    yield "Keras", keras / (f"{name}.npz" if name == "mnist" else name)
    if name == "fashion-mnist":
        yield "Debian's dataset-fashion-mnist", Path("/usr/share/datasets/fashion-mnist")


def read_place(path: Path) -> Arrays:
    """Read a folder with the four idx files, or an ``.npz`` as Keras writes it.

    Returns:
        Training images, training labels, test images, test labels, as stored.

    Raises:
        SpikingError: the place does not exist, files are missing, or one of them is broken.
    """
    if path.suffix == ".npz":
        return _read_npz(path)
    require(path.exists(), f"{path} does not exist")
    require(
        path.is_dir(),
        f"{path} is a file; name the folder with the four idx files, or an .npz as Keras writes it",
    )
    files = {part: _find(path, part) for part in PARTS}
    missing = [f"{part}-idx{RANK[part.split('-')[1]]}-ubyte[.gz]" for part, f in files.items() if f is None]
    require(not missing, f"{path} lacks {', '.join(missing)}")
    found = {part: f for part, f in files.items() if f is not None}
    x_train, y_train = read_images(found["train-images"], found["train-labels"])
    x_test, y_test = read_images(found["t10k-images"], found["t10k-labels"])
    return x_train, y_train, x_test, y_test


def is_family(path: Path) -> bool:
    """Whether a folder holds any of the four idx files."""
    return path.is_dir() and any(_find(path, part) is not None for part in PARTS)


def _find(folder: Path, part: str) -> Path | None:
    rank = RANK[part.split("-")[1]]
    for stem in (f"{part}-idx{rank}-ubyte", f"{part}.idx{rank}-ubyte"):
        for suffix in ("", ".gz"):
            if (folder / (stem + suffix)).is_file():
                return folder / (stem + suffix)
    return None


def _read_npz(path: Path) -> Arrays:
    require(path.exists(), f"{path} does not exist")
    arrays = read_npz(path)
    missing = [name for name in KERAS if name not in arrays]
    require(
        not missing,
        f"{path} is not a data set as Keras writes it: it lacks {', '.join(missing)} "
        f"(it holds {', '.join(arrays) or 'nothing'})",
    )
    x_train, y_train, x_test, y_test = (arrays[name] for name in KERAS)
    return x_train, y_train, x_test, y_test
