"""Neurons of a learning network in Brian2: differential equations whose Euler steps are ours.

They run one step behind their input (see ``stdp.py``): in each of Brian2's steps a membrane moves by what
has arrived, then its conductance or current and its adaptation fade.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.core.neurons import ALIF
from spiking.core.parts import Population

CELL = """
dv/dt = ((v_leak - v) + g_exc*(e_exc - v) + g_inh*(e_inh - v))/tau_mem : 1 (unless refractory)
dg_exc/dt = -g_exc/tau_exc : 1
dg_inh/dt = -g_inh/tau_inh : 1
dtheta/dt = -theta/tau_adapt : 1
"""
CURRENT_CELL = """
dv/dt = (v_leak - v)/tau_mem + gain*u/step : 1 (unless refractory)
du/dt = -u/tau_syn : 1
dtheta/dt = -theta/tau_adapt : 1
v_base : 1 (constant)
"""


def group(p: Population, dt: float) -> Any:
    """Neurons of a population, with Brian2's Euler integrator and refractoriness."""
    import brian2 as b2

    unit: Any = p.unit

    def euler(tau: float) -> Any:
        """Time constant whose Euler step decays by ``exp(-dt / tau)``."""
        return dt / -np.expm1(-dt / tau) * b2.second

    if isinstance(unit, ALIF):
        return _current_group(p, euler, dt)
    made = b2.NeuronGroup(
        p.size,
        CELL,
        threshold="v > v_threshold + theta",
        reset="v = v_reset\ntheta += adapt_step",
        # Brian2 counts the step of the spike itself, this package the steps held after it
        refractory=(round(unit.tau_ref / dt) + 1) * dt * b2.second,
        method="euler",
        namespace={
            "v_leak": unit.v_leak,
            "v_reset": unit.v_reset,
            "v_threshold": unit.v_threshold,
            "e_exc": unit.e_exc,
            "e_inh": unit.e_inh,
            "tau_mem": unit.tau_mem * b2.second,
            "tau_exc": euler(unit.tau_exc),
            "tau_inh": euler(unit.tau_inh),
            "tau_adapt": euler(unit.tau_adapt),
            "adapt_step": unit.adapt_step,
        },
        name=f"stdp_{p.name}",
    )
    made.v = unit.v_leak
    made.theta = np.asarray(unit.adapt_start) * np.exp(dt / unit.tau_adapt)  # fades in the silent step
    return made


def _current_group(p: Population, euler: Any, dt: float) -> Any:
    """Current-based neurons: Euler steps whose rates give our decay and gain per step."""
    import brian2 as b2

    unit: Any = p.unit
    decay, gain = unit.discretisation.coefficients(unit.tau_mem, dt, unit.tau_syn)
    made = b2.NeuronGroup(
        p.size,
        CURRENT_CELL,
        threshold="v > v_base + theta",
        reset="v = v_reset\ntheta += adapt_step",
        refractory=(round(unit.tau_ref / dt) + 1) * dt * b2.second,
        method="euler",
        namespace={
            "v_leak": unit.v_leak,
            "v_reset": unit.v_reset,
            "gain": float(gain),
            "step": dt * b2.second,
            "tau_mem": dt / max(1.0 - float(decay), 1e-300) * b2.second,
            "tau_syn": (euler(unit.tau_syn) if unit.tau_syn > 0 else dt * b2.second),
            "tau_adapt": euler(unit.tau_adapt),
            "adapt_step": unit.adapt_step,
        },
        name=f"stdp_{p.name}",
    )
    made.v, made.v_base = unit.v_leak, unit.v_threshold
    return made
