"""Current-based units: leaky integrate-and-fire, with adaptation, and without threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from spiking.core.errors import require, unknown
from spiking.core.neurons.discretisation import Discretisation, Param

SYNAPSES = ("exponential", "alpha")
RESETS = ("subtract", "zero")


@dataclass(frozen=True, kw_only=True, eq=False)
class LIF:
    """Leaky integrate-and-fire unit (current based).

    ``v[t] = v_leak + decay (v[t-1] - v_leak) + gain i[t]``, a spike where ``v[t]`` passes
    ``v_threshold``, then reset. With ``tau_syn > 0`` the input first passes an exponential
    synapse ``i[t] = alpha i[t-1] + x[t]`` (CUBA). Parameters are scalars or ``[neurons]``.

    Attributes:
        tau_mem: membrane time constant [s]; ``inf`` makes it an IF unit.
        tau_syn: synaptic time constant [s]; 0 means an instantaneous synapse.
        synapse: ``"exponential"``: an event makes a current of 1 that decays; ``"alpha"``: one that
            rises to 1 at ``tau_syn`` as ``(t/tau) exp(1 - t/tau)``.
        v_threshold, v_reset, v_leak: in the unit of the membrane (1 by convention).
        v_start: membrane before the first step; None means ``v_leak``.
        tau_ref: refractory period [s], rounded to whole steps; the unit holds ``v_reset``.
        reset: ``"subtract"`` takes ``v_threshold - v_reset`` off, ``"zero"`` sets ``v_reset``.
    """

    spiking: ClassVar[bool] = True
    tau_mem: Param = 20e-3
    tau_syn: Param = 0.0
    synapse: Literal["exponential", "alpha"] = "exponential"
    v_threshold: Param = 1.0
    v_reset: Param = 0.0
    v_leak: Param = 0.0
    v_start: Param | None = None
    tau_ref: float = 0.0
    reset: Literal["subtract", "zero"] = "subtract"
    discretisation: Discretisation = field(default_factory=Discretisation)

    def __post_init__(self) -> None:
        if self.reset not in RESETS:
            raise unknown("reset", self.reset, RESETS)
        if self.synapse not in SYNAPSES:
            raise unknown("synapse", self.synapse, SYNAPSES)
        require(
            self.synapse == "exponential" or bool(np.all(np.asarray(self.tau_syn) > 0)),
            "an alpha-function synapse needs tau_syn > 0 for every neuron",
        )
        for name in ("tau_mem", "v_threshold"):
            value = np.asarray(getattr(self, name), dtype=np.float64)
            require(
                bool(np.all(value > 0)) or name == "v_threshold",
                f"{name} is {getattr(self, name)!r}; it must be positive",
            )
            require(not bool(np.any(np.isnan(value))), f"{name} is NaN; give a number")
        require(
            bool(np.all(np.asarray(self.tau_syn) >= 0)),
            f"tau_syn is {self.tau_syn!r} s; allowed: 0 (instantaneous) or positive",
        )
        require(self.tau_ref >= 0, f"tau_ref is {self.tau_ref!r} s; it must be 0 or positive")
        form = self.discretisation
        require(
            self.tau_ref == 0 or not form.multi,
            f"tau_ref is {self.tau_ref!r} s; a unit that emits several spikes a step has none, set it to 0",
        )
        require(
            self.reset == "subtract" or not form.multi,
            "several spikes a step (multi=True) need reset='subtract', which leaves the rest for the next",
        )
        require(
            not (self.tau_ref > 0 and self.discretisation.reset_delay),
            "a refractory period and reset_delay=1 contradict each other (the unit would be held before "
            "it is reset); set one of them to 0",
        )

    @classmethod
    def from_beta(cls, beta: Param, dt: float = 1e-3, **kwargs: object) -> LIF:
        """Make a unit whose exact decay per step of ``dt`` [s] is ``beta`` (snnTorch's name)."""
        b = np.asarray(beta, dtype=np.float64)
        require(bool(np.all((b > 0) & (b <= 1))), f"beta is {beta!r}; allowed: 0 < beta <= 1")
        with np.errstate(divide="ignore"):
            tau = np.where(b == 1.0, np.inf, -dt / np.log(b))
        return cls(tau_mem=float(tau) if tau.ndim == 0 else tau, **kwargs)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True, eq=False)
class ALIF(LIF):
    """LIF unit with an adaptive threshold ``v_threshold + a``.

    After each spike ``a`` grows by ``adapt_step``; it decays with ``tau_adapt`` [s]
    (Bellec et al. 2018, LSNN; Diehl & Cook 2015 call it theta).
    """

    tau_adapt: float = 100e-3
    adapt_step: Param = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class LI:
    """Leaky integrator without threshold, the usual readout: ``v = decay v + gain i``."""

    spiking: ClassVar[bool] = False
    tau_mem: Param = 20e-3
    tau_syn: Param = 0.0
    v_leak: Param = 0.0
    v_start: Param | None = None
    discretisation: Discretisation = field(default_factory=Discretisation)
