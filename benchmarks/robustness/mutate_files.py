"""Damaged files for every reader: each is read, or refused in one sentence, in time and in bounded memory.

    python -m benchmarks.robustness.mutate_files [--count 100000] [--seed 0] [--json FILE] [KIND ...]

The files are shared out evenly among the kinds of ``tests/hostile.py`` and its two ways, bytes and structure.
Each kind has a process of its own, so that what kills the process is told as well: a file that takes more
than 60 s ends it, one that takes more than 10 s is counted. Memory is the largest of the process and its
children, the guarded reader of HDF5 among them.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.robustness.record import options, record
from tests.hostile import kinds, tried

SLOW, END = 10.0, 60.0  # seconds
LARGE = 2 * 2**20  # KiB


def attack(name: str, count: int, seed: int, told: Any) -> None:
    """Damage the file ``name`` both ways, ``count`` times each, and tell what came of it."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    with tempfile.TemporaryDirectory() as folder:
        kind = kinds(Path(folder))[name]
        path = Path(folder) / kind.name
        for way in ("bytes", "structure"):
            found: dict[str, Any] = {"kind": name, "way": way, "files": 0, "read": 0, "refused": 0}
            wrong: list[str] = []
            longest, start = 0.0, time.monotonic()
            for k, content in enumerate(kind.damaged(way, count, seed)):
                faulthandler.dump_traceback_later(END, exit=True)
                before = time.monotonic()
                try:
                    found[tried(kind, path, content)] += 1
                except BaseException as error:  # whatever it is, it is no sentence
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    at = f"{Path(where.filename).name}:{where.lineno}"
                    wrong.append(
                        f"{name}, {way}, file {k}: {type(error).__name__} at {at}: {str(error)[:200]}"
                    )
                longest = max(longest, time.monotonic() - before)
                faulthandler.cancel_dump_traceback_later()
                found["files"] += 1
            who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            peak = max(resource.getrusage(w).ru_maxrss for w in who)
            if longest > SLOW:
                wrong.append(f"{name}, {way}: a file took {longest:.1f} s")
            if peak > LARGE:
                wrong.append(f"{name}, {way}: {peak / 2**20:.2f} GiB of memory")
            seconds = time.monotonic() - start
            rest = {"longest_s": round(longest, 3), "peak_MiB": peak // 1024, "seconds": round(seconds, 1)}
            told.put(({**found, **rest}, wrong))


def main() -> None:
    parser = options(__doc__, count=(100_000, "files in all"))
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="only these kinds")
    given = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        names = given.kinds or list(kinds(Path(folder)))
    each = -(-given.count // (2 * len(names)))
    rows: list[dict[str, Any]] = []
    wrong: list[str] = []
    spawn = multiprocessing.get_context("spawn")
    for name in names:
        told = spawn.SimpleQueue()
        process = spawn.Process(target=attack, args=(name, each, given.seed, told))
        process.start()
        process.join()
        if process.exitcode:
            wrong.append(f"{name}: the process ended with {process.exitcode}")
        while not told.empty():
            row, found = told.get()
            rows.append(row)
            wrong += found
            print(row, *found[:20], sep="\n", flush=True)
    total = sum(row["files"] for row in rows)
    print(f"{total} files, {len(wrong)} wrong")
    found = {"files": total, "wrong": wrong, "kinds": rows}
    record(given.json, seed=given.seed, seconds=time.monotonic() - start, found=found)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
