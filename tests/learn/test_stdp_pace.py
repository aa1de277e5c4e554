"""Pacing: thresholds and learning rates that suit the number of neurons and of samples."""

import dataclasses

import numpy as np
import pytest

from spiking.core.plasticity import RULES
from spiking.learn.stdp import LearnConfig, stdp_network
from spiking.learn.stdp.batch import learn_batch
from spiking.learn.stdp.learn import Lesson
from spiking.learn.stdp.network import EXCITATORY, SPIKES, STEP, paced, paced_rule

DURATION = 350e-3
SIZES = [(100, 2_000), (100, 60_000), (400, 60_000), (1600, 60_000), (6400, 60_000)]


@pytest.mark.parametrize(("neurons", "images"), SIZES)
def test_the_mean_threshold_ends_at_the_target(neurons, images):
    """Sample after sample: fade, then rise by an even share of the spikes."""
    unit = paced(EXCITATORY, neurons=neurons, images=images, duration=DURATION)
    theta = 20e-3
    for _ in range(images):
        theta = theta * np.exp(-DURATION / unit.tau_adapt) + unit.adapt_step * SPIKES / neurons
    assert theta == pytest.approx(38e-3, rel=1e-3)


def test_thresholds_fade_in_18_000_samples_unless_a_step_would_be_too_large():
    def samples(neurons, images):
        return paced(EXCITATORY, neurons=neurons, images=images, duration=DURATION).tau_adapt / DURATION

    assert samples(400, 60_000) == pytest.approx(18_000)
    assert samples(400, 20_000) == pytest.approx(18_000)
    assert samples(100, 2_000) == pytest.approx(2 * 2_000)  # twice the time of learning at most
    large = paced(EXCITATORY, neurons=6400, images=60_000, duration=DURATION)
    assert large.tau_adapt / DURATION > 2 * 18_000
    assert large.adapt_step <= STEP


def test_many_neurons_learn_more_from_a_spike():
    rule = RULES["diehl-cook"]
    assert paced_rule(rule, neurons=100) == rule
    assert paced_rule(rule, neurons=1600) == dataclasses.replace(rule, a_plus_triplet=0.02)
    pair = paced_rule(RULES["pair"], neurons=6400)
    assert (pair.a_plus, pair.a_minus) == pytest.approx((4e-3, 1e-4))


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_thresholds_fade_alike_in_batches_of_any_size(batch):
    """Five samples without a spike: thresholds decay through all their steps, whatever learns at a time."""
    network = stdp_network(4, neurons=3, duration=30e-3)
    lesson = Lesson(network, np.zeros((5, 4), np.float32), None, LearnConfig(min_spikes=0))
    state, theta = lesson.state, np.array([3e-2, 4e-2, 5e-2])  # [V], out of reach
    state.state.theta[: len(theta)] = theta
    counts, labels = np.zeros((5, state.units), np.int32), np.zeros(1, np.int64)
    learn_batch(state, lesson.x, labels, lesson.order, 0, 0, counts, batch, 1)
    assert counts.sum() == 0
    steps, (excitatory, *_) = 5 * network.steps, network.populations
    want = theta * np.exp(-network.dt / excitatory.unit.tau_adapt) ** steps
    assert want[0] < theta[0]
    np.testing.assert_allclose(state.state.theta[: len(theta)], want, rtol=1e-6)
