"""Delays of input synapses: one connection per delay, one weight and one delay per synapse."""

import dataclasses

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.core.plasticity import STDP
from spiking.core.synapses.delays import merged, split
from spiking.learn.stdp import learn_stdp
from spiking.learn.stdp.learner import learner
from spiking.learn.stdp.network import stdp_network

RULE = STDP(a_minus=1e-3, a_plus_triplet=0.1, pairing="nearest", norm=4.0)
X = np.random.default_rng(8).random((30, 20)).astype(np.float32)
SIZE = {"neurons": 6, "rate": 800.0, "duration": 40e-3, "precision": "float64"}


def network(**options):
    return stdp_network(20, **{**SIZE, "rule": RULE, "input_delay": 3e-3, **options})


def plastic(net):
    return [c for c in net.connections if c.plasticity is not None]


def test_every_synapse_draws_a_delay_of_its_own():
    weight, delay = merged(plastic(network()))
    np.testing.assert_array_equal(weight, stdp_network(20, **SIZE, rule=RULE).connections[0].weight)
    assert set(delay.ravel()) == set(range(7))
    assert np.all(np.bincount(delay.ravel()) > 5)  # 120 synapses, 7 delays
    again = merged(plastic(network(seed=1)))[1]
    assert np.any(again != delay)


def test_split_undoes_merged_zeros_included():
    parts = plastic(network())
    weight, delay = merged(parts)
    weight = weight * (weight > 0.1)
    new_weight, new_delay = merged(split(parts, weight))
    np.testing.assert_array_equal(new_weight, weight)
    np.testing.assert_array_equal(new_delay, delay)


def test_one_delay_for_all_moves_every_spike_by_it_and_changes_no_other():
    plain = stdp_network(20, **SIZE, rule=dataclasses.replace(RULE, norm=12.0))
    late = plain.replace(
        connections=[dataclasses.replace(plain.connections[0], delay=9), plain.connections[1]]
    )
    fed = learner(plain, min_spikes=0, rest=4.5e-3, log=1000)
    waits = learner(late, min_spikes=0, rest=4.5e-3, log=1000)
    counts = np.zeros((1, 6), np.int32)
    for one in (fed, waits):
        one.learn(X, np.zeros(1, np.int64), np.array([3]), 0, 5, counts)
    first, second = (a.state.log[: a.state.logged[0]].copy() for a in (fed, waits))
    first[:, 0] += 9
    end = fed.plan.steps + fed.plan.rest  # no later spike has time in the second
    assert len(second) > 5
    np.testing.assert_array_equal(first[first[:, 0] < end], second)


def test_learning_with_delays_has_the_same_bits_every_time_and_differs_from_none():
    one, two = learn_stdp(network(), X, seed=3), learn_stdp(network(), X, seed=3)
    a, b = merged(plastic(one))[0], merged(plastic(two))[0]
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(a.sum(axis=0), 4.0, rtol=1e-12)
    none = learn_stdp(network(input_delay=0.0), X, seed=3).connections[0].weight
    assert np.abs(none - a).max() > 1e-3


def test_what_delays_cannot_be_is_said_in_a_sentence():
    net = network()
    with pytest.raises(SpikingError, match=r"leave \d+ pairs of units without a synapse and give 0 several"):
        learn_stdp(net.replace(connections=net.connections[1:]), X)
    with pytest.raises(SpikingError, match=r"pairs 'restricted'; with delays.*takes 'all' and 'nearest'"):
        learn_stdp(network(rule=dataclasses.replace(RULE, pairing="restricted")), X)
    with pytest.raises(SpikingError, match=r"input_delay is -0.001 s; allowed: 0 to 1"):
        network(input_delay=-1e-3)
