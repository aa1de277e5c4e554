"""What hardware does to a network, as ``Network -> Network``: fewer bits for weights and values."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.parts import Connection, Population
from spiking.core.synapses.grid import to_grid, to_powers, to_ternary, weight_scale
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS

Values = Mapping[str, NDArray[np.float64]]
SCHEMES = ("uniform", "power-of-two", "ternary")


@typed
def quantise(
    network: Network,
    *,
    weight_bits: int = 8,
    value_bits: int = 8,
    calibration: NDArray[np.floating] | None = None,
    percentile: float = 100.0,
    scheme: str = "uniform",
    per_channel: bool = False,
) -> Network:
    """Return ``network`` with weights, and for a conventional network values, on integer grids.

    A weight becomes ``scale * k`` with ``k`` in ``-(2**(b-1) - 1) .. 2**(b-1) - 1`` and one symmetric
    scale per connection, or one per target unit. Other schemes: 0 and powers of two, or three values. In a
    network without spiking units the inputs and ReLU outputs become ``scale * {0 .. 2**b - 1}``, the scale
    set by the ``percentile`` of each population's values over ``calibration``. A spiking network keeps its
    values: spikes need no width.

    Args:
        network: any network.
        weight_bits: 2 to 32 (32 leaves the values as they are, and stores them in 32 bit).
        value_bits: 1 to 32, for values between layers of a conventional network.
        calibration: inputs ``[samples, features]``; needed for a conventional network.
        percentile: of the values that must fit the grid; 100 takes the largest.
        scheme: ``"uniform"``, ``"power-of-two"`` (2 to 8 bits, :func:`.to_powers`) or
            ``"ternary"`` (2 bits, :func:`.to_ternary`).
        per_channel: one scale for each target unit.

    Raises:
        SpikingError: widths out of range, a scheme they do not fit, or no calibration data for a conventional
            network.
    """
    require(2 <= weight_bits <= 32, f"weight_bits is {weight_bits!r}; allowed: 2 to 32")
    require(1 <= value_bits <= 32, f"value_bits is {value_bits!r}; allowed: 1 to 32")
    require(0 < percentile <= 100, f"percentile is {percentile!r}; allowed: above 0 and up to 100")
    check.choice("scheme", scheme, SCHEMES)
    check.flag("per_channel", per_channel)
    require(
        scheme != "ternary" or weight_bits == 2,
        f"scheme is 'ternary' and weight_bits is {weight_bits}; three values take 2 bits, give weight_bits=2",
    )
    require(
        scheme != "power-of-two" or weight_bits <= 8,
        f"scheme is 'power-of-two' and weight_bits is {weight_bits}; allowed: 2 to 8",
    )
    connections = [_connection(c, weight_bits, scheme, per_channel) for c in network.connections]
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
@functools.wraps(quantise)
def quantised(network: Network, rng: np.random.Generator, **how: Any) -> Network:
    """:func:`quantise` as an effect; nothing in it is random."""
    return quantise(network, **how)


def _connection(c: Connection, bits: int, scheme: str, per_channel: bool) -> Connection:
    if bits == 32:  # the values stay, and are stored in 32 bit from now on
        return replace(c, weight_bits=bits)
    if isinstance(c.weight, np.ndarray):
        made = _rounded(c.weight, bits, scheme, 0 if per_channel else None)
        return replace(c, weight=made, weight_bits=bits)
    sparse: Any = c.weight
    data = sparse.data.copy()
    columns = [np.flatnonzero(sparse.indices == j) for j in range(sparse.shape[1])] if per_channel else [...]
    for place in columns:
        data[place] = _rounded(data[place], bits, scheme, None)
    return replace(
        c, weight=sp.csr_array((data, sparse.indices, sparse.indptr), sparse.shape), weight_bits=bits
    )


def _rounded(weight: NDArray[Any], bits: int, scheme: str, axis: int | None) -> NDArray[Any]:
    if weight.size == 0:
        return weight
    if scheme == "uniform":
        return to_grid(weight, weight_scale(weight, bits, axis))
    return to_powers(weight, bits, axis) if scheme == "power-of-two" else to_ternary(weight, axis)


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
