"""Units whose decay does not go with the steps: a sign of a wrong ``dt`` or of wrong units of time."""

from __future__ import annotations

import warnings

import numpy as np

from spiking.core.errors import SpikingWarning
from spiking.core.network import Network

FORGETS = 0.01  # less than this part of a state is left after one step
KEEPS = 0.99  # more than this part of a state is left after the whole inference


def odd_timescales(network: Network) -> list[str]:
    """Return one sentence for each population whose units forget within a step or never within the run.

    A state with time constant ``tau`` keeps ``exp(-dt / tau)`` of itself per step. ``tau = inf`` is an
    integrator by design and not reported.
    """
    said = []
    for p in network.populations:
        for name, value in p.unit.time_constants.items():
            tau = np.asarray(value, np.float64)
            tau = tau[np.isfinite(tau) & (tau > 0)]
            if tau.size == 0:
                continue
            low, high = float(tau.min()), float(tau.max())
            whole = network.steps * network.dt
            if np.exp(-network.dt / low) < FORGETS:
                said.append(
                    f"units of {p.name!r} forget within a step: {name} is {low:g} s and dt {network.dt:g} s; "
                    "give the dt that the network was made for"
                )
            elif network.steps > 1 and np.exp(-whole / high) > KEEPS:
                said.append(
                    f"units of {p.name!r} forget nothing within the run: {name} is {high:g} s and the run "
                    f"{whole:g} s ({network.steps} steps of {network.dt:g} s); "
                    "give the dt that the network was made for"
                )
    return said


def warn_timescales(network: Network) -> None:
    """Issue a :class:`SpikingWarning` for each sentence of :func:`odd_timescales`."""
    for sentence in odd_timescales(network):
        warnings.warn(sentence, SpikingWarning, stacklevel=2)
