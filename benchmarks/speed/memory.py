"""Resident memory of this process, and its peak since it was last reset (Linux, proc(5))."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path

STATUS = Path("/proc/self/status")


def settle() -> None:
    """Return freed memory to the system, so that it does not hide what comes next."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)


def _field(name: str) -> float:
    for line in STATUS.read_text().splitlines():
        if line.startswith(name + ":"):
            return float(line.split()[1]) / 1024
    raise RuntimeError(f"{STATUS} has no {name}")


def resident() -> float:
    """Memory in use now [MiB]."""
    return _field("VmRSS")


def reset_peak() -> None:
    """Let :func:`peak` start again from what is resident now."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """Largest memory in use since the last reset [MiB]."""
    return _field("VmHWM")
