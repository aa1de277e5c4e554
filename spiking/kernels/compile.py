"""Compilation and threads: one decorator, and fixed chunks of samples over a thread pool.

Kernels are compiled without ``parallel=True``: they release the GIL and Python threads call them
on ranges of samples or columns. A range computes the same bits whoever runs it, so results do not
depend on the number of threads, and compiling stays quick.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
jit = njit(**OPTIONS)
# no allocation: without reference counts, whose atomic updates cost more than short loops
VIEWS: dict[str, Any] = {**OPTIONS, "_nrt": False}
jit_views = njit(**VIEWS)
# for long sums whose order is free: lets them use vector registers
jit_reassociated = njit(**VIEWS, fastmath={"reassoc", "contract", "nsz"})
# functions of many arrays called for short rows: passing the arguments would cost more than the row
inline_views = njit(**VIEWS, forceinline=True)
INLINED: dict[str, Any] = {"error_model": "numpy", "forceinline": True, "_nrt": False}
inline = njit(**INLINED)


def threads() -> int:
    """Number of worker threads: ``SPIKING_THREADS`` or the cores this process may use."""
    wanted = os.environ.get("SPIKING_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=4)
def _pools(workers: int) -> tuple[ThreadPoolExecutor, ...]:
    """Pools of one thread each; as many as threads take part, since which one is left out changes.

    Where all cores are ours each thread keeps to its own: a thread that is woken for less than a
    millisecond often stays on the core of the one that woke it, and both take turns there.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

    def keep_to(core: int) -> None:
        with contextlib.suppress(OSError):  # cores can be taken from a process while it runs
            os.sched_setaffinity(0, {core})

    pinned = len(cores) == workers
    return tuple(
        ThreadPoolExecutor(1, f"spiking-{k}", partial(keep_to, cores[k]) if pinned else None)
        for k in range(workers)
    )


@lru_cache(maxsize=1)
def _place() -> Callable[[], int]:
    """What tells the core that runs this thread, counted among those we may use; 0 where nothing does."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    found = getattr(ctypes.CDLL(None), "sched_getcpu", None) if cores else None
    return (lambda: cores.index(cpu) if (cpu := found()) in cores else 0) if found else (lambda: 0)


def _together(kernel: Callable[..., Any], edges: list[int], args: tuple[Any, ...]) -> None:
    """Run one range here and the others on threads: waking a thread costs as long as a small kernel."""
    pools = _pools(max(threads(), len(edges) - 1))
    here = min(_place()(), len(pools) - 1)
    others = (pool for k, pool in enumerate(pools) if k != here)
    ranges = itertools.pairwise(edges[1:])
    jobs = [pool.submit(kernel, a, b, *args) for (a, b), pool in zip(ranges, others, strict=False)]
    try:
        kernel(edges[0], edges[1], *args)
    finally:
        for job in jobs:
            job.result()


def over_ranges(
    kernel: Callable[..., Any], count: int, *args: Any, grain: int = 1, workers: int | None = None
) -> None:
    """Call ``kernel(start, stop, *args)`` on contiguous ranges that cover ``range(count)``.

    Ranges are multiples of ``grain``; every item must be independent of the others.
    """
    workers = min(threads() if workers is None else workers, -(-count // grain))
    if workers <= 1:
        kernel(0, count, *args)
        return
    blocks = -(-count // grain)
    edges = [min(count, grain * (blocks * k // workers)) for k in range(workers + 1)]
    _together(kernel, edges, args)
