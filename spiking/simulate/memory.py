"""Whether the units of an imported network remember within the run: a wrong ``dt`` shows here first."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.core.network import Network

LITTLE = 0.05  # share of the state: less is left after one step, or lost over the whole run


def memory_warnings(network: Network) -> tuple[str, ...]:
    """Return a sentence for each population that forgets within a step, or never within the run.

    A time constant is in seconds and a decay per step is not, so the same file under another ``dt`` has
    units of another memory: snnTorch writes the decay 0.9 at its step of 0.1 ms as 1 ms, which is 0 left
    after an Euler step of 1 ms. Integrators (tau = inf) and thresholds never leak by design.
    """
    found = []
    for p in network.populations:
        for name, value in p.unit.time_constants.items():
            tau = np.asarray(value, np.float64)
            tau = tau[np.isfinite(tau) & (tau > network.dt * 2e-3)]  # below: a threshold, or no synapse
            if not tau.size:
                continue
            decay = p.unit.decay(tau, network.dt)
            which = f"{name} of {p.name!r} is {_span(tau)} s at steps of {network.dt:g} s"
            if np.any(decay < LITTLE):
                left = float(np.min(decay))
                found.append(
                    f"{which}: {100 * left:.2g} % of the state is left after one step, so the unit "
                    "forgets at once; check dt"
                )
            elif network.steps > 1 and np.all(decay**network.steps > 1 - LITTLE):
                lost = 100 * float(1 - np.min(decay**network.steps))
                found.append(
                    f"{which}: in {network.steps} steps {lost:.2g} % of the state leaks, so the unit never "
                    "forgets; check dt and steps"
                )
    return tuple(found)


def _span(values: Any) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
