"""An STDP network, plasticity included, in Brian2's own words: the referee of ``kernels/stdp.py``.

Equations and synapses are Brian2's: ``euler`` integration, event-driven traces, its refractoriness, its
queue of delays, its order of events (groups, thresholds, synapses, resets). Three things need translation:

- what arrives at the beginning of our step ``t`` is delivered in Brian2's step ``t - 1``, after its
  thresholds: our delay ``d`` is Brian2's ``d - 1``, and all units run one step behind their input, so
  that a step of silence comes first;
- a conductance that decays by ``exp(-dt / tau)`` per step is an Euler step of ``dt / (1 - exp(-dt / tau))``;
- a spike of a unit and an input spike at the same time: the unit's came first, so its pathway runs first.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.bridges.brian.stdp_units import group, learns
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.plasticity import STDP
from spiking.core.synapses.delays import merged

PORT = {"current": "u", "excitatory": "g_exc", "inhibitory": "g_inh"}
TRACES = """
w : 1
dx/dt = -x/tau_plus : 1 (event-driven)
dx2/dt = -x2/tau_x : 1 (event-driven)
dy/dt = -y/tau_minus : 1 (event-driven)
dy2/dt = -y2/tau_y : 1 (event-driven)
"""


@dataclasses.dataclass(frozen=True, eq=False)
class Learned:
    """What Brian2 did: spikes of each population as ``[samples, steps + rest, units]``, and the end state.

    ``weight`` ``[features, units]`` is not normalised; ``theta`` ``[units]`` in volt.
    """

    spikes: dict[str, NDArray[np.bool_]]
    weight: NDArray[np.float64]
    theta: NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class STDPModel:
    """A Brian2 network that learns, with handles on its parts, by the names of ``network``.

    ``brian``: the ``brian2.Network``; ``groups``: of inputs and populations; ``monitors``: of the spikes of
    populations; ``synapses``: of connections, those that learn under the name of the first; ``plastic``:
    the connections that learn (one, or one for each delay); ``block``: steps from
    the start of one sample to the next.
    """

    network: Network
    plastic: tuple[Connection, ...]
    block: int
    brian: Any
    groups: dict[str, Any]
    monitors: dict[str, Any]
    synapses: dict[str, Any]


def stdp_model(
    network: Network, raster: NDArray[Any], *, rest: float = 0.0, codegen: str | None = None
) -> STDPModel:
    """Build what :func:`learn_in_brian` runs. Brian2's own ``run`` of it does not normalise the weights.

    Raises:
        SpikingError: for what has no counterpart in Brian2, naming it.
    """
    import brian2 as b2

    plastic = _refuse(network)
    if codegen is not None:
        b2.prefs.codegen.target = codegen
    raster = np.asarray(raster) != 0
    dt = network.dt
    block = network.steps + round(rest / dt)
    b2.defaultclock.dt = dt * b2.second
    sample, step, feature = np.nonzero(raster)
    source = b2.SpikeGeneratorGroup(
        raster.shape[2], feature, (sample * block + step) * dt * b2.second, name="stdp_input"
    )
    groups: dict[str, Any] = {network.inputs[0].name: source}
    monitors: dict[str, Any] = {}
    for p in network.populations:
        groups[p.name] = group(p, dt)
        monitors[p.name] = b2.SpikeMonitor(groups[p.name])
    synapses: dict[str, Any] = {}
    synapses[plastic[0].name] = _plastic(plastic, groups[plastic[0].source], groups[plastic[0].target], dt)
    for c in network.connections:
        if c.plasticity is None:
            synapses[c.name] = _fixed(c, groups[c.source], groups[c.target], dt)
    net = b2.Network(*groups.values(), *monitors.values(), *synapses.values())
    return STDPModel(network, plastic, block, net, groups, monitors, synapses)


def learn_in_brian(
    network: Network,
    raster: NDArray[Any],
    *,
    rest: float = 0.0,
    codegen: str | None = None,
) -> Learned:
    """Let Brian2 learn the samples of ``raster`` [samples, steps, features], one after another.

    State flows from sample to sample, incoming weights are normalised before each (as
    ``learn_stdp(..., carry=True, min_spikes=0)`` does), and ``rest`` [s] without input follows each.

    Raises:
        SpikingError: for what has no counterpart in Brian2, naming it.
    """
    import brian2 as b2

    model = stdp_model(network, raster, rest=rest, codegen=codegen)
    plastic, block, dt = model.plastic[0], model.block, network.dt
    rule: STDP = plastic.plasticity  # type: ignore[assignment]
    learning = model.synapses[plastic.name]
    model.brian.run(0 * b2.second)
    for k in range(len(raster)):
        if rule.norm is not None:
            weight = _matrix(learning, network, plastic)
            scaled = weight * (rule.norm / weight.sum(axis=0))
            learning.w = scaled[learning.i[:], learning.j[:]]
        model.brian.run((block + (k == len(raster) - 1)) * dt * b2.second)
    spikes = {}
    for p in network.populations:
        monitor = model.monitors[p.name]
        seen = np.zeros((len(raster) * block + 1, p.size), bool)
        when = np.rint(np.asarray(monitor.t_) / dt).astype(np.int64)
        seen[when, np.asarray(monitor.i)] = True
        spikes[p.name] = seen[1:].reshape(len(raster), block, p.size)
    theta = np.asarray(model.groups[plastic.target].theta[:])
    return Learned(spikes, _matrix(learning, network, plastic), theta)


def _refuse(network: Network) -> tuple[Connection, ...]:
    """Return the plastic connections of a network that Brian2 can run, or say why it cannot."""
    plastic = [c for c in network.connections if c.plasticity is not None]
    ways = {(c.source, c.target, c.plasticity) for c in plastic}
    if len(ways) != 1 or len(network.inputs) != 1 or plastic[0].source != network.inputs[0].name:
        raise SpikingError(
            f"{network.name!r} has {len(plastic)} plastic connections and {len(network.inputs)} inputs; the "
            "bridge takes plastic connections from the one input to one population, with one rule"
        )
    for p in network.populations:
        require(
            p.winners is None,
            f"population {p.name!r} lets {p.winners} units spike per step; Brian2 has no such competition in "
            "its threshold, so use inhibitory connections (lateral='explicit', winners=None)",
        )
        require(
            learns(p.unit),
            f"population {p.name!r} has {type(p.unit).__name__} units; the bridge takes ConductanceLIF, ALIF",
        )
    rule: STDP = plastic[0].plasticity  # type: ignore[assignment]
    require(
        rule.pairing in ("all", "nearest") and rule.tau_eligibility is None,
        f"the rule of {plastic[0].name!r} pairs {rule.pairing!r}, tau_eligibility {rule.tau_eligibility!r}; "
        "the bridge takes 'all' and 'nearest' without eligibility",
    )
    return tuple(plastic)


def _fixed(c: Connection, source: Any, target: Any, dt: float) -> Any:
    import brian2 as b2

    weight = sp.coo_array(c.weight)
    require(c.delay >= 1, f"the delay of {c.name!r} is {c.delay}; Brian2 needs 1 or more")
    port = PORT[c.receptor]
    synapses = b2.Synapses(
        source, target, "w : 1", on_pre=f"{port}_post += w", name="stdp_" + c.source + "_" + c.target
    )
    synapses.connect(i=weight.row, j=weight.col)
    synapses.w = weight.data.astype(np.float64)
    synapses.delay = (c.delay - 1) * dt * b2.second
    return synapses


def _plastic(connections: tuple[Connection, ...], source: Any, target: Any, dt: float) -> Any:
    import brian2 as b2

    rule: Any = connections[0].plasticity
    weight, delay = merged(connections)
    port = PORT[connections[0].receptor]
    add = "+ 1" if rule.pairing == "all" else "* 0 + 1"
    depress = "a_minus*y + a_minus_triplet*x2*y"
    potentiate = "(x - x_target)*(a_plus + a_plus_triplet*y2)"
    depress = f"({depress})*w**mu_minus" if rule.mu_minus else depress
    potentiate = f"{potentiate}*(w_max - w)**mu_plus" if rule.mu_plus else potentiate
    synapses = b2.Synapses(
        source,
        target,
        TRACES,
        on_pre=f"{port}_post += w\nw = clip(w - ({depress}), w_min, w_max)\nx = x {add}\nx2 = x2 {add}",
        on_post=f"w = clip(w + {potentiate}, w_min, w_max)\ny = y {add}\ny2 = y2 {add}",
        namespace={
            **{
                name: getattr(rule, name)
                for name in (
                    "a_plus", "a_minus", "a_plus_triplet", "a_minus_triplet", "x_target", "mu_plus",
                    "mu_minus", "w_min", "w_max",
                )
            },
            **{name: getattr(rule, name) * b2.second for name in ("tau_plus", "tau_minus", "tau_x", "tau_y")},
        },
        name="stdp_plastic",
    )  # fmt: skip
    synapses.post.order = synapses.pre.order - 1
    source_of, target_of = np.indices(weight.shape)
    synapses.connect(i=source_of.ravel(), j=target_of.ravel())
    synapses.w = np.asarray(weight, np.float64).ravel()
    if delay.any():  # an input's spikes reach Brian2's synapses in the step in which they reach ours
        synapses.pre.delay = delay.ravel() * dt * b2.second
    return synapses


def _matrix(synapses: Any, network: Network, c: Connection) -> NDArray[np.float64]:
    weight = np.zeros((network.source_size(c.source), network[c.target].size))
    weight[synapses.i[:], synapses.j[:]] = synapses.w[:]
    return weight
