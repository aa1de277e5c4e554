"""N-MNIST (Orchard et al. 2015): MNIST digits seen by a moving event camera, 34x34, two polarities, 0.3 s."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.data.dataset import Dataset
from spiking.data.events import Streams
from spiking.data.readers.guard import check_size, read_bytes, reading
from spiking.data.sets import DATA_SETS
from spiking.data.source import Source, found_place

FRAME = (2, 34, 34)  # polarity, y, x
LARGEST = 2**26  # bytes of one stream; the published ones have some 20 000
LICENCE = "CC BY-SA 4.0"


def read(root: Path | None, *, seed: int, download: bool) -> Dataset:
    """Read the published folders ``Train`` and ``Test``, or one folder of streams with its labels.

    The published folders hold a folder per digit with ``.bin`` streams. One folder of streams ``N.bin`` with
    a text file of ``index label`` lines (``#`` opens a comment) is for testing alone.

    Raises:
        SpikingError: no label file, missing or damaged streams.
    """
    place = found_place("nmnist", SOURCE) if root is None else root
    require(place.is_dir(), f"{place} is not a folder; give {SOURCE.files}")
    if (place / "Train").is_dir() and (place / "Test").is_dir():
        (x_train, y_train), (x_test, y_test) = (_per_digit(place / part) for part in ("Train", "Test"))
    else:
        x_test, y_test = _listed(place)
        x_train, y_train = _streams([]), np.empty(0, np.int64)
    return Dataset(
        x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test,
        name="nmnist", classes=10, origin=str(place), licence=LICENCE,
    )  # fmt: skip


def _per_digit(folder: Path) -> tuple[Streams, NDArray[np.int64]]:
    paths = [(path, digit) for digit in range(10) for path in sorted((folder / str(digit)).glob("*.bin"))]
    require(bool(paths), f"{folder} holds no streams; it needs folders 0 to 9 with .bin files")
    return _streams(path for path, _ in paths), np.array([digit for _, digit in paths], np.int64)


def _listed(folder: Path) -> tuple[Streams, NDArray[np.int64]]:
    tables = sorted(folder.glob("*.txt"))
    require(
        len(tables) == 1,
        f"{str(folder)!r} holds {len(tables)} .txt files; one with 'index label' is needed",
    )
    text = read_bytes(tables[0], LARGEST)
    with reading(tables[0], "table of 'index label' lines"):
        # the published table begins with "#sample #class"
        rows = (line.split("#")[0].split() for line in text.decode().splitlines())
        lines = [row for row in rows if row]
        pairs = np.array([[int(index), int(label)] for index, label in lines], np.int64)
        require(len(pairs) > 0, f"{tables[0]} is empty; it needs lines of 'index label'")
    return _streams(folder / f"{k}.bin" for k in pairs[:, 0]), pairs[:, 1]


def _streams(paths: Iterable[Path]) -> Streams:
    parts = [read_stream(path) for path in paths]
    check_size(Path("all streams together"), sum(12 * len(t) for t, _ in parts))
    times, units = [t for t, _ in parts], [u for _, u in parts]
    return Streams(
        time=np.concatenate(times) if parts else np.empty(0),
        unit=np.concatenate(units) if parts else np.empty(0, np.int32),
        start=np.concatenate([[0], np.cumsum([len(t) for t in times])]).astype(np.int64),
        frame=FRAME,
    )


def read_stream(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return times [s] and units of the events of one ``.bin`` stream.

    An event takes five bytes: x, y, polarity in the top bit of the third, and 23 bits of time in
    microseconds. Polarity is the channel.

    Raises:
        SpikingError: missing, damaged, or events outside the frame.
    """
    require(path.is_file(), f"the stream {path} is missing; copy the whole folder")
    raw = np.frombuffer(read_bytes(path, LARGEST), np.uint8)
    require(
        raw.size > 0 and raw.size % 5 == 0, f"{path} has {raw.size} bytes, not a multiple of 5; copy it again"
    )
    event = raw.reshape(-1, 5).astype(np.int64)
    x, y, polarity = event[:, 0], event[:, 1], event[:, 2] >> 7
    micro = ((event[:, 2] & 127) << 16) | (event[:, 3] << 8) | event[:, 4]
    _, height, width = FRAME
    inside = (x < width) & (y < height)
    require(
        bool(inside.all()), f"{path} has events outside {width} x {height} pixels; it is no N-MNIST stream"
    )
    return np.asarray(micro * 1e-6, np.float64), ((polarity * height + y) * width + x).astype(np.int32)


SOURCE = Source(
    read=read,
    summary="event streams of 70 000 handwritten digits, 34x34, two polarities",
    licence=LICENCE,
    folder="nmnist",
    files="the folder with Train and Test, or one with .bin streams and a table of labels",
)
DATA_SETS.register("nmnist")(SOURCE)
