"""From a network with one plastic connection to the arguments of its compiled kernel, and back."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.parts import Connection, Population
from spiking.core.plasticity import PAIRINGS, STDP
from spiking.core.synapses.delays import merged, split
from spiking.kernels import stdp
from spiking.kernels.gather import padded
from spiking.kernels.stdp_rule import normalise
from spiking.kernels.stdp_types import (
    ALL,
    NEAREST,
    Cell,
    Late,
    Lateral,
    Protocol,
    Rule,
    State,
    new_late,
    new_state,
)
from spiking.learn.stdp.unit import adapted, cell_numbers, learns


@dataclasses.dataclass
class Learner:
    """A network taken apart: arrays that learning changes in place, numbers that it does not.

    ``weight``: ``[features, padded units]``, zeros beyond the units, as in the simulator;
    ``tally``: tries, spikes, input spikes and inhibitory spikes so far.
    """

    source: Network
    population: str
    plastic: tuple[Connection, ...]
    weight: NDArray[Any]
    state: State
    cell: Cell
    inner: Cell
    side: Lateral
    rule: Rule
    late: Late
    plan: Protocol
    tally: NDArray[np.int64]

    def learn(self, x: Any, y: Any, order: Any, first: int, seed: int, counts: Any) -> None:
        """Learn ``x[order]`` in place; ``first`` is the position of ``order[0]`` in the whole order."""
        stdp.show(
            x, y, order, first, np.uint64(seed), self.weight, self.state, self.cell, self.inner, self.side,
            self.rule, self.late, self.plan, counts, self.tally,
        )  # fmt: skip

    def infer(self, x: Any, first: int, seed: int, counts: Any) -> None:
        """Write the spike counts of ``x`` to ``counts``; changes nothing but the passing state."""
        once = self.plan._replace(learning=False, tries=1)
        stdp.show(
            x, np.zeros(1, np.int64), np.arange(len(x)), first, np.uint64(seed), self.weight, self.state,
            self.cell, self.inner, self.side, self.rule, self.late, once, counts, self.tally.copy(),
        )  # fmt: skip

    @property
    def units(self) -> int:
        """Number of excitatory units."""
        return int(self.state.v.size)

    def with_own_state(self) -> Learner:
        """Return a learner that shares the weights and has a state of its own, for another thread."""
        return dataclasses.replace(self, state=State(*(a.copy() for a in self.state)))

    def copy(self) -> Learner:
        """Return a learner with arrays of its own."""
        own = self.with_own_state()
        return dataclasses.replace(own, weight=self.weight.copy(), tally=self.tally.copy())

    def network(self) -> Network:
        """Return the network with the weights, normalised, and thresholds as they are now."""
        weight = self.weight[:, : self.units].copy()
        if self.rule.norm > 0:
            normalise(weight, self.rule.norm)
        new = dict(zip(map(id, self.plastic), split(self.plastic, weight), strict=True))
        conns = [new.get(id(c), c) for c in self.source.connections]
        pops = []
        for p in self.source.populations:
            unit = adapted(p.unit, self.state.theta.copy()) if p.name == self.population else p.unit
            pops.append(dataclasses.replace(p, unit=unit))
        return self.source.replace(connections=conns, populations=pops)


def learner(
    network: Network,
    *,
    min_spikes: int = 5,
    boost: float = 0.5,
    tries: int = 8,
    rest: float = 0.0,
    carry: bool = False,
    log: int = 0,
) -> Learner:
    """Take apart a network of Poisson input, conductance or current-based units and lateral inhibition.

    ``log``: how many spikes are noted in ``state.log``; the rest as in ``learn_stdp``.

    Raises:
        SpikingError: the network has another shape; the sentence says which.
    """
    parts = _parts(network)
    excitatory, inhibitory, plastic, excitation, inhibition = parts
    size = excitatory.size
    given, delay = merged(plastic)
    weight = np.zeros((len(given), padded(size)), given.dtype)
    weight[:, :size] = given
    number, dt = weight.dtype.type, network.dt
    cell, base, theta = cell_numbers(excitatory.unit, number, dt)
    inner = cell_numbers(inhibitory.unit, number, dt)[0] if inhibitory else cell
    side = Lateral(
        inhibition=number(_all_but_own(inhibition)),
        delay=_delay(inhibition),
        explicit=inhibitory is not None,
        excitation=number(_own(excitation)) if excitation else number(0),
        excitation_delay=_delay(excitation) if excitation else 1,
        winners=excitatory.winners or excitatory.size,
    )
    encoder: Any = network.inputs[0].encoder
    plan = Protocol(
        gain=float(encoder.gain),
        boost=float(boost),
        min_spikes=int(min_spikes),
        tries=int(tries),
        steps=int(network.steps),
        rest=round(rest / dt),
        carry=bool(carry),
        learning=True,
    )
    rule = rule_numbers(plastic[0].plasticity or STDP(), number, dt)
    late = new_late(delay)
    require(
        late.longest == 0 or rule.pairing in (ALL, NEAREST),
        f"the rule of {plastic[0].name!r} pairs {PAIRINGS[rule.pairing]!r}; with delays of input synapses "
        "learning takes 'all' and 'nearest'",
    )
    return Learner(
        source=network,
        population=excitatory.name,
        plastic=plastic,
        weight=weight,
        state=new_state(len(weight), size, number, base, theta, cell, inner, side, rule, late, log),
        cell=cell,
        inner=inner,
        side=side,
        rule=rule,
        late=late,
        plan=plan,
        tally=np.zeros(4, np.int64),
    )


def _parts(
    network: Network,
) -> tuple[Population, Population | None, tuple[Connection, ...], Connection | None, Connection]:
    """Excitatory and inhibitory population, plastic, exciting and inhibiting connection."""
    inputs = {i.name for i in network.inputs}
    plastic = [c for c in network.connections if c.source in inputs and c.receptor != "inhibitory"]
    within = {
        p.name for p in network.populations if "current" in p.unit.receptors
    }  # inhibits by negative current
    inhibition = [c for c in network.connections if c.receptor == "inhibitory" or c.source in within]
    excitation = [c for c in network.connections if c.source not in inputs and c.receptor == "excitatory"]
    known = len(plastic) >= 1 and len(inhibition) == 1 and len(network.inputs) == 1
    known = known and len(network.connections) == len(plastic) + 1 + len(excitation)
    known = known and len({c.target for c in plastic}) == len({c.plasticity for c in plastic}) == 1
    if known:
        main, inner = plastic[0].target, inhibition[0].source
        known = inhibition[0].target == main and (
            len(plastic) > 1 or isinstance(plastic[0].weight, np.ndarray)
        )
        if inner == main:
            known = known and not excitation and len(network.populations) == 1
        else:
            ends = [(c.source, c.target) for c in excitation]
            known = known and ends == [(main, inner)] and len(network.populations) == 2
    if not known:
        raise SpikingError(
            f"{network.name!r} has {len(network.populations)} populations and {len(network.connections)} "
            "connections in a form that STDP learning does not take; it needs one excitatory input (one "
            "dense connection, or sparse ones by delay, with one rule) and lateral inhibition, direct or "
            "through one population (stdp_network builds it)"
        )
    for p in network.populations:
        taken = learns(p.unit) and (inner == main or "current" not in p.unit.receptors)
        if not taken or not network.inputs[0].encoder.bernoulli:
            raise SpikingError(
                f"{network.name!r} has {type(p.unit).__name__} units and "
                f"{type(network.inputs[0].encoder).__name__} input; STDP learning takes ConductanceLIF units "
                "(with direct inhibition ALIF units too) and Poisson input"
            )
    inner_population = None if inner == main else network[inner]
    return (
        network[main],
        inner_population,
        tuple(plastic),
        excitation[0] if excitation else None,
        inhibition[0],
    )


def _delay(c: Connection) -> int:
    require(c.delay >= 1, f"the delay of {c.name!r} is {c.delay}; lateral inhibition needs at least 1 step")
    return int(c.delay)


def _all_but_own(c: Connection) -> float:
    weight = c.weight.toarray() if sp.issparse(c.weight) else np.asarray(c.weight)
    value = float(weight[0, -1])
    same = np.full(weight.shape, value, weight.dtype)
    np.fill_diagonal(same, 0.0)
    require(
        bool(np.array_equal(weight, same)),
        f"the weights of {c.name!r} differ; lateral inhibition takes one value for all units but the own",
    )
    return value


def _own(c: Connection) -> float:
    weight = sp.coo_array(c.weight)
    one = len(weight.data) > 0 and bool(np.all(weight.data == weight.data[0]))
    require(
        one and len(weight.data) == weight.shape[0] and bool(np.all(weight.row == weight.col)),
        f"the weights of {c.name!r} are not one to one with one value, a unit's own inhibitory unit",
    )
    return float(weight.data[0])


def rule_numbers(rule: STDP, number: Any, dt: float) -> Rule:
    """Numbers of a rule in the dtype ``number``, decays per ``dt`` [s]."""

    def decay(tau: float) -> Any:
        return number(np.exp(-dt / tau))

    return Rule(
        a_plus=number(rule.a_plus),
        a_minus=number(rule.a_minus),
        a_plus_triplet=number(rule.a_plus_triplet),
        a_minus_triplet=number(rule.a_minus_triplet),
        decay_x=decay(rule.tau_plus),
        decay_y=decay(rule.tau_minus),
        decay_x2=decay(rule.tau_x),
        decay_y2=decay(rule.tau_y),
        x_target=number(rule.x_target),
        mu_plus=number(rule.mu_plus),
        mu_minus=number(rule.mu_minus),
        w_min=number(rule.w_min),
        w_max=number(rule.w_max),
        pairing=PAIRINGS.index(rule.pairing),
        gated=rule.tau_eligibility is not None,
        decay_e=decay(rule.tau_eligibility or np.inf),
        punishment=number(rule.punishment),
        norm=number(rule.norm or 0.0),
    )
