"""What is tested is what is counted: the network after quantisation, not the one before."""

from types import SimpleNamespace

import numpy as np

from spiking import LI, LIF, Direct, Membrane, Network, count, quantise
from spiking.hardware import load_chip
from spiking.hardware.design import Design
from spiking.study.designs.deploy import deploy
from spiking.study.designs.deploy import tested as as_tested
from spiking.study.results.outcome import outcome


def test_the_network_that_was_tested_is_counted():
    rng = np.random.default_rng(0)
    original = Network.dense(
        [6, 20, 3], hidden=LIF(tau_mem=20e-3, v_threshold=0.4), readout=LI(tau_mem=20e-3), encoder=Direct(),
        decoder=Membrane(over="mean"), steps=6, seed=1,
    )  # fmt: skip
    network = quantise(original, weight_bits=2)
    x, y = rng.random((30, 6)).astype(np.float32), rng.integers(0, 3, 30)
    trained = SimpleNamespace(network=network, original=original)
    task = SimpleNamespace(seed=0, x=x, x_validation=x, y_validation=y)
    data = SimpleNamespace(x_test=x, y_test=y)
    chips = [load_chip("generic-45nm"), load_chip("jetson-tx1")]
    built = deploy(trained, task, data, chips, plan="shipped", margin=0.01)
    found = outcome("mine", trained, task, data, built, integers=False, seconds=0.0)
    hidden = network.populations[0].name
    after, before = (count(n, as_tested(n, x, 0)).mean()[hidden, "spikes"] for n in (network, original))
    for d in found.deployed.values():
        assert d.design is None
        assert d.counts.layer(hidden).weight_bits == 2
        assert d.counts[hidden, "spikes"] == after != before
        assert np.array_equal(d.right, as_tested(network, x, 0).predictions == y)


def test_a_pinned_design_is_built_on_machines_alone():
    rng = np.random.default_rng(0)
    original = Network.dense(
        [6, 20, 3], hidden=LIF(tau_mem=20e-3, v_threshold=0.4), readout=LI(tau_mem=20e-3), encoder=Direct(),
        decoder=Membrane(over="mean"), steps=6, seed=1,
    )  # fmt: skip
    x, y = rng.random((30, 6)).astype(np.float32), rng.integers(0, 3, 30)
    trained = SimpleNamespace(network=quantise(original), original=original)
    task = SimpleNamespace(seed=0, x=x, x_validation=x, y_validation=y)
    chips = [load_chip("generic-45nm"), load_chip("jetson-tx1")]
    plan = Design(weight_bits=4, state_bits=12, schedule="neuron-stationary")
    built = deploy(trained, task, SimpleNamespace(x_test=x, y_test=y), chips, plan=plan, margin=0.01)
    machine, board = built["generic-45nm"], built["jetson-tx1"]
    assert machine.network["hidden1"].unit.bits == 12
    assert machine.chip.settings["state"] == "registers"
    assert machine.counts.layer("hidden1").weight_bits == 4
    assert board.design is None
    assert board.network is trained.network
