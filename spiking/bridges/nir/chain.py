"""Chains: the convolutions and pools behind a connection, kept so that they are written as such.

A connection holds one matrix. Where it came from convolutions or pools, ``metadata["nir"]`` of the
network remembers the nodes and the shapes of the signals. On writing, a chain counts only if it
still gives the connection's matrix to the last bit: a network whose weights were changed is
written with plain weights instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.bridges.nir.compose import Term, multiply, stored_weights, widths
from spiking.bridges.nir.linear import Shape, transform
from spiking.core.frozen.same import differences
from spiking.core.network import Network
from spiking.core.parts import Connection

MEMORY = "nir"
SHARING = ("Conv1d", "Conv2d", "SumPool2d", "AvgPool2d")


@dataclass(frozen=True, kw_only=True)
class Chain:
    """NIR nodes from one population to the next, with the matrix and constant they make."""

    nodes: tuple[Any, ...]
    matrix: Any
    bias: Any
    shape: Shape


def remember(terms: Mapping[str, Term], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Return the metadata for connections whose chain shares weights; empty if there are none."""
    chains = {
        name: [node.to_dict() for node in t.chain]
        for name, t in terms.items()
        if any(type(node).__name__ in SHARING for node in t.chain)
    }
    return {MEMORY: {"chains": chains, "shapes": dict(shapes)}} if chains else {}


def compose(nodes: list[Any], shape: Shape, name: str) -> Chain:
    """Multiply the nodes' matrices in order, starting from a signal of ``shape``."""
    term, bias, made = Term(source=name), None, []
    for node in nodes:
        kind = type(node).__name__
        if kind in ("Affine", "Linear") and len(shape) > 1:
            made.append(flatten_node(shape))
            shape = (int(np.prod(shape)),)
        step = transform(node, kind, shape, name)
        made.append(_complete(node, kind, shape))
        bias = None if bias is None else np.asarray(bias @ step.matrix)
        if step.bias is not None:
            bias = step.bias if bias is None else bias + step.bias
        matrix = multiply(*widths(term, step), name)
        term = Term(source=name, matrix=matrix, stored=stored_weights(term, step))
        shape = step.shape
    return Chain(nodes=tuple(made), matrix=term.matrix, bias=bias, shape=shape)


def _complete(node: Any, kind: str, shape: Shape) -> Any:
    """Fill in what a convolution may leave open but a file cannot: input shape and bias."""
    if kind not in ("Conv1d", "Conv2d"):
        return node
    space = shape[1] if kind == "Conv1d" else shape[1:]
    bias = np.zeros(len(node.weight), node.weight.dtype) if node.bias is None else node.bias
    return replace(node, input_shape=space, bias=bias)


def flatten_node(shape: Shape) -> Any:
    """Return the node that makes a signal of ``shape`` one-dimensional."""
    import nir

    return nir.Flatten({"input": np.array(shape)}, start_dim=0, end_dim=-1)


def valid_chains(network: Network) -> tuple[dict[str, Chain], dict[str, Shape]]:
    """Return the chains that still describe ``network``, and the shapes of the signals they join."""
    from nir.ir import dict2NIRNode

    memory = network.metadata.get(MEMORY)
    if not isinstance(memory, Mapping):
        return {}, {}
    shapes = {k: tuple(int(n) for n in s) for k, s in memory["shapes"].items()}
    sizes = {i.name: i.size for i in network.inputs} | {p.name: p.size for p in network.populations}
    shapes = {k: s for k, s in shapes.items() if int(np.prod(s)) == sizes.get(k)}
    found: dict[str, Chain] = {}
    for c in network.connections:
        if c.name in memory["chains"] and {c.source, c.target} <= set(shapes):
            nodes = [dict2NIRNode(dict(d)) for d in memory["chains"][c.name]]
            chain = compose(nodes, shapes[c.source], c.name)
            if _describes(chain, c, network) and int(np.prod(chain.shape)) == sizes[c.target]:
                found[c.name] = chain
    while True:  # a signal keeps its shape where all that reaches it is written as chains
        plain = {c.target for c in network.connections if c.name not in found}
        shaped = {k: s for k, s in shapes.items() if k not in plain}
        lost = [c.name for c in network.connections if c.name in found and c.source not in shaped]
        if not lost:
            return found, shaped
        for name in lost:
            del found[name]


def _describes(chain: Chain, c: Connection, network: Network) -> bool:
    """True if the chain gives the weight and bias of ``c``, which alone reaches its target."""
    alone = len(network.into(c.target)) == 1 and c.receptor == "current"
    weight = c.weight if sp.issparse(c.weight) == sp.issparse(chain.matrix) else None
    parts = ((chain.matrix, weight), (chain.bias, network[c.target].bias))
    return alone and not any(differences(a, b) for a, b in parts) and chain.matrix.dtype == c.weight.dtype
