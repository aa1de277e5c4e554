"""Current-based units: leaky integrate-and-fire, with adaptation, and without threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.neurons.base import SHORTEST, Unit, some
from spiking.core.neurons.discretisation import Discretisation, Param

SYNAPSES = ("exponential", "alpha")
LEAST_BURST = 1e-6  # threshold of a unit that emits floor(v / threshold) spikes
RESETS = ("subtract", "zero")


class CurrentUnit(Unit):
    """What units with a membrane ``tau_mem`` and a current synapse ``tau_syn`` share."""

    tau_mem: Param
    tau_syn: Param
    v_leak: Param
    v_start: Param | None
    discretisation: Discretisation
    synapse: str = "exponential"

    def __post_init__(self) -> None:
        self._time("tau_mem", infinite=True)
        self._array("tau_syn", 0.0, unit="s")
        self._array("v_leak")
        if self.v_start is not None:
            self._array("v_start")
        if not isinstance(self.discretisation, Discretisation):
            raise SpikingError(
                f"discretisation is {self.discretisation!r}; allowed: a Discretisation, or a profile's"
            )
        slow = np.asarray(self.tau_syn)
        require(
            bool(np.all((slow == 0) | (slow >= SHORTEST))),
            f"tau_syn is {self.tau_syn!r} s; allowed: 0 (instantaneous), or {SHORTEST:g} s and more",
        )

    @property
    def state_words(self) -> int:
        """The membrane and, where it has synapses of its own, their current (of alpha ones: two states)."""
        return 1 + some(self.tau_syn) + (self.synapse == "alpha")

    @property
    def leaky(self) -> bool:
        """Whether any membrane leaks."""
        return bool(np.any(np.isfinite(np.asarray(self.tau_mem))))

    @property
    def input_delay(self) -> int:
        """Those of its discretisation, with an exponential synapse also ``synapse_delay``."""
        return self.discretisation.input_delay + some(self.tau_syn) * self.discretisation.synapse_delay

    @property
    def time_constants(self) -> dict[str, Any]:
        """Those of the membrane and, where it has one, of the synapse [s]."""
        return {name: getattr(self, name) for name in ("tau_mem", "tau_syn") if some(getattr(self, name))}

    def decay(self, tau: Any, dt: float) -> Any:
        """Share left after a step, by the integrator of its discretisation."""
        return self.discretisation.coefficients(tau, dt)[0]

    @property
    def learnable(self) -> tuple[str, ...]:
        """The membrane time constant, unless a membrane does not leak."""
        return ("tau_mem",) if bool(np.all(np.isfinite(np.asarray(self.tau_mem)))) else ()


@dataclass(frozen=True, kw_only=True, eq=False)
class LIF(CurrentUnit):
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
        super().__post_init__()
        check.choice("reset", self.reset, RESETS)
        check.choice("synapse", self.synapse, SYNAPSES)
        self._array("v_threshold")
        self._array("v_reset")
        self._one("tau_ref", 0, unit="s")
        require(
            self.synapse == "exponential" or bool(np.all(np.asarray(self.tau_syn) > 0)),
            "an alpha-function synapse needs tau_syn > 0 for every neuron",
        )
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
            not form.multi or bool(np.all(np.asarray(self.v_threshold) >= LEAST_BURST)),
            f"v_threshold is {self.v_threshold!r}; bursts (multi=True) need {LEAST_BURST:g} or "
            "more, or there would be too many spikes a step",
        )
        require(
            not (self.tau_ref > 0 and form.reset_delay),
            "a refractory period and reset_delay=1 contradict each other (the unit would be held before "
            "it is reset); set one of them to 0",
        )

    @property
    def spike_delay(self) -> int:
        """Steps that a spike waits in the unit."""
        return self.discretisation.spike_delay

    @property
    def no_gradient(self) -> str | None:
        """What in its form has no surrogate gradient here."""
        if self.discretisation.crossing:
            return "resets at the crossing, which has no gradient here; use zero reset"
        if self.synapse == "alpha":
            return "has alpha-function synapses, which have no gradient here; use exponential ones"
        if self.discretisation.multi:
            return "emits several spikes a step, which has no gradient here"
        return None

    @classmethod
    def from_beta(cls, beta: Param, dt: float = 1e-3, **kwargs: object) -> LIF:
        """Make a unit whose exact decay per step of ``dt`` [s] is ``beta`` (snnTorch's name)."""
        b = np.asarray(check.array("beta", beta, 0, 1, open_low=True), np.float64)
        check.number("dt", dt, 0, open_low=True, unit="s")
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

    def __post_init__(self) -> None:
        super().__post_init__()
        self._one("tau_adapt", SHORTEST, np.inf, infinite=True, unit="s")
        self._array("adapt_step")

    @property
    def state_words(self) -> int:
        """Those of a LIF unit, and the adaptation."""
        return super().state_words + 1


@dataclass(frozen=True, kw_only=True, eq=False)
class LI(CurrentUnit):
    """Leaky integrator without threshold, the usual readout: ``v = decay v + gain i``."""

    spiking: ClassVar[bool] = False
    tau_mem: Param = 20e-3
    tau_syn: Param = 0.0
    v_leak: Param = 0.0
    v_start: Param | None = None
    discretisation: Discretisation = field(default_factory=Discretisation)
