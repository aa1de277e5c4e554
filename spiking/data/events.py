"""Event streams of a neuromorphic camera: read once, binned to steps when a batch is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require

NMNIST_SHAPE = (2, 34, 34)


@dataclass(frozen=True, kw_only=True, eq=False)
class Streams:
    """Labelled streams of events.

    Attributes:
        time: time of each event [s], all streams one after the other.
        unit: which input unit it belongs to (flat index of ``[polarity, y, x]``).
        start: first event of each stream, ``[samples + 1]``.
        labels: class of each stream, ``[samples]``; ``shape``: ``[channels, height, width]``.
    """

    time: NDArray[np.float64]
    unit: NDArray[np.int32]
    start: NDArray[np.int64]
    labels: NDArray[np.int64]
    shape: tuple[int, int, int]
    name: str

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self.labels)

    def steps(self, dt: float) -> int:
        """Steps of ``dt`` [s] that hold the longest stream."""
        return int(np.floor(self.time.max(initial=0.0) / dt + 1e-9)) + 1

    def raster(self, first: int, last: int, dt: float, steps: int) -> NDArray[np.float32]:
        """Bin streams ``first .. last`` to event counts ``[samples, steps, units]``; later events drop."""
        out = np.zeros((last - first, steps, int(np.prod(self.shape))), np.float32)
        events = slice(int(self.start[first]), int(self.start[last]))
        sample = np.repeat(np.arange(last - first), np.diff(self.start[first : last + 1]))
        step = np.floor(self.time[events] / dt + 1e-9).astype(np.int64)
        kept = step < steps
        np.add.at(out, (sample[kept], step[kept], self.unit[events][kept]), 1.0)
        return out


def load_nmnist(folder: str | Path) -> Streams:
    """Read N-MNIST streams ``N.bin`` and a text file of ``index label`` lines (Orchard et al. 2015).

    An event takes five bytes: x, y, polarity in the top bit of the third, and 23 bits of time in
    microseconds. Polarity is the channel.

    Raises:
        SpikingError: no label file, missing or damaged streams.
    """
    root = Path(folder)
    tables = sorted(root.glob("*.txt"))
    require(
        len(tables) == 1, f"{str(folder)!r} holds {len(tables)} .txt files; one with 'index label' is needed"
    )
    try:
        index, labels = np.loadtxt(tables[0], dtype=np.int64, ndmin=2).T
    except ValueError as error:
        raise SpikingError(f"{tables[0]} is no table of 'index label' lines ({error})") from None
    parts = [_read(root / f"{k}.bin") for k in index]
    sizes = [len(t) for t, _ in parts]
    return Streams(
        time=np.concatenate([t for t, _ in parts]),
        unit=np.concatenate([u for _, u in parts]),
        start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        labels=labels,
        shape=NMNIST_SHAPE,
        name="nmnist",
    )


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    require(path.is_file(), f"the stream {path} is missing; copy the whole folder")
    raw: Any = np.fromfile(path, np.uint8)
    require(
        raw.size > 0 and raw.size % 5 == 0, f"{path} has {raw.size} bytes, not a multiple of 5; copy it again"
    )
    event = raw.reshape(-1, 5).astype(np.int64)
    x, y, polarity = event[:, 0], event[:, 1], event[:, 2] >> 7
    micro = ((event[:, 2] & 127) << 16) | (event[:, 3] << 8) | event[:, 4]
    _, height, width = NMNIST_SHAPE
    inside = (x < width) & (y < height)
    require(
        bool(inside.all()), f"{path} has events outside {width} x {height} pixels; it is no N-MNIST stream"
    )
    return micro * 1e-6, ((polarity * height + y) * width + x).astype(np.int32)
