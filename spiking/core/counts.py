"""Counts: the waist of the package. ``(layer, operation) -> number per inference``, nothing of joules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, unknown
from spiking.core.frozen.html import table
from spiking.core.network import Network
from spiking.core.parts import Connection, Population
from spiking.core.trace import Trace
from spiking.core.typed import typed

Number = float | NDArray[np.float64]

OPERATIONS: Mapping[str, str] = {
    "synaptic_events": "spikes x non-zero fan-out that arrived (effective accumulates of the synapses)",
    "dense_events": "synapses x steps: the accumulates if every unit spiked at every step",
    "macs_dense": "multiply-accumulates of analog inputs over all stored weights",
    "macs_effective": "multiply-accumulates with a non-zero input and a non-zero weight",
    "accumulates": "all additions: synaptic events, biases and stored weighted sums",
    "updates_fired": "unit updates in which the unit spiked",
    "updates_silent": "unit updates in which it did not",
    "spikes": "spikes emitted by the layer",
    "activations": "non-linearities and requantisations of analog units",
    "weight_reads": "weights fetched, one per synaptic event or MAC",
    "state_reads": "state words read by unit updates",
    "state_writes": "state words written by unit updates",
    "steps": "steps of the network",
    "encoder_draws": "random numbers or comparisons of the encoder",
    "input_events": "events (spikes or values) that enter the chip",
    "output_events": "events (spikes or values) that leave the chip",
    "plastic_updates": "synaptic weight changes of a learning rule",
    "updates_touched": "unit updates that had input; all updates where it was not counted",
    "messages": "spike messages, one per spike and destination core; known once placed on a chip",
    "hops_x": "steps of messages between tiles, east or west; known once placed on a chip",
    "hops_y": "steps of messages between tiles, north or south; known once placed on a chip",
}


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What a price may depend on besides the count: sizes and widths of one layer.

    Attributes:
        kind: ``"input"``, ``"spiking"`` or ``"analog"``.
        size, fan_in: units, and mean non-zero synapses into one; ``fan_in_max``: into the one that has most
            (0: not stated, read as ``fan_in``).
        sources: units that connect to the layer (0: not stated, read as ``synapses / row``).
        row: mean non-zero synapses of one source unit onto this layer (a row of the weight memory).
        synapses: non-zero synapses into the layer; ``stored_weights``: those kept in memory.
        dense_row, dense_weights: the row and all words of the memory if zeros are stored too (0: not stated,
            read as ``row`` and ``stored_weights``). A shared kernel counts once, as in ``stored_weights``.
        weight_bits, state_bits, value_bits: widths [bit] of a weight, a state word, an analog value
            that leaves the layer.
        state_words: state words of the whole layer; ``leaky``: whether an update multiplies.
        parameter_words: words of parameters of its own that an update of one unit reads.
        input_bits: width of the analog values that come in (the other factor of a MAC).
        analog_input: whether its inputs are values (MACs) rather than spikes.
    """

    name: str
    kind: str
    size: int
    fan_in: float = 0.0
    fan_in_max: float = 0.0
    sources: int = 0
    row: float = 0.0
    synapses: int = 0
    stored_weights: int = 0
    dense_row: float = 0.0
    dense_weights: int = 0
    weight_bits: int = 32
    state_bits: int = 32
    value_bits: int = 32
    input_bits: int = 32
    state_words: int = 0
    parameter_words: int = 0
    leaky: bool = False
    analog_input: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise SpikingError(f"the name of a layer is {self.name!r}; allowed: a text")
        check.choice(f"kind of layer {self.name!r}", self.kind, ("input", "spiking", "analog"))
        for key, value in vars(self).items():
            if key in ("leaky", "analog_input"):
                check.flag(f"{key} of layer {self.name!r}", value)
            elif key not in ("name", "kind") and not (type(value) in (int, float) and 0 <= value < np.inf):
                check.number(f"{key} of layer {self.name!r}", value, 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Operations per inference of one network: ``table[(layer, operation)]``.

    A value is a float (the mean over samples) or an array ``[samples]``. Counts add over samples
    and layers and scale linearly; they know nothing of prices.
    """

    layers: tuple[Layer, ...]
    table: Mapping[tuple[str, str], Number]
    steps: int = 1
    dt: float = 1e-3
    name: str = "network"

    def __post_init__(self) -> None:
        if not all(isinstance(layer, Layer) for layer in _listed(self.layers)):
            raise SpikingError(f"layers is {self.layers!r}; allowed: a tuple of Layer")
        if not isinstance(self.table, Mapping) or not all(_pair(key) for key in self.table):
            raise SpikingError("table must map (layer, operation) to numbers")
        check.number("steps", self.steps, 0)
        check.number("dt", self.dt, 0, unit="s")
        known = {layer.name for layer in self.layers}
        for (layer, operation), value in self.table.items():
            if layer not in known:
                raise unknown("layer", layer, known)
            if operation not in OPERATIONS:
                raise unknown("operation", operation, OPERATIONS)
            if isinstance(value, float) and 0.0 <= value < np.inf:
                continue
            v = np.asarray(value)
            if v.dtype.kind not in "iuf" or not bool(np.all(np.isfinite(v)) and np.all(v >= 0)):
                # building the sentence is slow for arrays
                name = f"the count of {operation!r} in {layer!r}"
                raise SpikingError(f"{name} is {value!r}; it must be finite and not negative")

    def __getitem__(self, key: tuple[str, str]) -> Number:
        """Number of ``operation`` in ``layer`` (0 if it did not happen)."""
        return self.table.get(key, 0.0)

    def layer(self, name: str) -> Layer:
        """Return the layer called ``name``."""
        for one in self.layers:
            if one.name == name:
                return one
        raise unknown("layer", name, [one.name for one in self.layers])

    def total(self, operation: str) -> Number:
        """Sum of an operation over all layers."""
        if operation not in OPERATIONS:
            raise unknown("operation", operation, OPERATIONS)
        return sum((v for (_, op), v in self.table.items() if op == operation), start=0.0)

    @property
    def spiking(self) -> bool:
        """True if the network has spiking layers."""
        return any(layer.kind == "spiking" for layer in self.layers)

    def mean(self) -> Counts:
        """Average over samples: every value becomes a float."""
        return replace(self, table={k: float(np.mean(v)) for k, v in self.table.items()})

    def __mul__(self, factor: float) -> Counts:
        """Scale every count."""
        return replace(self, table={k: v * factor for k, v in self.table.items()})

    __rmul__ = __mul__

    def __add__(self, other: Counts) -> Counts:
        """Add counts of the same network, operation by operation."""
        if self.layers != other.layers:
            raise SpikingError(
                f"counts of {self.name!r} and {other.name!r} cannot be added: their layers differ; "
                "count both on the same network"
            )
        keys = list(self.table) + [k for k in other.table if k not in self.table]
        return replace(self, table={k: self[k] + other[k] for k in keys})

    def __repr__(self) -> str:
        """One line: name, layers, steps, synaptic events."""
        events, macs = (float(np.mean(self.total(op))) for op in ("synaptic_events", "macs_effective"))
        return (
            f"<Counts of {self.name!r}: {len(self.layers)} layers, {self.steps} steps, {events:.4g} synaptic "
            f"events and {macs:.4g} MACs per inference>"
        )

    def _repr_html_(self) -> str:
        """Return the operations of each layer as a table, for notebooks."""
        columns = [op for op in OPERATIONS if any(np.any(self[one.name, op]) for one in self.layers)]
        rows = [
            (one.name, *(f"{float(np.mean(self[one.name, op])):.4g}" for op in columns))
            for one in self.layers
        ]
        return table(repr(self)[1:-1], ("layer", *(c.replace("_", " ") for c in columns)), rows)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON (means over samples)."""
        rows = [{"layer": a, "operation": b, "count": v} for (a, b), v in self.mean().table.items()]
        layers = [dict(vars(layer)) for layer in self.layers]
        return {"name": self.name, "steps": self.steps, "dt": self.dt, "layers": layers, "counts": rows}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Counts:
        """Read what :meth:`to_dict` wrote, so that any simulator can bring its own counts."""
        try:
            layers = tuple(Layer(**layer) for layer in data["layers"])
            table = {(r["layer"], r["operation"]): float(r["count"]) for r in data["counts"]}
        except (KeyError, TypeError, ValueError) as error:
            raise SpikingError(
                f"these are not counts ({error}); needed: 'layers' and 'counts' as Counts.to_dict writes them"
            ) from None
        return cls(
            layers=layers,
            table=table,
            steps=int(data.get("steps", 1)),
            dt=float(data.get("dt", 1e-3)),
            name=str(data.get("name", "network")),
        )


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple | list) else (None,)


