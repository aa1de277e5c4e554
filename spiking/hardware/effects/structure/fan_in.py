"""A core takes a limited number of inputs: units with more are split over several cores.

Each part of the inputs of a unit goes to two partial units that add it up, one the positive weights and one
the negative ones, and emit a spike per ``grain`` thresholds of it; the unit itself receives ``+grain`` and
``-grain`` thresholds from them. What is lost is less than ``grain`` thresholds a part; what it costs are more
units and spikes. ``mode="drop"`` instead keeps the largest weights into each unit, as many as fit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.neurons import LIF, Discretisation
from spiking.core.parts import Connection, Population
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import values_of, with_values

MODES = ("split", "drop")
ADDER = Discretisation(input_scale="raw", strict=False, multi=True)


@EFFECTS.register("limited-fan-in")
@typed
def limited_fan_in(
    network: Network, rng: np.random.Generator, *, limit: int, mode: str = "split", grain: float = 0.125
) -> Network:
    """Return ``network`` with at most ``limit`` synapses into any unit; nothing is drawn.

    Args:
        limit: inputs of a core, 2 or more.
        mode: ``"split"`` or ``"drop"``.
        grain: potential that one spike of a partial unit stands for, as a share of the threshold of the
            unit it belongs to (1, where that has none); for ``"split"``.

    Raises:
        SpikingError: a limit too small to join the parts, inputs that are no spikes, or units that were
            split.
    """
    check.whole("limit", limit, 2)
    check.choice("mode", mode, MODES)
    check.number("grain", grain, 0, 1, open_low=True, unit="of a threshold")
    for p in network.populations:
        fan_in: Any = sum((c.fan_in for c in network.into(p.name)), start=np.zeros(p.size, np.int64))
        if fan_in.max(initial=0) > limit:
            network = _drop(network, p, limit) if mode == "drop" else _split(network, p, limit, grain)
    return network


def _drop(network: Network, p: Population, limit: int) -> Network:
    into = network.into(p.name)
    dense = [np.abs(c.weight.toarray() if sp.issparse(c.weight) else c.weight) for c in into]
    every = np.concatenate(dense)
    order = np.argsort(-every, axis=0, kind="stable")
    keep = np.zeros(every.shape, bool)
    np.put_along_axis(keep, order[:limit], True, axis=0)
    made, row = {}, 0
    for c, part in zip(into, dense, strict=True):
        own = keep[row : row + len(part)]
        row += len(part)
        if sp.issparse(c.weight):
            rows = np.repeat(np.arange(c.weight.shape[0]), np.diff(c.weight.indptr))
            own = own[rows, c.weight.indices]
        made[c.name] = with_values(c, np.where(own, values_of(c), 0.0))
    return network.replace(connections=[made.get(c.name, c) for c in network.connections])


def _split(network: Network, p: Population, limit: int, grain: float) -> Network:
    into = network.into(p.name)
    for c in into:
        require(
            not network.is_analog(c.source) and c.receptor == "current" and network.total_delay(c) >= 0
            and c.source != p.name,
            f"{c.name} has a fan-in above {limit} and is no forward connection of spikes onto currents; only "
            "those are split, use mode='drop'",
        )  # fmt: skip
    unit: Any = p.unit
    level = np.asarray(unit.v_threshold if unit.spiking else 1.0, np.float64) - np.asarray(
        unit.v_leak, np.float64
    )
    step = np.broadcast_to(grain * np.abs(level), (p.size,))
    pops, conns = [], [c for c in network.connections if c.target != p.name]
    parts = 0
    for c in into:
        rows = c.weight.shape[0]
        pieces = -(-rows // limit)
        for k in range(pieces):
            inside = np.zeros((rows, 1), bool)
            inside[k * limit : (k + 1) * limit] = True
            whole = sp.csr_array(sp.csr_array(c.weight).multiply(inside))
            for sign in (1, -1):
                own = sp.csr_array((sign * whole).maximum(0))
                name = f"{p.name}/{c.label or c.source}{k}{'+' if sign > 0 else '-'}"
                adder = LIF(tau_mem=np.inf, v_threshold=step.copy(), reset="subtract", discretisation=ADDER)
                pops.append(Population(name=name, size=p.size, unit=adder, state_bits=p.state_bits))
                made = replace(c, target=name, weight=own, label="", stored_weights=None)
                conns.append(made)
                back = sp.csr_array(sp.diags_array(sign * step))
                conns.append(Connection(source=name, target=p.name, weight=back, weight_bits=c.weight_bits))
                parts += 1
    require(
        parts <= limit,
        f"limit is {limit}, and {p.name!r} needs {parts} partial units for each of its own, which have "
        f"to fit one core; allowed here: {_least(into)} or more, or mode='drop'",
    )
    at = [q.name for q in network.populations].index(p.name)
    before, after = network.populations[:at], network.populations[at:]
    return network.replace(populations=[*before, *pops, *after], connections=conns)


def _least(into: Any) -> int:
    """The smallest limit that lets every unit join its parts."""
    limit = 2
    while sum(2 * -(-c.weight.shape[0] // limit) for c in into) > limit:
        limit += 1
    return limit
