"""A weight reads differently each time: ``w' = w + sigma s z / sqrt(n)`` for the mean of ``n`` reads.

One call is one state of the noise, and lasts for the run: that of 1/f and telegraph noise, most of whose
power lies below the rate of inferences. A new ``rng`` is a new read; average accuracy over several.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spiking.core import check
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import on_weights, spread


@EFFECTS.register("read-noise")
@typed
def read_noise(
    network: Network,
    rng: np.random.Generator,
    *,
    sigma: float,
    relative_to: str = "value",
    reads: int = 1,
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` as one read finds its weights.

    Args:
        sigma: standard deviation of one read, a fraction of ``|w|`` (``relative_to="value"``), of the
            largest ``|w|`` (``"range"``), or in the unit of the weights (``"absolute"``).
        reads: how many reads are averaged; their noise is independent.
        only: names of connections; None: all.

    Raises:
        SpikingError: a negative sigma, an unknown unit, fewer than one read.
    """
    share = 1.0 / np.sqrt(check.whole("reads", reads, 1, 10**9))
    return on_weights(
        network, lambda c, w: w + share * spread(sigma, relative_to, w) * rng.standard_normal(w.shape), only
    )
