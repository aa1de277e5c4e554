"""The conductance-based unit of Diehl & Cook (2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from spiking.core.neurons.base import SHORTEST, Unit
from spiking.core.neurons.discretisation import Param


@dataclass(frozen=True, kw_only=True, eq=False)
class ConductanceLIF(Unit):
    """Conductance-based LIF with adaptive threshold, the unit of Diehl & Cook (2015).

    ``tau_mem dv/dt = (v_leak - v) + g_e (e_exc - v) + g_i (e_inh - v)`` with exponentially
    decaying conductances. Voltages are in volt, times in seconds, conductances relative to leak.
    """

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    tau_mem: float = 100e-3
    v_leak: float = -65e-3
    v_reset: float = -65e-3
    v_threshold: float = -52e-3
    tau_ref: float = 5e-3
    tau_exc: float = 1e-3
    tau_inh: float = 2e-3
    e_exc: float = 0.0
    e_inh: float = -100e-3
    tau_adapt: float = 1e4
    adapt_step: float = 0.0
    adapt_start: Param = 0.0

    def __post_init__(self) -> None:
        for name in ("tau_mem", "tau_exc", "tau_inh"):
            self._one(name, SHORTEST, unit="s")
        self._one("tau_adapt", SHORTEST, float("inf"), infinite=True, unit="s")
        self._one("tau_ref", 0, unit="s")
        for name in ("v_leak", "v_reset", "v_threshold", "e_exc", "e_inh", "adapt_step"):
            self._one(name)
        self._array("adapt_start")

    @property
    def state_words(self) -> int:
        """Membrane, two conductances and the adaptation."""
        return 4

    @property
    def leaky(self) -> bool:
        """A membrane with a leak, always."""
        return True

    @property
    def no_gradient(self) -> str:
        """No surrogate gradient is derived for conductances."""
        return "has conductance-based units, which have no surrogate gradient here; use LIF"

    @property
    def time_constants(self) -> dict[str, Any]:
        """Those of the membrane and of both conductances [s]."""
        return {name: getattr(self, name) for name in ("tau_mem", "tau_exc", "tau_inh")}
