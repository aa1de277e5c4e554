"""From the units of a population to the parameter rows of the compiled loops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.neurons import ALIF, LI, LIF, ConductanceLIF, LoihiLI, LoihiLIF
from spiking.core.parts import Population
from spiking.kernels import layout as at

Floats = NDArray[np.floating]


def is_plain(row: NDArray[np.int64]) -> bool:
    """Whether the loops of ``kernels/lif.py`` take a population; the others go through ``units.py``."""
    special = (at.MULTI, at.REFRACTORY, at.WINNERS, at.FIXED)
    forms = row[at.KIND] != at.CONDUCTANCE and row[at.RESET] != at.CROSSING
    late_value = row[at.DELAYED] and row[at.RESET] != at.SUBTRACT
    return bool(
        forms and row[at.SYNAPSE] != at.ALPHA_FUNCTION and not late_value and not row[list(special)].any()
    )


def has_tau(p: Population) -> bool:
    """Whether a population has a membrane time constant that can be learned."""
    if not isinstance(p.unit, LIF | LI) or not np.all(np.isfinite(np.asarray(p.unit.tau_mem))):
        return False
    require(
        p.unit.discretisation.input_scale != "propagator",
        f"the time constant of {p.name!r} cannot be learned with input_scale='propagator'; use 'raw'",
    )
    return True


def gain_of(p: Population, decay: Floats) -> tuple[Floats, Floats]:
    """Gain of a unit as a function of its decay, and the derivative of that."""
    form = p.unit.discretisation  # type: ignore[union-attr]
    one = np.ones_like(decay)
    if form.input_scale == "raw":
        return one, one - one
    if form.input_scale == "decayed":
        return decay, one
    if form.input_scale == "dt_over_tau" and form.integrator == "exact":
        return -np.log(decay), -1.0 / decay
    return one - decay, -one


def unit_parameters(p: Population, dt: float) -> Floats:
    """Parameter rows of ``layout.py`` for a population, ``[rows, size]``."""
    rows = np.zeros((at.PARAMETER_ROWS, p.size))
    unit = p.unit
    if isinstance(unit, ConductanceLIF):
        rows[at.DECAY], rows[at.GAIN] = np.exp(-dt / unit.tau_mem), dt / unit.tau_mem
        rows[at.LEAK], rows[at.THRESHOLD], rows[at.RESET_TO] = unit.v_leak, unit.v_threshold, unit.v_reset
        rows[at.ADAPT_DECAY], rows[at.START] = np.exp(-dt / unit.tau_adapt), unit.v_leak
        rows[at.ADAPT_STEP], rows[at.ADAPT_START] = unit.adapt_step, unit.adapt_start
        rows[at.DECAY_EXC], rows[at.DECAY_INH] = np.exp(-dt / unit.tau_exc), np.exp(-dt / unit.tau_inh)
        rows[at.E_EXC], rows[at.E_INH] = unit.e_exc, unit.e_inh
        return rows
    if isinstance(unit, LoihiLI):
        rows[at.KEEP_U], rows[at.KEEP_V] = 4095 - np.asarray(unit.decay_u), 4096 - np.asarray(unit.decay_v)
        rows[at.OFFSET_V] = 0 if p.bias is None else p.bias
    if isinstance(unit, LoihiLIF):
        rows[at.THRESHOLD] = rows[at.DROP] = 64 * np.asarray(unit.v_threshold)
    if not isinstance(unit, LIF | LI):
        return rows
    rows[at.DECAY], rows[at.GAIN] = unit.discretisation.coefficients(unit.tau_mem, dt, unit.tau_syn)
    tau_syn = np.asarray(unit.tau_syn, np.float64)
    slow = tau_syn > 0
    alpha = unit.discretisation.coefficients(np.where(slow, tau_syn, 1.0), dt)[0]
    rows[at.ALPHA] = np.where(slow, alpha, 0.0)
    if getattr(unit, "synapse", "") == "alpha" and slow.any():
        rate = dt / np.where(slow, tau_syn, 1.0)
        rows[at.LIFT], rows[at.KICK] = rate * rows[at.ALPHA], np.e
        rows[at.DIRECT] = unit.discretisation.alpha_share(unit.tau_mem, dt, tau_syn)
    rows[at.LEAK] = unit.v_leak
    rows[at.START] = unit.v_leak if unit.v_start is None else unit.v_start
    if unit.discretisation.crossing:  # where a constant current would take the membrane, per unit of it
        with np.errstate(divide="ignore"):
            rows[at.STEADY] = np.where(rows[at.DECAY] == 1, np.inf, rows[at.GAIN] / (1.0 - rows[at.DECAY]))
    if isinstance(unit, LIF):
        rows[at.THRESHOLD], rows[at.RESET_TO] = unit.v_threshold, unit.v_reset
        rows[at.DROP] = np.asarray(unit.v_threshold) - np.asarray(unit.v_reset)
    if isinstance(unit, ALIF):
        rows[at.ADAPT_DECAY], rows[at.ADAPT_STEP] = np.exp(-dt / unit.tau_adapt), unit.adapt_step
    return rows


def synapse_kind(p: Population, values: Floats) -> int:
    """Which filter the current of a population passes."""
    if not values[at.ALPHA].any():
        return at.INSTANT
    return at.ALPHA_FUNCTION if getattr(p.unit, "synapse", "") == "alpha" else at.EXPONENTIAL
