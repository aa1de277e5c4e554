"""Reader of ``.npz`` and ``.npy`` files: sizes, types and shapes are checked before anything is unpacked."""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.typed import typed
from spiking.data.readers.guard import check_size, read_bytes, reading

KINDS = "biufUS"  # whole numbers, floats, words
HEADERS: dict[tuple[int, int], Any] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@typed
def read_npz(path: str | Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` file by name.

    Raises:
        SpikingError: no ``.npz`` file, damaged, too large unpacked, or arrays of Python objects.
    """
    path = Path(path)
    with reading(path, "npz file"):
        check_size(path, path.stat().st_size)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            check_size(path, sum(e.file_size for e in entries))
            found = {}
            for entry in entries:
                require(
                    entry.filename.endswith(".npy"),
                    f"{path} holds {entry.filename[:80]!r}, which is no array; write it with numpy.savez",
                )
                with archive.open(entry) as file:
                    found[entry.filename[:-4]] = _array(path, file, entry.file_size)
    return found


@typed
def read_npy(path: str | Path) -> NDArray[Any]:
    """Return the array of an ``.npy`` file.

    Raises:
        SpikingError: as :func:`read_npz`.
    """
    path = Path(path)
    raw = read_bytes(path)
    with reading(path, "npy file"):
        return _array(path, io.BytesIO(raw), len(raw))


def _array(path: Path, file: IO[bytes], size: int) -> NDArray[Any]:
    """Read one array of an entry of ``size`` bytes; its header cannot ask for more than that."""
    version = np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
    require(version in HEADERS, f"{path} is of npy version {version}; versions 1 and 2 are read")
    shape, fortran, dtype = HEADERS[version](file)
    require(
        dtype.kind in KINDS and not dtype.hasobject,
        f"{path} holds an array of {dtype}; arrays of numbers or words are read",
    )
    needed = math.prod(shape) * dtype.itemsize
    require(
        all(n >= 0 for n in shape) and needed <= size,
        f"{path} is damaged: its header promises {' x '.join(map(str, shape))} values of {dtype}, "
        f"more than the {size} bytes it holds",
    )
    data = file.read(needed)
    require(len(data) == needed, f"{path} is truncated: {needed} bytes promised, {len(data)} came")
    array = np.frombuffer(data, dtype)
    return array.reshape(shape[::-1]).T if fortran else array.reshape(shape)
