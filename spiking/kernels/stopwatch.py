"""Seconds of work: wall time without the time numba spends compiling, which is paid once per machine."""

from __future__ import annotations

import time

from numba.core import event

_COMPILING = event.TimingListener()  # type: ignore[no-untyped-call]
event.register("numba:compile", _COMPILING)  # type: ignore[no-untyped-call]


def working_seconds() -> float:
    """A clock [s] that stands still while kernels are compiled; only differences mean something."""
    return time.perf_counter() - (_COMPILING.duration if _COMPILING.done else 0.0)
