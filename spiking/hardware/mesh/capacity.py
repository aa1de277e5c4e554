"""What fits: hard walls (the network cannot be placed) apart from soft budgets (it can, at a price)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.typed import typed
from spiking.hardware.chip import Chip


@dataclass(frozen=True, kw_only=True)
class Excess:
    """One limit that is passed: have, allowed, how to fix it; a ``hard`` one (a wall) stops placement."""

    limit: str
    where: str
    have: float
    allowed: float
    fix: str
    hard: bool = True

    def __str__(self) -> str:
        return f"{self.limit} of {self.where} is {self.have:g}, allowed {self.allowed:g}: {self.fix}"


def fan_in(network: Network, name: str) -> NDArray[np.int64]:
    """Non-zero synapses into each unit of a population, ``[units]``."""
    total = np.zeros(network[name].size, np.int64)
    for c in network.into(name):
        if sp.issparse(c.weight):
            total += np.bincount(c.weight.indices[c.weight.data != 0], minlength=len(total))
        else:
            total += np.count_nonzero(c.weight, axis=0)
    return total


@typed
def check(network: Network, chip: Chip) -> tuple[Excess, ...]:
    """Return every limit of ``chip`` that ``network`` passes, walls first."""
    found = [*_per_unit(network, chip), *_per_connection(network, chip), *_edges(network, chip)]
    return tuple(sorted(found, key=lambda e: not e.hard))


def _limit(chip: Chip, name: str) -> float | None:
    c = chip.get(name)
    return None if c is None else float(np.max(c.si.nominal))


def _per_unit(network: Network, chip: Chip) -> Iterator[Excess]:
    most_in, most_out = _limit(chip, "fan_in"), _limit(chip, "fan_out")
    memory = _limit(chip, "synapse_memory") or _bits_of_synapses(chip)
    for p in network.populations:
        into = fan_in(network, p.name)
        if most_in is not None and into.max(initial=0) > most_in:
            fix = "prune, or split the layer so that each unit has fewer sources"
            yield Excess(limit="fan-in", where=p.name, have=into.max(), allowed=most_in, fix=fix)
        axons = _limit(chip, "axons_in")
        if axons is not None and into.max(initial=0) > axons:
            fix = "prune, or split the layer so that each unit has fewer sources"
            yield Excess(
                limit="input axons of one unit", where=p.name, have=into.max(), allowed=axons, fix=fix
            )
        bits = max((c.weight_bits for c in network.into(p.name)), default=0)
        if memory is not None and into.max(initial=0) * bits > memory:
            fix = "use fewer bits per weight (quantise) or prune"
            yield Excess(
                limit="synapse memory [bit] of one unit",
                where=p.name,
                have=float(into.max() * bits),
                allowed=memory,
                fix=fix,
            )
    if most_out is not None:
        for name in [i.name for i in network.inputs] + [p.name for p in network.populations]:
            out = sum(
                (c.fan_out for c in network.connections if c.source == name), start=np.zeros(1, np.int64)
            )
            if out.max(initial=0) > most_out:
                fix = "prune, or relay through more units"
                yield Excess(limit="fan-out", where=name, have=out.max(), allowed=most_out, fix=fix)


def _bits_of_synapses(chip: Chip) -> float | None:
    synapses, bits = _limit(chip, "synapses_per_core"), _limit(chip, "weight_bits")
    return None if synapses is None or bits is None else synapses * bits


def _per_connection(network: Network, chip: Chip) -> Iterator[Excess]:
    bits, delay = _limit(chip, "weight_bits"), _limit(chip, "delay")
    for c in network.connections:
        if bits is not None and c.weight_bits > bits:
            fix = f"quantise(network, weight_bits={bits:g})"
            yield Excess(
                limit="weight width [bit]",
                where=c.name,
                have=c.weight_bits,
                allowed=bits,
                fix=fix,
                hard=False,
            )
        if delay is not None and network.total_delay(c) > delay:
            fix = "shorten the delay or use a longer step"
            yield Excess(
                limit="delay [steps]", where=c.name, have=network.total_delay(c), allowed=delay, fix=fix
            )


def _edges(network: Network, chip: Chip) -> Iterator[Excess]:
    inputs, outputs = _limit(chip, "inputs"), _limit(chip, "outputs")
    if inputs is not None and network.input_size > inputs:
        yield Excess(
            limit="number",
            where="inputs",
            have=network.input_size,
            allowed=inputs,
            fix="reduce the input (pool or select features)",
        )
    size = network[network.output.population].size
    if outputs is not None and size > outputs:
        yield Excess(limit="number", where="outputs", have=size, allowed=outputs, fix="use fewer classes")


def pattern(c: Connection) -> sp.csc_array:
    """Non-zero synapses of a connection by target unit, ``[sources, targets]``."""
    weight = c.weight if sp.issparse(c.weight) else sp.csr_array(c.weight)
    out = sp.csc_array(weight)
    out.eliminate_zeros()
    return out
