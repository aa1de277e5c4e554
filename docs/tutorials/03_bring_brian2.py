"""
Bring your Brian2 simulation
============================

A layer of leaky integrate-and-fire units as a Brian2 user writes it, and the same layer here: the
spikes agree step for step, and here they are counted and priced.
"""

import numpy as np

from spiking import Connection, Events, Input, Network, Output, Population, SpikeCount, count, price, run
from spiking.bridges.brian import plain_layer
from spiking.core.neurons import LIF
from spiking.core.neurons.profiles import profile

rng = np.random.default_rng(1)
steps, inputs, units, dt = 400, 50, 20, 1e-3
raster = (rng.random((steps, inputs)) < 0.05).astype(float)
weight = rng.normal(0.3, 1.0, (inputs, units))
theirs = plain_layer(raster, weight, tau_mem=20e-3, tau_syn=5e-3, dt=dt)

# %%
# The profile ``brian2`` holds what Brian2 does in a step: exact integration, synapses that act
# after the threshold.

named = profile("brian2")
unit = LIF(tau_mem=20e-3, tau_syn=5e-3, reset=named.reset, discretisation=named.discretisation)
network = Network(
    inputs=[Input(size=inputs, encoder=Events())],
    populations=[Population(name="layer", size=units, unit=unit)],
    connections=[Connection(source="input", target="layer", weight=weight)],
    output=Output(population="layer", decoder=SpikeCount()),
    steps=steps,
    dt=dt,
)
trace = run(network, raster[None], record=("spikes",), precision="float64")
mine = trace.raster["layer"][0]
wrong = int(np.sum(theirs != mine))
print(f"{int(theirs.sum())} spikes in Brian2, {int(mine.sum())} here, {wrong} steps differ")

# %%
# What the same activity would cost on two chips (estimated, not measured):

counts = count(network, trace).mean()
for chip in ("loihi1", "generic-45nm"):
    bill = price(counts, chip)
    print(chip, bill)
