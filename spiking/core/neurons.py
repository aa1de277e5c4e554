"""Neuron units: what each one computes in a step, as data.

The equations themselves stand once, in ``kernels/step.py``; a unit holds their parameters in
SI units and says how continuous time becomes steps (:class:`Discretisation`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import exprel

from spiking.core.errors import require, unknown

Array = NDArray[np.float64]
Param = float | Array  # one value for the population, or one per neuron [neurons]

INTEGRATORS = ("exact", "euler")
INPUT_SCALES = ("raw", "one_minus_beta", "dt_over_tau", "decayed", "propagator")
SYNAPSES = ("exponential", "alpha")
RESETS = ("subtract", "zero")


@dataclass(frozen=True, kw_only=True)
class Discretisation:
    """How a simulator turns ``tau dv/dt = -(v - v_leak) + R i`` into one update per step.

    Attributes:
        integrator: ``"exact"`` decays by ``exp(-dt/tau)``, ``"euler"`` by ``1 - dt/tau``.
        input_scale: factor on the input: ``"raw"`` 1, ``"one_minus_beta"`` ``1 - decay``,
            ``"dt_over_tau"`` ``dt/tau``, ``"decayed"`` ``decay`` (a jump before the decay),
            ``"propagator"`` the exact response to an exponentially decaying current over one
            step (Rotter & Diesmann 1999); for an instantaneous synapse ``1 - decay``.
        reset_delay: 0 resets in the step of the spike, before the next decay; 1 applies the
            reset one step later, after the decay (snnTorch).
        strict: spike when ``v > threshold`` (True) or ``v >= threshold`` (False).
        multi: emit ``floor(v / threshold)`` spikes a step instead of at most one.
        input_delay: whole steps added to every incoming connection; ``synapse_delay``: steps
            added where the unit has an exponential synapse (its current acts one step late).
        spike_delay: steps a spike waits in the unit; added to every outgoing connection.
        crossing: reset at the instant of crossing inside the step, exact for a current that is
            constant in the step, instead of at its end.
    """

    integrator: str = "exact"
    input_scale: str = "raw"
    reset_delay: int = 0
    strict: bool = True
    multi: bool = False
    input_delay: int = 0
    synapse_delay: int = 0
    spike_delay: int = 0
    crossing: bool = False

    def __post_init__(self) -> None:
        if self.integrator not in INTEGRATORS:
            raise unknown("integrator", self.integrator, INTEGRATORS)
        if self.input_scale not in INPUT_SCALES:
            raise unknown("input_scale", self.input_scale, INPUT_SCALES)
        require(self.reset_delay in (0, 1), f"reset_delay is {self.reset_delay!r}; allowed: 0 or 1 step")
        for name in ("input_delay", "synapse_delay", "spike_delay"):
            steps = getattr(self, name)
            require(steps >= 0, f"{name} is {steps!r}; allowed: 0 or more whole steps")
        require(
            not (self.crossing and (self.reset_delay or self.multi)),
            "crossing=True resets inside the step; it goes with neither reset_delay nor multi",
        )

    def coefficients(self, tau: Param, dt: float, tau_syn: Param = 0.0) -> tuple[Array, Array]:
        """Return ``(decay, gain)`` of ``v' = decay v + gain i`` for time constant ``tau`` [s].

        ``tau = inf`` (an integrator without leak) gives decay 1 and gain 1. ``tau_syn`` [s]
        matters to ``input_scale="propagator"`` alone.
        """
        t = np.asarray(tau, dtype=np.float64)
        require(bool(np.all(t > 0)), f"a time constant is {np.min(t)!r} s; it must be positive")
        rate = np.where(np.isinf(t), 0.0, dt / t)
        decay = np.exp(-rate) if self.integrator == "exact" else 1.0 - rate
        require(
            bool(np.all(decay >= 0)),
            f"Euler steps of dt={dt} s are longer than the time constant {np.min(t)} s; "
            "use a smaller dt or integrator='exact'",
        )
        if self.input_scale == "raw":
            return decay, np.ones_like(t)
        if self.input_scale == "decayed":
            return decay, decay
        if self.input_scale == "propagator":
            return decay, _propagator(t, np.asarray(tau_syn, np.float64), dt)
        euler = self.input_scale == "dt_over_tau" or self.integrator == "euler"
        gain = rate if euler else -np.expm1(-rate)
        return decay, np.where(np.isinf(t), 1.0, gain)

    def alpha_share(self, tau: Param, dt: float, tau_syn: Param) -> Array:
        """Weight of the first state of an alpha synapse beside the current it feeds.

        With ``input_scale="propagator"`` the current that the first state adds within the step
        acts on the membrane at once: the ratio of the two responses, exact (Rotter & Diesmann 1999).
        """
        t, s = np.asarray(tau, np.float64), np.asarray(tau_syn, np.float64)
        if self.input_scale != "propagator":
            return np.zeros(np.broadcast(t, s).shape)
        rate = np.where(np.isinf(t), 0.0, dt / t)
        z = dt / s - rate
        return np.asarray((dt / s) * _early(z) / exprel(-z), np.float64)


def _early(z: Array) -> Array:
    """``integral of s exp(-z s) over 0..1``, which is ``(1 - (1 + z) exp(-z)) / z**2``."""
    small = np.abs(z) < 0.05
    far = np.where(small, 1.0, z)
    series = 1 / 2 - z * (1 / 3 - z * (1 / 8 - z * (1 / 30 - z * (1 / 144 - z * (1 / 840 - z / 5760)))))
    return np.where(small, series, (1.0 - (1.0 + far) * np.exp(-far)) / far**2)


def _propagator(tau: Array, tau_syn: Array, dt: float) -> Array:
    """Potential after ``dt`` of a membrane at rest under the current ``exp(-t / tau_syn)``.

    ``tau_syn / (tau_syn - tau) (exp(-dt/tau_syn) - exp(-dt/tau))``, written so that
    ``tau_syn = tau`` is no exception: ``exp(-dt/tau) dt/tau (exp(z) - 1)/z``.
    """
    rate = np.where(np.isinf(tau), 0.0, dt / tau)
    slow = np.where(tau_syn > 0, tau_syn, 1.0)
    z = rate - dt / slow
    pulse = np.where(np.isinf(tau), slow / dt * -np.expm1(-dt / slow), np.exp(-rate) * rate * exprel(z))
    step = np.where(np.isinf(tau), 1.0, -np.expm1(-rate))
    return np.where(tau_syn > 0, pulse, step)


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


@dataclass(frozen=True, kw_only=True, eq=False)
class LI:
    """Leaky integrator without threshold, the usual readout: ``v = decay v + gain i``."""

    spiking: ClassVar[bool] = False
    tau_mem: Param = 20e-3
    tau_syn: Param = 0.0
    v_leak: Param = 0.0
    v_start: Param | None = None
    discretisation: Discretisation = field(default_factory=Discretisation)


@dataclass(frozen=True, kw_only=True, eq=False)
class LoihiLI:
    """Loihi's integer current-based membrane without threshold; the base of :class:`LoihiLIF`.

    ``u = trunc(u (4095 - decay_u) / 4096) + 64 x``, wrapped to 24 bits;
    ``v = trunc(v (4096 - decay_v) / 4096) + u + bias``, saturated at 24 bits. Weights are integers
    (mantissa of 8 bits times a power of two per connection), the population's bias is an integer
    of 13 bits times a power of two up to 2**7. What a spike causes arrives one step later.

    Attributes:
        decay_u, decay_v: 12-bit decays of current and potential, 0 .. 4095.
    """

    spiking: ClassVar[bool] = False
    discretisation: ClassVar[Discretisation] = Discretisation(input_delay=1)
    decay_u: Param = 4095
    decay_v: Param = 0

    def __post_init__(self) -> None:
        for name in ("decay_u", "decay_v"):
            _integers(name, getattr(self, name), 0, 4095)


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
        _integers("v_threshold", self.v_threshold, 0, 2**17 - 1)
        if self.reset not in RESETS:
            raise unknown("reset", self.reset, RESETS)


def _integers(name: str, value: Param, low: int, high: int) -> None:
    v = np.asarray(value)
    require(
        bool(np.all((v == np.round(v)) & (v >= low) & (v <= high))),
        f"{name} is {value!r}; allowed: whole numbers from {low} to {high}",
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class ReLU:
    """Rectified linear unit, ``y = max(x, 0)``, of a conventional MLP.

    With ``bits`` and ``scale`` the output is quantised to ``scale * {0 .. 2**bits - 1}``.
    """

    spiking: ClassVar[bool] = False
    bits: int | None = None
    scale: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """Identity unit ``y = x``: the logits of a conventional MLP."""

    spiking: ClassVar[bool] = False


Unit = LIF | ALIF | ConductanceLIF | LI | LoihiLIF | LoihiLI | ReLU | Linear
STATELESS = (ReLU, Linear)
