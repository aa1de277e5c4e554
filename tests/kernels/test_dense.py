"""Products: right, and the same bits whatever the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spiking.kernels.dense import product, single_threaded_blas

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "shape", [(128, 784, 512), (97, 784, 300), (784, 128, 512), (3, 4, 5), (900, 64, 64)]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_do_not_depend_on_threads(shape, dtype, monkeypatch):
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(m, k)).astype(dtype), rng.normal(size=(k, n)).astype(dtype)
    made = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("SPIKING_THREADS", threads)
        with single_threaded_blas():
            made.append(product(a, b))
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[0], made[2])
    want = np.einsum("mk,kn->mn", a.astype(np.float64), b.astype(np.float64))
    np.testing.assert_allclose(made[0], want, rtol=1e-3 if dtype == np.float32 else 1e-9, atol=1e-3)


OVERLAP = """
import threading, numpy
from threadpoolctl import threadpool_info
from spiking.kernels.dense import single_threaded_blas

def now():
    return sorted({i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"})

begun, over, left = threading.Event(), threading.Event(), threading.Event()

def first():
    with single_threaded_blas():
        begun.set()
        over.wait()
    left.set()

def second():
    begun.wait()
    with single_threaded_blas():
        over.set()
        left.wait()
        print(now())

print(now())
both = [threading.Thread(target=work) for work in (first, second)]
for thread in both: thread.start()
for thread in both: thread.join()
print(now())
"""


def test_blocks_of_several_python_threads_may_overlap():
    """The first to end gave BLAS its threads back while the other worked; the last left it with one."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", OVERLAP], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, inside, after = done.stdout.splitlines()
    if before != "[2]":
        pytest.skip(f"this BLAS takes no number of threads from OPENBLAS_NUM_THREADS ({before})")
    assert (inside, after) == ("[1]", "[2]")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_has_its_threads_whatever_others_held():
    code = (
        OVERLAP[: OVERLAP.index("begun,")]
        + """
import os
print(now(), flush=True)
with single_threaded_blas():
    child = os.fork()
    if child == 0:
        os._exit(0 if now() == [2] else 1)
    print(os.waitpid(child, 0)[1])
"""
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    if "[2]" not in done.stdout:
        pytest.skip("this BLAS takes no number of threads from OPENBLAS_NUM_THREADS")
    assert done.stdout.split() == ["[2]", "0"], done.stderr
