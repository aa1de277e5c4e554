"""Weights that differ from what was asked for: ``w' = w + sigma s z``, ``z`` standard normal, once per chip.

``s`` is ``|w|`` (``relative_to="value"``, the mismatch of Buechel, Faber & Muir 2022, ICLR), the largest
``|w|`` of the connection (``"range"``), or 1 (``"absolute"``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import on_weights, spread


@EFFECTS.register("weight-mismatch")
@typed
def weight_mismatch(
    network: Network,
    rng: np.random.Generator,
    *,
    sigma: float,
    relative_to: str = "value",
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with Gaussian errors of its weights.

    Args:
        sigma: standard deviation as a fraction, see ``relative_to``. Published figures are often three sigma.
        relative_to: ``"value"``, ``"range"`` or ``"absolute"``.
        only: names of connections; None: all.

    Raises:
        SpikingError: a negative sigma, an unknown unit or connection.
    """
    return on_weights(
        network, lambda c, w: w + spread(sigma, relative_to, w) * rng.standard_normal(w.shape), only
    )
