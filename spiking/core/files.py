"""Files and folders are there whole or not at all.

Everything is written aside, in the folder it goes to, flushed to the disk, and put in place at once. What a
killed process left aside is named ``.NAME-PROCESS-RANDOM.spiking``, locked while its owner lives, and
put back or removed by the next writer in that folder (:func:`sweep`).
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from spiking.core.errors import SpikingError, Unwritable, require
from spiking.core.process.aside import Aside, exchange, flush, sweep

__all__ = [
    "check_file", "check_folder", "check_readable", "check_regular", "expanded", "present",
    "replacing", "replacing_folder", "sweep", "write_bytes", "write_json", "write_text",
]  # fmt: skip


def check_file(path: str | Path) -> None:
    """Raise :class:`SpikingError` unless a file can be written to ``path``; missing folders are made then."""
    target = _place(path)
    require(not target.is_dir(), f"{path} is a folder; name a file in it")
    if target.exists():
        require(stat.S_ISREG(target.stat().st_mode), f"{path} is no regular file; name another place")
        require(os.access(target, os.W_OK), f"{path} may not be written; name another place")
    _writable(target.parent, path)


def check_folder(path: str | Path) -> None:
    """Raise :class:`SpikingError` unless files can be written into the folder ``path``."""
    target = _place(path)
    require(not target.exists() or target.is_dir(), f"{path} is a file; name a folder")
    _writable(target, path)


def check_readable(path: str | Path) -> None:
    """Raise :class:`SpikingError` unless ``path`` is a file or folder that exists and can be read."""
    target = _place(path)
    require(target.exists(), f"{path} does not exist; check the path")
    require(os.access(target, os.R_OK), f"{path} may not be read; check its permissions")


def check_regular(path: str | Path) -> None:
    """Raise :class:`SpikingError` for pipes and devices, which may never end; what is missing passes."""
    place = _place(path)
    if place.exists() and not place.is_dir():
        require(stat.S_ISREG(place.stat().st_mode), f"{path} is no regular file; copy its content into one")


def present(path: str | Path) -> bool:
    """Whether there is anything at ``path``.

    Raises:
        SpikingError: no path at all (too long a name, a null byte, links in a circle).
    """
    return _place(path).exists()


def expanded(path: str | Path) -> Path:
    """Return ``path`` with ``~`` replaced by the home folder.

    Raises:
        SpikingError: there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SpikingError(f"{path} names a home folder that does not exist; write the path out") from None


def _place(path: str | Path) -> Path:
    """``path`` with every link followed, or one sentence why it is none."""
    try:
        target = Path(os.path.realpath(path))
        with suppress(FileNotFoundError, NotADirectoryError):  # said by the callers, with what is missing
            target.lstat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SpikingError(f"{str(path)[:60]!r} is no usable path: {reason}; name another place") from None
    require(not target.is_symlink(), f"{path} is a link that leads in a circle; name another place")
    return target


def _writable(folder: Path, path: str | Path) -> None:
    there = next((p for p in (folder, *folder.parents) if p.exists()), Path(os.sep))
    good = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    require(good, f"{path} cannot be written: {there} is no writable folder; name another place")


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; it takes the place of ``path`` if the block ends well.

    Folders that are missing are made. A link is followed: the file it leads to is replaced.

    Raises:
        SpikingError: the file cannot be written. An earlier file stays as it was.
    """
    with _sentences(path):
        target = _place(path)
        require(not target.is_dir(), f"{path} is a folder; name a file in it")
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with Aside(target) as aside:
            yield aside.path
            flush(aside.path)
            aside.path.chmod(0o666 & ~_mask())
            os.replace(aside.path, target)
            flush(target.parent)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Yield an empty folder to write into; it takes the place of the folder ``path`` if the block ends well.

    Whatever goes wrong, Ctrl-C and ``kill -9`` included, ``path`` is as it was or whole and new.

    Raises:
        SpikingError: the folder cannot be written.
    """
    with _sentences(path):
        target = _place(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with Aside(target, folder=True) as aside:
            new = aside.path / "new"
            new.mkdir()
            yield new
            for folder, _, names in os.walk(new):
                for name in names:
                    flush(Path(folder) / name)
                flush(Path(folder))
            exchange(new, target, aside.path / "old")
            flush(target.parent)


@contextmanager
def _sentences(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise Unwritable(f"{path} cannot be written: {reason}; name another place") from None


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
