"""What is known of a data set before it is read, and what it must be when it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from spiking.core.errors import SpikingError, require
from spiking.core.files import expanded, present
from spiking.data.dataset import Dataset


class Read(Protocol):
    """Reads a data set."""

    def __call__(self, root: Path | None, *, seed: int, download: bool) -> Dataset:
        """Read from ``root``, or from wherever it lies; ``seed``: of a split, where none is published."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data set by name.

    Attributes:
        read: ``read(root, seed=, download=) -> Dataset``; ``root`` is None where the user names no place.
        files: what ``root`` must hold, in words; empty for data that are generated or come with a package.
        variable: environment variable that names the place; ``folder``: its name below ``SPIKING_DATA``.
        summary, licence: in words.
        checksum: of the data set as read with seed 0 (:attr:`Dataset.checksum`); empty where copies differ.
    """

    read: Read
    summary: str
    licence: str
    files: str = ""
    variable: str = ""
    folder: str = ""
    checksum: str = ""


def said_place(source: Source, path: str | Path | None) -> Path | None:
    """Return the place that the user named, with ``path`` or the variable, or None."""
    said = path if path is not None else os.environ.get(source.variable or "-")
    return expanded(said) if said else None


def found_place(name: str, source: Source) -> Path:
    """Return the folder of a data set below ``SPIKING_DATA`` or ``data``.

    Raises:
        SpikingError: there is none; the sentence says what to do.
    """
    roots = [os.environ.get("SPIKING_DATA"), "data"]
    tried = [Path(root) / source.folder for root in roots if root]
    for place in tried:
        if place.exists():
            return place
    raise SpikingError(
        f"no copy of {name!r} was found; tried {', '.join(map(str, tried))}; "
        f"give {source.files} with --data-path"
    )


def check_path(name: str, source: Source, path: str | Path | None) -> None:
    """Refuse a path for data that are not read from files, and one that does not exist."""
    if path is None:
        return
    require(
        bool(source.files),
        f"{name!r} is not read from files; leave the path out, or take your own file: --data {path}",
    )
    require(present(expanded(path)), f"{path} does not exist; give {source.files}")
