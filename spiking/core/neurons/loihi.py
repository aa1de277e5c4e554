"""Loihi's integer units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from spiking.core import check
from spiking.core.errors import SpikingError
from spiking.core.neurons.base import Unit, some
from spiking.core.neurons.discretisation import Discretisation, Param
from spiking.core.neurons.lif import RESETS


@dataclass(frozen=True, kw_only=True, eq=False)
class LoihiLI(Unit):
    """Loihi's integer current-based membrane without threshold; the base of :class:`LoihiLIF`.

    ``u = trunc(u (4095 - decay_u) / 4096) + 64 x``, wrapped to 24 bits;
    ``v = trunc(v (4096 - decay_v) / 4096) + u + bias``, saturated at 24 bits. Weights are integers
    (mantissa of 8 bits times a power of two per connection), the population's bias is an integer
    of 13 bits times a power of two up to 2**7. What a spike causes arrives one step later.

    Attributes:
        decay_u, decay_v: 12-bit decays of current and potential, 0 .. 4095.
    """

    spiking: ClassVar[bool] = False
    fixed_point: ClassVar[bool] = True
    discretisation: ClassVar[Discretisation] = Discretisation(input_delay=1)
    decay_u: Param = 4095
    decay_v: Param = 0

    def __post_init__(self) -> None:
        for name in ("decay_u", "decay_v"):
            self._whole(name, 4095)

    @property
    def state_words(self) -> int:
        """Current and potential."""
        return 2

    @property
    def leaky(self) -> bool:
        """Whether any potential decays."""
        return some(self.decay_v)

    @property
    def input_delay(self) -> int:
        """What a spike causes arrives one step later."""
        return self.discretisation.input_delay

    @property
    def no_gradient(self) -> str:
        """Integers have no derivative."""
        return "has Loihi's integer units, which have no gradient; train first, then to_loihi"

    def _whole(self, name: str, high: int) -> None:
        self._array(name)
        value = np.asarray(getattr(self, name))
        if not bool(np.all((value == np.round(value)) & (value >= 0) & (value <= high))):
            raise SpikingError(f"{name} is {value!r}; allowed: whole numbers from 0 to {high}")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoihiLIF(LoihiLI):
    """Loihi's integer CUBA LIF unit (Davies et al. 2018), bit for bit as Lava's fixed-point model.

    Attributes:
        v_threshold: 17-bit threshold; a spike where ``v > 64 v_threshold``.
        reset: ``"zero"`` (Loihi 1), or ``"subtract"`` (programmable on Loihi 2).
        tau_ref: refractory period [s], rounded to whole steps.
    """

    spiking: ClassVar[bool] = True
    v_threshold: Param = 100
    reset: Literal["subtract", "zero"] = "zero"
    tau_ref: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._whole("v_threshold", 2**17 - 1)
        check.choice("reset", self.reset, RESETS)
        self._one("tau_ref", 0, unit="s")