def _pair(key: object) -> bool:
    return isinstance(key, tuple) and len(key) == 2 and all(isinstance(part, str) for part in key)


@typed
def count(network: Network, trace: Trace) -> Counts:
    """Count what ``network`` did in ``trace``: arrays ``[samples]`` per (layer, operation)."""
    table: dict[tuple[str, str], Number] = {}
    layers = [_count_input(network, trace, table)]
    for group in network.groups:
        layers += [_count_population(network, network[name], trace, table) for name in group]
    shape = np.zeros(trace.samples)
    return Counts(
        layers=tuple(layers),
        table={k: np.asarray(v, np.float64) + shape for k, v in table.items()},
        steps=network.steps,
        dt=network.dt,
        name=network.name,
    )


def _count_input(network: Network, trace: Trace, table: dict[tuple[str, str], Number]) -> Layer:
    events = sum(trace.spikes[i.name].sum(axis=1) for i in network.inputs)
    draws = sum(i.encoder.draws(i.size, network.steps) for i in network.inputs)
    values = sum(i.encoder.values(i.size, network.steps) for i in network.inputs)
    analog = all(i.encoder.analog for i in network.inputs)
    table["input", "steps"] = float(network.steps)
    table["input", "encoder_draws"] = draws
    table["input", "input_events"] = values if analog else np.asarray(events, np.float64) + values
    if not analog:
        table["input", "spikes"] = np.asarray(events, np.float64)
    return Layer(
        name="input", kind="input", size=network.input_size, value_bits=max(i.bits for i in network.inputs)
    )


