"""What effects on parameters of units share: which populations, one value per unit, how far it deviates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons.base import Unit
from spiking.core.parts import Population
from spiking.hardware.effects.populations import check_named

UNITS = ("value", "absolute")
LEAST = 1e-3  # of a nominal value: where the tail of the distribution would leave what a device can be


def chosen(
    network: Network, populations: Sequence[str] | None, what: str, has: Callable[[Unit], bool]
) -> list[Population]:
    """The populations an effect acts on: those named, or all whose units have ``what``, as ``has`` tells.

    Raises:
        SpikingError: an unknown population, one without it, or none that has it.
    """
    check_named(network, populations)
    able = [p for p in network.populations if has(p.unit) and not p.unit.fixed_point]
    wanted = able if populations is None else [network[name] for name in populations]
    bad = [p for p in wanted if p not in able]
    if bad or not wanted:
        which = repr(bad[0].name) if bad else repr(network.name)
        kind = type(bad[0].unit).__name__ if bad else "its"
        raise SpikingError(
            f"{which} has no {what} that could deviate ({kind} units); leave the effect out, or apply it "
            "before 'fixed-point' and 'loihi'"
        )
    return wanted


def deviating(
    nominal: Any, size: int, sigma: float, unit: str, rng: np.random.Generator
) -> NDArray[np.float64]:
    """One value per unit ``[size]``: ``nominal + sigma s z``, at least ``LEAST`` of the nominal value.

    ``s`` is the nominal value (``unit="value"``) or 1 (``"absolute"``).

    Raises:
        SpikingError: a negative sigma, or an unknown unit.
    """
    check.number("sigma", sigma, 0, todo="a standard deviation, as a fraction: 0.1 is 10 %")
    check.choice("relative_to", unit, UNITS)
    mean = np.broadcast_to(np.asarray(nominal, np.float64), (size,))
    z = rng.standard_normal(size)
    with np.errstate(invalid="ignore"):
        moved = mean + sigma * (mean if unit == "value" else 1.0) * z
    moved = np.where(np.isfinite(mean), moved, mean)
    return np.asarray(np.maximum(moved, np.minimum(LEAST * mean, mean)))


def with_units(network: Network, changed: dict[str, Any]) -> Network:
    """A copy with other units in the populations named."""
    pops = [replace(p, unit=changed[p.name]) if p.name in changed else p for p in network.populations]
    return network.replace(populations=pops)
