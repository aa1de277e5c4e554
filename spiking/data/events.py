"""Event streams of a neuromorphic sensor: read once, binned to steps when a batch is needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import require

LARGEST_RASTER = 2**31  # bytes of one binned slice


@dataclass(frozen=True, kw_only=True, eq=False)
class Streams:
    """Streams of events, one per sample.

    Attributes:
        time: time of each event [s], all streams one after the other.
        unit: which input unit it belongs to (flat index of ``frame``).
        start: first event of each stream, ``[samples + 1]``.
        frame: ``[channels, height, width]``, or ``[units]``.

    Raises:
        SpikingError: times that are negative or not finite, units outside the frame, starts that do not fit.
    """

    time: NDArray[np.float64]
    unit: NDArray[np.int32]
    start: NDArray[np.int64]
    frame: tuple[int, ...]

    def __post_init__(self) -> None:
        good = isinstance(self.frame, tuple | list) and 0 < len(self.frame) <= 4
        require(good, f"frame is {str(self.frame)[:80]}; (channels, height, width) or (units,) is needed")
        for side in self.frame:
            check.whole("a side of the frame", side, 1, 2**31 - 1)
        require(self.units < 2**31, f"frame is {self.frame}; at most {2**31 - 1} units are allowed")
        time, unit, start = (_numbers(name, getattr(self, name)) for name in ("time", "unit", "start"))
        require(
            time.ndim == 1 and time.shape == unit.shape,
            f"time has shape {time.shape} and unit {unit.shape}; each event needs one of both",
        )
        good = start.ndim == 1 and start.size >= 1 and start[0] == 0 and start[-1] == time.size
        require(
            bool(good and (np.diff(start) >= 0).all()),
            f"start must rise from 0 to the number of events, {time.size}; it has shape {start.shape}",
        )
        if time.size:
            low, high = float(time.min()), float(time.max())
            require(
                low >= 0 and np.isfinite(high), f"times go from {low:g} to {high:g} s; allowed: 0 or more"
            )
            low, high = int(unit.min()), int(unit.max())
            require(
                low >= 0 and high < self.units,
                f"units go from {low} to {high}; {self.frame} has 0 to {self.units - 1}",
            )

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self.start) - 1

    @property
    def units(self) -> int:
        """Number of input units."""
        return math.prod(self.frame)

    @property
    def shape(self) -> tuple[int, int]:
        """``(samples, units)``."""
        return len(self), self.units

    def steps(self, dt: float) -> int:
        """Steps of ``dt`` [s] that hold the longest stream."""
        check.number("dt", dt, 0.0, open_low=True, unit="s")
        return int(np.floor(self.time.max(initial=0.0) / dt + 1e-9)) + 1

    def raster(self, first: int, last: int, dt: float, steps: int) -> NDArray[np.float32]:
        """Bin streams ``first .. last`` to event counts ``[samples, steps, units]``; later events drop.

        Raises:
            SpikingError: more than 2 GiB, or fewer than 1 step.
        """
        check.number("dt", dt, 0.0, open_low=True, unit="s")
        check.whole("steps", steps, 1)
        size = 4 * (last - first) * steps * self.units
        require(
            size <= LARGEST_RASTER,
            f"{last - first} streams in {steps} steps take {size / 2**30:.1f} GiB as a raster; "
            "at most 2 GiB: take fewer streams at a time, or a longer dt",
        )
        out = np.zeros((last - first, steps, self.units), np.float32)
        events = slice(int(self.start[first]), int(self.start[last]))
        sample = np.repeat(np.arange(last - first), np.diff(self.start[first : last + 1]))
        step = np.floor(self.time[events] / dt + 1e-9)
        kept = step < steps
        where = (sample[kept], step[kept].astype(np.int64), self.unit[events][kept])
        np.add.at(out, where, 1.0)
        return out

    def binned(self, dt: float, steps: int) -> Binned:
        """Return the streams as rasters that are made a slice at a time."""
        check.number("dt", dt, 0.0, open_low=True, unit="s")
        check.whole("steps", steps, 1)
        return Binned(streams=self, dt=dt, steps=steps)


def _numbers(name: str, value: Any) -> NDArray[Any]:
    found = np.asarray(value)
    kinds = "biuf" if name == "time" else "iu"
    what = "numbers" if name == "time" else "whole numbers"
    require(found.dtype.kind in kinds, f"{name} is an array of {found.dtype}; {what} are needed")
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Binned:
    """Streams as rasters ``[samples, steps, units]``, of which ``[a:b]`` makes a slice."""

    streams: Streams
    dt: float
    steps: int

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.streams)

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """``(samples, steps, units)``."""
        return len(self.streams), self.steps, self.streams.units

    @property
    def ndim(self) -> int:
        """Three."""
        return 3

    def __getitem__(self, part: slice) -> NDArray[np.float32]:
        """Return the raster of the samples in ``part``, consecutive ones.

        Raises:
            SpikingError: steps of a slice other than 1.
        """
        first, last, stride = part.indices(len(self))
        require(stride == 1, "streams are binned in the order they lie; take a slice without a stride")
        return self.streams.raster(first, max(first, last), self.dt, self.steps)
