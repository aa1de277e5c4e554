"""``load(name)``: every data set by its name, from wherever it lies."""

from __future__ import annotations

from pathlib import Path

from spiking.core import check
from spiking.core.typed import typed
from spiking.data.dataset import Dataset
from spiking.data.sets import DATA_SETS
from spiking.data.source import check_path, said_place


@typed
def load(name: str, *, path: str | Path | None = None, seed: int = 0, download: bool = True) -> Dataset:
    """Return the data set called ``name``: values scaled to [0, 1], or streams of events.

    Each is a file of :mod:`spiking.data.sets`; other packages add theirs by the entry point
    ``spiking.data``. A user's own files are read by :func:`spiking.data.own.read_data`.

    Args:
        path: where its files lie; else the usual places are looked through.
        seed: of the split, where none is published.
        download: whether OpenML may be asked when no place has the data.

    Raises:
        SpikingError: unknown name, broken files, or no place that works (the message lists them).
    """
    check.seed(seed)
    source = DATA_SETS[name]
    check_path(name, source, path)
    return source.read(said_place(source, path), seed=seed, download=download)
