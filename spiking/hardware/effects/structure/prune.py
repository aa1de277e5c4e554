"""Pruning: synapses, or whole hidden units, left out.

``"magnitude"`` leaves out the smallest weights of each connection (Han et al. 2015, NeurIPS), ``"random"``
any, ``"structured"`` whole hidden units, those whose weights in and out have the smallest norms (Li et al.
2017, ICLR, for filters): the network that comes back is smaller.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import Values, chosen, values_of, with_values

METHODS = ("magnitude", "random", "structured")


@EFFECTS.register("prune")
@typed
def prune(
    network: Network,
    rng: np.random.Generator,
    *,
    share: float,
    method: str = "magnitude",
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` without a share of its synapses or hidden units.

    Args:
        share: left out, 0 to below 1: of the synapses of each connection, or of each hidden population
            (``"structured"``).
        method: ``"magnitude"``, ``"random"`` or ``"structured"``.
        only: names of connections, not with ``"structured"``; None: all.

    Raises:
        SpikingError: a share or method out of range, or nothing to prune.
    """
    check.number("share", share, 0, 1, open_high=True, unit="of what there is")
    check.choice("method", method, METHODS)
    if method == "structured":
        require(only is None, "method='structured' leaves out units, not synapses; leave out only")
        return _fewer_units(network, share)
    names = chosen(network, only)
    conns = [_fewer(c, share, method, rng) if c.name in names else c for c in network.connections]
    return network.replace(connections=conns)


def _fewer(c: Connection, share: float, method: str, rng: np.random.Generator) -> Connection:
    values = values_of(c)
    flat = values.ravel()
    there = np.flatnonzero(flat)
    lost = round(share * there.size)
    order = np.argsort(np.abs(flat[there]), kind="stable") if method == "magnitude" else None
    gone = rng.permutation(there.size)[:lost] if order is None else order[:lost]
    kept: Values = flat.copy()
    kept[there[gone]] = 0.0
    stored = None if c.stored_weights is None else min(c.stored_weights, there.size - lost)
    made = with_values(c, kept.reshape(values.shape), stored_weights=stored)
    if sp.issparse(made.weight):
        made.weight.eliminate_zeros()
    return made


def _fewer_units(network: Network, share: float) -> Network:
    hidden = [p for p in network.populations if p.name != network.output.population]
    require(bool(hidden), f"{network.name!r} has no hidden units to prune; use method='magnitude'")
    for p in hidden:
        norm = np.zeros(p.size)
        for c in network.connections:
            weight: Any = c.weight
            square = abs(weight) ** 2
            if c.target == p.name:
                norm += np.asarray(square.sum(axis=0), np.float64)
            if c.source == p.name:
                norm += np.asarray(square.sum(axis=1), np.float64)
        keep = np.sort(np.argsort(norm, kind="stable")[round(share * p.size) :])
        network = take_units(network, p.name, keep)
    return network


def take_units(network: Network, name: str, keep: NDArray[np.integer]) -> Network:
    """Return ``network`` with the units ``keep`` (their numbers) of population ``name`` alone.

    Raises:
        SpikingError: no units left, or weights that are shared (a convolution).
    """
    p = network[name]
    require(len(keep) > 0, f"no unit of {name!r} is left; prune less")
    fields = dataclasses.fields(p.unit)  # type: ignore[arg-type]
    own = {f.name: getattr(p.unit, f.name) for f in fields if np.ndim(getattr(p.unit, f.name)) == 1}
    unit: Any = p.unit
    unit = replace(unit, **{k: v[keep] for k, v in own.items()})
    bias = None if p.bias is None else p.bias[keep]
    winners = None if p.winners is None else min(p.winners, len(keep))
    pops = [
        replace(q, size=len(keep), unit=unit, bias=bias, winners=winners) if q is p else q
        for q in network.populations
    ]
    conns = []
    for c in network.connections:
        if name not in (c.source, c.target):
            conns.append(c)
            continue
        if c.stored_weights is not None:
            raise SpikingError(
                f"{c.name} shares weights (a convolution), of which units cannot be left out one by one; "
                "use method='magnitude'"
            )
        weight: Any = c.weight
        weight = weight[:, keep] if c.target == name else weight
        weight = weight[keep, :] if c.source == name else weight
        conns.append(replace(c, weight=weight))
    return network.replace(populations=pops, connections=conns)
