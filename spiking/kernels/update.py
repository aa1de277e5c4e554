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
    p, g, m, v = p[start:stop], g[start:stop], m[start:stop], v[start:stop]
    rate, keep_m, add_m, keep_v, add_v = c[0], c[1], c[2], c[3], c[4]
    epsilon, grown_m, grown_v, decay = c[5], c[6], c[7], c[8]
    for k in range(p.size):
        mk = keep_m * m[k] + add_m * g[k]
        vk = keep_v * v[k] + add_v * (g[k] * g[k])
        m[k] = mk
        v[k] = vk
        p[k] = p[k] - rate * (mk * grown_m / (np.sqrt(vk * grown_v) + epsilon) + decay * p[k])


@jit
def sgd(start, stop, p, g, m, c):  # type: ignore[no-untyped-def]
    """Gradient descent with momentum (Sutskever et al. 2013); ``c``: rate, momentum, L2 decay."""
    p, g, m = p[start:stop], g[start:stop], m[start:stop]
    rate, momentum, decay = c[0], c[1], c[2]
    for k in range(p.size):
        mk = momentum * m[k] + (g[k] + decay * p[k])
        m[k] = mk
        p[k] = p[k] - rate * mk
