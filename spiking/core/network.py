"""A network is a small graph: inputs, populations, connections, an output. Frozen, checked, complete."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.base import Decoder, Encoder
from spiking.core.coding.decode import Membrane, SpikeCount
from spiking.core.coding.encode import Direct
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.frozen.html import table
from spiking.core.graph import Wire, check_names, check_wiring, order
from spiking.core.neurons.base import SHORTEST, Unit
from spiking.core.parts import Connection, Input, Output, Population, Weight

MOST_STEPS = 2**31 - 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Inputs, populations and connections, with ``steps`` steps of ``dt`` [s] per inference.

    Connections without delay form no loop; this is checked here. A conventional MLP is the same
    graph with ``ReLU`` units and one step.

    Raises:
        SpikingError: unknown names, wrong shapes, NaN weights or a loop without delay.
    """

    inputs: Sequence[Input]
    populations: Sequence[Population]
    connections: Sequence[Connection]
    output: Output
    steps: int = 1
    dt: float = 1e-3
    name: str = "network"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, kind in (("inputs", Input), ("populations", Population), ("connections", Connection)):
            object.__setattr__(self, key, _parts(key, getattr(self, key), kind))
        if not isinstance(self.output, Output):
            raise SpikingError(f"output is {self.output!r}; give an Output")
        if not isinstance(self.metadata, Mapping):
            raise SpikingError(f"metadata is {self.metadata!r}; allowed: a mapping")
        if not isinstance(self.name, str):
            raise SpikingError(f"name is {self.name!r}; allowed: a text")
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        check.whole("steps", self.steps, 1, MOST_STEPS, todo="an inference needs at least 1 step")
        check.number("dt", self.dt, SHORTEST, 1e6, unit="s")
        self._check()

    def _check(self) -> None:
        """Check that the parts fit each other."""
        inputs, pops = [i.name for i in self.inputs], [p.name for p in self.populations]
        check_names(
            self.name,
            inputs,
            pops,
            [Wire(c.name, c.source, c.target, tuple(c.weight.shape), c.delay) for c in self.connections],
        )
        if self.output.population not in pops:
            raise unknown("output population", self.output.population, pops)
        sizes = {i.name: i.size for i in self.inputs} | {p.name: p.size for p in self.populations}
        check_wiring(sizes, self.wires, {p.name: p.bias is not None for p in self.populations})
        for c in self.connections:
            unit = self[c.target].unit
            require(
                c.receptor in unit.receptors,
                f"{c.name} opens the receptor {c.receptor!r}, which {type(unit).__name__} units do not have; "
                f"use receptor={' or '.join(repr(r) for r in unit.receptors)}",
            )
            require(
                c.receptor != "inhibitory" or not self.is_analog(c.source),
                f"{c.name} would open the inhibitory receptor with values; only spikes open it, "
                "so encode the input as spikes or use the excitatory one",
            )
        read = self[self.output.population]
        self.output.decoder.fit_output(read.unit, read.size, read.name)

    @classmethod
    def dense(
        cls,
        sizes: Sequence[int],
        *,
        hidden: Unit,
        readout: Unit,
        encoder: Encoder | None = None,
        decoder: Decoder | None = None,
        steps: int = 1,
        dt: float = 1e-3,
        seed: int = 0,
        bias: bool = True,
        name: str = "network",
    ) -> Network:
        """Build a chain of fully connected layers, e.g. ``sizes=[784, 512, 10]``.

        Weights are drawn uniformly in ``+- sqrt(6 / fan_in)`` (He et al. 2015) from ``seed``. Without a
        ``decoder`` a readout that spikes is counted, and the membrane of any other averaged.

        Raises:
            SpikingError: sizes that are no whole numbers from 1, or a seed outside 0 to 2**32 - 1.
        """
        if isinstance(sizes, str) or not isinstance(sizes, Sequence | np.ndarray):
            raise SpikingError(f"sizes is {sizes!r}; allowed: a list of sizes, e.g. [784, 512, 10]")
        require(len(sizes) >= 2, f"sizes is {list(sizes)}; at least an input and an output are needed")
        for size in sizes:
            check.whole("a size in sizes", size, 1)
        check.flag("bias", bias)
        rng = np.random.default_rng(check.seed(seed))
        names = ["input", *(f"hidden{i}" for i in range(1, len(sizes) - 1)), "output"]
        pops, conns = [], []
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            last = i == len(sizes) - 2
            limit = np.sqrt(6.0 / n_in)
            weight = rng.uniform(-limit, limit, (n_in, n_out)).astype(np.float32)
            conns.append(Connection(source=names[i], target=names[i + 1], weight=weight))
            zero = np.zeros(n_out, np.float32) if bias else None
            unit = readout if last else hidden
            pops.append(Population(name=names[i + 1], size=n_out, unit=unit, bias=zero))
        return cls(
            inputs=[Input(size=sizes[0], encoder=encoder or Direct())],
            populations=pops,
            connections=conns,
            output=Output(
                population="output", decoder=decoder or (SpikeCount() if readout.spiking else Membrane())
            ),
            steps=steps,
            dt=dt,
            name=name,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields for copying and pickling; the read-only view of the metadata is neither."""
        return {**vars(self), "metadata": dict(self.metadata)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for key, value in state.items():
            object.__setattr__(self, key, MappingProxyType(value) if key == "metadata" else value)

    def __getitem__(self, name: str) -> Population:
        """Return the population called ``name``."""
        for p in self.populations:
            if p.name == name:
                return p
        raise unknown("population", name, [p.name for p in self.populations])

    def source_size(self, name: str) -> int:
        """Number of units of the input or population called ``name``."""
        for i in self.inputs:
            if i.name == name:
                return i.size
        return self[name].size

    def into(self, target: str) -> tuple[Connection, ...]:
        """All connections that end in ``target``."""
        return tuple(c for c in self.connections if c.target == target)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Populations in the order they are computed; those of one loop share a group."""
        return order([p.name for p in self.populations], self.wires)

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The connections as plain data, with all steps from spike to effect."""
        return tuple(
            Wire(c.name, c.source, c.target, tuple(c.weight.shape), self.total_delay(c))
            for c in self.connections
        )

    @property
    def spiking(self) -> bool:
        """True if any unit spikes. Declared by the units, never inferred from values."""
        return any(p.unit.spiking for p in self.populations)

    @property
    def input_size(self) -> int:
        """Total number of input features."""
        return sum(i.size for i in self.inputs)

    def total_delay(self, connection: Connection) -> int:
        """Steps from spike to effect: the connection's own and those of its two units."""
        extra = self[connection.target].unit.input_delay
        source = [p.unit for p in self.populations if p.name == connection.source]
        return int(connection.delay + extra + (source[0].spike_delay if source else 0))

    def is_analog(self, source: str) -> bool:
        """Whether the input or population called ``source`` hands on values rather than spikes."""
        for i in self.inputs:
            if i.name == source:
                return i.encoder.analog
        return not self[source].unit.spiking

    def replace(self, **changes: Any) -> Network:
        """Return a copy with other fields, checked again."""
        return replace(self, **changes)

    def with_parameters(
        self, weights: Iterable[Weight], biases: Iterable[NDArray[np.floating] | None]
    ) -> Network:
        """Return a copy with new weights (one per connection) and biases (one per population)."""
        conns = [replace(c, weight=w) for c, w in zip(self.connections, weights, strict=True)]
        pops = [replace(p, bias=b) for p, b in zip(self.populations, biases, strict=True)]
        return self.replace(connections=conns, populations=pops)

    def __repr__(self) -> str:
        """One line: name, chain of sizes, steps, synapses."""
        sizes = "-".join([*(str(i.size) for i in self.inputs), *(str(p.size) for p in self.populations)])
        synapses = sum(c.synapses for c in self.connections)
        return (
            f"<Network {self.name!r}: {sizes}, {self.steps} step{'s' * (self.steps > 1)} of "
            f"{self.dt * 1e3:g} ms, {synapses} synapses>"
        )

    def _repr_html_(self) -> str:
        """Return the parts as a table, for notebooks."""
        rows: list[tuple[object, ...]] = [(i.name, type(i.encoder).__name__, i.size, "") for i in self.inputs]
        rows += [
            (p.name, type(p.unit).__name__, p.size, sum(c.synapses for c in self.into(p.name)))
            for p in self.populations
        ]
        note = f"read from {self.output.population} by {type(self.output.decoder).__name__}"
        return table(repr(self)[1:-1], ("part", "kind", "units", "synapses"), rows, note=note, left=2)

    def summary(self) -> str:
        """Return a table of the populations with their fan-in and number of synapses."""
        lines = [f"{self.name}: {self.steps} steps of {self.dt * 1e3:g} ms"]
        lines += [f"  {i.name:<12} {i.size:>7}  {type(i.encoder).__name__}" for i in self.inputs]
        for p in self.populations:
            synapses = sum(c.synapses for c in self.into(p.name))
            lines.append(f"  {p.name:<12} {p.size:>7}  {type(p.unit).__name__:<14} {synapses} synapses")
        return "\n".join(lines)


def _parts(key: str, value: Any, kind: type) -> tuple[Any, ...]:
    try:
        made = tuple(value)
    except TypeError:
        raise SpikingError(f"{key} is {value!r}; allowed: a list of {kind.__name__}") from None
    for part in made:
        if not isinstance(part, kind):
            raise SpikingError(f"{key} holds {part!r}; allowed: {kind.__name__} alone")
    return made
