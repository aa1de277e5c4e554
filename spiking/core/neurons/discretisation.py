"""How continuous time becomes steps: decay, input scale, threshold, delays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import exprel

from spiking.core import check
from spiking.core.errors import require

Array = NDArray[np.float64]
Param = float | Array  # one value for the population, or one per neuron [neurons]

LONGEST_DELAY = 2**31 - 1  # steps
INTEGRATORS = ("exact", "euler")
INPUT_SCALES = ("raw", "one_minus_beta", "dt_over_tau", "decayed", "propagator")


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
        check.choice("integrator", self.integrator, INTEGRATORS)
        check.choice("input_scale", self.input_scale, INPUT_SCALES)
        check.whole("reset_delay", self.reset_delay, 0, 1)
        for name in ("input_delay", "synapse_delay", "spike_delay"):
            check.whole(name, getattr(self, name), 0, LONGEST_DELAY)
        for name in ("strict", "multi", "crossing"):
            check.flag(name, getattr(self, name))
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
