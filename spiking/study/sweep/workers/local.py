"""Several processes on one machine, each at work on the same ledger."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from spiking.core.errors import SpikingError
from spiking.study.record.manifest import machine
from spiking.study.sweep.points.plan import Plan
from spiking.study.sweep.store.ledger import Ledger
from spiking.study.sweep.workers.work import Told, Worker

DEATHS = 100  # of workers in one sweep, before something must be wrong with more than one of them
THREADS = ("SPIKING_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def work_here(plan: Plan, ledger: Ledger, told: Told) -> None:
    """Do what is left in this process."""
    Worker(plan, ledger, told).run()


def work_in(jobs: int, plan: Plan, folder: Path, told: Told) -> None:
    """Do what is left in ``jobs`` processes; one that is killed is replaced, and its points done by others.

    Raises:
        SpikingError: the ledger cannot be written, or workers keep dying.
    """
    context = multiprocessing.get_context("spawn")
    running: dict[Connection, Any] = {}
    deaths = 0

    def start() -> None:
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=_worker, args=(plan, folder, its, os.getpid()), daemon=True)
        with threads(jobs):
            process.start()
        its.close()
        running[mine] = process

    try:
        for _ in range(jobs):
            start()
        while running:
            for pipe in wait(list(running)):
                assert isinstance(pipe, Connection)
                try:
                    said = pipe.recv()
                except (EOFError, OSError):
                    process = running.pop(pipe)
                    process.join()
                    if process.exitcode != 0:
                        deaths += 1
                        if deaths > DEATHS:
                            raise SpikingError(
                                f"workers died {deaths} times (the last with {process.exitcode}); look at "
                                "the memory, and start the sweep again: what is done stays done"
                            ) from None
                        start()
                    continue
                if isinstance(said, str):
                    raise SpikingError(said)
                told(said)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.join()


@contextmanager
def threads(jobs: int) -> Iterator[None]:
    """Share the cores: processes started inside compute on an equal part of them."""
    share = str(max(1, machine()["cores"] // jobs))
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update({name: share for name, value in before.items() if value is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def _worker(plan: Plan, folder: Path, pipe: Connection, parent: int) -> None:
    """What a process does: work until nothing is left, and say how many points were finished."""
    try:
        Worker(plan, Ledger(folder), pipe.send, parent).run()
    except SpikingError as error:
        pipe.send(str(error))
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # the parent is gone
        raise SystemExit(1) from None
    finally:
        pipe.close()
