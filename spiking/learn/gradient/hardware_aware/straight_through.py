"""Quantisation-aware training: the forward pass sees rounded weights, the gradient goes straight through.

Bengio, Leonard & Courville 2013 (arXiv:1308.3432); Jacob et al. 2018 (CVPR). The master copy stays in
full precision and is what the optimiser moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.synapses.grid import to_grid, weight_scale
from spiking.simulate import run
from spiking.simulate.program import Program


@dataclass(frozen=True, kw_only=True)
class StraightThrough:
    """What to round while training.

    Attributes:
        weight_bits: 2 to 8 bits of a weight, on a symmetric grid.
        per_channel: one scale for each target unit instead of one per connection.
        value_bits: width of the values between the layers of an MLP; None leaves them.
    """

    weight_bits: int = 4
    per_channel: bool = True
    value_bits: int | None = None

    def __post_init__(self) -> None:
        check.whole("weight_bits", self.weight_bits, 2, 8)
        check.flag("per_channel", self.per_channel)
        if self.value_bits is not None:
            check.whole("value_bits", self.value_bits, 1, 8)

    def rounded(self, program: Program, key: str) -> NDArray[np.floating]:
        """The weights of connection ``key`` on their grid."""
        part = program.part(program.parameters, key)
        axis = 0 if self.per_channel and part.ndim == 2 else None
        return to_grid(part, weight_scale(part, self.weight_bits, axis))

    @contextmanager
    def applied(self, program: Program) -> Iterator[None]:
        """Hold rounded weights in ``program`` inside the block, and its own ones again afterwards."""
        keys = [c.name for c in program.network.connections]
        masters = [program.part(program.parameters, key).copy() for key in keys]
        for key in keys:
            program.part(program.parameters, key)[:] = self.rounded(program, key)
        try:
            yield
        finally:
            for key, master in zip(keys, masters, strict=True):
                program.part(program.parameters, key)[:] = master

    def finish(self, network: Network) -> Network:
        """Mark the connections of a network whose weights are rounded with their width."""
        conns = [replace(c, weight_bits=self.weight_bits) for c in network.connections]
        return network.replace(connections=conns)


def with_value_grid(network: Network, bits: int, x: NDArray[Any]) -> Network:
    """Give the inputs and ReLU units of an MLP a grid of ``bits`` bits that holds their values on ``x``."""
    require(not network.spiking, "value_bits is for conventional networks; spikes need no width")
    values = run(network, x, record=("v",)).v
    levels = 2**bits - 1
    top = float(np.max(x, initial=0.0))
    inputs = [
        replace(i, bits=bits, scale=top / levels) if i.encoder.analog and top > 0 else i
        for i in network.inputs
    ]
    pops = []
    for p in network.populations:
        most = float(np.percentile(values[p.name], 99.9))
        pops.append(replace(p, unit=p.unit.quantised(bits, most / levels)) if most > 0 else p)
    return network.replace(inputs=inputs, populations=pops)
