"""A network is a small graph: inputs, populations, connections, an output. Frozen, checked, complete."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.decode import Decoder, Membrane
from spiking.core.coding.encode import Direct, Encoder
from spiking.core.errors import require, unknown
from spiking.core.graph import check_graph, order
from spiking.core.neurons import LI, LIF, STATELESS, ConductanceLIF, LoihiLI, Unit
from spiking.core.parts import Connection, Input, Output, Population, Weight


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
        for key in ("inputs", "populations", "connections"):
            object.__setattr__(self, key, tuple(getattr(self, key)))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        require(
            isinstance(self.steps, (int, np.integer)) and self.steps >= 1,
            f"steps is {self.steps!r}; an inference needs at least 1 step",
        )
        require(self.dt > 0, f"dt is {self.dt!r} s; it must be positive")
        check_graph(self)

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
        gain: float = 1.0,
        bias: bool = True,
        name: str = "network",
    ) -> Network:
        """Build a chain of fully connected layers, e.g. ``sizes=[784, 512, 10]``.

        Weights are drawn uniformly in ``+- gain sqrt(6 / fan_in)`` (He et al. 2015) from ``seed``.
        """
        require(len(sizes) >= 2, f"sizes is {list(sizes)}; at least an input and an output are needed")
        rng = np.random.default_rng(seed)
        names = ["input", *(f"hidden{i}" for i in range(1, len(sizes) - 1)), "output"]
        pops, conns = [], []
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            last = i == len(sizes) - 2
            limit = gain * np.sqrt(6.0 / n_in)
            weight = rng.uniform(-limit, limit, (n_in, n_out)).astype(np.float32)
            conns.append(Connection(source=names[i], target=names[i + 1], weight=weight))
            zero = np.zeros(n_out, np.float32) if bias else None
            unit = readout if last else hidden
            pops.append(Population(name=names[i + 1], size=n_out, unit=unit, bias=zero))
        return cls(
            inputs=[Input(size=sizes[0], encoder=encoder or Direct())],
            populations=pops,
            connections=conns,
            output=Output(population="output", decoder=decoder or Membrane()),
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
        return order(self)

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
        extra = 0
        unit = self[connection.target].unit
        if isinstance(unit, LoihiLI):
            extra += unit.discretisation.input_delay
        if isinstance(unit, LIF | LI):
            slow = bool(np.any(np.asarray(unit.tau_syn) > 0))
            extra += unit.discretisation.input_delay + slow * unit.discretisation.synapse_delay
        source = [p.unit for p in self.populations if p.name == connection.source]
        if source and isinstance(source[0], LIF):
            extra += source[0].discretisation.spike_delay
        return int(connection.delay + extra)

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

    def summary(self) -> str:
        """Return a table of the populations with their fan-in and number of synapses."""
        lines = [f"{self.name}: {self.steps} steps of {self.dt * 1e3:g} ms"]
        lines += [f"  {i.name:<12} {i.size:>7}  {type(i.encoder).__name__}" for i in self.inputs]
        for p in self.populations:
            synapses = sum(c.synapses for c in self.into(p.name))
            lines.append(f"  {p.name:<12} {p.size:>7}  {type(p.unit).__name__:<14} {synapses} synapses")
        return "\n".join(lines)


def stateless(unit: Unit) -> bool:
    """True for units without memory from step to step (the units of an MLP)."""
    return isinstance(unit, STATELESS)


def state_variables(unit: Unit) -> int:
    """Number of state words a unit keeps between steps (membrane, current, adaptation, ...)."""
    if stateless(unit):
        return 0
    if isinstance(unit, ConductanceLIF):
        return 4
    if isinstance(unit, LoihiLI):
        return 2
    count = 1 + int(bool(np.any(np.asarray(getattr(unit, "tau_syn", 0.0)) > 0)))
    count += int(getattr(unit, "synapse", "") == "alpha")
    return count + int(hasattr(unit, "tau_adapt"))
