"""A run folder is there whole or not at all, and only a run of the same kind is replaced."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from spiking.core.errors import SpikingError, require
from spiking.core.files import check_folder, replacing_folder
from spiking.core.process import stop
from spiking.study.record.manifest import KINDS

ADVICE = "choose another --out, or remove it"


def kind_of(folder: Path) -> str | None:
    """Return which of :data:`~spiking.study.record.manifest.KINDS` of run ``folder`` holds, or None."""
    try:
        kind = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["kind"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return next((name for name in KINDS if f"spiking {name}" == kind), None)


def check_out(out: Path, kind: str = "comparison", *, marks: Sequence[str] = ()) -> None:
    """Raise :class:`SpikingError` unless a run of this ``kind`` may be written to ``out``; before any work.

    Allowed: a path that does not exist, an empty folder, an earlier run of the same kind, or a folder that
    holds one of ``marks`` (patterns of names that tell an unfinished run, e.g. ``checkpoint*.npz``).
    """
    try:
        check_folder(out)
    except SpikingError as error:
        raise SpikingError(f"--out {error}") from None
    place = Path(os.path.realpath(out))
    here = Path.cwd()
    require(
        place != here and place not in here.parents,
        f"--out {out} is the folder you are in, or above it; name a folder of its own, e.g. runs/mine",
    )
    require(not os.path.ismount(place), f"--out {out} is a mount point; name a folder inside it")
    if not place.is_dir() or not any(place.iterdir()):
        return
    held = kind_of(place)
    require(
        held is not None or any(any(place.glob(mark)) for mark in marks),
        f"--out {out} exists and is not a run (it has no manifest.json of one); {ADVICE}",
    )
    require(held in (None, kind), f"--out {out} holds a {held}, which this would replace; {ADVICE}")


@contextmanager
def run_folder(out: Path, kind: str = "comparison") -> Iterator[Path]:
    """Yield a folder to write into, which takes the place of ``out`` at once if the block ends well.

    Whatever goes wrong, Ctrl-C and ``kill -9`` included, ``out`` stays as it was.

    Raises:
        SpikingError: :func:`check_out` refuses ``out``, or it cannot be written.
    """
    check_out(out, kind)
    with replacing_folder(out) as temporary:
        yield temporary
        stop.check()
    stop.placed(str(out))
