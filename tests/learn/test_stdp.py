"""STDP learning: against a slow twin, against its own laws, and on real digits."""

import dataclasses

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.core.plasticity import STDP
from spiking.learn.stdp import learn_stdp, responses, train_stdp
from spiking.learn.stdp.network import EXCITATORY, freeze, stdp_network
from spiking.simulate import run
from tests.learn.naive_stdp import show

UNIT = dataclasses.replace(EXCITATORY, adapt_step=0.05e-3)
PAIR = {"a_plus": 0.01, "a_minus": 0.008, "norm": 4.0}
MINE = {
    "published": STDP(a_minus=1e-3, a_plus_triplet=0.1, pairing="nearest", norm=4.0),
    "pair": STDP(**PAIR),
    "nearest": STDP(**PAIR, pairing="nearest"),
    "pre_centred": STDP(**PAIR, pairing="pre_centred"),
    "restricted": STDP(**PAIR, pairing="restricted"),
    "triplet": STDP(**PAIR, a_plus_triplet=0.02, a_minus_triplet=0.001),
    "soft": STDP(**PAIR, mu_plus=1.0, mu_minus=0.5),
    "post-triggered": STDP(a_plus=0.02, x_target=0.4, mu_plus=0.2, pairing="nearest", norm=4.0),
}


def network(rule, **options):
    base = {
        "neurons": 6,
        "rate": 800.0,
        "duration": 80e-3,
        "precision": "float64",
        "rule": rule,
        "unit": UNIT,
    }
    return stdp_network(20, **{**base, **options})


@pytest.mark.parametrize("winners", [1, 3])
@pytest.mark.parametrize("name", MINE)
def test_learning_equals_the_slow_twin(name, winners):
    rule = MINE[name]
    net = network(rule, winners=winners)
    x = np.random.default_rng(3).random((4, 20)).astype(np.float32)
    learned = learn_stdp(net, x, seed=5, min_spikes=0, tries=3)

    order = np.random.default_rng([5, 1]).permutation(4)
    w, theta = net.connections[0].weight, np.full(6, 20e-3)
    fired = 0
    for p, k in enumerate(order):
        w = w * (rule.norm / w.sum(axis=0))
        raster = net.inputs[0].encoder.spikes(x[k : k + 1], net.steps, 5, 3 * p)[0]
        out, w, theta = show(
            raster,
            w,
            theta,
            dt=net.dt,
            lateral=net.connections[1].weight,
            delay=2,
            winners=winners,
            learning=True,
            rule=rule,
            unit=UNIT,
        )
        fired += out.sum()
    w = w * (rule.norm / w.sum(axis=0))
    assert fired > 20
    np.testing.assert_allclose(learned.connections[0].weight, w, atol=1e-12)
    np.testing.assert_allclose(learned["excitatory"].unit.adapt_start, theta, atol=1e-15)


def test_the_adaptive_threshold_rises_with_each_spike_and_weights_keep_their_sum():
    rule = MINE["published"]
    x = np.random.default_rng(0).random((3, 20)).astype(np.float32)
    learned = learn_stdp(network(rule), x, min_spikes=0)
    assert learned["excitatory"].unit.adapt_start.max() > 20e-3
    np.testing.assert_allclose(learned.connections[0].weight.sum(axis=0), rule.norm, rtol=1e-12)
    assert learned.connections[0].weight.min() >= 0


def test_same_seed_same_bits_whatever_the_threads_and_the_chunks():
    x = np.random.default_rng(1).random((230, 20)).astype(np.float32)
    net = freeze(network(MINE["pair"], precision="float32"))
    one, two = responses(net, x, seed=9, threads=1), responses(net, x, seed=9, threads=2)
    parts = np.concatenate([responses(net, x[:70], seed=9), responses(net, x[70:], seed=9, first=70)])
    assert one.sum() > 0
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, parts)


def test_boosting_raises_the_rates_of_a_weak_sample_until_it_is_answered():
    x = np.stack([np.full(20, 0.05), np.full(20, 1.0)]).astype(np.float32)
    weak = freeze(network(MINE["published"], rate=200.0))
    assert responses(weak, x).sum(axis=1)[0] == 0
    shy = learn_stdp(network(MINE["published"], rate=200.0), x[:1], min_spikes=2, boost=4.0, tries=9)
    spikes = np.round((shy["excitatory"].unit.adapt_start - UNIT.adapt_start) / UNIT.adapt_step)
    assert spikes.sum() >= 2


def test_digits_are_learned_without_labels():
    datasets = pytest.importorskip("sklearn.datasets")
    pixels, y = datasets.load_digits(return_X_y=True)
    x = (pixels / 16).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:1437], order[1437:]
    seen = []
    net = train_stdp(x[train], y[train], neurons=200, epochs=2, seed=0, threads=1, progress=seen.append)
    counts = responses(net, x[test], seed=1, threads=1)
    accuracy = np.mean(net.output.decoder.scores(counts).argmax(axis=1) == y[test])
    assert accuracy > 0.85
    assert abs(seen[-1].accuracy - accuracy) < 0.12  # the running estimate, made without the test set
    assert seen[-1].done == seen[-1].total == 2 * 1437


def test_bad_input_gets_one_sentence():
    x = np.full((2, 20), 0.5, np.float32)
    with pytest.raises(SpikingError, match="NaN, infinite or negative"):
        learn_stdp(network(MINE["pair"]), -x)
    with pytest.raises(SpikingError, match=r"shape \(2, 19\) came; the network takes \[samples, 20\]"):
        learn_stdp(network(MINE["pair"]), x[:, :19])
    with pytest.raises(SpikingError, match=r"'excitatory' stayed silent.*raise the input rate"):
        learn_stdp(network(MINE["pair"], rate=0.1), x)
    with pytest.raises(SpikingError, match="no labelled sample of class 1 "):
        train_stdp(np.ones((4, 20)), np.array([0, 2, 0, 2]), neurons=4, duration=50e-3, rate=500.0)
    with pytest.raises(SpikingError, match=r"unknown pairing 'nearst' .did you mean 'nearest'.*"):
        STDP(pairing="nearst")


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_frozen_network_spikes_in_the_simulator_as_in_the_learning_kernel(precision):
    x = np.random.default_rng(2).random((5, 20)).astype(np.float32)
    net = freeze(learn_stdp(network(MINE["published"], precision=precision), x))
    trace = run(net, x, seed=11, first_sample=3, precision=precision)
    ours = responses(net, x, seed=11, first=3)
    assert ours.sum() > 20
    np.testing.assert_array_equal(trace.spikes["excitatory"], ours)
