"""Each unit in Brian2's language: differential equations for decay, statements for what jumps.

Within a step a population runs through four slots of its own: its synapses deliver, its membranes
decay (equations, by Brian2's own ``exact`` or ``euler`` integrator) and take the input (``charge``),
thresholds are tested, spikes reset. That is the order of ``kernels/step.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from spiking.core.errors import SpikingError
from spiking.core.neurons import ALIF, LIF, ConductanceLIF, CurrentUnit, Linear, LoihiLI, LoihiLIF, ReLU
from spiking.core.parts import Population


@dataclass(kw_only=True)
class Recipe:
    """One population in Brian2: texts, and the values its parameters take.

    ``start`` holds state variables and their value before a sample; ``parameters`` constants.
    """

    equations: list[str]
    charge: str
    method: str = "exact"
    threshold: str | None = None
    reset: str = ""
    relax: str = ""  # before the reset of each step, spike or not
    refractory_steps: int = 0
    start: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


def recipe(p: Population, dt: float) -> Recipe:
    """Translate a population.

    Raises:
        SpikingError: for what has no counterpart in Brian2.
    """
    if p.winners is not None:
        raise SpikingError(
            f"population {p.name!r} lets {p.winners} units spike per step; Brian2 has no such competition "
            "in its threshold, so use inhibitory connections instead"
        )
    made = unit_recipe(p.unit, dt)
    made.equations += [f"{name} : 1 (constant)" for name in made.parameters]
    made.equations += ["x : 1", "x_inh : 1", "bias : 1 (constant)"]
    made.parameters["bias"] = 0.0 if p.bias is None else np.asarray(p.bias, np.float64)
    made.start.update(x=0.0, x_inh=0.0)
    return made


@singledispatch
def unit_recipe(unit: Any, dt: float) -> Recipe:
    """Translate a unit; one of your own registers here.

    Raises:
        SpikingError: a unit without a translation.
    """
    raise SpikingError(f"Brian2 has no translation of a {type(unit).__name__} unit yet")


@singledispatch
def bursts(unit: Any) -> bool:
    """Whether a unit may emit several spikes in a step."""
    return False


@bursts.register
def _(unit: LIF) -> bool:
    return unit.discretisation.multi


@unit_recipe.register
def _membrane(unit: CurrentUnit, dt: float) -> Recipe:
    """Leak and exponential synapse by Brian2's integrator, then the input."""
    d = unit.discretisation
    _, gain = d.coefficients(unit.tau_mem, dt, unit.tau_syn)
    tau_syn = np.asarray(unit.tau_syn, np.float64)
    slow = tau_syn > 0
    parameters: dict[str, Any] = {"gain": gain, "leak": np.asarray(unit.v_leak, np.float64)}
    held = " (unless refractory)" if unit.tau_ref > 0 else ""
    equations = []
    finite = np.isfinite(np.asarray(unit.tau_mem, np.float64))
    if np.any(finite):  # an integrator keeps v: rate 0 instead of an infinite time constant
        parameters["rate"] = np.where(finite, 1.0 / np.where(finite, unit.tau_mem, 1.0), 0.0)
        equations.append(f"dv/dt = (leak - v)*rate*Hz : 1{held}")
    else:
        equations.append("v : 1")
    if np.any(slow):
        if not np.all(slow):
            raise SpikingError("a population mixes tau_syn = 0 and tau_syn > 0; split it for Brian2")
        parameters["rate_syn"] = 1.0 / tau_syn
        equations.append("du/dt = -u*rate_syn*Hz : 1")
        charge = "u += x + bias\n"
        if unit.synapse == "alpha":
            equations.append("da_syn/dt = -a_syn*rate_syn*Hz : 1")
            parameters.update(rate_dt=dt / tau_syn, share=d.alpha_share(unit.tau_mem, dt, tau_syn))
            # the first state has already decayed: so has the part of it that the current gains
            charge = f"u += rate_dt*a_syn\na_syn += {np.e!r}*(x + bias)\n"
    else:
        equations.append("u : 1")
        charge = "u = x + bias\n"
    drive = "(u + share*a_syn)" if "share" in parameters else "u"
    charge += f"v += gain*{drive}*int(not_refractory)\n" if held else f"v += gain*{drive}\n"
    start = np.asarray(unit.v_leak if unit.v_start is None else unit.v_start, np.float64)
    return Recipe(
        equations=equations,
        charge=charge + "x = 0\n",
        method="exact" if d.integrator == "exact" else "euler",
        start={"v": start, "u": 0.0, **({"a_syn": 0.0} if "share" in parameters else {})},
        parameters=parameters,
    )


