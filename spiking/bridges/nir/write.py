"""A network as a NIR graph: nodes for what NIR can say, one JSON text for the rest."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.bridges.nir.chain import flatten_node, valid_chains
from spiking.bridges.nir.linear import Shape
from spiking.bridges.nir.units import FIELDS, node_type, resistance_gain, step_gain, unsaid
from spiking.core.errors import SpikingError, require
from spiking.core.frozen.plain import pack
from spiking.core.network import Network
from spiking.core.parts import Connection, Population
from spiking.core.typed import typed

KEY = "spiking"
FORMAT = 1
DENSE_LIMIT = 2**30


@typed
def to_graph(network: Network) -> Any:
    """Return ``network`` as a ``nir.NIRGraph`` (weights are ``[target, source]`` there).

    Raises:
        SpikingError: for names NIR's container cannot hold, or sparse weights too large to write
            densely, which is the only form NIR has.
    """
    import nir

    names = [i.name for i in network.inputs] + [p.name for p in network.populations]
    for name in names:
        require(
            "/" not in name and name not in (".", ""),
            f"the name {name!r} cannot be stored in a .nir file; use one without '/'",
        )
    chains, shapes = valid_chains(network)
    nodes: dict[str, Any] = {
        i.name: nir.Input(np.array(shapes.get(i.name, (i.size,)))) for i in network.inputs
    }
    edges: list[tuple[str, str]] = []
    biased = {p.name for p in network.populations if p.bias is None}
    connections = []
    loops = _closing(network)
    for c in network.connections:
        bias = None if c.target in biased else network[c.target].bias
        biased.add(c.target)
        wait = 0.0 if c.name in loops else c.delay * network.dt
        shape = shapes.get(c.source, (network.source_size(c.source),))
        parts = list(chains[c.name].nodes) if c.name in chains else _plain(c, bias, shape)
        key = _connection(c, parts, wait, shape, nodes, edges)
        connections.append({"node": key, "sparse": sp.issparse(c.weight), **_rest(c, ("weight",))})
    populations = []
    for p in network.populations:
        node, left = _population(p, network.dt, shapes.get(p.name, (p.size,)))
        nodes[p.name] = node
        bias = None if p.name in biased else p.bias
        populations.append(
            {**_rest(p, ("unit", "bias")), "unit": left, "bias": bias, "biased": p.bias is not None}
        )
    last = network[network.output.population]
    end = np.array(shapes.get(last.name, (last.size,)))
    nodes[_free("output", nodes)] = nir.Output(end)
    edges.append((last.name, list(nodes)[-1]))
    arrays: dict[str, Any] = {}
    text = {
        "format": FORMAT,
        **_rest(network, ("inputs", "populations", "connections", "output")),
        "inputs": [_rest(i, ()) for i in network.inputs],
        "populations": populations,
        "connections": connections,
        "output": _rest(network.output, ()),
    }
    metadata = {KEY: json.dumps(pack(text, arrays), allow_nan=False), "dt": float(network.dt)}
    if arrays:
        metadata[f"{KEY}_arrays"] = arrays
    return nir.NIRGraph(nodes, edges, metadata, type_check=False)


def _rest(value: Any, skip: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of a dataclass that are not in ``skip``."""
    return {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.name not in skip}


def _closing(network: Network) -> set[str]:
    """Names of recurrent connections of one step: NIR's reader adds that step to every loop."""
    rank = {name: k for k, name in enumerate(n for group in network.groups for n in group)}
    ring = {name: k for k, group in enumerate(network.groups) for name in group}
    return {
        c.name
        for c in network.connections
        if c.delay == 1 and ring.get(c.source) == ring[c.target] and rank[c.source] >= rank[c.target]
    }


def _free(name: str, taken: Any) -> str:
    while name in taken:
        name += "_"
    return name


def _plain(c: Connection, bias: Any, shape: Shape) -> list[Any]:
    """Return the nodes of a connection written as one weight matrix."""
    import nir

    size = int(np.prod(c.weight.shape)) * c.weight.dtype.itemsize
    if size > DENSE_LIMIT:
        raise SpikingError(
            f"NIR stores weights densely, and those of {c.name!r} would take {size / 2**30:.3g} GiB; "
            "split the connection or store the network's arrays yourself"
        )
    weight = (c.weight.toarray() if sp.issparse(c.weight) else c.weight).T
    node = nir.Linear(weight) if bias is None else nir.Affine(weight, np.asarray(bias))
    return [flatten_node(shape), node] if len(shape) > 1 else [node]


def _connection(
    c: Connection,
    parts: list[Any],
    delay: float,
    shape: Shape,
    nodes: dict[str, Any],
    edges: list[tuple[str, str]],
) -> str:
    """Add the nodes and edges of one connection; return the name of its last node."""
    import nir

    key, source = _free(c.name, nodes), c.source
    if delay:
        late = _free(f"{key}.delay", nodes)
        nodes[late] = nir.Delay(np.full(shape, delay))
        edges.append((source, late))
        source = late
    for k, node in enumerate(parts):
        name = key if k == len(parts) - 1 else _free(f"{key}.{k}", nodes)
        nodes[name] = node
        edges.append((source, name))
        source = name
    edges.append((source, c.target))
    return key


def _spread(value: Any, shape: Shape) -> Any:
    """Return one value, or one per unit, in the shape of the signal."""
    flat = np.asarray(value, np.float64)
    return np.full(shape, flat) if flat.size == 1 else flat.reshape(shape)


def _population(p: Population, dt: float, shape: Shape) -> tuple[Any, dict[str, Any]]:
    """Return the node of a population and, as a mapping, what the node leaves unsaid."""
    import nir

    unit: Any = p.unit
    kind = node_type(unit, dt)
    full = np.ones(shape)
    said = {ours: _spread(getattr(unit, ours), shape) for ours in FIELDS[kind].values()}
    values = {theirs: said[ours] for theirs, ours in FIELDS[kind].items()}
    if kind == "Scale":
        values["scale"] = full
    elif kind != "Threshold":
        values["r"] = full / _spread(resistance_gain(unit, dt), shape)
    if kind in ("CubaLIF", "CubaLI"):
        values["w_in"] = full / _spread(step_gain(unit.discretisation, unit.tau_syn, dt), shape)
    left = {"type": type(unit).__name__, **unsaid(unit, kind)}
    return getattr(nir, kind)(**values), left
