"""What hardware does to a network, as ``Network -> Network``: fewer bits for weights and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.parts import Connection, Population, Weight
from spiking.core.synapses.grid import to_grid, weight_scale
from spiking.hardware.effects import EFFECTS

Values = Mapping[str, NDArray[np.float64]]


def quantise(
    network: Network,
    *,
    weight_bits: int = 8,
    value_bits: int = 8,
    calibration: NDArray[np.floating] | None = None,
    percentile: float = 100.0,
) -> Network:
    """Return ``network`` with weights, and for a conventional network values, on integer grids.

    A weight becomes ``scale * k`` with ``k`` in ``-(2**(b-1) - 1) .. 2**(b-1) - 1`` and one symmetric
    scale per connection. In a network without spiking units the inputs and ReLU outputs become
    ``scale * {0 .. 2**b - 1}``, the scale set by the ``percentile`` of each population's values over
    ``calibration``. A spiking network keeps its values: spikes need no width.

    Args:
        network: any network.
        weight_bits: 2 to 32 (32 leaves the values as they are, and stores them in 32 bit).
        value_bits: 1 to 32, for values between layers of a conventional network.
        calibration: inputs ``[samples, features]``; needed for a conventional network.
        percentile: of the values that must fit the grid; 100 takes the largest.

    Raises:
        SpikingError: widths out of range, or no calibration data for a conventional network.
    """
    require(2 <= weight_bits <= 32, f"weight_bits is {weight_bits!r}; allowed: 2 to 32")
    require(1 <= value_bits <= 32, f"value_bits is {value_bits!r}; allowed: 1 to 32")
    require(0 < percentile <= 100, f"percentile is {percentile!r}; allowed: above 0 and up to 100")
    connections = [_connection(c, weight_bits) for c in network.connections]
    quantised = network.replace(connections=connections)
    if network.spiking or value_bits == 32:
        return quantised
    require(
        calibration is not None and np.ndim(calibration) == 2 and len(calibration) > 0,
        "a conventional network needs calibration data [samples, features] to set the scales of its values; "
        "pass calibration=x",
    )
    assert calibration is not None
    return _values(quantised, np.asarray(calibration, np.float64), value_bits, percentile)


@EFFECTS.register("quantise")
def quantised(network: Network, rng: np.random.Generator, **how: Any) -> Network:
    """:func:`quantise` as an effect; nothing in it is random."""
    return quantise(network, **how)


def _connection(c: Connection, bits: int) -> Connection:
    if bits == 32:  # the values stay, and are stored in 32 bit from now on
        return replace(c, weight_bits=bits)
    weight: Weight = c.weight
    if isinstance(weight, np.ndarray):
        return replace(c, weight=to_grid(weight, weight_scale(weight, bits)), weight_bits=bits)
    data = to_grid(weight.data, weight_scale(weight.data, bits))
    sparse = sp.csr_array((data, weight.indices, weight.indptr), weight.shape)
    return replace(c, weight=sparse, weight_bits=bits)


def _values(network: Network, x: NDArray[np.float64], bits: int, percentile: float) -> Network:
    values = analog_values(network, x)
    levels = 2**bits - 1

    def scale(name: str) -> float | None:
        top = float(np.percentile(values[name], percentile))
        return top / levels if top > 0 else None

    inputs = [replace(i, bits=bits, scale=scale(i.name)) if i.encoder.analog else i for i in network.inputs]
    populations = []
    for p in network.populations:
        step = scale(p.name)
        populations.append(p if step is None else replace(p, unit=p.unit.quantised(bits, step)))
    return network.replace(inputs=inputs, populations=populations)


def analog_values(network: Network, x: NDArray[np.float64]) -> Values:
    """Return the values ``[samples, units]`` of every input and unit of a conventional network."""
    values: dict[str, NDArray[np.float64]] = {}
    first = 0
    for i in network.inputs:
        values[i.name] = x[:, first : first + i.size] * i.encoder.gain
        first += i.size
    require(
        first == x.shape[1], f"the network has {first} inputs, the calibration data {x.shape[1]} features"
    )
    for group in network.groups:
        for name in group:
            values[name] = _forward(network, network[name], values)
    return values


def _forward(network: Network, p: Population, values: Values) -> NDArray[np.float64]:
    total = np.zeros((next(iter(values.values())).shape[0], p.size))
    for c in network.into(p.name):
        total = total + np.asarray(values[c.source] @ c.weight, np.float64)
    if p.bias is not None:
        total = total + p.bias
    unit: Any = p.unit
    return np.asarray(unit.activation(total))
