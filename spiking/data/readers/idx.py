"""Strict reader of idx files (the format of MNIST), plain or gzip.

Layout: two zero bytes, a type code, the number of dimensions, one big-endian 32-bit size per
dimension, then the values, big-endian, last dimension fastest (http://yann.lecun.com/exdb/mnist).
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.typed import typed
from spiking.data.readers.guard import read_bytes

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


@typed
def read_idx(path: str | Path) -> NDArray[Any]:
    """Return the array stored in an idx file.

    Raises:
        SpikingError: not an idx file, another number of values than its header promises, a broken
            gzip stream, or a file that cannot be read.
    """
    path = Path(path)
    data = read_bytes(path)
    require(
        len(data) >= 4 and data[:2] == b"\0\0" and data[2] in TYPES,
        f"{path} is not an idx file: it starts with {data[:4].hex() or 'nothing'}, "
        "expected 0000, a type code (08 for bytes) and the number of dimensions",
    )
    rank, dtype = data[3], np.dtype(TYPES[data[2]])
    start = 4 + 4 * rank
    require(
        rank >= 1 and len(data) >= start,
        f"{path} is truncated: {len(data)} bytes cannot hold its header of {rank} sizes; download it again",
    )
    shape = struct.unpack(f">{rank}I", data[4:start])
    require(rank <= 32, f"{path} is not an idx file: it claims {rank} dimensions; idx files have 1 to 4")
    needed, came = math.prod(shape) * dtype.itemsize, len(data) - start
    size = " x ".join(map(str, shape))
    require(
        came >= needed,
        f"{path} is truncated: its header promises {size} values ({needed} bytes), {came} came; "
        "download it again",
    )
    require(
        came == needed,
        f"{path} is longer than its header says: {size} values are {needed} bytes, {came} came",
    )
    return np.frombuffer(data, dtype, offset=start).reshape(shape)


@typed
def read_images(images: str | Path, labels: str | Path) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return pixels ``[samples, height, width]`` as stored, and labels ``[samples]``.

    Raises:
        SpikingError: as :func:`read_idx`; wrong dimensions; counts that disagree; NaN or negative pixels.
    """
    x, y = read_idx(images), read_idx(labels)
    require(x.ndim == 3, f"{images} has {x.ndim} dimensions; images need 3 (count, height, width)")
    require(y.ndim == 1, f"{labels} has {y.ndim} dimensions; labels need 1")
    require(
        len(x) == len(y),
        f"{images} holds {len(x)} images but {labels} holds {len(y)} labels; they must be a pair",
    )
    require(
        np.issubdtype(y.dtype, np.integer), f"{labels} holds {y.dtype.name}; labels must be whole numbers"
    )
    require(not bool(np.isnan(x).any()), f"{images} holds NaN pixels; allowed: 0 to 255")
    require(bool((x >= 0).all()), f"{images} holds negative pixels ({x.min()}); allowed: 0 to 255")
    return x, y.astype(np.int64)
