"""Fixed-point units: what a digital core computes whose state is an integer of 8 to 24 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.neurons.base import Unit
from spiking.core.neurons.discretisation import Param
from spiking.core.neurons.lif import RESETS

UNITY = 4096  # a decay by product keeps so many parts of this
SHIFTS = 12  # largest shift of a decay by shift and addition
LEAST_BITS, MOST_BITS = 4, 32


@dataclass(frozen=True, kw_only=True, eq=False)
class Fade:
    """How a state word decays in a step: by a product, or by shift and addition.

    Attributes:
        keep: parts of 4096 that are kept, rounded to the nearest integer; None where ``first`` says how.
        first, second: ``v - (v >> first) + sign(second) (v >> abs(second))``; ``second = 0`` leaves the last
            term out. Shifts round down, as an arithmetic shift does.

    One value, or one per neuron ``[neurons]``.
    """

    keep: Param | None = UNITY
    first: Param = 0
    second: Param = 0

    def __post_init__(self) -> None:
        if self.keep is not None:
            self._whole("keep", 0, UNITY)
            require(
                not np.any(np.asarray(self.first)) and not np.any(np.asarray(self.second)),
                "keep and first are both given; a decay is by product or by shift and addition, "
                "set keep=None for shifts",
            )
            return
        self._whole("first", 1, SHIFTS)
        self._whole("second", -SHIFTS, SHIFTS)

    def _whole(self, name: str, low: int, high: int) -> None:
        value = check.array(name, getattr(self, name), low, high)
        if not bool(np.all(np.asarray(value) == np.round(value))):
            raise SpikingError(f"{name} is {value!r}; allowed: whole numbers from {low} to {high}")

    @property
    def factors(self) -> Any:
        """What the decay multiplies by, without rounding: one number or ``[neurons]``."""
        if self.keep is not None:
            return np.asarray(self.keep, np.float64) / UNITY
        first, second = np.asarray(self.first, np.float64), np.asarray(self.second, np.float64)
        return 1.0 - 2.0**-first + np.sign(second) * 2.0 ** -np.abs(second)


@dataclass(frozen=True, kw_only=True, eq=False)
class FixedLI(Unit):
    """Leaky integrator in integers, without threshold: ``v = sat(fade(v) + x)``; base of :class:`FixedLIF`.

    With ``synapse`` the input first passes a second state word, ``u = sat(fade(u) + x)``, ``v = sat(fade(v) +
    u)``. Weights and biases are integers in the unit of the potential, which rests at 0.

    Attributes:
        bits: width of a state word with its sign [bit]; it saturates at ``+-(2**(bits - 1) - 1)``.
        membrane, synapse: decay of the potential, and of the current (None: an instantaneous synapse).
        v_start: potential before the first step.
    """

    spiking: ClassVar[bool] = False
    fixed_point: ClassVar[bool] = True
    bits: int = 16
    membrane: Fade
    synapse: Fade | None = None
    v_start: Param = 0

    def __post_init__(self) -> None:
        check.whole("bits", self.bits, LEAST_BITS, MOST_BITS)
        for name in ("membrane", "synapse"):
            value = getattr(self, name)
            if not isinstance(value, Fade) and not (name == "synapse" and value is None):
                raise SpikingError(f"{name} is {value!r}; allowed: a Fade")
        self._fits("v_start")

    @property
    def top(self) -> int:
        """Largest value of a state word."""
        return int(2 ** (self.bits - 1) - 1)

    @property
    def state_words(self) -> int:
        """The potential and, where there is one, the current of the synapse."""
        return 1 + (self.synapse is not None)

    @property
    def parameter_words(self) -> int:
        """Those given per neuron; a threshold and the reset that moved with it are one word."""
        shifts = [
            getattr(f, n) for f in (self.membrane, self.synapse) if f for n in ("keep", "first", "second")
        ]
        levels = np.ndim(getattr(self, "v_threshold", 0)) == 1 or np.ndim(getattr(self, "v_reset", 0)) == 1
        return int(levels) + sum(np.ndim(s) == 1 for s in shifts)

    @property
    def leaky(self) -> bool:
        """Whether any potential decays."""
        return bool(np.any(self.membrane.factors < 1.0))

    @property
    def no_gradient(self) -> str:
        """Integers have no derivative."""
        return "has fixed-point units, which have no gradient; train first, then fixed_point"

    def fit_size(self, size: int, owner: str) -> None:
        """Check the lengths of what is given per neuron, decays included."""
        super().fit_size(size, owner)
        for fade in (self.membrane, self.synapse):
            for name in ("keep", "first", "second"):
                value: Any = getattr(fade, name, None)
                if np.ndim(value) == 1 and np.size(value) != size:
                    raise SpikingError(
                        f"{name} of {owner} has {np.size(value)} values for {size} neurons; "
                        f"give one value, or {size}"
                    )

    def _fits(self, name: str) -> None:
        self._array(name)
        value = np.asarray(getattr(self, name), np.float64)
        if not bool(np.all(value == np.round(value))):
            raise SpikingError(f"{name} is {getattr(self, name)!r}; allowed: whole numbers")
        largest = float(np.max(np.abs(value)))
        if largest > self.top:
            needed = int(np.ceil(np.log2(largest + 1))) + 1
            raise SpikingError(
                f"{name} reaches {largest:.0f}, above {self.top}, the most that {self.bits} bits hold; "
                f"it needs {needed} bits"
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class FixedLIF(FixedLI):
    """Leaky integrate-and-fire unit in integers: a spike where ``v > v_threshold``, then reset.

    Attributes:
        v_threshold, v_reset: whole numbers in the unit of the potential.
        reset: ``"subtract"`` takes ``v_threshold - v_reset`` off, ``"zero"`` sets ``v_reset``.
        strict: spike where ``v > v_threshold`` (True) or ``v >= v_threshold`` (False).
        tau_ref: refractory period [s], rounded to whole steps.
    """

    spiking: ClassVar[bool] = True
    v_threshold: Param = 100
    v_reset: Param = 0
    reset: Literal["subtract", "zero"] = "subtract"
    strict: bool = True
    tau_ref: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._fits("v_threshold")
        self._fits("v_reset")
        check.choice("reset", self.reset, RESETS)
        check.flag("strict", self.strict)
        self._one("tau_ref", 0, unit="s")
