"""Who computes what: locks on single bytes of one file, which the system gives back when a process dies."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from spiking.core.errors import SpikingError


class Claims:
    """Claims of this process on points by name; ``kill -9`` leaves none behind.

    The byte at a digest of the name is locked (POSIX record locks, ``fcntl``), far beyond the end of an empty
    file. Such locks belong to the process, so the file must be opened once in each.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held: set[int] = set()
        self._handle: int | None = None

    def take(self, name: str) -> bool:
        """Claim ``name``; False where another process has it."""
        import fcntl

        place = _place(name)
        if place in self.held:
            return True
        try:
            fcntl.lockf(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            raise SpikingError(
                f"{self.path} cannot be locked ({error.strerror or error}); use a disk that has locks"
            ) from None
        self.held.add(place)
        return True

    def give(self, name: str) -> None:
        """Give back one claim."""
        import fcntl

        place = _place(name)
        if place in self.held:
            fcntl.lockf(self._open(), fcntl.LOCK_UN, 1, place)
            self.held.remove(place)

    def release(self) -> None:
        """Give back every claim."""
        import fcntl

        for place in self.held:
            fcntl.lockf(self._open(), fcntl.LOCK_UN, 1, place)
        self.held.clear()

    def _open(self) -> int:
        if self._handle is None:
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        return self._handle

    def close(self) -> None:
        """Close the file, and with it give back every claim."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        self.held.clear()


def _place(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:15], 16)
