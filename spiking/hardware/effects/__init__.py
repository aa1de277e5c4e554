"""Networks as hardware holds them: rounding, integer units, devices that deviate, drift and fail.

An effect is ``effect(network, rng, **how) -> Network``: it takes a network and gives one back, so effects
compose, can be swept, and never touch the simulator. ``rng`` draws what varies from device to device; an
effect without chance leaves it alone.
"""

from __future__ import annotations

from collections.abc import Callable

from spiking.core.network import Network
from spiking.core.registry import Registry

Effect = Callable[..., Network]  # (network, rng, **how): the network as the hardware would hold it

EFFECTS: Registry[Effect] = Registry("effect", package="spiking.hardware.effects", group="spiking.effects")
