"""Brian2 learning the paper's network: seconds per image of its main loop, by code generation target."""

from __future__ import annotations

import resource
import tempfile
import time
from typing import NamedTuple

import numpy as np

from spiking.bridges.brian.stdp import learn_in_brian, stdp_model
from spiking.core.network import Network
from spiking.learn.stdp import presentation_order
from spiking.learn.stdp.network import stdp_network


class Cost(NamedTuple):
    """Of one image: seconds, processor seconds, spikes of the excitatory units."""

    wall: float
    cpu: float
    spikes: float


def cost_per_image(neurons: int, x: np.ndarray, target: str, images: int) -> Cost:
    """What an image costs Brian2; ``target``: numpy, cython or cpp."""
    network = stdp_network(784, neurons=neurons, lateral="explicit", winners=None, precision="float64")
    order = presentation_order(len(x), images, 0)
    encoder = network.inputs[0].encoder
    raster = np.concatenate([encoder.spikes(x[k : k + 1], network.steps, 0, p) for p, k in enumerate(order)])
    return _standalone(network, raster) if target == "cpp" else _at_run_time(network, raster, target)


def _at_run_time(network: Network, raster: np.ndarray, target: str) -> Cost:
    """Time of further images alone: that of building, and of a first image, taken off."""
    took = []
    for part in (raster[:1], raster[:1], np.concatenate([raster[:1], raster])):  # the first run compiles
        start = np.array([time.perf_counter(), time.process_time()])
        learned = learn_in_brian(network, part, codegen=target)
        took.append(np.array([time.perf_counter(), time.process_time()]) - start)
    images = len(raster)
    wall, cpu = (took[2] - took[1]) / images
    return Cost(float(wall), float(cpu), float(learned.spikes["excitatory"].sum()) / (images + 1))


def _standalone(network: Network, raster: np.ndarray) -> Cost:
    """Time of the main loop of the compiled program on one thread; the processor time is all of its own."""
    import brian2 as b2

    plastic = network.connections[0]
    scaled = plastic.weight * (plastic.plasticity.norm / plastic.weight.sum(axis=0))
    network = network.with_parameters(
        [scaled, *(c.weight for c in network.connections[1:])], [p.bias for p in network.populations]
    )
    with tempfile.TemporaryDirectory() as folder:
        b2.set_device("cpp_standalone", build_on_run=False)
        try:
            model = stdp_model(network, raster)
            model.brian.run(len(raster) * model.block * network.dt * b2.second)
            b2.device.build(directory=folder, compile=True, run=False, debug=False)
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            b2.device.run(folder, with_output=False, run_args=[])
            cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            wall = b2.device._last_run_time
            spikes = float(model.monitors["excitatory"].num_spikes)
        finally:
            b2.device.reinit()
            b2.set_device("runtime")
    return Cost(wall / len(raster), cpu / len(raster), spikes / len(raster))
