"""Units that STDP learning takes: their numbers for the kernel, and what learning leaves in them."""

from __future__ import annotations

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.neurons import ALIF, LIF, ConductanceLIF
from spiking.kernels.stdp_types import Cell


def learns(unit: Any) -> bool:
    """Whether STDP learning takes units of this kind."""
    return cell_numbers.dispatch(type(unit)) is not cell_numbers.dispatch(object)


@singledispatch
def cell_numbers(unit: Any, number: Any, dt: float) -> tuple[Cell, NDArray[Any], NDArray[np.float64]]:
    """Return the numbers of ``unit`` in the dtype ``number``, its threshold and its adaptation at the start.

    The last two hold one value or one for each unit.

    Raises:
        SpikingError: a unit, or a form of it, that learning does not take.
    """
    raise SpikingError(f"{type(unit).__name__} units came; STDP learning takes ConductanceLIF, LIF and ALIF")


@cell_numbers.register
def _(unit: ConductanceLIF, number: Any, dt: float) -> tuple[Cell, NDArray[Any], NDArray[np.float64]]:
    cell = Cell(
        current=False,
        decay=number(0),
        gain=number(dt / unit.tau_mem),
        v_leak=number(unit.v_leak),
        v_reset=number(unit.v_reset),
        v_threshold=number(unit.v_threshold),
        e_exc=number(unit.e_exc),
        e_inh=number(unit.e_inh),
        decay_exc=number(np.exp(-dt / unit.tau_exc)),
        decay_inh=number(np.exp(-dt / unit.tau_inh)),
        adapt_step=float(unit.adapt_step),
        adapt_decay=float(np.exp(-dt / unit.tau_adapt)),
        refractory=round(unit.tau_ref / dt),
    )
    return cell, np.asarray(unit.v_threshold, number), np.asarray(unit.adapt_start, np.float64)


@cell_numbers.register
def _(unit: LIF, number: Any, dt: float) -> tuple[Cell, NDArray[Any], NDArray[np.float64]]:
    _refuse(unit)
    decay, gain = unit.discretisation.coefficients(unit.tau_mem, dt, unit.tau_syn)
    tau_syn: Any = unit.tau_syn
    step, lasting = adaptation(unit, dt)
    cell = Cell(
        current=True,
        decay=number(decay),
        gain=number(gain),
        v_leak=number(unit.v_leak),
        v_reset=number(unit.v_reset),
        v_threshold=number(0),  # that of each unit is an array of the state
        e_exc=number(0),
        e_inh=number(0),
        decay_exc=number(np.exp(-dt / tau_syn)) if float(tau_syn) > 0 else number(0),
        decay_inh=number(0),
        adapt_step=step,
        adapt_decay=lasting,
        refractory=round(unit.tau_ref / dt),
    )
    return cell, np.asarray(unit.v_threshold, number), np.zeros(1)


@singledispatch
def adaptation(unit: LIF, dt: float) -> tuple[float, float]:
    """Step of the adaptive threshold of a current-based unit, and what is left of it after ``dt`` [s]."""
    return 0.0, 1.0


@adaptation.register
def _(unit: ALIF, dt: float) -> tuple[float, float]:
    step: Any = unit.adapt_step
    return float(step), float(np.exp(-dt / unit.tau_adapt))


def _refuse(unit: LIF) -> None:
    d = unit.discretisation
    plain = d.strict and not (d.multi or d.crossing or d.reset_delay or d.input_delay or d.synapse_delay)
    require(
        plain and not d.spike_delay and unit.synapse == "exponential" and unit.reset == "zero",
        f"a {type(unit).__name__} unit with reset={unit.reset!r}, synapse={unit.synapse!r} and {d} came; "
        "STDP learning takes reset='zero', exponential or instantaneous synapses, no delay, burst, crossing "
        "in the discretisation",
    )
    several = [
        f.name
        for f in dataclasses.fields(unit)
        if f.name != "v_threshold" and np.size(getattr(unit, f.name)) > 1
    ]
    require(
        not several and unit.v_start is None,
        f"a {type(unit).__name__} unit differs from neuron to neuron in {', '.join(several) or 'v_start'}; "
        "STDP learning takes one value for all, thresholds apart, and starts from v_leak",
    )


@singledispatch
def adapted(unit: Any, theta: NDArray[np.float64]) -> Any:
    """Return ``unit`` after learning raised its thresholds by ``theta`` ``[units]``.

    A conductance unit starts from that adaptation; of a current-based one, whose adaptation starts from 0 in
    every sample, it becomes part of the threshold.
    """
    return dataclasses.replace(unit, v_threshold=np.asarray(unit.v_threshold, np.float64) + theta)


@adapted.register
def _(unit: ConductanceLIF, theta: NDArray[np.float64]) -> Any:
    return dataclasses.replace(unit, adapt_start=theta)


@singledispatch
def frozen_unit(unit: Any) -> Any:
    """Return ``unit`` without adaptation, its threshold where it is."""
    return unit


@frozen_unit.register
def _(unit: ConductanceLIF) -> Any:
    return dataclasses.replace(unit, adapt_step=0.0, tau_adapt=np.inf)


@frozen_unit.register
def _(unit: ALIF) -> Any:
    return LIF(**{f.name: getattr(unit, f.name) for f in dataclasses.fields(LIF)})
