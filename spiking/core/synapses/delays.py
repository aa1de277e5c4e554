"""Synapses with delays of their own: several connections, one for each delay, as one matrix and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.parts import Connection


def merged(connections: Sequence[Connection]) -> tuple[NDArray[np.floating], NDArray[np.int32]]:
    """Return weights and delays [steps] of all synapses, both ``[source, target]``.

    ``connections`` join the same populations. A single one may be dense; several must be sparse and hold each
    pair of units exactly once, so that every synapse has one weight and one delay.

    Raises:
        SpikingError: a pair of units has two synapses, or none.
    """
    first = connections[0]
    if len(connections) == 1 and isinstance(first.weight, np.ndarray):
        return first.weight, np.full(first.weight.shape, first.delay, np.int32)
    shape = first.weight.shape
    weight, delay = np.zeros(shape, first.weight.dtype), np.zeros(shape, np.int32)
    seen = np.zeros(shape, np.int32)
    for c in connections:
        part = sp.coo_array(c.weight)
        weight[part.row, part.col] = part.data
        delay[part.row, part.col] = c.delay
        np.add.at(seen, (part.row, part.col), 1)
    require(
        bool(np.all(seen == 1)),
        f"{first.source!r} reaches {first.target!r} by {len(connections)} connections that leave "
        f"{np.count_nonzero(seen == 0)} pairs of units without a synapse and give "
        f"{np.count_nonzero(seen > 1)} several; learning needs exactly one each",
    )
    return weight, delay


def split(connections: Sequence[Connection], weight: NDArray[np.floating]) -> list[Connection]:
    """Return ``connections`` with the weights of the matrix ``weight`` ``[source, target]``."""
    made = []
    for c in connections:
        new: NDArray[np.floating] | sp.csr_array = weight
        if sp.issparse(c.weight):
            part = sp.csr_array(c.weight)
            row = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
            new = sp.csr_array((weight[row, part.indices], part.indices, part.indptr), shape=part.shape)
        made.append(dataclasses.replace(c, weight=new))
    return made


def spread(connection: Connection, delay: NDArray[np.integer]) -> list[Connection]:
    """Return one sparse connection for each value of ``delay`` ``[source, target]`` [steps]."""
    made = []
    for steps in np.unique(delay):
        row, col = np.nonzero(delay == steps)
        part = sp.csr_array((np.asarray(connection.weight)[row, col], (row, col)), shape=delay.shape)
        made.append(
            dataclasses.replace(connection, weight=part, delay=int(steps), label=f"delay {int(steps)}")
        )
    return made
