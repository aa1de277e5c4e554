"""The network that STDP teaches: Poisson input, plastic synapses, units that inhibit each other."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core import check
from spiking.core.coding.decode import Assigned
from spiking.core.coding.encode import Poisson
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.neurons import ALIF, ConductanceLIF
from spiking.core.neurons.base import LARGEST
from spiking.core.parts import Connection, Input, Output, Population
from spiking.core.plasticity import RULES, STDP
from spiking.core.plasticity import rule as rule_called
from spiking.core.synapses.delays import spread
from spiking.core.typed import typed
from spiking.learn.stdp.unit import frozen_unit, learns

LASTING = (0.3, 2.0)  # time constant of the adaptive threshold over the time of learning, least and most
FADING = 18_000  # samples in which the adaptive threshold fades, inside LASTING
STEP = 0.15e-3  # rise of the threshold by a spike that is not exceeded where LASTING allows [V]
FULL_RATE = 400  # neurons up to which a rule learns at its own rate
SPIKES = 25.0  # of all units together for one sample, while thresholds are near the target
MEAN_WEIGHT = 0.1  # 78 over 784 synapses
DURATION = 350e-3  # of one sample [s]
RATE = 63.75  # of a white pixel [Hz]
MOST_FEATURES = 10**6  # each is connected to every neuron
MOST_NEURONS = 50_000  # lateral inhibition is a table of neurons by neurons
LATERAL = ("direct", "explicit")

# Diehl & Cook (2015): threshold -52 mV - 20 mV + theta, theta from 20 mV up, 0.05 mV a spike
EXCITATORY = ConductanceLIF(v_threshold=-72e-3, adapt_start=20e-3, adapt_step=0.05e-3, tau_adapt=1e4)
INHIBITORY = ConductanceLIF(
    tau_mem=10e-3, v_leak=-60e-3, v_reset=-45e-3, v_threshold=-40e-3, tau_ref=2e-3, e_inh=-85e-3
)


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """How the network of :func:`stdp_network` is built.

    With ``lateral="direct"`` a spike opens the inhibitory conductance ``inhibition`` in all other
    units ``delay`` steps later (2 by default: as late as through an inhibitory unit). With
    ``lateral="explicit"`` each unit drives one inhibitory unit, which does the same (the paper's way);
    ``delay`` then holds for both ways and is 1 by default.

    Attributes:
        neurons: excitatory units.
        rate: input rate of the value 1 [Hz]; None is the paper's 63.75 Hz.
        rule: learning rule or the name of one. Without ``norm`` of its own, incoming weights get the
            sum 0.1 x features.
        unit: the excitatory unit; by default the paper's. See :func:`paced` for other sizes. With a
            current-based ``ALIF`` (direct inhibition only) ``inhibition`` is a current taken away.
        inhibition, excitation: conductances of the lateral synapses; ``excitation`` of the explicit way.
        winners: at most so many excitatory units spike in a step; None leaves them free, as the
            paper does.
        input_delay: longest delay of an input synapse [s]; each draws its own evenly from 0 to that, in
            whole steps, from ``seed`` (the paper: 10 ms). One sparse connection per delay.
        duration: how long a sample is shown [s], in steps of ``dt`` [s].
        seed: of the initial weights.
        precision: ``"float32"`` or ``"float64"``, dtype of the weights and so of learning.

    Raises:
        SpikingError: a value out of its range, or a unit that the lateral inhibition does not take.
    """

    neurons: int = 400
    rate: float | None = None
    rule: STDP | str = "diehl-cook"
    unit: ConductanceLIF | ALIF = EXCITATORY
    lateral: str = "direct"
    inhibition: float = 17.0
    excitation: float = 10.4
    delay: int | None = None
    winners: int | None = 1
    input_delay: float = 0.0
    duration: float = DURATION
    dt: float = 0.5e-3
    seed: int = 0
    precision: str = "float32"
    name: str = "SNN STDP"

    def __post_init__(self) -> None:
        check.whole("neurons", self.neurons, 2, MOST_NEURONS, todo="competition needs at least 2")
        if self.rate is not None:
            check.number("rate", self.rate, 0, open_low=True, unit="Hz")
        check.choice("lateral inhibition", self.lateral, LATERAL)
        check.number("inhibition", self.inhibition, 0)
        check.number("excitation", self.excitation, 0)
        if self.delay is not None:
            check.whole("delay", self.delay, 1)
        if self.winners is not None:
            check.whole("winners", self.winners, 1)
        check.number("dt", self.dt, 1e-12, 1, unit="s")
        check.number("input_delay", self.input_delay, 0, 1, unit="s")
        check.number("duration", self.duration, self.dt, 3600, unit="s")
        check.seed(self.seed)
        check.choice("precision", self.precision, ("float32", "float64"))
        require(
            isinstance(self.rule, STDP | str),
            f"rule is {str(self.rule)[:80]!r}; allowed: an STDP rule or the name of one",
        )
        if isinstance(self.rule, str):
            rule_called(self.rule)
        require(
            learns(self.unit),
            f"unit is {str(self.unit)[:80]!r}; allowed: a ConductanceLIF, an ALIF or another LIF",
        )
        check.text("name", self.name)
        require(
            not self.current or self.lateral == "direct",
            f"lateral={self.lateral!r} with {type(self.unit).__name__} units; inhibitory neurons go with "
            "conductances, use lateral='direct'",
        )

    @property
    def current(self) -> bool:
        """Whether the units take currents instead of conductances."""
        return "current" in self.unit.receptors

    @property
    def lag(self) -> int:
        """Steps from a spike to the inhibition it causes, or to each half of the explicit way."""
        return self.delay or (2 if self.lateral == "direct" else 1)

    def scaled_rule(self, features: int) -> STDP:
        """The rule, with a sum of the incoming weights of ``features`` inputs."""
        rule = rule_called(self.rule) if isinstance(self.rule, str) else self.rule
        if rule.norm is not None:
            return rule
        return dataclasses.replace(rule, norm=MEAN_WEIGHT * features * rule.w_max)


@typed
def stdp_network(features: int, *, config: NetworkConfig | None = None, **options: Any) -> Network:
    """Return the untrained network of Diehl & Cook (2015) for ``features`` inputs.

    ``options`` are fields of :class:`NetworkConfig`, which take the place of those in ``config``.

    Raises:
        SpikingError: an unknown option, or a value out of its range.
    """
    c = check.configured(NetworkConfig, config, options, "stdp_network", ("config",))
    check.whole("features", features, 1, MOST_FEATURES)
    rng = np.random.default_rng(c.seed)
    rate = RATE if c.rate is None else c.rate
    populations = [Population(name="excitatory", size=c.neurons, unit=c.unit, winners=c.winners)]
    ways = _plastic(features, c, rng)
    if c.lateral == "explicit":
        populations.append(Population(name="inhibitory", size=c.neurons, unit=INHIBITORY))
        own = sp.csr_array(c.excitation * sp.eye_array(c.neurons, dtype=c.precision, format="csr"))
        drive = Connection(
            source="excitatory", target="inhibitory", weight=own, receptor="excitatory", delay=c.lag
        )
        ways.append(drive)
    others = np.full((c.neurons, c.neurons), -c.inhibition if c.current else c.inhibition, c.precision)
    np.fill_diagonal(others, 0.0)
    inhibit = Connection(
        source=populations[-1].name,
        target="excitatory",
        weight=others,
        receptor="current" if c.current else "inhibitory",
        delay=c.lag,
    )
    return Network(
        inputs=[Input(size=features, encoder=Poisson(gain=rate * c.dt))],
        populations=populations,
        connections=[*ways, inhibit],
        output=Output(population="excitatory", decoder=Assigned(votes=np.zeros((c.neurons, 1)))),
        steps=round(c.duration / c.dt),
        dt=c.dt,
        name=c.name,
    )


def _plastic(features: int, c: NetworkConfig, rng: np.random.Generator) -> list[Connection]:
    """The synapses of the input: one dense connection, or a sparse one for each delay."""
    rule = c.scaled_rule(features)
    plastic = Connection(
        source="input",
        target="excitatory",
        weight=(0.3 * rule.w_max * rng.random((features, c.neurons))).astype(c.precision),
        receptor="current" if c.current else "excitatory",
        plasticity=rule,
    )
    longest = round(c.input_delay / c.dt)
    if longest == 0:
        return [plastic]
    return spread(plastic, rng.integers(0, longest + 1, plastic.weight.shape))


@typed
def paced(
    unit: ConductanceLIF, *, neurons: int, images: int, duration: float, target: float = 38e-3
) -> ConductanceLIF:
    """Return ``unit`` with an adaptive threshold that comes near ``target`` [V] in ``images`` samples.

    While ``neurons`` share ``SPIKES`` spikes a sample, the mean threshold obeys
    ``d theta/dt = SPIKES step / (neurons duration) - theta / tau_adapt``; solved for the step. The time
    constant is ``FADING`` samples where that lies inside ``LASTING`` times the time of learning: short
    enough that all units take part soon (one that answers too often is raised at once, and forgets it). It
    is longer where the step would exceed ``STEP``, so that one answer does not silence a unit for long.
    With the paper's fixed values, made for 6400 units and many passes, 100 units fall silent and 2000 images
    change too little.

    Raises:
        SpikingError: no neurons, images or time, or a target that is no number.
    """
    check.whole("neurons", neurons, 1, MOST_NEURONS)
    check.whole("images", images, 1)
    check.number("duration", duration, 0, 3600, open_low=True, unit="s")
    check.number("target", target, -LARGEST, LARGEST, unit="V")
    shortest = float(np.clip(FADING / images, *LASTING))
    lasting = np.geomspace(shortest, LASTING[1], 40)
    left = np.exp(-1.0 / lasting)
    start = float(np.mean(unit.adapt_start))
    rise = SPIKES / neurons * lasting * images * (1.0 - left)
    steps = np.maximum(0.0, (target - start * left) / rise)
    k = int(np.argmax(steps <= STEP)) if np.any(steps <= STEP) else -1
    return dataclasses.replace(
        unit, adapt_step=float(steps[k]), tau_adapt=float(lasting[k] * images * duration)
    )


@typed
def paced_rule(rule: STDP, *, neurons: int) -> STDP:
    """Return ``rule`` with potentiation raised by ``sqrt(neurons / 400)`` where there are more than 400.

    Of many units each answers few samples, and has to learn more from each to be done after one pass.
    """
    more = max(1.0, neurons / FULL_RATE) ** 0.5
    return dataclasses.replace(
        rule, a_plus=float(more * rule.a_plus), a_plus_triplet=float(more * rule.a_plus_triplet)
    )


@typed
def freeze(network: Network) -> Network:
    """Return ``network`` for inference: no plasticity, thresholds as they are, no adaptation."""
    conns = [dataclasses.replace(c, plasticity=None) for c in network.connections]
    pops = []
    for p in network.populations:
        pops.append(dataclasses.replace(p, unit=frozen_unit(p.unit)))
    return network.replace(connections=conns, populations=pops)


__all__ = [
    "EXCITATORY",
    "INHIBITORY",
    "LATERAL",
    "RULES",
    "NetworkConfig",
    "freeze",
    "paced",
    "paced_rule",
    "stdp_network",
]
