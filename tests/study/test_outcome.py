"""What is tested is what is counted: the network after quantisation, not the one before."""

from types import SimpleNamespace

import numpy as np

from spiking import LI, LIF, Direct, Membrane, Network, count, quantise
from spiking.study.results import outcome as results


def test_the_network_that_was_tested_is_counted():
    rng = np.random.default_rng(0)
    original = Network.dense(
        [6, 20, 3], hidden=LIF(tau_mem=20e-3, v_threshold=0.4), readout=LI(tau_mem=20e-3), encoder=Direct(),
        decoder=Membrane(over="mean"), steps=6, seed=1,
    )  # fmt: skip
    network = quantise(original, weight_bits=2)
    x, y = rng.random((30, 6)).astype(np.float32), rng.integers(0, 3, 30)
    trained = SimpleNamespace(network=network, original=original)
    task = SimpleNamespace(seed=0, x_validation=x, y_validation=y)
    data = SimpleNamespace(x_test=x, y_test=y)
    found = results.outcome("mine", trained, task, data, integers=False, seconds=0.0)
    hidden = network.populations[0].name
    after, before = (count(n, results.tested(n, x, 0)).mean()[hidden, "spikes"] for n in (network, original))
    assert found.counts.layer(hidden).weight_bits == 2
    assert found.counts[hidden, "spikes"] == after != before
    assert found.correct == int(np.sum(results.tested(network, x, 0).predictions == y))
