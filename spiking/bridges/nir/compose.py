"""The linear part of a NIR graph: what reaches each neuron, as matrices from the last neurons.

Between two neurons NIR may place any number of linear nodes. Their composition is one matrix per
source: a :class:`Term`. Subgraphs are inlined; their inputs and outputs only pass values on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.bridges.nir.linear import Shape, Step, transform
from spiking.bridges.nir.units import LINEAR, NEURONS
from spiking.core.errors import SpikingError, require

Matrix = Any  # ndarray, csr_array, or None for the identity
LIMIT = 2**30


@dataclass(frozen=True, kw_only=True)
class Term:
    """What one source contributes: ``matrix`` ``[source, here]`` after ``delay`` [s].

    ``tag`` is the last linear node that the file's own metadata knows; ``chain`` the nodes passed;
    ``stored`` the number of weights kept in memory (None: one for each entry).
    """

    source: str
    matrix: Matrix = None
    delay: float = 0.0
    tag: str | None = None
    chain: tuple[Any, ...] = ()
    stored: int | None = None


@dataclass(frozen=True, kw_only=True)
class Value:
    """The signal at a node: its shape, the terms it sums and a constant (flat, or None)."""

    shape: Shape
    terms: tuple[Term, ...]
    bias: Any = None


def flatten(graph: Any, prefix: str = "") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Inline subgraphs: nodes get dotted names, edges go to the subgraph's inputs and outputs.

    Raises:
        SpikingError: for edges that lead nowhere and for names that become ambiguous.
    """
    import nir

    nodes: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    entry: dict[str, list[str]] = {}
    leave: dict[str, list[str]] = {}
    for name, node in graph.nodes.items():
        full = prefix + name
        if isinstance(node, nir.NIRGraph):
            inner, wires = flatten(node, full + ".")
            for key, part in inner.items():
                require(key not in nodes, f"two nodes are called {key!r}; rename one of them")
                nodes[key] = part
            edges += wires
            ports = {full + "." + k: n for k, n in node.nodes.items()}
            entry[full] = [k for k, n in ports.items() if isinstance(n, nir.Input)]
            leave[full] = [k for k, n in ports.items() if isinstance(n, nir.Output)]
        else:
            require(full not in nodes, f"two nodes are called {full!r}; rename one of them")
            nodes[full] = node
    for a, b in graph.edges:
        for end, ports in ((a, leave), (b, entry)):
            if prefix + end not in nodes and prefix + end not in ports:
                known = ", ".join(sorted(graph.nodes))
                raise SpikingError(f"the edge {a!r} -> {b!r} leads to no node {end!r}; nodes are: {known}")
        sources, targets = (ends.get(prefix + x, [prefix + x]) for x, ends in ((a, leave), (b, entry)))
        require(
            len(targets) == 1 and len(sources) == 1,
            f"the edge {a!r} -> {b!r} meets a subgraph with {len(targets)} inputs and {len(sources)} "
            "outputs; lead it to one of their nodes",
        )
        edges.append((sources[0], targets[0]))
    return nodes, list(dict.fromkeys(edges))


