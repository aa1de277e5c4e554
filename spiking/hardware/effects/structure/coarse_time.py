"""Coarser steps: a chip whose time step is ``factor`` times as long computes the same inference in fewer.

Time constants stay (in seconds), so that decays follow; the charge of one spike stays, so that weights make
up for a gain that depends on the step; currents per step (biases, direct inputs) grow with its length. What
is
lost: spikes that fall into one step become one, and delays are rounded to whole steps.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np

from spiking.core import check
from spiking.core.coding.faulty import Coarse
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.neurons import CurrentUnit
from spiking.core.parts import Input
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import targets_of, values_of, with_values


@EFFECTS.register("coarse-time")
@typed
def coarse_time(network: Network, rng: np.random.Generator, *, factor: int) -> Network:
    """Return ``network`` in steps ``factor`` times as long; nothing is drawn.

    Args:
        factor: a whole number from 1 that divides the steps of the network.

    Raises:
        SpikingError: a factor that does not divide the steps, or units without a form in other steps.
    """
    check.whole("factor", factor, 1, network.steps)
    require(
        network.steps % factor == 0,
        f"factor is {factor} and the network takes {network.steps} steps; allowed: a divisor of them",
    )
    if factor == 1:
        return network
    gains = {p.name: longer_gain(p.unit, network.dt, factor) for p in network.populations}
    conns = []
    for c in network.connections:
        grown = float(factor) if network.is_analog(c.source) else 1.0
        values = (
            values_of(c) * grown * np.broadcast_to(gains[c.target], network[c.target].size)[targets_of(c)]
        )
        delay = max(round(c.delay / factor), int(c.delay > 0))  # a loop keeps its delay
        conns.append(with_values(c, values, delay=delay))
    pops = [
        p if p.bias is None else replace(p, bias=(p.bias * factor * gains[p.name]).astype(p.bias.dtype))
        for p in network.populations
    ]
    return network.replace(
        inputs=[_input(i, factor) for i in network.inputs],
        populations=pops,
        connections=conns,
        steps=network.steps // factor,
        dt=network.dt * factor,
    )


@singledispatch
def longer_gain(unit: Any, dt: float, factor: int) -> Any:
    """What weights into ``unit`` grow by in steps of ``factor dt`` [s], so that a spike moves it as before.

    Raises:
        SpikingError: the unit has no form in other steps.
    """
    raise SpikingError(f"{type(unit).__name__} units stay in their steps; 'coarse-time' takes LIF, ALIF, LI")


@longer_gain.register
def _(unit: CurrentUnit, dt: float, factor: int) -> Any:
    fine = unit.discretisation.coefficients(unit.tau_mem, dt, unit.tau_syn)[1]
    return fine / unit.discretisation.coefficients(unit.tau_mem, dt * factor, unit.tau_syn)[1]


def _input(i: Input, factor: int) -> Input:
    return i if i.encoder.analog else replace(i, encoder=Coarse(of=i.encoder, factor=factor))
