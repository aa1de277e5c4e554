"""Writing a weight misses its target: ``w' = w + sigma W z``, ``W`` the largest ``|w|`` of the connection.

The form in which Joshi et al. (2020, Nature Communications 11:2473) state the noise of phase-change cells.
With write and verify a cell is written again until it lies within ``tolerance W``: a Gaussian cut there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from spiking.core import check
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import on_weights, spread


@EFFECTS.register("programming-noise")
@typed
def programming_noise(
    network: Network,
    rng: np.random.Generator,
    *,
    sigma: float,
    tolerance: float | None = None,
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` as it was written, once.

    Args:
        sigma: standard deviation of one write, as a fraction of the largest weight of the connection.
        tolerance: what a write may miss its target by, as the same fraction; None: written once, not
            verified.
        only: names of connections; None: all.

    Raises:
        SpikingError: a negative sigma, or a tolerance that is not positive.
    """
    cut = np.inf
    if tolerance is not None:
        check.number("tolerance", tolerance, 0, open_low=True, todo="None writes once")
        cut = tolerance / sigma if sigma > 0 else np.inf
    low, high = ndtr(-cut), ndtr(cut)

    def errors(shape: tuple[int, ...]) -> np.ndarray:
        if np.isinf(cut):
            return rng.standard_normal(shape)
        return np.asarray(ndtri(low + (high - low) * rng.random(shape)))  # the quantile of a cut Gaussian

    return on_weights(network, lambda c, w: w + spread(sigma, "range", w) * errors(w.shape), only)