class Wiring:
    """The flat graph with what reaches each node; composes linear nodes on demand."""

    def __init__(
        self, graph: Any, tags: Mapping[str, Any] | None = None, populations: Collection[str] = ()
    ) -> None:
        import nir

        self.nodes, edges = flatten(graph)
        self.tags = tags or {}
        self.before: dict[str, list[str]] = {name: [] for name in self.nodes}
        for a, b in edges:
            self.before[b].append(a)
        tops = {k for k, n in graph.nodes.items() if isinstance(n, nir.Input)}
        self.inputs = {k: _shape(n.input_type["input"], k) for k, n in self.nodes.items() if k in tops}
        self._open_ends()
        self.time = self._drop_time()
        self.stateful = set(populations) | {k for k, n in self.nodes.items() if type(n).__name__ in NEURONS}
        self.known: dict[str, Value] = {}
        self.path: list[str] = []

    def _open_ends(self) -> None:
        """Give nodes that nothing reaches an input, as the nir package does."""
        for name, node in list(self.nodes.items()):
            if self.before[name] or name in self.inputs:
                continue
            given = (getattr(node, "input_type", None) or {}).get("input")
            key = f"input_{name}"
            require(
                given is not None and key not in self.nodes,
                f"nothing reaches node {name!r} ({type(node).__name__}); connect it to an Input",
            )
            self.inputs[key] = _shape(given, name)
            self.before[name].append(key)

    def _drop_time(self) -> int | None:
        """Take the axis of time off the inputs, where a file has one; return its length.

        An exporter that shows its network a sample ``[batch, steps, features]`` writes ``(steps, features)``
        where matrices take ``features`` (sinabs outside its Squeeze layers).
        """
        found = set()
        for name, shape in self.inputs.items():
            readers = [self.nodes[k] for k, sources in self.before.items() if name in sources]
            flat = {np.shape(n.weight)[1:] for n in readers if type(n).__name__ in ("Affine", "Linear")}
            if len(readers) == 1 and flat == {shape[1:]}:
                self.inputs[name] = shape[1:]
                found.add(shape[0])
        return found.pop() if len(found) == 1 else None

    def shape(self, name: str) -> Shape:
        """Shape of what a source (input or neuron) emits."""
        if name in self.inputs:
            return self.inputs[name]
        node = self.nodes[name]
        own = _shape(next(iter(node.output_type.values())), name)
        if int(np.prod(own)) == 1:  # one parameter for all: the size comes from what arrives
            return self.size_of(name)
        return own

    def size_of(self, name: str) -> Shape:
        """Shape of what reaches a neuron, without following loops back to itself."""
        for a in self.before[name]:
            if name in self.path:
                continue
            self.path.append(name)
            try:
                return self.value(a).shape
            finally:
                self.path.remove(name)
        raise SpikingError(f"the size of node {name!r} cannot be found; give its parameters one entry each")

    def value(self, name: str) -> Value:
        """Return the signal that leaves node ``name``."""
        node = self.nodes.get(name)
        kind = type(node).__name__
        if name in self.inputs or name in self.stateful:
            return Value(shape=self.shape(name), terms=(Term(source=name),))
        if name not in self.known:
            require(
                name not in self.path,
                f"the nodes {', '.join(self.path)} form a loop without a neuron or delay; "
                "nothing defines its value, so break it",
            )
            self.path.append(name)
            try:
                self.known[name] = self._apply(name, node, kind)
            finally:
                self.path.pop()
        return self.known[name]

    def arriving(self, name: str) -> Value:
        """Return the sum of the signals that reach node ``name``."""
        parts = [self.value(a) for a in self.before[name]]
        require(len(parts) > 0, f"nothing reaches node {name!r}; connect it")
        shapes = {_plain(p.shape) for p in parts}
        require(len(shapes) == 1, f"signals of different shapes meet at {name!r}: {sorted(shapes)}")
        merged: dict[Any, Term] = {}
        for t in (t for p in parts for t in p.terms):
            key = (t.source, t.delay, t.tag)
            merged[key] = _add(merged[key], t, int(np.prod(parts[0].shape))) if key in merged else t
        biases = [p.bias for p in parts if p.bias is not None]
        return Value(shape=parts[0].shape, terms=tuple(merged.values()), bias=sum(biases) if biases else None)

    def _apply(self, name: str, node: Any, kind: str) -> Value:
        value = self.arriving(name)
        if kind in ("Input", "Output"):
            declared = _shape(next(iter(node.input_type.values())), name)
            if declared == (self.time, *value.shape):
                declared = value.shape
            check_fit(value.shape, declared, name)
            return replace(value, shape=declared)
        require(kind in LINEAR, f"node {name!r} is a {kind}, which cannot stand between neurons")
        if kind == "Delay":
            return _delayed(value, node, name)
        step = transform(node, kind, value.shape, name)
        if step.matrix is None:
            return replace(value, shape=step.shape)
        tag = name if name in self.tags else None
        terms = tuple(
            replace(
                t,
                matrix=multiply(*widths(t, step), name),
                tag=tag or t.tag,
                chain=(*t.chain, node),
                stored=stored_weights(t, step),
            )
            for t in value.terms
        )
        bias = None if value.bias is None else np.asarray(value.bias @ step.matrix)
        if step.bias is not None:
            bias = step.bias if bias is None else bias + step.bias
        return Value(shape=step.shape, terms=terms, bias=bias)


