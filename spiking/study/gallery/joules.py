"""Joules to get there: the energy of learning, from our own counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking import Network, price, run
from spiking.core.numbers import si_range
from spiking.hardware.quantity import Interval
from spiking.learn.counts import count_stdp, count_training

CHIP = "generic-45nm"
SAMPLED = 200  # samples whose operations are counted


def training_joules(
    network: Network, x: NDArray[Any], *, seen: float, batch_size: int, active: float = 1.0, chip: str = CHIP
) -> Interval:
    """Estimated energy [J] of training ``network`` by gradient on ``seen`` samples like ``x``.

    Operations are counted on the trained network; :func:`~spiking.learn.counts.count_training` says which.
    """
    few = np.asarray(x)[:SAMPLED]
    counts = count_training(network, run(network, few), batch_size=batch_size, active=active)
    return price(counts.mean(), chip).total().mean() * seen


def stdp_joules(learned: Network, x: NDArray[Any], *, chip: str = CHIP, few: int = 50) -> Interval:
    """Estimated energy [J] of all presentations that taught ``learned`` by STDP, on samples like ``x``."""
    counts = count_stdp(learned, run(learned, np.asarray(x)[:few]))
    return price(counts.mean(), chip).total().mean() * float(learned.metadata["stdp"]["images"])


def words(energy: Interval) -> str:
    """Return an energy with its range, e.g. ``"12 mJ (5 to 30)"``."""
    return si_range(float(energy.low), float(energy.nominal), float(energy.high), "J")


def sentence(energies: dict[str, Interval], to: str) -> str:
    """Say what each contender's way ``to`` somewhere cost."""
    parts = ", ".join(f"{name} {words(e)}" for name, e in energies.items())
    return f"Energy {to}: {parts} on {CHIP}, estimated from counted operations, not measured."