@unit_recipe.register
def _lif(unit: LIF, dt: float) -> Recipe:
    made = _membrane(unit, dt)
    d = unit.discretisation
    threshold, reset_to = (np.asarray(x, np.float64) for x in (unit.v_threshold, unit.v_reset))
    made.parameters.update(theta=threshold, reset_to=reset_to)
    top = threshold_of(unit, made, dt)
    sign = ">" if d.strict else ">="
    subtract = unit.reset == "subtract"
    if d.multi:
        made.equations.append("burst : 1")
        made.start["burst"] = 0.0
        less = f"int(floor(v/({top}))*({top}) >= v)" if d.strict else "0"
        made.charge += f"burst = clip(floor(v/({top})) - {less}, 0, inf)\n"
        made.threshold, made.reset = "burst > 0", "v -= burst*(theta - reset_to)\n"
    elif d.reset_delay:
        made.equations.append("late : 1")
        made.start["late"] = 0.0
        made.charge += "v -= late*(theta - reset_to)\n" if subtract else "v += late*(reset_to - v)\n"
        made.charge += "late = 0\n"
        made.threshold, made.reset = f"v {sign} {top}", "late = 1\n"
    else:
        made.threshold = f"v {sign} {top}"
        made.reset = "v -= theta - reset_to\n" if subtract else "v = reset_to\n"
    if d.crossing:
        decay, gain = d.coefficients(unit.tau_mem, dt, unit.tau_syn)
        with np.errstate(divide="ignore"):
            made.parameters["steady"] = np.where(decay == 1, 0.0, gain / np.where(decay == 1, 1.0, 1 - decay))
            made.parameters["leaky"] = np.asarray(decay != 1, np.float64)
        made.reset = (
            "w = leak + steady*u : 1\n"
            f"v = int(leaky > 0)*(w + (reset_to - w)*(v - w)/({top} - w))"
            f" + int(leaky == 0)*(reset_to + v - ({top}))\n"
        ).replace(" : 1", "")
    if "a" in made.start:
        made.reset += "a += adapt_step\n"
    made.refractory_steps = round(unit.tau_ref / dt)
    return made


@singledispatch
def threshold_of(unit: LIF, made: Recipe, dt: float) -> str:
    """Return the threshold of a current-based unit as a text; an adaptive one adds its state to ``made``."""
    return "theta"


@threshold_of.register
def _(unit: ALIF, made: Recipe, dt: float) -> str:
    return _adaptation(made, unit.tau_adapt, unit.adapt_step, 0.0, dt)


def _adaptation(made: Recipe, tau: float, jump: Any, start: Any, dt: float) -> str:
    """Add an adaptive threshold that decays at the end of each step; return the threshold."""
    made.equations.append("a : 1")
    made.start["a"] = np.asarray(start, np.float64)
    made.parameters.update(keep_a=np.exp(-dt / tau), adapt_step=np.asarray(jump, np.float64))
    made.relax = "a = keep_a*a\n"
    return "theta + a"


@unit_recipe.register
def _conductance(unit: ConductanceLIF, dt: float) -> Recipe:
    held = "*int(not_refractory)" if unit.tau_ref > 0 else ""
    made = Recipe(
        equations=["v : 1", "g_exc : 1", "g_inh : 1"],
        charge=(
            "g_exc += x + bias\ng_inh += x_inh\n"
            f"v += gain*((leak - v) + g_exc*(e_exc - v) + g_inh*(e_inh - v)){held}\n"
            "g_exc = keep_exc*g_exc\ng_inh = keep_inh*g_inh\nx = 0\nx_inh = 0\n"
        ),
        start={"v": unit.v_leak, "g_exc": 0.0, "g_inh": 0.0},
        parameters={
            "gain": dt / unit.tau_mem,
            "leak": unit.v_leak,
            "theta": unit.v_threshold,
            "reset_to": unit.v_reset,
            "e_exc": unit.e_exc,
            "e_inh": unit.e_inh,
            "keep_exc": np.exp(-dt / unit.tau_exc),
            "keep_inh": np.exp(-dt / unit.tau_inh),
        },
        reset="v = reset_to\na += adapt_step\n",
        refractory_steps=round(unit.tau_ref / dt),
    )
    made.threshold = f"v > {_adaptation(made, unit.tau_adapt, unit.adapt_step, unit.adapt_start, dt)}"
    return made


@unit_recipe.register
def _linear(unit: Linear, dt: float) -> Recipe:
    return Recipe(equations=["v : 1"], charge="v = x + bias\nx = 0\n", start={"v": 0.0})


@unit_recipe.register
def _relu(unit: ReLU, dt: float) -> Recipe:
    charge = "v = x + bias\nv = clip(v, 0, inf)\n"
    if unit.scale is not None:
        top = 2**unit.value_bits - 1
        charge += (  # ties to even, as numpy's rint
            f"y = v/{unit.scale!r}\nr = floor(y + 0.5)\n"
            f"v = clip(r - int(r - y == 0.5)*(r % 2), 0, {top})*{unit.scale!r}\n"
        )
    return Recipe(equations=["v : 1"], charge=charge + "x = 0\n", start={"v": 0.0})


@unit_recipe.register
def _loihi(unit: LoihiLI, dt: float) -> Recipe:
    """Loihi's integers, held in Brian2's floating-point variables."""
    steps = round(unit.tau_ref / dt)
    held = "*int(not_refractory) + v*int(not not_refractory)" if steps else ""
    return Recipe(
        equations=["v : 1", "u : 1"],
        charge=(
            "k = floor(abs(u)*keep_u/4096)\nw = 64*x + k*sign(u)\n"
            "u = w - 16777216*int(w > 8388608) + 16777216*int(w <= -8388608)\n"
            "k_v = floor(abs(v)*keep_v/4096)\n"
            f"v = clip(k_v*sign(v) + u + bias, -8388607, 8388607){held}\nx = 0\n"
        ),
        start={"v": 0.0, "u": 0.0},
        parameters={
            "keep_u": 4095 - np.asarray(unit.decay_u, np.float64),
            "keep_v": 4096 - np.asarray(unit.decay_v, np.float64),
        },
        refractory_steps=steps,
    )


@unit_recipe.register
def _(unit: LoihiLIF, dt: float) -> Recipe:
    made = _loihi(unit, dt)
    made.parameters["theta"] = 64 * np.asarray(unit.v_threshold, np.float64)
    made.threshold = "v > theta"
    made.reset = "v = 0\n" if unit.reset == "zero" else "v -= theta\n"
    return made
