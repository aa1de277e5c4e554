"""From a network with one plastic connection to the arguments of its compiled kernel, and back."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.encode import Poisson
from spiking.core.errors import SpikingError, require
from spiking.core.network import Connection, Network
from spiking.core.neurons import ConductanceLIF
from spiking.core.plasticity import STDP


@dataclasses.dataclass
class Learner:
    """A network taken apart: arrays that learning changes in place, numbers that it does not."""

    source: Network
    population: str
    plastic: Connection
    weight: NDArray[np.floating]
    theta: NDArray[np.floating]
    gain: float
    forget: np.floating
    norm: np.floating
    cell: Any
    rule: Any

    def learn(
        self,
        x: NDArray[np.float32],
        order: NDArray[np.integer],
        first: int,
        seed: int,
        counts: NDArray[np.int32],
        min_spikes: int,
        boost: float,
        tries: int,
    ) -> int:
        """Learn ``x[order]`` in place; return the number of presentations."""
        from spiking.kernels import stdp

        shown, _, _, _ = stdp.learn(
            x,
            order.astype(np.int64),
            first,
            self.gain,
            boost,
            min_spikes,
            tries,
            np.uint64(seed),
            self.source.steps,
            self.weight,
            self.norm,
            self.theta,
            self.forget,
            self.cell,
            self.rule,
            counts,
        )
        return int(shown)

    def infer(self, x: NDArray[np.float32], first: int, seed: int, counts: NDArray[np.int32]) -> None:
        """Write the spike counts of ``x`` to ``counts`` with weights and thresholds frozen."""
        from spiking.kernels import stdp

        stdp.infer(
            x,
            first,
            self.gain,
            np.uint64(seed),
            self.source.steps,
            self.weight,
            self.theta,
            self.cell,
            self.rule,
            counts,
        )

    def network(self) -> Network:
        """Return the network with the weights and thresholds as they are now."""
        weight = self.weight.copy()
        if self.norm > 0:
            from spiking.kernels import stdp

            stdp.normalise(weight, self.norm)
        conns = [
            dataclasses.replace(c, weight=weight) if c is self.plastic else c for c in self.source.connections
        ]
        pops = []
        for p in self.source.populations:
            if p.name == self.population:
                parameters: Any = {"adapt_start": self.theta.astype(np.float64)}
                unit = dataclasses.replace(p.unit, **parameters)
                p = dataclasses.replace(p, unit=unit)
            pops.append(p)
        return self.source.replace(connections=conns, populations=pops)


def compile_arguments(network: Network) -> Learner:
    """Take apart a network of Poisson input, conductance units and direct lateral inhibition.

    Raises:
        SpikingError: the network has another shape; the sentence says which.
    """
    from spiking.kernels.stdp import Cell, Rule

    conns = network.connections
    forward = [c for c in conns if c.receptor == "excitatory"]
    lateral = [c for c in conns if c.receptor == "inhibitory" and c.source == c.target]
    if len(network.populations) != 1 or len(forward) != 1 or len(lateral) != 1 or len(conns) != 2:
        raise SpikingError(
            f"{network.name!r} has {len(network.populations)} populations and {len(conns)} connections; STDP "
            "learning takes one population with an excitatory input and a lateral inhibitory connection "
            "(spiking.learn.stdp.stdp_network builds it)"
        )
    (pop,), (plastic,), (inhibitory,) = network.populations, forward, lateral
    unit, encoder = pop.unit, network.inputs[0].encoder
    if not isinstance(unit, ConductanceLIF) or not isinstance(encoder, Poisson):
        raise SpikingError(
            f"{network.name!r} has {type(unit).__name__} units and {type(encoder).__name__} input; STDP "
            "learning takes ConductanceLIF units and Poisson input"
        )
    lateral_weight = inhibitory.weight
    if not isinstance(plastic.weight, np.ndarray) or not isinstance(lateral_weight, np.ndarray):
        raise SpikingError(f"{network.name!r} has sparse weights; STDP learning takes dense ones")
    off = lateral_weight[~np.eye(pop.size, dtype=bool)]
    require(
        bool(np.all(off == off[0]) and not np.any(np.diag(lateral_weight))),
        f"the weights of {inhibitory.name!r} differ; here all other units get the same",
    )
    require(plastic.delay == 0, f"the delay of {plastic.name!r} is {plastic.delay}; STDP learning takes 0")
    rule = plastic.plasticity or STDP()
    number, dt = plastic.weight.dtype.type, network.dt

    def decay(tau: float) -> np.floating:
        return number(np.exp(-dt / tau))

    cell = Cell(
        gain=number(dt / unit.tau_mem),
        v_leak=number(unit.v_leak),
        v_reset=number(unit.v_reset),
        v_threshold=number(unit.v_threshold),
        e_exc=number(unit.e_exc),
        e_inh=number(unit.e_inh),
        decay_exc=decay(unit.tau_exc),
        decay_inh=decay(unit.tau_inh),
        adapt_step=number(unit.adapt_step),
        refractory=round(unit.tau_ref / dt),
        inhibition=number(off[0]),
        delay=int(inhibitory.delay),
        winners=pop.winners or pop.size,
    )
    numbers = Rule(
        a_plus=number(rule.a_plus),
        a_minus=number(rule.a_minus),
        a_triplet=number(rule.a_triplet),
        decay_x=decay(rule.tau_plus),
        decay_y=decay(rule.tau_minus),
        decay_y2=decay(rule.tau_y),
        x_target=number(rule.x_target),
        mu_plus=number(rule.mu_plus),
        mu_minus=number(rule.mu_minus),
        w_min=number(rule.w_min),
        w_max=number(rule.w_max),
        nearest=rule.pairing == "nearest",
    )
    return Learner(
        source=network,
        population=pop.name,
        plastic=plastic,
        weight=np.array(plastic.weight, order="C"),
        theta=np.broadcast_to(np.asarray(unit.adapt_start), (pop.size,)).astype(number),
        gain=encoder.gain,
        forget=number(np.exp(-network.steps * dt / unit.tau_adapt)),
        norm=number(rule.norm or 0.0),
        cell=cell,
        rule=numbers,
    )
