"""What lies aside while it is written: its name, its lock, its way into place, and what dead owners left.

A folder takes the place of another by one exchange (``renameat2`` with ``RENAME_EXCHANGE``) where the system
has it. Elsewhere the earlier one waits inside the aside under ``old`` between two renames, and :func:`sweep`
puts it back if the process died there.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

SUFFIX = ".spiking"
PATTERN = re.compile(r"\..+-(\d+)-[0-9a-f]{8}\.spiking", re.DOTALL)
LONGEST = 200  # bytes of a name that stay in the name of its aside; file systems allow 255
AT_FDCWD, RENAME_EXCHANGE = -100, 2


class Aside:
    """A file or folder beside ``target`` that is this process's own, and gone at the end of the block."""

    def __init__(self, target: Path, *, folder: bool = False) -> None:
        short = os.fsdecode(os.fsencode(target.name)[:LONGEST])
        while True:
            name = f".{short}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
            self.path = target.parent / name
            if folder:
                self.path.mkdir()
            else:
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            lock = hold(self.path)
            if lock is not None:
                self._lock = lock
                return

    def __enter__(self) -> Aside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            remove(self.path)
        finally:
            os.close(self._lock)


def hold(path: Path) -> int | None:
    """Lock ``path`` for this process; None where another holds it or it is gone. Dies with the process."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), os.lstat(path)):
            return handle
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK):
            return handle  # a file system without locks
    os.close(handle)
    return None


def sweep(folder: Path) -> None:
    """Finish what dead processes left in ``folder``: put back what lost its place, remove the rest."""
    with suppress(OSError):
        names = [entry.name for entry in os.scandir(folder) if entry.name.endswith(SUFFIX)]
        for name in filter(PATTERN.fullmatch, names):
            left = folder / name
            lock = hold(left)
            if lock is None:
                continue
            try:
                old = left / "old"
                for earlier in old.iterdir() if old.is_dir() else ():
                    if not (folder / earlier.name).exists():
                        earlier.rename(folder / earlier.name)
                remove(left)
            finally:
                os.close(lock)


def exchange(new: Path, target: Path, old: Path) -> None:
    """Put the folder ``new`` at ``target``; what was there goes to ``new`` or into the folder ``old``."""
    if not target.exists():
        new.rename(target)
    elif not _exchanged(new, target):
        old.mkdir()
        target.rename(old / target.name)
        try:
            new.rename(target)
        except BaseException:
            if not target.exists():
                (old / target.name).rename(target)
            raise


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two paths at once; False where the system or the file system cannot."""
    rename = (
        getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    )
    if rename is None:
        return False
    code = rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    if code == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(other))


def flush(path: Path) -> None:
    """Wait until ``path``, a file or folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # what cannot be flushed
            raise
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file or folder, whatever of it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
