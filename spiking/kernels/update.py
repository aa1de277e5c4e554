"""Optimiser updates over flat parameter buffers, one pass each."""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import jit


@jit
def adam(start, stop, p, g, m, v, c):  # type: ignore[no-untyped-def]
    """Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019).

    ``c`` holds, in the precision of ``p``: rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon,
    1 / (1 - beta1^t), 1 / (1 - beta2^t), weight decay.
    """
    for k in range(start, stop):
        mk = c[1] * m[k] + c[2] * g[k]
        vk = c[3] * v[k] + c[4] * (g[k] * g[k])
        m[k] = mk
        v[k] = vk
        p[k] = p[k] - c[0] * (mk * c[6] / (np.sqrt(vk * c[7]) + c[5]) + c[8] * p[k])


@jit
def sgd(start, stop, p, g, m, c):  # type: ignore[no-untyped-def]
    """Gradient descent with momentum (Sutskever et al. 2013); ``c``: rate, momentum, L2 decay."""
    for k in range(start, stop):
        mk = c[1] * m[k] + (g[k] + c[2] * p[k])
        m[k] = mk
        p[k] = p[k] - c[0] * mk
