"""Units that STDP learning takes: their numbers for the kernel, and what learning leaves in them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.neurons import ALIF, LIF, ConductanceLIF
from spiking.kernels.stdp_types import Cell


def cell_numbers(unit: Any, number: Any, dt: float) -> tuple[Cell, NDArray[Any], NDArray[np.float64]]:
    """Return the numbers of ``unit`` in the dtype ``number``, its threshold and its adaptation at the start.

    The last two hold one value or one for each unit.

    Raises:
        SpikingError: a current-based unit of a form that learning does not take.
    """
    refractory = round(unit.tau_ref / dt)
    if isinstance(unit, ConductanceLIF):
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
            refractory=refractory,
        )
        return cell, np.asarray(unit.v_threshold, number), np.asarray(unit.adapt_start, np.float64)
    _refuse(unit)
    d = unit.discretisation
    decay, gain = d.coefficients(unit.tau_mem, dt, unit.tau_syn)
    slow = float(unit.tau_syn) > 0
    adapts = isinstance(unit, ALIF)
    cell = Cell(
        current=True,
        decay=number(decay),
        gain=number(gain),
        v_leak=number(unit.v_leak),
        v_reset=number(unit.v_reset),
        v_threshold=number(0),  # that of each unit is an array of the state
        e_exc=number(0),
        e_inh=number(0),
        decay_exc=number(np.exp(-dt / unit.tau_syn)) if slow else number(0),
        decay_inh=number(0),
        adapt_step=float(unit.adapt_step) if adapts else 0.0,
        adapt_decay=float(np.exp(-dt / unit.tau_adapt)) if adapts else 1.0,
        refractory=refractory,
    )
    return cell, np.asarray(unit.v_threshold, number), np.zeros(1)


def _refuse(unit: LIF) -> None:
    d = unit.discretisation
    plain = d.strict and not (d.multi or d.crossing or d.reset_delay or d.input_delay or d.synapse_delay)
    require(
        plain and not d.spike_delay and unit.synapse == "exponential" and unit.reset == "zero",
        f"a {type(unit).__name__} unit with reset={unit.reset!r}, synapse={unit.synapse!r} and {d} came; "
        "STDP learning takes reset='zero', exponential or instantaneous synapses, no delay, burst, crossing "
        "in the discretisation",
    )
    names = ("tau_mem", "tau_syn", "v_reset", "v_leak", *(("adapt_step",) if isinstance(unit, ALIF) else ()))
    several = [name for name in names if np.size(getattr(unit, name)) > 1]
    require(
        not several and unit.v_start is None,
        f"a {type(unit).__name__} unit differs from neuron to neuron in {', '.join(several) or 'v_start'}; "
        "STDP learning takes one value for all, thresholds apart, and starts from v_leak",
    )


def adapted(unit: Any, theta: NDArray[np.float64]) -> Any:
    """Return ``unit`` after learning raised its thresholds by ``theta`` ``[units]``.

    A conductance unit starts from that adaptation; of a current-based one, whose adaptation starts from 0 in
    every sample, it becomes part of the threshold.
    """
    if isinstance(unit, ConductanceLIF):
        return dataclasses.replace(unit, adapt_start=theta)
    return dataclasses.replace(unit, v_threshold=np.asarray(unit.v_threshold, np.float64) + theta)


def frozen_unit(unit: Any) -> Any:
    """Return ``unit`` without adaptation, its threshold where it is."""
    if isinstance(unit, ConductanceLIF):
        return dataclasses.replace(unit, adapt_step=0.0, tau_adapt=np.inf)
    if isinstance(unit, ALIF):
        kept = {f.name: getattr(unit, f.name) for f in dataclasses.fields(LIF)}
        return LIF(**kept)
    return unit
