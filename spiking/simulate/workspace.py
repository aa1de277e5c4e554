"""Buffers that are used again from batch to batch, so that fresh memory is not touched every time."""

from __future__ import annotations

import math
import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Workspace:
    """Named buffers; an array handed out is overwritten when its name is asked for again."""

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray[np.uint8]] = {}
        self._views: dict[tuple[Any, ...], NDArray[Any]] = {}

    def empty(self, key: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array with undefined content, 64-byte aligned."""
        known = self._views.get((key, shape, dtype))
        if known is not None:
            return known
        need = math.prod(shape) * np.dtype(dtype).itemsize
        buffer = self._buffers.get(key)
        if buffer is None or buffer.size < need + 64:
            # straight from the system: numpy asks for huge pages, which makes memory resident that
            # lists of events reserve but never touch
            buffer = self._buffers[key] = np.frombuffer(mmap.mmap(-1, need + 64), np.uint8)
            self._views = {k: v for k, v in self._views.items() if k[0] != key}
        skip = -buffer.ctypes.data % 64
        made = np.asarray(buffer[skip : skip + need].view(dtype).reshape(shape))
        self._views[key, shape, dtype] = made
        return made

    def zeros(self, key: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array of zeros."""
        out = self.empty(key, shape, dtype)
        out.fill(0)
        return out

    @property
    def bytes(self) -> int:
        """Memory held at present [byte]."""
        return sum(b.nbytes for b in self._buffers.values())
