"""Units of conventional networks: values, no spikes, no state."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.neurons.base import LARGEST, Unit
from spiking.core.synapses.grid import to_levels

Floats = NDArray[np.floating]

SMALLEST = 1e-30  # step of a grid: values divided by it stay within float32


class Stateless(Unit):
    """A unit that is a function of its input in the same step."""

    spiking: ClassVar[bool] = False
    stateless: ClassVar[bool] = True

    def activation(self, x: Floats) -> Floats:
        """Return the value of each weighted sum in ``x``, not rounded."""
        return x

    def values(self, x: Floats) -> Floats:
        """Return what the unit emits for each weighted sum in ``x``."""
        return self.activation(x)

    def slope(self, y: Floats) -> NDArray[np.bool_] | None:
        """Return the derivative where the unit emitted ``y``, as a factor; None stands for 1."""
        return None


@dataclass(frozen=True, kw_only=True, eq=False)
class ReLU(Stateless):
    """Rectified linear unit, ``y = max(x, 0)``, of a conventional MLP.

    With ``bits`` and ``scale`` the output is quantised to ``scale * {0, ..., 2**bits - 1}``.
    """

    bits: int | None = None
    scale: float | None = None

    def __post_init__(self) -> None:
        if self.bits is not None:
            check.whole("bits", self.bits, 1, 32)
        if self.scale is not None:
            check.number("scale", self.scale, SMALLEST, LARGEST)

    @property
    def value_bits(self) -> int:
        """Width of the output [bit]; 32 where it is not quantised."""
        return self.bits or 32

    def quantised(self, bits: int, scale: float) -> ReLU:
        """Return the unit with its output on the grid ``scale * {0, ..., 2**bits - 1}``."""
        return dataclasses.replace(self, bits=bits, scale=scale)

    def activation(self, x: Floats) -> Floats:
        """Return ``max(x, 0)``."""
        return np.maximum(x, 0)

    def values(self, x: Floats) -> Floats:
        """Return the rectified and, with a grid, rounded value."""
        return to_levels(self.activation(x), self.value_bits, self.scale)

    def slope(self, y: Floats) -> NDArray[np.bool_]:
        """Return 1 where the output is above 0 and, if quantised, below its top level; 0 elsewhere."""
        if self.scale is None:
            return np.asarray(y > 0)
        return np.asarray((y > 0) & (y < self.scale * (2**self.value_bits - 1.5)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear(Stateless):
    """Identity unit ``y = x``: the logits of a conventional MLP."""