def _value_bits(network: Network, name: str) -> int:
    for i in network.inputs:
        if i.name == name:
            return i.bits if i.encoder.analog else 1
    unit = network[name].unit
    return 1 if unit.spiking else unit.value_bits


def _dense_words(c: Connection) -> int:
    """Words of the memory that holds every weight, zeros too; a shared kernel has its own size."""
    return int(np.prod(c.weight.shape)) if c.stored_weights is None else c.stored_weights


def _dense_row(c: Connection) -> float:
    """Words read for all sources once; a shared kernel reads its non-zero synapses only."""
    return float(np.prod(c.weight.shape)) if c.stored_weights is None else float(c.synapses)


def _constant_source(network: Network, c: Connection) -> bool:
    """True where the source is a direct current whose weighted sum is computed once and stored."""
    return any(i.name == c.source and i.encoder.analog and i.encoder.stored for i in network.inputs)


def _count_population(
    network: Network, p: Population, trace: Trace, table: dict[tuple[str, str], Number]
) -> Layer:
    steps, into = network.steps, network.into(p.name)
    events: Any = np.zeros(trace.samples)
    macs: Any = np.zeros(trace.samples)
    dense_events = dense_macs = extra = 0.0
    for c in into:
        weights = float(np.prod(c.weight.shape)) if isinstance(c.weight, np.ndarray) else float(c.synapses)
        if network.is_analog(c.source):
            once = _constant_source(network, c)
            dense_macs += weights * (1 if once else steps)
            macs = macs + trace.events[c.name] / (steps if once else 1)
            extra += p.size * steps if once and steps > 1 else 0
        else:
            events = events + trace.events[c.name]
            dense_events += weights * steps
    if p.bias is not None and bool(np.any(p.bias)):
        extra += p.size * steps
    fired: Any = trace.spikes[p.name].sum(axis=1) if p.unit.spiking else 0.0
    updates = 0.0 if p.unit.stateless else float(p.size * steps)
    words = p.unit.state_words
    table[p.name, "synaptic_events"] = events
    table[p.name, "dense_events"] = dense_events
    table[p.name, "macs_effective"] = macs
    table[p.name, "macs_dense"] = dense_macs
    table[p.name, "accumulates"] = events + extra
    table[p.name, "weight_reads"] = events + macs
    if p.unit.spiking:
        firing = np.minimum(fired, updates)
        table[p.name, "updates_fired"] = firing
        table[p.name, "updates_silent"] = updates - firing
        table[p.name, "spikes"] = fired
    else:
        table[p.name, "updates_silent"] = updates
        table[p.name, "activations"] = float(p.size * steps) if p.unit.stateless else 0.0
    table[p.name, "state_reads"] = updates * words
    table[p.name, "state_writes"] = updates * words
    if p.name == network.output.population:
        table[p.name, "output_events"] = fired if p.unit.spiking else float(p.size)
    synapses = sum(c.synapses for c in into)
    sources = sum(network.source_size(c.source) for c in into)
    return Layer(
        name=p.name,
        kind="spiking" if p.unit.spiking else "analog",
        size=p.size,
        fan_in=synapses / p.size,
        fan_in_max=float(np.max(sum((c.fan_in for c in into), start=np.zeros(p.size)), initial=0.0)),
        sources=sources,
        row=synapses / max(sources, 1),
        synapses=synapses,
        stored_weights=sum(c.memory_words for c in into),
        dense_row=sum(_dense_row(c) for c in into) / max(sources, 1),
        dense_weights=sum(_dense_words(c) for c in into),
        weight_bits=max((c.weight_bits for c in into), default=32),
        state_bits=p.state_bits,
        value_bits=p.unit.value_bits,
        input_bits=max((_value_bits(network, c.source) for c in into), default=32),
        state_words=words * p.size,
        parameter_words=p.unit.parameter_words,
        leaky=p.unit.leaky,
        analog_input=any(network.is_analog(c.source) for c in into),
    )
