"""Time constants that differ from unit to unit: ``tau' = tau (1 + sigma z)``, once per chip.

With ``relative_to="absolute"`` it is ``tau + sigma z`` with sigma in seconds. A time constant never falls
below a thousandth of its nominal value; one that is infinite stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from spiking.core.errors import SpikingError, unknown
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.mismatch.units import chosen, deviating, with_units


@EFFECTS.register("time-constant-mismatch")
@typed
def time_constant_mismatch(
    network: Network,
    rng: np.random.Generator,
    *,
    sigma: float,
    relative_to: str = "value",
    which: Sequence[str] | None = None,
    populations: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with Gaussian errors of its time constants, one per unit.

    Args:
        sigma: standard deviation, a fraction of the time constant (``relative_to="value"``) or in seconds
            (``"absolute"``).
        which: names of time constants (``"tau_mem"``, ``"tau_syn"``, ...); None: all that the units use.
        populations: names; None: all whose units keep a state that decays.

    Raises:
        SpikingError: a negative sigma, an unknown population or time constant.
    """
    changed = {}
    known: set[str] = set()
    pops = chosen(network, populations, "time constant", lambda unit: bool(unit.time_constants))
    for p in pops:
        unit: Any = p.unit
        known |= set(unit.time_constants)
        moved = {
            name: deviating(tau, p.size, sigma, relative_to, rng)
            for name, tau in unit.time_constants.items()
            if which is None or name in which
        }
        changed[p.name] = replace(unit, **moved) if moved and sigma > 0 else unit
    if isinstance(which, str):
        raise SpikingError(f"which is {which!r}; allowed: a list, e.g. [{which!r}]")
    for name in which or ():
        if name not in known:
            raise unknown("time constant", name, known)
    return with_units(network, changed)
