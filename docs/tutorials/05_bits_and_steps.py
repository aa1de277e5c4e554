"""
Choose bits and steps
=====================

Fewer bits and fewer steps cost less until they cost accuracy. A design is data: apply it to a
trained network, run it, price it. Validation samples decide, the test samples are met once at the
end.
"""

import numpy as np
from matplotlib.figure import Figure

from spiking import LI, LIF, Latency, Membrane, Network, count, fit, load, load_chip, price, run
from spiking.hardware.design import Design

data = load("digits")
x, y, xv, yv = data.x_train[:1200], data.y_train[:1200], data.x_train[1200:], data.y_train[1200:]
network = Network.dense(
    [64, 64, 10],
    hidden=LIF(tau_mem=20e-3),
    readout=LI(tau_mem=20e-3),
    encoder=Latency(linear=True, theta=0.05),
    decoder=Membrane(over="mean"),
    steps=12,
)
network = fit(
    network, x, y, epochs=15, batch_size=32, learning_rate=4e-3, rate_penalty=1.0, slope=10.0
).network
peaks = {k: float(np.percentile(np.abs(v), 99.99)) for k, v in run(network, x, record=("v",)).v.items()}

# %%
# Every pair of state width and steps, simulated: what a narrow state does to the answers is not
# guessed.

points = []
chip = load_chip("generic-45nm")
for bits in (8, 10, 12, 16):
    for steps in (4, 6, 8, 12):
        design = Design(state_bits=bits, steps=steps, decay="shift-add", schedule="neuron-stationary")
        built = design.network(network, peaks=peaks)
        trace = run(built, xv)
        bill = price(count(built, trace).mean(), design.chip(chip, spiking=True))
        points.append((bits, steps, trace.accuracy(yv), float(bill.total().nominal) * 1e9))
for bits, steps, accuracy, energy in points:
    print(f"{bits:2} bit, {steps:2} steps: {accuracy:.3f}, {energy:5.1f} nJ")

# %%
# The same as a figure: one line per width.

figure = Figure(figsize=(6, 3.5), layout="constrained")
axes = figure.subplots()
for bits, marker in ((8, "v"), (10, "s"), (12, "o"), (16, "D")):
    mine = [(e, 100 * a) for b, _, a, e in points if b == bits]
    axes.plot(*zip(*mine, strict=True), marker=marker, label=f"{bits} bit state")
axes.set(xlabel="Estimated energy per inference [nJ]", ylabel="Validation accuracy [%]")
axes.legend(frameon=False)
figure

# %%
# ``spiking compare`` does this for every contender and more choices (:doc:`../designs`).
