"""Threads: any text in ``SPIKING_THREADS``, and every way of starting processes and threads."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from spiking.kernels import threads

ROOT = Path(__file__).parents[2]
WORK = """
import multiprocessing, sys
import numpy as np
from spiking.kernels.threads import over_ranges

def squares(start, stop, x, out):
    out[start:stop] = x[start:stop] ** 2

def total(n):
    out = np.zeros(n)
    over_ranges(squares, n, np.arange(n, dtype=float), out, workers=2)
    return out.sum()

if __name__ == "__main__":
    assert total(10) == 285
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map_async(total, [10, 11]).get(timeout=60))
    print(total(4))
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_started_after_work_on_threads(tmp_path, method):
    (tmp_path / "work.py").write_text(WORK)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "SPIKING_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "work.py", method],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["[np.float64(285.0), np.float64(385.0)]", "14.0"]


def test_several_python_threads_at_once():
    def fill(start, stop, out):
        out[start:stop] = np.arange(start, stop)

    def work(k):
        out = np.zeros(1000 + k)
        threads.over_ranges(fill, out.size, out, workers=2 + k % 3)
        return out

    with ThreadPoolExecutor(8) as pool:
        for k, out in enumerate(pool.map(work, range(64))):
            np.testing.assert_array_equal(out, np.arange(1000 + k))


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e3", "2.5", "²", "٣", "257", "9" * 5000, "1 2", "\u2603"])
def test_a_useless_number_of_threads_is_said_and_all_cores_used(monkeypatch, text):
    threads._wanted.cache_clear()
    monkeypatch.setenv("SPIKING_THREADS", text)
    with pytest.warns(UserWarning, match="SPIKING_THREADS is .*; allowed: whole numbers, 1 to 256"):
        assert threads.threads() == len(threads.cores())
    assert threads.threads() == len(threads.cores())  # said once


@pytest.mark.parametrize(("text", "want"), [("1", 1), (" 3 ", 3), ("007", 7), ("256", 256)])
def test_a_number_of_threads_is_taken(monkeypatch, text, want):
    monkeypatch.setenv("SPIKING_THREADS", text)
    assert threads.threads() == want


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_means_all_cores(monkeypatch, text):
    monkeypatch.setenv("SPIKING_THREADS", text)
    assert threads.threads() == len(threads.cores())


@pytest.mark.parametrize(
    ("count", "grain", "workers"), [(10, 1, 3), (7, 4, 2), (0, 1, 2), (5, 8, 4), (16, 4, 9)]
)
def test_ranges_cover_everything_once_in_multiples_of_the_grain(count, grain, workers):
    seen = []
    threads.over_ranges(lambda a, b: seen.append((a, b)), count, grain=grain, workers=workers)
    seen.sort()
    assert [a for a, _ in seen[1:]] == [b for _, b in seen[:-1]]
    assert (seen[0][0], seen[-1][1]) == (0, count)
    assert all(a % grain == 0 for a, _ in seen)


def test_an_error_in_a_thread_reaches_the_caller():
    def fail(start, stop):
        if start:
            raise ZeroDivisionError("here")

    with pytest.raises(ZeroDivisionError, match="here"):
        threads.over_ranges(fail, 2, workers=2)
