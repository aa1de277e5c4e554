"""Conversion: a trained MLP becomes a rate-coded spiking network.

A ReLU unit with activation ``a`` is answered by an integrate-and-fire unit whose rate is ``a / scale``
spikes per step. ``scale`` is balanced on calibration data: a high percentile of the layer's activations
(Diehl et al. 2015, IJCNN; Rueckauer et al. 2017, Front. Neurosci. 11:682), so that rates stay below one
spike per step. Reset by subtraction keeps the remainder; starting at half the threshold makes the rate
round instead of truncate (Deng & Gu 2021, ICLR).
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Direct
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU, Unit
from spiking.core.parts import Population
from spiking.core.typed import typed
from spiking.simulate import run

BISECTIONS = 12


@typed
def convert(
    mlp: Network,
    calibration: NDArray[np.floating],
    *,
    steps: int,
    percentile: float = 99.9,
    tau_mem: float = np.inf,
    dt: float = 1e-3,
) -> Network:
    """Turn a trained MLP into a spiking network with ``steps`` steps per inference.

    Args:
        mlp: a network of ``ReLU`` units and a ``Linear`` readout.
        calibration: ``[samples, features]`` training data on which thresholds are balanced.
        percentile: of the non-zero activations of a layer, taken as its scale.
        tau_mem: membrane time constant [s] of the spiking units; ``inf`` gives IF units. With a
            finite one the threshold is lowered until the mean rate is the one IF units would have.

    Returns:
        A network with constant-current input, spiking hidden units, and a readout that sums.

    Raises:
        SpikingError: units other than ReLU and Linear, a number out of its range, or calibration data
            that activate nothing.
    """
    shape = np.shape(calibration)
    require(len(shape) == 2, f"calibration has shape {shape}; give training samples, [samples, features]")
    require(shape[0] > 0, "calibration is empty; give some training samples")
    check.number("percentile", percentile, 0, 100, open_low=True)
    check.whole("steps", steps, 1)
    tau_mem = check.number("tau_mem", tau_mem, 0, open_low=True, infinite=True, unit="s")
    check.number("dt", dt, 0, open_low=True, unit="s")
    activity = run(mlp, calibration, record=("v",)).v
    scale = {i.name: 1.0 for i in mlp.inputs}
    for p in mlp.populations:
        scale[p.name] = _scale(p, activity[p.name], percentile)
    conns = []
    for c in mlp.connections:
        factor = scale[c.source] / scale[c.target]
        conns.append(replace(c, weight=c.weight * np.asarray(factor, c.weight.dtype)))
    pops = [_spiking(p, scale[p.name], tau_mem) for p in mlp.populations]
    network = Network(
        inputs=[replace(i, encoder=Direct()) for i in mlp.inputs],
        populations=pops,
        connections=conns,
        output=replace(mlp.output, decoder=Membrane(over="last")),
        steps=steps,
        dt=dt,
        name=f"{mlp.name} converted",
    )
    if np.isinf(tau_mem):
        return network
    for p in network.populations:
        if p.unit.spiking:
            wanted = float(np.minimum(activity[p.name] / scale[p.name], 1.0).mean())
            network = _balance(network, p.name, calibration, wanted)
    return network


def _scale(p: Population, activity: NDArray[np.floating], percentile: float) -> float:
    """The activation that becomes one spike per step; 1 for the readout."""
    if not spiking_unit(p.unit, 1.0).spiking:
        return 1.0
    active = activity[activity > 0]
    require(active.size > 0, f"no unit of {p.name!r} is active on the calibration data; give other data")
    return float(np.percentile(active, percentile))


def _spiking(p: Population, scale: float, tau_mem: float) -> Population:
    bias = None if p.bias is None else p.bias / np.asarray(scale, p.bias.dtype)
    return replace(p, unit=spiking_unit(p.unit, tau_mem), bias=bias)


@singledispatch
def spiking_unit(unit: Any, tau_mem: float) -> Unit:
    """Return the unit of a spiking network that answers for ``unit``, with ``tau_mem`` [s] if it spikes.

    Raises:
        SpikingError: a unit that no spiking one answers for.
    """
    raise SpikingError(f"{type(unit).__name__} units came; only ReLU and Linear can be converted")


@spiking_unit.register
def _(unit: ReLU, tau_mem: float) -> Unit:
    return LIF(tau_mem=tau_mem, v_start=0.5, reset="subtract")


@spiking_unit.register
def _(unit: Linear, tau_mem: float) -> Unit:
    return LI(tau_mem=np.inf)


def _balance(network: Network, name: str, calibration: NDArray[np.floating], wanted: float) -> Network:
    """Bisect the threshold of one leaky population until its mean rate per step is ``wanted``."""
    low, high = 1e-3, 1.0
    tried = network
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        unit: Any = network[name].unit
        unit = replace(unit, v_threshold=middle, v_start=0.5 * middle)
        pops = [replace(p, unit=unit) if p.name == name else p for p in network.populations]
        tried = network.replace(populations=pops)
        rate = float(run(tried, calibration).spikes[name].mean()) / network.steps
        low, high = (low, middle) if rate < wanted else (middle, high)
    return tried
