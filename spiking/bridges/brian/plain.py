"""A current-based LIF layer as a Brian2 user writes it: the independent side of the ``brian2`` profile."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def plain_layer(
    raster: NDArray[Any], weight: NDArray[Any], *, tau_mem: float, tau_syn: float, dt: float
) -> NDArray[np.int64]:
    """Run ``raster`` ``[steps, inputs]`` through ``weight`` ``[inputs, units]`` with Brian2's defaults.

    Equations and synapses only, the default schedule, ``method="exact"``, threshold 1, reset to 0.
    Returns spikes ``[steps, units]``.
    """
    import brian2 as b2

    second = b2.second
    clock = b2.Clock(dt=dt * second)
    step, unit = np.nonzero(raster)
    source = b2.SpikeGeneratorGroup(raster.shape[1], unit, step * dt * second, clock=clock)
    layer = b2.NeuronGroup(
        weight.shape[1],
        "dv/dt = (u - v)/tau_mem : 1\ndu/dt = -u/tau_syn : 1",
        threshold="v > 1",
        reset="v = 0",
        method="exact",
        clock=clock,
        namespace={"tau_mem": tau_mem * second, "tau_syn": tau_syn * second},
    )
    synapses = b2.Synapses(source, layer, "w : 1", on_pre="u_post += w", clock=clock)
    synapses.connect()
    synapses.w = np.asarray(weight, np.float64).ravel()
    spikes = b2.SpikeMonitor(layer)
    net = b2.Network(source, layer, synapses, spikes)
    net.run(raster.shape[0] * dt * second)
    out = np.zeros((raster.shape[0], weight.shape[1]), np.int64)
    out[np.rint(np.asarray(spikes.t_) / dt).astype(int), np.asarray(spikes.i)] = 1
    return out
