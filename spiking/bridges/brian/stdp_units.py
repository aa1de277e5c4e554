"""Neurons of a learning network in Brian2: differential equations whose Euler steps are ours.

They run one step behind their input (see ``stdp.py``): in each of Brian2's steps a membrane moves by what
has arrived, then its conductance or current and its adaptation fade.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from spiking.core.errors import SpikingError
from spiking.core.neurons import ALIF, ConductanceLIF
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
    return unit_group(p.unit, p, dt)


def learns(unit: Any) -> bool:
    """Whether there are neurons for units of this kind."""
    return unit_group.dispatch(type(unit)) is not unit_group.dispatch(object)


@singledispatch
def unit_group(unit: Any, p: Population, dt: float) -> Any:
    """Return the NeuronGroup of a population of ``unit``; one of your own registers here.

    Raises:
        SpikingError: a unit without a translation.
    """
    raise SpikingError(
        f"{p.name!r} has {type(unit).__name__} units; learning in Brian2 has no neurons for them"
    )


def _euler(tau: Any, dt: float) -> Any:
    """Time constant whose Euler step decays by ``exp(-dt / tau)``."""
    import brian2 as b2

    return dt / -np.expm1(-dt / tau) * b2.second


@unit_group.register
def _(unit: ConductanceLIF, p: Population, dt: float) -> Any:
    import brian2 as b2

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
            "tau_exc": _euler(unit.tau_exc, dt),
            "tau_inh": _euler(unit.tau_inh, dt),
            "tau_adapt": _euler(unit.tau_adapt, dt),
            "adapt_step": unit.adapt_step,
        },
        name=f"stdp_{p.name}",
    )
    made.v = unit.v_leak
    made.theta = np.asarray(unit.adapt_start) * np.exp(dt / unit.tau_adapt)  # fades in the silent step
    return made


@unit_group.register
def _(unit: ALIF, p: Population, dt: float) -> Any:
    """Current-based neurons: Euler steps whose rates give our decay and gain per step."""
    import brian2 as b2

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
            "tau_syn": (_euler(unit.tau_syn, dt) if np.all(np.asarray(unit.tau_syn) > 0) else dt * b2.second),
            "tau_adapt": _euler(unit.tau_adapt, dt),
            "adapt_step": unit.adapt_step,
        },
        name=f"stdp_{p.name}",
    )
    made.v, made.v_base = unit.v_leak, unit.v_threshold
    return made
