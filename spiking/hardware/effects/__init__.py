"""Networks as hardware holds them: rounding, integer units.

An effect is ``effect(network, rng, **how) -> Network``: it takes a network and gives one back, so effects
compose, can be swept, and never touch the simulator. ``rng`` draws what varies from device to device; an
effect without chance leaves it alone.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from spiking.core.network import Network
from spiking.core.registry import Registry


class Effect(Protocol):
    """What hardware does to a network."""

    def __call__(self, network: Network, rng: np.random.Generator, **how: Any) -> Network:
        """Return the network as the hardware would hold it."""
        ...


EFFECTS: Registry[Effect] = Registry("effect", package="spiking.hardware.effects", group="spiking.effects")
