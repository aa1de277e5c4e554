"""A run folder is there whole or not at all: written aside, then renamed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spiking.core.errors import SpikingError, require
from spiking.study.record.manifest import KIND


def is_run(folder: Path) -> bool:
    """True if ``folder`` holds the manifest of a run."""
    try:
        return bool(json.loads((folder / "manifest.json").read_text())["kind"] == KIND)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def check_out(out: Path) -> None:
    """Raise :class:`SpikingError` unless a run may be written to ``out``.

    Allowed: a path that does not exist, an empty folder, or an earlier run (which is replaced).
    """
    advice = "choose another --out, or remove it"
    require(not out.exists() or out.is_dir(), f"--out {out} is a file; {advice}")
    if out.is_dir() and any(out.iterdir()):
        require(
            is_run(out), f"--out {out} exists and is not a run (it has no manifest.json of one); {advice}"
        )
    parent = next(p for p in out.absolute().parents if p.exists())
    require(
        parent.is_dir() and os.access(parent, os.W_OK | os.X_OK),
        f"--out {out} cannot be written: {parent} is no writable folder; choose another --out",
    )


@contextmanager
def run_folder(out: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``out`` that takes its place if the block ends well.

    Whatever goes wrong, Ctrl-C included, ``out`` stays as it was and the temporary folder goes.
    """
    check_out(out)
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".partial", dir=out.parent))
    try:
        yield temporary
        _permissions(temporary)
        _replace(temporary, out)
    except OSError as error:
        raise SpikingError(f"the run could not be written to {out}: {error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _permissions(folder: Path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    folder.chmod(0o777 & ~mask)  # mkdtemp allows the owner only


def _replace(new: Path, out: Path) -> None:
    if not out.exists():
        new.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".old", dir=out.parent))
    out.rename(old)
    try:
        new.rename(out)
    except BaseException:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