def multiply(a: Matrix, b: Matrix, at: str) -> Matrix:
    """Return ``a @ b`` where None is the identity, refused where it would not fit in memory."""
    if a is None:
        return b
    if not (sp.issparse(a) and sp.issparse(b)):
        size = a.shape[0] * b.shape[1] * 8
        require(size <= LIMIT, f"the weights composed at {at!r} would take {size / 2**30:.3g} GiB")
    product: Any = a @ b
    return sp.csr_array(product) if not isinstance(product, np.ndarray) else product


def _add(a: Term, b: Term, size: int) -> Term:
    """Sum two paths from one source."""
    one: Any
    two: Any
    one, two = (sp.eye_array(size, format="csr") if t.matrix is None else t.matrix for t in (a, b))
    return replace(a, matrix=one + two, chain=(), stored=None)


def stored_weights(before: Term, step: Step) -> int | None:
    """Weights in memory of a chain: shared ones add up, behind a pool a dense layer is shared too."""
    if before.matrix is None:
        return step.stored
    if before.stored == 0 and step.stored is None:
        return int(step.matrix.size) if isinstance(step.matrix, np.ndarray) else None
    return None if before.stored is None or step.stored is None else before.stored + step.stored


def widths(before: Term, step: Step) -> tuple[Matrix, Matrix]:
    """Let the constants of pools and scales take the type of the trained weights they meet."""
    a, b = before.matrix, step.matrix
    if a is None:
        return a, b
    if before.stored == 0:
        return a.astype(b.dtype), b
    return (a, b.astype(a.dtype)) if step.stored == 0 else (a, b)


def _delayed(value: Value, node: Any, name: str) -> Value:
    """Delay every term; where the delays of the units differ, one term for each."""
    check_fit(value.shape, np.shape(node.delay), name)
    size = int(np.prod(value.shape))
    delay = np.broadcast_to(np.asarray(node.delay, np.float64).ravel(), (size,))
    wrong = delay[~((delay >= 0) & np.isfinite(delay))]
    require(wrong.size == 0, f"a delay of node {name!r} is {wrong[:1]} s; 0 or more is allowed")
    terms = []
    for d in np.unique(delay):
        mine: Any = sp.diags_array((delay == d).astype(np.float64), format="csr")
        for t in value.terms:
            late = replace(t, delay=t.delay + float(d))
            if not np.all(delay == d):
                matrix = mine if t.matrix is None else multiply(t.matrix, mine.astype(t.matrix.dtype), name)
                late = replace(late, matrix=matrix, chain=(), stored=None)
            terms.append(late)
    return replace(value, terms=tuple(terms))


def _shape(given: Any, name: str) -> Shape:
    if given is None:
        raise SpikingError(f"the shape of node {name!r} is not given; write it into its Input")
    shape = tuple(int(n) for n in np.atleast_1d(np.asarray(given)))
    require(all(n > 0 for n in shape), f"the shape of node {name!r} is {shape}; sizes must be positive")
    return shape


def _plain(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)


def check_fit(came: Shape, need: Any, name: str) -> None:
    """Raise :class:`SpikingError` unless a signal of shape ``came`` suits a node that takes ``need``."""
    need = tuple(int(n) for n in need)
    if int(np.prod(need)) != 1 and _plain(came) != _plain(need):
        raise SpikingError(f"type mismatch at node {name!r}: shape {came} arrives, it takes {need}")
