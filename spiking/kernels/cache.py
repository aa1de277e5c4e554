"""Compiled code kept between processes, in the user's cache folder.

numba keeps compiled code beside the source and looks only at the file a function stands in: an equation that
is inlined from another file leaves stale code behind, and the folder outlives an uninstall and shadows the
next one. Here each compiled function is one file in a folder named after a digest of everything it is made
from: all kernel sources, the versions of Python, numba, llvmlite and numpy, and numba's settings. Its name
comes from the function, the types it was compiled for, the processor and the options. Files are written aside
and renamed, so that processes may share the folder; one that is cut or altered is compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.resources
import os
import pickle
import shutil
import sys
import tempfile
import time
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

NAME = "spikejoule"
KEPT = 4  # folders of other digests that stay: other environments, a branch one comes back to
AGE = 7 * 24 * 3600.0  # seconds for which any other folder stays
# what numba compiles differently by and does not look at itself
SETTINGS = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX")


def cache_root() -> Path | None:
    """Folder of everything kept: ``$SPIKING_CACHE``, else below ``$XDG_CACHE_HOME`` or ``~/.cache``.

    None where there is no such place (no home folder).
    """
    if given := os.environ.get("SPIKING_CACHE"):
        return Path(os.path.expanduser(given)).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or ""
    if not os.path.isabs(base):  # the XDG specification has relative ones ignored
        base = os.path.expanduser("~/.cache")
    return Path(base) / NAME if os.path.isabs(base) else None


@lru_cache(maxsize=1)
def digest() -> str:
    """Digest of all that compiled code depends on, but for the processor; empty where sources are missing."""
    made = hashlib.sha256()
    files = [f for f in importlib.resources.files(__package__).iterdir() if f.name.endswith(".py")]
    for file in sorted(files, key=lambda f: f.name):
        text = file.read_bytes()
        made.update(f"{file.name} {len(text)}\n".encode())
        made.update(text)
    settings = [(name, getattr(config, name, None)) for name in SETTINGS]
    made.update(
        repr((sys.version, numba.__version__, llvmlite.__version__, np.__version__, settings)).encode()
    )
    return made.hexdigest()[:20] if files else ""


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Folder of the code compiled from today's sources, which need not exist; None where nothing is kept."""
    root = cache_root()
    return root / "kernels" / digest() if root is not None and digest() else None


class KernelCache(_Cache):
    """The compiled forms of one function (numba's interface for caches)."""

    def __init__(self, dispatcher: Any) -> None:
        function = dispatcher.py_func
        code = function.__code__
        self._options = repr(sorted(dispatcher.targetoptions.items(), key=str))
        self._enclosed = dumps([c.cell_contents for c in function.__closure__ or ()])  # type: ignore[no-untyped-call]
        self._name = f"{Path(code.co_filename).stem}.{function.__qualname__}-{code.co_firstlineno}"
        self._enabled = True

    @property
    def cache_path(self) -> str | None:
        """Folder of the files."""
        return str(folder()) if folder() is not None else None

    def enable(self) -> None:
        """Keep compiled code from now on."""
        self._enabled = True

    def disable(self) -> None:
        """Keep nothing from now on."""
        self._enabled = False

    def flush(self) -> None:
        """Forget what was kept."""
        place = folder()
        for path in place.glob(f"{self._name}-*.nbc") if place is not None else ():
            path.unlink(missing_ok=True)

    def _key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return sig, codegen.magic_tuple(), self._options, self._enclosed

    def _path(self, place: Path, key: tuple[Any, ...]) -> Path:
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:20]
        return place / f"{self._name}-{name}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the kept code for these types, or None."""
        target_context.refresh()
        place = folder()
        if place is None or not self._enabled:
            return None
        key = self._key(sig, target_context.codegen())
        payload = _read(self._path(place, key))
        if payload is None:
            return None
        kept, reduced = pickle.loads(payload)
        return CompileResult._rebuild(target_context, *reduced) if kept == key else None  # type: ignore[no-untyped-call]

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the compiled code ``data``; where that cannot be done, say so once."""
        loose = any(not part.can_cache for part in data.lifted) or data.library.has_dynamic_globals
        if not self._enabled or loose:
            return
        place = folder()
        if place is None:
            _nothing_kept("there is no home folder")
            return
        key = self._key(sig, data.codegen)
        try:
            _prepare(place)
            _write(self._path(place, key), dumps((key, data._reduce())))  # type: ignore[no-untyped-call]
        except OSError as error:
            _nothing_kept(f"{place} cannot be written ({error.strerror or error})")


def _read(path: Path) -> bytes | None:
    """Contents of a kept file without its checksum; None where it is missing, cut or altered."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    return raw[32:] if hashlib.sha256(raw[32:]).digest() == raw[:32] else None


def _write(path: Path, payload: bytes) -> None:
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(payload).digest() + payload)
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise


@lru_cache(maxsize=1)
def _prepare(place: Path) -> None:
    """Make the folder, and sweep what earlier versions and killed processes left beside it and in it."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.utime(place)
    sweep(place, time.time())


def sweep(place: Path, now: float) -> None:
    """Remove older folders beside ``place``, all but the newest few, and files left aside in it for an hour.

    A process that still uses a removed folder compiles anew.
    """
    with contextlib.suppress(OSError):
        others = [(p.stat().st_mtime, p) for p in place.parent.iterdir() if p.is_dir() and p != place]
        for when, path in sorted(others, reverse=True)[KEPT:]:
            if now - when > AGE:
                shutil.rmtree(path, ignore_errors=True)
        for path in place.glob(".*.part"):
            if now - path.stat().st_mtime > 3600:
                path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _warned() -> list[str]:
    return []


def _nothing_kept(why: str) -> None:
    if not _warned():
        _warned().append(why)
        warnings.warn(
            f"compiled code is not kept, so that each start compiles anew: {why}; "
            "set SPIKING_CACHE to a folder that can be written",
            stacklevel=2,
        )
