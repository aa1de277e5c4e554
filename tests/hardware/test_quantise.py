import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.encode import Poisson
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LIF, Linear, ReLU
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware import price, quantise
from spiking.simulate import run

RNG = np.random.default_rng(3)
X = RNG.random((40, 12)).astype(np.float32)
MLP = Network.dense([12, 20, 5], hidden=ReLU(), readout=Linear(), seed=1)


def test_weights_lie_on_a_symmetric_grid_of_the_stated_width():
    for bits in (2, 4, 8):
        for c in quantise(MLP, weight_bits=bits, calibration=X).connections:
            levels = np.unique(np.round(c.weight / np.abs(c.weight).max() * (2 ** (bits - 1) - 1), 4))
            assert np.all(levels == np.round(levels))
            assert len(levels) <= 2**bits - 1
            assert c.weight_bits == bits


def test_eight_bits_change_the_scores_by_less_than_a_few_steps_of_the_grid():
    q = quantise(MLP, calibration=X)
    a, b = run(MLP, X).scores, run(q, X).scores
    assert np.max(np.abs(a - b)) < 0.03 * np.max(np.abs(a))
    assert np.max(np.abs(a - b)) > 0  # it does something


def test_values_are_on_their_grid_when_the_network_runs():
    q = quantise(MLP, value_bits=3, calibration=X)
    trace = run(q, X, record=("v",))
    unit = q["hidden1"].unit
    assert unit.bits == 3
    assert q.inputs[0].bits == 3
    assert q.inputs[0].scale == pytest.approx(X.max() / 7)
    assert trace.scores.shape == (40, 5)


def test_more_bits_come_closer():
    def error(bits):
        q = quantise(MLP, weight_bits=bits, value_bits=bits, calibration=X)
        return float(np.mean((run(q, X).scores - run(MLP, X).scores) ** 2))

    assert error(4) > error(6) > error(8)


def test_a_spiking_network_gets_weights_only_and_keeps_sparse_ones_sparse():
    weight = sp.random_array((12, 5), density=0.4, rng=RNG, format="csr")
    net = Network(
        inputs=[Input(size=12, encoder=Poisson())],
        populations=[Population(name="out", size=5, unit=LIF())],
        connections=[Connection(source="input", target="out", weight=weight)],
        output=Output(population="out"),
        steps=5,
    )
    q = quantise(net, weight_bits=4)
    assert sp.issparse(q.connections[0].weight)
    assert q.connections[0].weight_bits == 4
    assert q.inputs[0].bits == net.inputs[0].bits


def test_quantised_widths_reach_the_price():
    full = price(count(MLP, run(MLP, X)).mean(), "generic-45nm").total("compute").nominal
    q = quantise(MLP, calibration=X)
    c = count(q, run(q, X)).mean()
    assert c.layer("hidden1").input_bits == 8
    assert c.layer("output").input_bits == 8
    assert price(c, "generic-45nm").total("compute").nominal < full / 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weight_bits": 1, "calibration": X}, "weight_bits is 1; allowed: 2 to 32"),
        ({"value_bits": 0, "calibration": X}, "value_bits is 0; allowed: 1 to 32"),
        ({}, "needs calibration data"),
        ({"calibration": X[:, :5]}, "the network has 12 inputs, the calibration data 5 features"),
        ({"calibration": X, "percentile": 0}, "percentile is 0"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(SpikingError, match=words):
        quantise(MLP, **arguments)


def test_neurobench_documented_example():
    """NeuroBench docs, synaptic operations: 4 effective and 9 dense for this weight and input."""
    w = np.array([[1.3, 0, -3.2], [0, 1.2, -5.1], [-1.1, 2.7, 0]])
    x = np.array([[0, 1.3, -1.0]])
    net = Network(
        inputs=[Input(size=3)],
        populations=[Population(name="out", size=3, unit=Linear())],
        connections=[Connection(source="input", target="out", weight=w.T)],  # theirs is [target, source]
        output=Output(population="out"),
    )
    c = count(net, run(net, x)).mean()
    assert c["out", "macs_effective"] == 4
    assert c["out", "macs_dense"] == 9
