"""Neurons that never answer, whatever arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.neurons.base import LARGEST
from spiking.core.parts import Population
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.populations import check_named
from spiking.hardware.effects.weights import targets_of, values_of, with_values


@EFFECTS.register("dead-neurons")
@typed
def dead_neurons(
    network: Network,
    rng: np.random.Generator,
    *,
    share: float,
    populations: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with random units that emit nothing.

    Of a spiking unit the threshold is out of reach, so that it still receives and is updated; a unit of a
    conventional network gets no input, and its bias is 0. ``round(share x size)`` units of each population.

    Args:
        share: of the units of each population, 0 to 1.
        populations: names; None: all but the output, where each dead unit is a class that is never answered.

    Raises:
        SpikingError: a share outside 0 to 1, an unknown population, or one of integer units.
    """
    check.number("share", share, 0, 1, unit="of the units")
    check_named(network, populations)
    hidden = [p.name for p in network.populations if p.name != network.output.population]
    require(
        populations is not None or bool(hidden), f"{network.name!r} has no hidden units; name the populations"
    )
    for name in hidden if populations is None else populations:
        p = network[name]
        require(
            not p.unit.fixed_point, f"{name!r} holds integer units; apply 'dead-neurons' before its effect"
        )
        picked = rng.permutation(p.size)[: round(share * p.size)]
        dead = np.zeros(p.size, bool)
        dead[picked] = True
        if dead.any():
            network = _silence(network, p, dead)
    return network


def _silence(network: Network, p: Population, dead: np.ndarray) -> Network:
    unit: Any = p.unit
    if p.unit.spiking:
        level = np.where(dead, LARGEST, np.asarray(unit.v_threshold, np.float64))
        new = replace(p, unit=replace(unit, v_threshold=level))
        return network.replace(populations=[new if q is p else q for q in network.populations])
    bias = None if p.bias is None else np.where(dead, 0, p.bias).astype(p.bias.dtype)
    conns = [
        with_values(c, np.where(dead[targets_of(c)], 0.0, values_of(c))) if c.target == p.name else c
        for c in network.connections
    ]
    pops = [replace(q, bias=bias) if q is p else q for q in network.populations]
    return network.replace(populations=pops, connections=conns)
