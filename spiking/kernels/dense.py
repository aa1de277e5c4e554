"""Matrix products whose bits do not depend on the number of threads.

A threaded BLAS splits long sums differently for different numbers of threads. Here BLAS runs on one
thread and fixed blocks of rows or columns are shared out over our own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from spiking.kernels.threads import over_ranges

SMALL = 1 << 21  # multiply-adds below which threads cost more than they bring
LEAST = 64  # the least rows or columns of a block
LONG = 2048  # from here on a product is cut into 8 blocks, below into 4


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


class _Held:
    """Who holds BLAS to one thread: blocks overlap where several Python threads run networks."""

    lock = threading.Lock()
    blocks = 0
    limit: Any = None  # gives BLAS its threads back

    def enter(self) -> None:
        """The first block takes the threads away."""
        with self.lock:
            if self.blocks == 0:
                self.limit = _controller().limit(limits=1, user_api="blas")
            self.blocks += 1

    def leave(self) -> None:
        """The last block gives them back."""
        with self.lock:
            if self.blocks == 0:  # a process that was forked inside this block
                return
            self.blocks -= 1
            if self.blocks == 0:
                self.limit.restore_original_limits()

    def forked(self) -> None:
        """The blocks of other threads do not exist in a forked process."""
        self.lock = threading.Lock()
        if self.blocks:
            self.blocks = 0
            self.limit.restore_original_limits()


_held = _Held()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.forked)


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Hold BLAS to one thread inside the block; after the last block it has its threads back."""
    _held.enter()
    try:
        yield
    finally:
        _held.leave()


def product(a: NDArray[Any], b: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
    """``a @ b`` for matrices ``[m, k]`` and ``[k, n]``, into ``out`` where it is given."""
    m, n = a.shape[0], b.shape[1]
    if out is None:
        out = np.empty((m, n), np.result_type(a, b))
    if m * a.shape[1] * n < SMALL:
        return np.matmul(a, b, out=out)
    longer = max(m, n)
    grain = max(LEAST, -(-longer // (8 if longer >= LONG else 4)))

    def rows(start: int, stop: int) -> None:
        for low in range(start, stop, grain):  # the same blocks whoever computes them
            high = min(low + grain, stop)
            np.matmul(a[low:high], b, out=out[low:high])

    def columns(start: int, stop: int) -> None:
        for low in range(start, stop, grain):
            high = min(low + grain, stop)
            np.matmul(a, b[:, low:high], out=out[:, low:high])

    over_ranges(rows if m >= n else columns, longer, grain=grain)
    return out
