"""Files are there whole or not at all: written aside, flushed to the disk, then put in place at once."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spiking.core.errors import SpikingError


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; it takes the place of ``path`` if the block ends well.

    Raises:
        SpikingError: the file cannot be written. An earlier file stays as it was.
    """
    target = Path(path)
    aside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}-{os.getpid()}-", suffix=".part", dir=target.parent
        )
        aside = Path(name)
        os.close(handle)
        yield aside
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        aside.chmod(0o666 & ~mask)  # mkstemp allows the owner only
        os.replace(aside, target)
        aside = None
    except OSError as error:
        raise SpikingError(
            f"{target} cannot be written: {error.strerror or error}; name another place"
        ) from None
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write ``data`` whole or not at all (:func:`replacing`)."""
    with replacing(path) as aside:
        aside.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` in UTF-8, whole or not at all (:func:`replacing`)."""
    write_bytes(path, text.encode())


def write_json(path: str | Path, value: Any) -> None:
    """Write plain data as JSON, whole or not at all (:func:`replacing`)."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
