"""Populations that an effect is told to act on."""

from __future__ import annotations

from collections.abc import Sequence

from spiking.core.errors import SpikingError, unknown
from spiking.core.network import Network


def check_named(network: Network, populations: Sequence[str] | None) -> None:
    """Refuse a lone string, and names that ``network`` has no population for.

    Raises:
        SpikingError: a string instead of a list, or an unknown population.
    """
    if isinstance(populations, str):
        raise SpikingError(f"populations is {populations!r}; allowed: a list, e.g. [{populations!r}]")
    names = [p.name for p in network.populations]
    for name in populations or ():
        if name not in names:
            raise unknown("population", name, names)
