"""HDF5 files read in a process of their own, so that a damaged or hostile file cannot harm this one.

The process starts with the first file (about 0.2 s), serves every later one, and ends with this process.
"""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import numpy as np

from spiking.core.errors import SpikingError

SECONDS = 10  # for one file; a gigabyte of weights takes three
HEADER = 2**29  # bytes of the tree and its texts
SLACK = 2**30  # address space of the process beside the arrays: its libraries and buffers


class Reader:
    """Reads HDF5 files in a child process.

    Args:
        seconds: whole seconds that one file may take.
        limit: bytes of arrays that one file may hold.
    """

    def __init__(self, seconds: int = SECONDS, limit: int = 2**30) -> None:
        self.seconds, self.limit = seconds, limit
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def read(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """Return the group ``node`` of a file: nested dictionaries of arrays and texts.

        Raises:
            SpikingError: the file is no HDF5, is damaged, takes too long, or holds links, other types or
                more than the limit.
        """
        with self._lock:
            try:
                return self._exchange(os.path.abspath(path), repr(str(path)))
            except SpikingError:
                raise  # the answer was read to its end
            except BaseException:
                self.close()  # what is left in the pipe belongs to no one
                raise

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _exchange(self, path: str, name: str) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        request = json.dumps({"path": path, "limit": self.limit}) + "\n"
        try:
            process.stdin.write(request.encode())
            process.stdin.flush()
            answer = self._header(process.stdout, name)
            arrays = [self._array(process.stdout, entry, name) for entry in answer["arrays"]]
        except (BrokenPipeError, EOFError):
            raise SpikingError(self._death(process, name)) from None
        return _filled(answer["tree"], arrays)

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, started anew after a fork or where the last one ended."""
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            script = Path(__file__).with_name("child.py")
            paths = os.pathsep.join(p for p in sys.path if p)
            quiet = {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
            command = [sys.executable, str(script), str(self.seconds), str(self.limit + SLACK)]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **quiet},
            )
            self._owner = os.getpid()
        return self._process

    def _header(self, pipe: IO[bytes], name: str) -> dict[str, Any]:
        (length,) = struct.unpack(">Q", _exactly(pipe, 8))
        if length > HEADER:
            raise EOFError  # no answer of ours
        answer: dict[str, Any] = json.loads(_exactly(pipe, length))
        if "refused" in answer:
            raise SpikingError(f"{name} {answer['refused']}")
        if "unreadable" in answer:
            raise SpikingError(f"{name} {answer['unreadable']}; copy it again")
        if "damaged" in answer:
            raise SpikingError(f"{name} is damaged ({answer['damaged']}); copy it again")
        return answer

    def _array(self, pipe: IO[bytes], entry: dict[str, Any], name: str) -> Any:
        if _exactly(pipe, 1) == b"\1":
            self._header(pipe, name)
        shape = tuple(entry["shape"])
        array = np.empty(shape, np.dtype(entry["dtype"]))
        view = memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        while len(view):
            count = pipe.readinto(view)  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            view = view[count:]
        return array if shape else array[()]

    def _death(self, process: subprocess.Popen[bytes], name: str) -> str:
        try:
            code = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if code == -14:  # SIGALRM
            return f"{name} is damaged (HDF5 did not end within {self.seconds} s); copy it again"
        return f"{name} is damaged (HDF5 ended with code {code} on it); copy it again"


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _filled(tree: dict[str, Any], arrays: list[Any]) -> dict[str, Any]:
    """Put arrays and texts in their places."""
    out: dict[str, Any] = {}
    for name, entry in tree.items():
        if "group" in entry:
            out[name] = _filled(entry["group"], arrays)
        else:
            out[name] = arrays[entry["array"]] if "array" in entry else entry["text"]
    return out


_READERS: dict[int, Reader] = {}


def read_hdf5(path: str | os.PathLike[str], limit: int) -> dict[str, Any]:
    """Read a file with the reader of this process for files of at most ``limit`` bytes."""
    if limit not in _READERS:
        _READERS[limit] = Reader(limit=limit)
        atexit.register(_READERS[limit].close)
    return _READERS[limit].read(path)
