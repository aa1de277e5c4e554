"""What effects on weights share: which connections, which values, in which unit.

A dense matrix stands for an array with a device in every place, zeros too; a sparse one has devices where it
stores a value. After an effect that differs from device to device no two synapses share a weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.network import Network
from spiking.core.parts import Connection

Values = NDArray[np.float64]
UNITS = ("value", "range", "absolute")


def chosen(network: Network, only: Sequence[str] | None) -> set[str]:
    """The names of the connections an effect acts on: those in ``only``, or all.

    Raises:
        SpikingError: a name that no connection has, with the nearest.
    """
    names = [c.name for c in network.connections]
    if only is None:
        return set(names)
    if isinstance(only, str):
        raise SpikingError(f"only is {only!r}; allowed: a list of connections, e.g. [{names[0]!r}]")
    for name in only:
        if name not in names:
            raise unknown("connection", name, names)
    return set(only)


def values_of(c: Connection) -> Values:
    """The stored values of a connection as float64: ``[source, target]``, or of a sparse one ``[stored]``."""
    stored: Any = c.weight.data if sp.issparse(c.weight) else c.weight
    return np.asarray(stored, np.float64)


def targets_of(c: Connection) -> NDArray[np.int64]:
    """The target unit of each of :func:`values_of`, in the same shape."""
    if sp.issparse(c.weight):
        return np.asarray(c.weight.indices, np.int64)
    return np.broadcast_to(np.arange(c.weight.shape[1]), c.weight.shape)


def with_values(c: Connection, values: NDArray[np.floating], **changes: Any) -> Connection:
    """A copy of a connection with new stored values, in the precision of the old ones."""
    if not sp.issparse(c.weight):
        return replace(c, weight=np.asarray(values, c.weight.dtype), **changes)
    old = c.weight
    made = sp.csr_array((np.asarray(values, old.dtype), old.indices, old.indptr), shape=old.shape)
    return replace(c, weight=made, **changes)


def on_weights(
    network: Network,
    change: Callable[[Connection, Values], NDArray[np.floating]],
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with ``change(connection, values)`` in place of the values of its weights.

    Raises:
        SpikingError: a connection that does not exist, or one into units that compute in integers.
    """
    names = chosen(network, only)
    made = []
    for c in network.connections:
        if c.name not in names:
            made.append(c)
            continue
        require(
            not network[c.target].unit.fixed_point,
            f"{c.name} leads into integer units, whose weights are whole numbers; apply effects on devices "
            "first and 'fixed-point' or 'loihi' after them",
        )
        made.append(with_values(c, change(c, values_of(c)), stored_weights=None))
    return network.replace(connections=made)


def spread(sigma: Any, unit: str, values: Values) -> Values:
    """Standard deviation of each value: ``sigma`` times the unit it is stated in.

    Args:
        sigma: standard deviation (not three of them, not a per cent), 0 or more.
        unit: ``"value"``: of the absolute value itself; ``"range"``: of the largest one in the array;
            ``"absolute"``: in the unit of the values.

    Raises:
        SpikingError: a sigma below 0 or an unknown unit.
    """
    check.number("sigma", sigma, 0, todo="a standard deviation, as a fraction: 0.1 is 10 %")
    check.choice("relative_to", unit, UNITS)
    if unit == "value":
        return float(sigma) * np.abs(values)
    top = float(np.max(np.abs(values), initial=0.0)) if unit == "range" else 1.0
    return np.full(values.shape, float(sigma) * top)
