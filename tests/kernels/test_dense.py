"""Products: right, and the same bits whatever the number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.kernels.dense import product, single_threaded_blas


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
