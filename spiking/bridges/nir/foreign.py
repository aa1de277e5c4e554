"""Graphs of other simulators: units from NIR's continuous equations and a named discretisation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.bridges.nir.chain import remember
from spiking.bridges.nir.compose import Term, Value, Wiring, check_fit
from spiking.bridges.nir.reading import Settled
from spiking.bridges.nir.units import FIELDS, NEURONS, collapse, input_gain
from spiking.core.coding.decode import Membrane, SpikeCount
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Discretisation, Linear, Unit
from spiking.core.parts import Connection, Input, Output, Population


def foreign_network(graph: Any, how: Settled) -> Network:
    """Build a network from a graph without metadata of ours."""
    wiring = Wiring(graph)
    names = _reach(wiring)
    populations, connections, terms = [], [], {}
    shapes = {name: wiring.shape(name) for name in [*wiring.inputs, *names]}
    for name in names:
        value = wiring.arriving(name)
        check_fit(value.shape, shapes[name], name)
        node, size = wiring.nodes[name], int(np.prod(shapes[name]))
        unit, gain = _unit(node, how)
        populations.append(Population(name=name, size=size, unit=unit, bias=_scaled(value.bias, gain)))
        sources = [t.source for t in value.terms]
        for t in value.terms:
            c = _connection(t, name, size, gain, how)
            if sources.count(t.source) > 1:  # the same source with several delays
                c = replace(c, label=f"{c.delay}")
            connections.append(c)
            terms[c.name] = t if np.all(np.asarray(gain) == 1) else replace(t, chain=(*t.chain, _scale(gain)))
    last, extra, wires, read = _output(wiring, how)
    populations += extra
    if extra:
        shapes[last] = read.shape
        terms.update({c.name: t for c, t in zip(wires, read.terms, strict=True)})
    connections = _delay_loops([*connections, *wires], [*wiring.inputs, *names])
    spiking = next(p for p in populations if p.name == last).unit.spiking
    return Network(
        inputs=[
            Input(name=k, size=int(np.prod(shape)), encoder=how.encoder) for k, shape in wiring.inputs.items()
        ],
        populations=populations,
        connections=connections,
        output=Output(
            population=last, decoder=how.decoder or (SpikeCount() if spiking else Membrane(over="mean"))
        ),
        steps=how.steps,
        dt=how.dt,
        name=how.name,
        metadata=remember(terms, shapes),
    )


def _scale(gain: Any) -> Any:
    import nir

    return nir.Scale(np.atleast_1d(np.asarray(gain, np.float64)))


def _reach(wiring: Wiring) -> list[str]:
    """Names of the neurons, nearest to the inputs first."""
    after: dict[str, list[str]] = {}
    for name, sources in wiring.before.items():
        for source in sources:
            after.setdefault(source, []).append(name)
    order, seen = list(wiring.inputs), set(wiring.inputs)
    for name in order:
        for follower in sorted(after.get(name, ())):
            if follower not in seen:
                seen.add(follower)
                order.append(follower)
    lost = sorted(set(wiring.nodes) - seen)
    require(not lost, f"no input reaches {', '.join(lost[:5])}; connect or remove them")
    return [n for n in order if type(wiring.nodes.get(n)).__name__ in NEURONS]


def _unit(node: Any, how: Settled) -> tuple[Unit, Any]:
    """Return a unit and the factor ``[neurons]`` (or scalar) that its raw input needs."""
    kind = type(node).__name__
    fields = {ours: collapse(getattr(node, theirs), ours) for theirs, ours in FIELDS[kind].items()}
    fields = {k: v * how.second if k.startswith("tau_") else v for k, v in fields.items()}
    d = how.discretisation
    unit: Unit
    if kind == "Threshold":  # a membrane that forgets within the step is a Heaviside of its input
        plain = Discretisation(strict=d.strict)
        return LIF(tau_mem=how.dt * 1e-3, reset="zero", discretisation=plain, **fields), 1.0
    if kind in ("I", "IF"):
        fields["tau_mem"] = np.inf
    if kind in ("I", "LI", "CubaLI"):
        unit = LI(discretisation=d, **fields)
    else:
        unit = LIF(reset=how.reset, discretisation=d, **fields)
    resistance = np.asarray(node.r, np.float64).ravel() * np.asarray(getattr(node, "w_in", 1.0)).ravel()
    return unit, collapse(resistance * input_gain(unit, kind, how.dt), "r")


def _scaled(bias: Any, gain: Any) -> Any:
    if bias is None or np.all(np.asarray(gain) == 1):
        return bias
    return np.asarray(bias * gain, np.asarray(bias).dtype)


def _connection(t: Term, target: str, size: int, gain: Any, how: Settled) -> Connection:
    weight: Any = sp.eye_array(size, format="csr") if t.matrix is None else t.matrix
    stored = t.stored
    if not np.all(np.asarray(gain) == 1):
        scale = sp.diags_array(np.broadcast_to(gain, (size,)), format="csr").astype(weight.dtype)
        weight, stored = weight @ scale, stored if np.ndim(gain) == 0 else None
    delay = t.delay * how.second / how.dt
    require(
        abs(delay - round(delay)) < 1e-6 * max(delay, 1.0),
        f"the delay of {t.delay:g} s from {t.source!r} to {target!r} is {delay:.6g} steps of {how.dt:g} s; "
        "choose a dt that divides it",
    )
    return Connection(
        source=t.source, target=target, weight=weight, delay=round(delay), stored_weights=stored or None
    )


def _output(wiring: Wiring, how: Settled) -> tuple[str, list[Population], list[Connection], Value]:
    """Find the population that is read; linear nodes behind the last neurons become one of its own."""
    feeding = {a for sources in wiring.before.values() for a in sources}
    ends = [k for k in wiring.nodes if k not in feeding]
    if how.output is not None:
        require(how.output in wiring.nodes, f"there is no node {how.output!r} to read; nodes are: {ends}")
        ends = [how.output]
    require(len(ends) == 1, f"the graph has {len(ends)} outputs ({', '.join(ends)}); choose one: output=NAME")
    value: Value = wiring.value(ends[0])
    if len(value.terms) == 1 and value.bias is None:
        (term,) = value.terms
        if term.matrix is None and term.delay == 0 and term.source not in wiring.inputs:
            return term.source, [], [], value
    size = int(np.prod(value.shape))
    name = f"{ends[0]}_read"
    read = Population(name=name, size=size, unit=Linear(), bias=value.bias)
    made = [_connection(t, name, size, 1.0, how) for t in value.terms]
    several = len({c.source for c in made}) < len(made)
    labelled = [replace(c, label=f"{c.delay}") if several else c for c in made]
    return name, [read], labelled, value


def _delay_loops(connections: list[Connection], order: list[str]) -> list[Connection]:
    """Give recurrent connections one step: a neuron's spike cannot reach it in the same step.

    Edges back to a population found earlier (nearer to the input) close the loops; this is what
    simulators do when they feed the previous step's spikes back.
    """
    rank = {name: k for k, name in enumerate(order)}
    return [
        replace(c, delay=1) if c.delay == 0 and rank.get(c.source, -1) >= rank.get(c.target, len(rank)) else c
        for c in connections
    ]
