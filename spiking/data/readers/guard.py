"""The guard of every reader: sizes before unpacking, and one sentence for whatever a damaged file does."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spiking.core.errors import SpikingError, require
from spiking.core.files import check_regular

LARGEST = 2**30  # bytes that a file may hold, unpacked
GZIP = b"\x1f\x8b"
CHUNK = 2**20


@contextmanager
def reading(path: Path, kind: str, todo: str = "copy or download it again") -> Iterator[None]:
    """Turn what a decoder raises inside into one sentence that names the file.

    Decoders of damaged bytes raise whatever their insides trip over, so every exception means the same here.

    Raises:
        SpikingError: the file cannot be opened, is a pipe or a device, or is no ``kind``.
    """
    try:
        check_regular(path)
        yield
    except SpikingError:
        raise
    except MemoryError:
        raise SpikingError(f"{path} asks for more memory than there is; is it a {kind}?") from None
    except OSError as error:
        if error.strerror is None:  # gzip and zip raise such for damaged content
            raise SpikingError(f"{path} is a damaged {kind} ({error}); {todo}") from None
        raise SpikingError(f"{path} cannot be read: {error.strerror}") from None
    except Exception as error:
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise SpikingError(f"{path} is a damaged {kind} or none at all ({words}); {todo}") from None


def check_size(path: Path, size: int, largest: int = LARGEST) -> None:
    """Refuse a file whose content would take more than ``largest`` bytes, before it is read."""
    require(
        size <= largest,
        f"{path} holds {size / 2**20:.0f} MiB unpacked; at most {largest / 2**20:.0f} MiB are read: "
        "take a part of it",
    )


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Return the content of a file, unpacked where it is gzip, ``largest`` bytes at most.

    Raises:
        SpikingError: the file cannot be read, is a broken gzip file, or is too large.
    """
    with reading(path, "file"):
        require(not path.is_dir(), f"{path} is a folder; a file is needed")
        check_size(path, path.stat().st_size, largest)
        raw = path.read_bytes()
    return _unpacked(path, raw, largest) if raw[:2] == GZIP else raw


def _unpacked(path: Path, raw: bytes, largest: int) -> bytes:
    """Unpack piece by piece, so that a small file that swells is stopped at ``largest``."""
    parts, size = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            while part := file.read(CHUNK):
                parts.append(part)
                size += len(part)
                check_size(path, size, largest)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SpikingError(f"{path} is a broken gzip file ({error}); download it again") from None
    return b"".join(parts)
