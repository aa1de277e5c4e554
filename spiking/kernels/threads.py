"""Threads: fixed chunks of samples over a pool.

Kernels are compiled without ``parallel=True``: they release the GIL and Python threads call them
on ranges of samples or columns. A range computes the same bits whoever runs it, so results do not
depend on the number of threads, and compiling stays quick.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any

MOST = 256  # threads beyond which a number is a mistake, not a machine


def cores() -> list[int]:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def threads() -> int:
    """Number of worker threads: ``SPIKING_THREADS``, or the cores this process may use.

    A text that is no whole number from 1 to 256 is ignored, with a warning.
    """
    return _wanted(os.environ.get("SPIKING_THREADS", "").strip()) or len(cores())


@lru_cache(maxsize=16)
def _wanted(text: str) -> int:
    if not text:
        return 0
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= number <= MOST:
        warnings.warn(
            f"SPIKING_THREADS is {text[:40]!r}; allowed: whole numbers, 1 to {MOST}; using all cores instead",
            stacklevel=3,
        )
        return 0
    return number


@lru_cache(maxsize=4)
def _pools(workers: int) -> tuple[ThreadPoolExecutor, ...]:
    """Pools of one thread each; as many as threads take part, since which one is left out changes.

    Where all cores are ours each thread keeps to its own: a thread that is woken for less than a
    millisecond often stays on the core of the one that woke it, and both take turns there.
    """
    ours = cores() if hasattr(os, "sched_setaffinity") else []

    def keep_to(core: int) -> None:
        with contextlib.suppress(OSError):  # cores can be taken from a process while it runs
            os.sched_setaffinity(0, {core})

    pinned = len(ours) == workers
    return tuple(
        ThreadPoolExecutor(1, f"spiking-{k}", partial(keep_to, ours[k]) if pinned else None)
        for k in range(workers)
    )


@lru_cache(maxsize=1)
def _place() -> Callable[[], int]:
    """What tells the core that runs this thread, counted among those we may use; 0 where nothing does."""
    found = getattr(ctypes.CDLL(None), "sched_getcpu", None) if hasattr(os, "sched_getaffinity") else None
    ours = cores()
    return (lambda: ours.index(cpu) if (cpu := found()) in ours else 0) if found else (lambda: 0)


def _forget() -> None:
    """A forked child has the pools, but not their threads: work given to them would wait for ever."""
    _pools.cache_clear()
    _place.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


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
