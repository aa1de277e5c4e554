"""The network that STDP teaches: Poisson input, plastic synapses, units that inhibit each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp

from spiking.core.coding.decode import Assigned
from spiking.core.coding.encode import Poisson
from spiking.core.delays import spread
from spiking.core.errors import require, unknown
from spiking.core.network import Network
from spiking.core.neurons import ALIF, ConductanceLIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.core.plasticity import RULES, STDP
from spiking.core.plasticity import rule as rule_called
from spiking.learn.stdp.unit import frozen_unit

LASTING = (0.3, 2.0)  # time constant of the adaptive threshold over the time of learning, least and most
FADING = 18_000  # samples in which the adaptive threshold fades, inside LASTING
STEP = 0.15e-3  # rise of the threshold by a spike that is not exceeded where LASTING allows [V]
FULL_RATE = 400  # neurons up to which a rule learns at its own rate
SPIKES = 25.0  # of all units together for one sample, while thresholds are near the target
MEAN_WEIGHT = 0.1  # 78 over 784 synapses
DURATION = 350e-3  # of one sample [s]
LATERAL = ("direct", "explicit")

# Diehl & Cook (2015): threshold -52 mV - 20 mV + theta, theta from 20 mV up, 0.05 mV a spike
EXCITATORY = ConductanceLIF(v_threshold=-72e-3, adapt_start=20e-3, adapt_step=0.05e-3, tau_adapt=1e4)
INHIBITORY = ConductanceLIF(
    tau_mem=10e-3, v_leak=-60e-3, v_reset=-45e-3, v_threshold=-40e-3, tau_ref=2e-3, e_inh=-85e-3
)


def stdp_network(
    features: int,
    *,
    neurons: int = 400,
    rate: float = 63.75,
    rule: STDP | str = "diehl-cook",
    unit: ConductanceLIF | ALIF = EXCITATORY,
    lateral: str = "direct",
    inhibition: float = 17.0,
    excitation: float = 10.4,
    delay: int | None = None,
    winners: int | None = 1,
    input_delay: float = 0.0,
    duration: float = DURATION,
    dt: float = 0.5e-3,
    seed: int = 0,
    precision: str = "float32",
    name: str = "SNN STDP",
) -> Network:
    """Return the untrained network of Diehl & Cook (2015).

    With ``lateral="direct"`` a spike opens the inhibitory conductance ``inhibition`` in all other
    units ``delay`` steps later (2 by default: as late as through an inhibitory unit). With
    ``lateral="explicit"`` each unit drives one inhibitory unit, which does the same (the paper's way);
    ``delay`` then holds for both ways and is 1 by default.

    Args:
        features: size of the input.
        rate: input rate of the value 1 [Hz].
        rule: learning rule or the name of one. Without ``norm`` of its own, incoming weights get the
            sum 0.1 x features.
        unit: the excitatory unit; by default the paper's. See :func:`paced` for other sizes. With a
            current-based ``ALIF`` (direct inhibition only) ``inhibition`` is a current taken away.
        winners: at most so many excitatory units spike in a step; None leaves them free, as the
            paper does.
        input_delay: longest delay of an input synapse [s]; each draws its own evenly from 0 to that, in
            whole steps, from ``seed`` (the paper: 10 ms). One sparse connection per delay.
        duration: how long a sample is shown [s], in steps of ``dt`` [s].
        precision: dtype of the weights and so of learning.
    """
    require(neurons >= 2, f"neurons is {neurons!r}; competition needs at least 2")
    if lateral not in LATERAL:
        raise unknown("lateral inhibition", lateral, LATERAL)
    rule = rule_called(rule) if isinstance(rule, str) else rule
    if rule.norm is None:
        rule = dataclasses.replace(rule, norm=MEAN_WEIGHT * features * rule.w_max)
    rng = np.random.default_rng(seed)
    weight = (0.3 * rule.w_max * rng.random((features, neurons))).astype(precision)
    current = "current" in unit.receptors
    require(
        not current or lateral == "direct",
        f"lateral={lateral!r} with {type(unit).__name__} units; inhibitory neurons go with conductances, use "
        "lateral='direct'",
    )
    others = np.full((neurons, neurons), -inhibition if current else inhibition, precision)
    np.fill_diagonal(others, 0.0)
    steps = delay or (2 if lateral == "direct" else 1)
    populations = [Population(name="excitatory", size=neurons, unit=unit, winners=winners)]
    excites, inhibits = ("current", "current") if current else ("excitatory", "inhibitory")
    plastic = Connection(
        source="input", target="excitatory", weight=weight, receptor=excites, plasticity=rule
    )
    longest = round(input_delay / dt)
    require(input_delay >= 0, f"input_delay is {input_delay!r} s; allowed: 0 or more")
    ways = [plastic]
    if longest > 0:
        ways = spread(plastic, rng.integers(0, longest + 1, weight.shape))
    if lateral == "explicit":
        populations.append(Population(name="inhibitory", size=neurons, unit=INHIBITORY))
        own = sp.csr_array(excitation * sp.eye_array(neurons, dtype=precision, format="csr"))
        drive = Connection(
            source="excitatory", target="inhibitory", weight=own, receptor="excitatory", delay=steps
        )
        ways.append(drive)
    inhibit = Connection(
        source=populations[-1].name, target="excitatory", weight=others, receptor=inhibits, delay=steps
    )
    return Network(
        inputs=[Input(size=features, encoder=Poisson(gain=rate * dt))],
        populations=populations,
        connections=[*ways, inhibit],
        output=Output(population="excitatory", decoder=Assigned(votes=np.zeros((neurons, 1)))),
        steps=round(duration / dt),
        dt=dt,
        name=name,
    )


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
    """
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


def paced_rule(rule: STDP, *, neurons: int) -> STDP:
    """Return ``rule`` with potentiation raised by ``sqrt(neurons / 400)`` where there are more than 400.

    Of many units each answers few samples, and has to learn more from each to be done after one pass.
    """
    more = max(1.0, neurons / FULL_RATE) ** 0.5
    return dataclasses.replace(
        rule, a_plus=float(more * rule.a_plus), a_plus_triplet=float(more * rule.a_plus_triplet)
    )


def freeze(network: Network) -> Network:
    """Return ``network`` for inference: no plasticity, thresholds as they are, no adaptation."""
    conns = [dataclasses.replace(c, plasticity=None) for c in network.connections]
    pops = []
    for p in network.populations:
        pops.append(dataclasses.replace(p, unit=frozen_unit(p.unit)))
    return network.replace(connections=conns, populations=pops)


__all__ = ["EXCITATORY", "INHIBITORY", "LATERAL", "RULES", "freeze", "paced", "paced_rule", "stdp_network"]
