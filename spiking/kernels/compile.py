"""Compilation: numba's decorator with the house's options, and compiled code kept by ``cache.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from spiking.kernels.cache import KernelCache


def _kept(**options: Any) -> Callable[[Any], Any]:
    """A decorator that compiles with ``options`` and keeps what it compiled for the next process."""

    def decorate(function: Any) -> Any:
        dispatcher = njit(**options)(function)
        if hasattr(dispatcher, "_cache"):  # with NUMBA_DISABLE_JIT it is the plain function
            dispatcher._cache = KernelCache(dispatcher)
        return dispatcher

    return decorate


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
jit = _kept(**OPTIONS)
# no allocation: without reference counts, whose atomic updates cost more than short loops
VIEWS: dict[str, Any] = {**OPTIONS, "_nrt": False}
jit_views = _kept(**VIEWS)
# for long sums whose order is free: lets them use vector registers
jit_reassociated = _kept(**VIEWS, fastmath={"reassoc", "contract", "nsz"})
# functions of many arrays called for short rows: passing the arguments would cost more than the row
inline_views = _kept(**VIEWS, forceinline=True)
# small enough to be compiled again in each process where their caller is
INLINED: dict[str, Any] = {"error_model": "numpy", "forceinline": True, "_nrt": False}
inline = njit(**INLINED)
