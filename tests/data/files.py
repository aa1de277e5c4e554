"""Files of each kind that can be read, made for tests, and what mutates them."""

import gzip
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from spiking.core.errors import SpikingError
from spiking.data.own import read_data
from spiking.data.readers.idx import read_idx
from spiking.data.readers.npz import read_npz
from spiking.data.readers.table import read_csv
from spiking.data.sets.nmnist import read_stream


def idx_bytes(array: np.ndarray, code: int = 0x08) -> bytes:
    kinds = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(kinds[code]).tobytes()


def whole_files(folder: Path) -> dict[str, tuple[bytes, Callable[[Path], object]]]:
    """``{file name: (its bytes, its reader)}`` of small files that read well."""
    rng = np.random.default_rng(0)
    pixels = idx_bytes(rng.integers(0, 256, (12, 4, 4)))
    x, y = rng.random((30, 4)).round(3), np.arange(30) % 3
    np.savez(folder / "plain.npz", x=x, y=y)
    np.savez_compressed(folder / "packed.npz", x=x, y=np.array(["one", "two", "three"])[y])
    lines = ["a,b,c,d,label", *(",".join(map(str, [*row, f"kind {k}"])) for row, k in zip(x, y, strict=True))]
    event = np.array([[1, 2, 128, 0, 9], [33, 33, 0, 200, 1], [5, 6, 127, 255, 255]], np.uint8)
    return {
        "images": (pixels, read_idx),
        "images.gz": (gzip.compress(pixels), read_idx),
        "plain.npz": ((folder / "plain.npz").read_bytes(), read_npz),
        "packed.npz": ((folder / "packed.npz").read_bytes(), read_npz),
        "own.npz": ((folder / "packed.npz").read_bytes(), read_data),
        "table.csv": ("\n".join(lines).encode(), read_csv),
        "own.csv": ("\n".join(lines).encode(), read_data),
        "1.bin": (np.tile(event, (20, 1)).tobytes(), read_stream),
    }


def mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` damaged copies: bytes flipped, set to extremes, cut, doubled, swapped or inserted."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        new = bytearray(data)
        for _ in range(int(rng.integers(1, 4))):
            at, kind = int(rng.integers(len(new) + 1)), int(rng.integers(6))
            span = int(rng.integers(1, 9))
            if kind == 0 and at < len(new):
                new[at] ^= 1 << int(rng.integers(8))
            elif kind == 1:
                new[at : at + span] = bytes([int(rng.choice([0, 255, 127, 128, 45, 101]))]) * span
            elif kind == 2:
                del new[at : at + span]
            elif kind == 3:
                new[at:at] = new[at : at + span * 4]
            elif kind == 4:
                new[at:at] = rng.bytes(span)
            elif rng.random() < 0.2:
                del new[at:]
            if not new:
                new = bytearray(data)
        yield bytes(new)


def outcome(path: Path, read: Callable[[Path], object]) -> str:
    """``read`` or ``refused``; anything else is raised."""
    try:
        read(path)
    except SpikingError as error:
        words = str(error)
    else:
        return "read"
    assert "\n" not in words
    assert len(words) < 1000
    return "refused"
