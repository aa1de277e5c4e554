"""Which NIR node stands for which unit, and what NIR leaves unsaid.

NIR writes ``tau dv/dt = (v_leak - v) + R I`` and ``tau_syn dI/dt = -I + w_in S`` in continuous
time. One step with decay ``beta`` adds ``(1 - beta) R I`` (exact) or ``dt/tau R I`` (Euler), so a
unit that adds its raw input (``v' = beta v + i``) has ``R = 1 / (1 - beta)`` or ``tau / dt``.
"""

from __future__ import annotations

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.neurons import ALIF, LI, LIF, ConductanceLIF, CurrentUnit, Discretisation
from spiking.core.neurons.base import some

Array = NDArray[np.float64]

LINEAR = ("Affine", "Linear", "Scale", "Flatten", "Conv1d", "Conv2d", "AvgPool2d", "SumPool2d", "Delay")
NEURONS = ("IF", "LIF", "CubaLIF", "I", "LI", "CubaLI", "Threshold")
NODES = ("Input", "Output", *LINEAR, *NEURONS, "NIRGraph")

FIELDS = {  # NIR's name of a unit's parameter, by node type
    "IF": {"v_threshold": "v_threshold", "v_reset": "v_reset"},
    "LIF": {
        "tau": "tau_mem",
        "v_leak": "v_leak",
        "v_threshold": "v_threshold",
        "v_reset": "v_reset",
    },
    "CubaLIF": {
        "tau_mem": "tau_mem",
        "tau_syn": "tau_syn",
        "v_leak": "v_leak",
        "v_threshold": "v_threshold",
        "v_reset": "v_reset",
    },
    "I": {},
    "LI": {"tau": "tau_mem", "v_leak": "v_leak"},
    "CubaLI": {"tau_mem": "tau_mem", "tau_syn": "tau_syn", "v_leak": "v_leak"},
    "Threshold": {"threshold": "v_threshold"},
    "Scale": {},
}


@singledispatch
def node_type(unit: Any, dt: float) -> str:
    """Return the NIR node type that says most about ``unit``; one of your own registers here.

    Units without a node of their own become a unit scale, which passes values on.
    """
    return "Scale"


@node_type.register
def _(unit: LI, dt: float) -> str:
    if some(unit.tau_syn):
        return "CubaLI"
    return "I" if bool(np.all(np.isinf(unit.tau_mem))) else "LI"


@node_type.register
def _(unit: ConductanceLIF, dt: float) -> str:
    return "LIF"


@node_type.register
def _adaptive(unit: ALIF, dt: float) -> str:
    if some(unit.tau_syn):
        return "CubaLIF"
    return "IF" if bool(np.all(np.isinf(unit.tau_mem))) else "LIF"


@node_type.register
def _(unit: LIF, dt: float) -> str:
    threshold_alone = not some(unit.tau_syn) and _memoryless(unit, dt)
    return "Threshold" if threshold_alone else _adaptive(unit, dt)  # type: ignore[arg-type]


def _memoryless(unit: LIF, dt: float) -> bool:
    """True where nothing of the potential survives a step: Heaviside of the input alone."""
    d = unit.discretisation
    decay, gain = d.coefficients(unit.tau_mem, dt)
    alone = not (d.multi or d.reset_delay or unit.tau_ref) and d.strict
    still = not (np.any(np.asarray(unit.v_leak)) or np.any(np.asarray(unit.v_reset)))
    return bool(alone and still and np.all(decay == 0) and np.all(gain == 1))


def step_gain(d: Discretisation, tau: Any, dt: float) -> Array:
    """Return what one step of ``dt`` [s] adds of the right-hand side ``R I``; 1 where tau is 0 or inf."""
    t = np.asarray(tau, np.float64)
    still = np.isinf(t) | (t == 0)  # an integrator, or an instantaneous synapse
    decay, _ = d.coefficients(np.where(still, 1.0, t), dt)
    gain = 1.0 - decay if d.integrator == "exact" else dt / np.where(still, 1.0, t)
    return np.where(still, 1.0, gain)


@singledispatch
def resistance_gain(unit: Any, dt: float) -> Array:
    """Return 1 over NIR's resistance ``R`` of a unit: what a step adds of its input, where that is raw."""
    return np.ones(1)


@resistance_gain.register
def _(unit: CurrentUnit, dt: float) -> Array:
    d = unit.discretisation
    return step_gain(d, unit.tau_mem, dt) if d.input_scale == "raw" else np.ones(1)


def input_gain(unit: CurrentUnit, kind: str, dt: float) -> Array:
    """Return the factor on ``R w_in S`` that turns NIR's input into the unit's raw input."""
    gain = resistance_gain(unit, dt)
    if kind in ("CubaLIF", "CubaLI"):
        gain = gain * step_gain(unit.discretisation, unit.tau_syn, dt)
    return gain


def collapse(values: Any, name: str) -> Any:
    """Return one float where all entries agree, else a flat array; NaN is refused."""
    flat = np.asarray(values, np.float64).ravel()
    require(not bool(np.any(np.isnan(flat))), f"{name} holds NaN; repair the file")
    return float(flat[0]) if flat.size and bool(np.all(flat == flat[0])) else flat


def unsaid(unit: Any, kind: str) -> dict[str, Any]:
    """Return the fields of ``unit`` that a node of type ``kind`` does not hold."""
    said = set(FIELDS[kind].values())
    return {f.name: getattr(unit, f.name) for f in dataclasses.fields(unit) if f.name not in said}
