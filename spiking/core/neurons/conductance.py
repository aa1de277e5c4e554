"""The conductance-based unit of Diehl & Cook (2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spiking.core.neurons.discretisation import Param


@dataclass(frozen=True, kw_only=True, eq=False)
class ConductanceLIF:
    """Conductance-based LIF with adaptive threshold, the unit of Diehl & Cook (2015).

    ``tau_mem dv/dt = (v_leak - v) + g_e (e_exc - v) + g_i (e_inh - v)`` with exponentially
    decaying conductances. Voltages are in volt, times in seconds, conductances relative to leak.
    """

    spiking: ClassVar[bool] = True
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
