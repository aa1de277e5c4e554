"""
Bring a network trained elsewhere
=================================

snnTorch, SpikingJelly, Norse, Sinabs and others export NIR files. A file says what the weights are,
not what a step of its simulator does with them: that is the *profile*, given by name. Here a small
graph is written with the ``nir`` package as snnTorch would write it, and then run and priced.
"""

import tempfile
from pathlib import Path

import nir
import numpy as np

from spiking import MLPClassifier, count, load, load_chip, price, run

data = load("digits")
teacher = MLPClassifier(hidden_layer_sizes=(32,), epochs=20).fit(data.x_train, data.y_train).network_
first, second = teacher.connections
low, high = teacher.populations

# %%
# A LIF layer between two affine ones, as an exporter writes it: weights ``[target, source]``, time
# constants in seconds. The hidden units get the weights of a trained MLP; an integrator reads them
# out.

tau = np.full(32, 20e-3)
graph = nir.NIRGraph(
    nodes={
        "input": nir.Input(input_type={"input": np.array([64])}),
        "fc1": nir.Affine(weight=np.asarray(first.weight).T, bias=np.asarray(low.bias)),
        "lif": nir.LIF(tau=tau, r=np.ones(32), v_leak=np.zeros(32), v_threshold=np.full(32, 0.25)),
        "fc2": nir.Affine(weight=np.asarray(second.weight).T, bias=np.asarray(high.bias)),
        "output": nir.Output(output_type={"output": np.array([10])}),
    },
    edges=[("input", "fc1"), ("fc1", "lif"), ("lif", "fc2"), ("fc2", "output")],
)
path = Path(tempfile.mkdtemp()) / "peer.nir"
nir.write(path, graph)

# %%
# The profile says how a step is taken; encoder, steps and decoder say what the file leaves out.

from spiking import Direct
from spiking.bridges.nir import from_graph, read

network = from_graph(read(path), name="peer", discretisation="norse", dt=1e-3, steps=40, encoder=Direct())
trace = run(network, data.x_test)
bill = price(count(network, trace).mean(), load_chip("generic-45nm"))
print(network.summary())
joules = float(bill.total().nominal)
print(f"accuracy {trace.accuracy(data.y_test):.3f}, {joules * 1e9:.0f} nJ an inference, estimated")

# %%
# On a command line, with joules on every chip that can run it::
#
#     spiking run peer.nir --data digits --discretisation norse --dt 1e-3 --steps 40 \
#         --encoder direct --chips all
