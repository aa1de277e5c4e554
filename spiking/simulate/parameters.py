"""From the units of a population to the rows of the compiled loops: one translation for each unit.

A new unit that the kernels of another can run registers with :func:`unit_parameters` and :func:`unit_row`.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.neurons import (
    ALIF,
    LI,
    LIF,
    ConductanceLIF,
    CurrentUnit,
    FixedLI,
    FixedLIF,
    LoihiLI,
    LoihiLIF,
)
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


def has_more(row: NDArray[np.int64]) -> bool | None:
    """True where a plain population has synapses, adaptation or a late reset, else None (``lif_tile``)."""
    return True if row[[at.SYNAPSE, at.ADAPTS, at.DELAYED]].any() else None


def has_tau(p: Population) -> bool:
    """Whether a population has a membrane time constant that can be learned."""
    if "tau_mem" not in p.unit.learnable:
        return False
    unit: Any = p.unit
    require(
        unit.discretisation.input_scale != "propagator",
        f"the time constant of {p.name!r} cannot be learned with input_scale='propagator'; use 'raw'",
    )
    return True


def gain_of(p: Population, decay: Floats) -> tuple[Floats, Floats]:
    """Gain of a unit as a function of its decay, and the derivative of that."""
    unit: Any = p.unit
    form = unit.discretisation
    one = np.ones_like(decay)
    if form.input_scale == "raw":
        return one, one - one
    if form.input_scale == "decayed":
        return decay, one
    if form.input_scale == "dt_over_tau" and form.integrator == "exact":
        return -np.log(decay), -1.0 / decay
    return one - decay, -one


def parameters_of(p: Population, dt: float) -> Floats:
    """Parameter rows of ``layout.py`` for a population, ``[rows, size]``."""
    rows = np.zeros((at.PARAMETER_ROWS, p.size))
    unit_parameters(p.unit, rows, dt)
    if p.unit.fixed_point:
        rows[at.OFFSET_V] = 0 if p.bias is None else p.bias
    return rows


@singledispatch
def unit_parameters(unit: Any, rows: Floats, dt: float) -> None:
    """Write the parameters of ``unit`` into ``rows`` ``[rows, size]``, for steps of ``dt`` [s].

    Raises:
        SpikingError: a unit without a kernel.
    """
    raise SpikingError(
        f"no kernel for units of type {type(unit).__name__}; register it with "
        "spiking.simulate.parameters.unit_parameters and unit_row"
    )


@unit_parameters.register
def _(unit: ConductanceLIF, rows: Floats, dt: float) -> None:
    rows[at.DECAY], rows[at.GAIN] = np.exp(-dt / unit.tau_mem), dt / unit.tau_mem
    rows[at.LEAK], rows[at.THRESHOLD], rows[at.RESET_TO] = unit.v_leak, unit.v_threshold, unit.v_reset
    rows[at.ADAPT_DECAY], rows[at.START] = np.exp(-dt / unit.tau_adapt), unit.v_leak
    rows[at.ADAPT_STEP], rows[at.ADAPT_START] = unit.adapt_step, unit.adapt_start
    rows[at.DECAY_EXC], rows[at.DECAY_INH] = np.exp(-dt / unit.tau_exc), np.exp(-dt / unit.tau_inh)
    rows[at.E_EXC], rows[at.E_INH] = unit.e_exc, unit.e_inh


@unit_parameters.register
def _(unit: LoihiLI, rows: Floats, dt: float) -> None:
    rows[at.KEEP_U], rows[at.KEEP_V] = 4095 - np.asarray(unit.decay_u), 4096 - np.asarray(unit.decay_v)


@unit_parameters.register
def _(unit: LoihiLIF, rows: Floats, dt: float) -> None:
    unit_parameters.dispatch(LoihiLI)(unit, rows, dt)
    rows[at.THRESHOLD] = rows[at.DROP] = 64 * np.asarray(unit.v_threshold)


@unit_parameters.register
def _(unit: FixedLI, rows: Floats, dt: float) -> None:
    for fade, keep, first, second, top in (
        (unit.membrane, at.KEEP_V, at.FIRST_V, at.SECOND_V, at.TOP_V),
        (unit.synapse, at.KEEP_U, at.FIRST_U, at.SECOND_U, at.TOP_U),
    ):
        rows[top] = np.inf if fade is None else unit.top
        if fade is None or fade.keep is not None:
            rows[keep] = 0 if fade is None else fade.keep
            continue
        second_shift = np.asarray(fade.second, np.float64)
        rows[keep], rows[first] = -1, 2.0 ** -np.asarray(fade.first, np.float64)
        rows[second] = np.sign(second_shift) * 2.0 ** -np.abs(second_shift)
    rows[at.START] = unit.v_start


@unit_parameters.register
def _(unit: FixedLIF, rows: Floats, dt: float) -> None:
    unit_parameters.dispatch(FixedLI)(unit, rows, dt)
    rows[at.THRESHOLD], rows[at.RESET_TO] = unit.v_threshold, unit.v_reset
    rows[at.DROP] = np.asarray(unit.v_threshold) - np.asarray(unit.v_reset)


@unit_parameters.register
def _(unit: CurrentUnit, rows: Floats, dt: float) -> None:
    rows[at.DECAY], rows[at.GAIN] = unit.discretisation.coefficients(unit.tau_mem, dt, unit.tau_syn)
    tau_syn = np.asarray(unit.tau_syn, np.float64)
    slow = tau_syn > 0
    alpha = unit.discretisation.coefficients(np.where(slow, tau_syn, 1.0), dt)[0]
    rows[at.ALPHA] = np.where(slow, alpha, 0.0)
    if unit.synapse == "alpha":
        rows[at.LIFT], rows[at.KICK] = dt / tau_syn * rows[at.ALPHA], np.e
        rows[at.DIRECT] = unit.discretisation.alpha_share(unit.tau_mem, dt, tau_syn)
    rows[at.LEAK] = unit.v_leak
    rows[at.START] = unit.v_leak if unit.v_start is None else unit.v_start
    if unit.discretisation.crossing:  # where a constant current would take the membrane, per unit of it
        with np.errstate(divide="ignore"):
            rows[at.STEADY] = np.where(rows[at.DECAY] == 1, np.inf, rows[at.GAIN] / (1.0 - rows[at.DECAY]))


@unit_parameters.register
def _(unit: LIF, rows: Floats, dt: float) -> None:
    unit_parameters.dispatch(CurrentUnit)(unit, rows, dt)
    rows[at.THRESHOLD], rows[at.RESET_TO] = unit.v_threshold, unit.v_reset
    rows[at.DROP] = np.asarray(unit.v_threshold) - np.asarray(unit.v_reset)


@unit_parameters.register
def _(unit: ALIF, rows: Floats, dt: float) -> None:
    unit_parameters.dispatch(LIF)(unit, rows, dt)
    rows[at.ADAPT_DECAY], rows[at.ADAPT_STEP] = np.exp(-dt / unit.tau_adapt), unit.adapt_step


@singledispatch
def unit_row(unit: Any, row: NDArray[np.int64]) -> None:
    """Write what ``unit`` is into a population's row of ``layout.py``.

    Raises:
        SpikingError: a unit without a kernel.
    """
    raise SpikingError(f"no kernel for units of type {type(unit).__name__}")


@unit_row.register
def _(unit: LI, row: NDArray[np.int64]) -> None:
    row[at.KIND] = at.INTEGRATOR


@unit_row.register
def _(unit: ConductanceLIF, row: NDArray[np.int64]) -> None:
    row[at.KIND] = at.CONDUCTANCE
    row[at.RESET], row[at.ADAPTS] = at.ZERO, 1


@unit_row.register
def _(unit: LoihiLI, row: NDArray[np.int64]) -> None:
    row[at.KIND], row[at.FIXED] = at.INTEGRATOR, at.LOIHI


@unit_row.register
def _(unit: FixedLI, row: NDArray[np.int64]) -> None:
    row[at.KIND], row[at.FIXED] = at.INTEGRATOR, at.SATURATING


@unit_row.register
def _(unit: FixedLIF, row: NDArray[np.int64]) -> None:
    row[at.KIND], row[at.FIXED], row[at.STRICT] = at.SPIKING, at.SATURATING, unit.strict
    row[at.RESET] = at.SUBTRACT if unit.reset == "subtract" else at.ZERO


@unit_row.register
def _(unit: LoihiLIF, row: NDArray[np.int64]) -> None:
    row[at.KIND], row[at.FIXED] = at.SPIKING, at.LOIHI
    row[at.RESET] = at.SUBTRACT if unit.reset == "subtract" else at.ZERO


@unit_row.register
def _(unit: LIF, row: NDArray[np.int64]) -> None:
    form = unit.discretisation
    row[at.KIND] = at.SPIKING
    row[at.RESET] = at.SUBTRACT if unit.reset == "subtract" else at.ZERO
    row[at.RESET] = at.CROSSING if form.crossing else row[at.RESET]
    row[at.DELAYED], row[at.STRICT], row[at.MULTI] = form.reset_delay, form.strict, form.multi


@unit_row.register
def _(unit: ALIF, row: NDArray[np.int64]) -> None:
    unit_row.dispatch(LIF)(unit, row)
    row[at.ADAPTS] = 1


def row_of(p: Population, offset: int, source: int, dt: float, steps: int) -> NDArray[np.int64]:
    """Row of ``layout.py`` of a population at column ``offset``; its events are source ``source``, or -1."""
    row = np.zeros(at.POPULATION_COLUMNS, np.int64)
    row[at.SIZE], row[at.OFFSET], row[at.SOURCE] = p.size, offset, source
    row[at.WINNERS] = p.winners or 0
    row[at.STRICT] = 1
    unit_row(p.unit, row)
    row[at.REFRACTORY] = min(round(p.unit.tau_ref / dt), steps)  # a longer period ends with the inference
    return row


def synapse_kind(p: Population, values: Floats) -> int:
    """Which filter the current of a population passes."""
    if not values[at.ALPHA].any():
        return at.INSTANT
    return at.ALPHA_FUNCTION if values[at.KICK].any() else at.EXPONENTIAL
