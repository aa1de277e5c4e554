"""From a program's parameters back to a frozen network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from spiking.core.network import Network
from spiking.core.parts import Population
from spiking.kernels import layout as at
from spiking.simulate.parameters import has_tau
from spiking.simulate.program import Program


def to_network(program: Program) -> Network:
    """The program's network with its present weights, biases and time constants."""
    net = program.network
    program.refresh_tau()
    conns = [replace(c, weight=program.matrix(c).copy()) for c in net.connections]
    return net.replace(connections=conns, populations=[_population(program, p) for p in net.populations])


def _population(program: Program, p: Population) -> Population:
    if p.bias is not None:
        p = replace(p, bias=program.part(program.parameters, f"bias:{p.name}").copy())
    if not (program.learn_tau and has_tau(p)):
        return p
    group, _ = program.member(p.name)
    decay = group.params[at.DECAY, group.span(p.name)].astype(np.float64)
    unit: Any = p.unit
    dt, euler = program.network.dt, unit.discretisation.integrator == "euler"
    tau = dt / (1.0 - decay) if euler else -dt / np.log(decay)
    return replace(p, unit=replace(unit, tau_mem=tau))
