"""Hard limits of chips: what decides is the unit with most inputs, not the average unit."""

import numpy as np
import scipy.sparse as sp

from spiking.core.coding.encode import Events
from spiking.core.counts import count
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware import price
from spiking.simulate import run


def network(weight):
    sources, targets = weight.shape
    return Network(
        inputs=[Input(size=sources, encoder=Events())],
        populations=[Population(name="out", size=targets, unit=LIF())],
        connections=[Connection(source="input", target="out", weight=weight, weight_bits=4)],
        output=Output(population="out"),
        steps=2,
    )


def counted(weight):
    net = network(weight)
    return count(net, run(net, np.zeros((1, 2, weight.shape[0]), np.uint8))).mean()


def test_one_unit_with_too_many_inputs_is_enough():
    weight = np.zeros((300, 4))
    weight[:, 0] = 1.0
    weight[0, 1:] = 1.0
    for w in (weight, sp.csr_array(weight)):
        counts = counted(w)
        assert counts.layer("out").fan_in < 256 < counts.layer("out").fan_in_max == 300
        assert "a fan-in of 300 in 'out' (allowed 256)" in price(counts, "odin").needs


def test_sizes_of_the_weight_memory_with_and_without_zeros():
    weight = np.zeros((8, 10))
    weight[:, :2] = 1.0
    layer = counted(weight).layer("out")
    assert (layer.sources, layer.row, layer.dense_row) == (8, 2, 10)
    assert (layer.stored_weights, layer.dense_weights) == (16, 80)
