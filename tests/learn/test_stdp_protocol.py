"""How STDP learning is run: checkpoints, mini-batches, reward, labels, refusals."""

import dataclasses

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.core.plasticity import RULES, STDP
from spiking.learn.stdp import label_stdp, learn_stdp, responses
from spiking.learn.stdp.label import PENALTY, RIDGE, votes
from spiking.learn.stdp.network import EXCITATORY, freeze, stdp_network

RULE = STDP(a_minus=1e-3, a_plus_triplet=0.1, pairing="nearest", norm=4.0)
X = np.random.default_rng(8).random((250, 20)).astype(np.float32)


def network(**options):
    size = {"neurons": 6, "rate": 800.0, "duration": 40e-3, "rule": RULE}
    return stdp_network(20, **{**size, **options})


def same(a, b):
    np.testing.assert_array_equal(a.connections[0].weight, b.connections[0].weight)
    np.testing.assert_array_equal(a["excitatory"].unit.adapt_start, b["excitatory"].unit.adapt_start)


def test_an_interrupted_run_resumes_to_the_same_bits(tmp_path):
    whole = learn_stdp(network(), X, seed=3)
    file = tmp_path / "checkpoint.npz"

    def stop(event):
        if event.done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn_stdp(network(), X, seed=3, checkpoint=file, checkpoint_every=100, progress=stop)
    positions = []
    rest = learn_stdp(
        network(), X, seed=3, checkpoint=file, progress=lambda event: positions.append(event.done)
    )
    assert positions == [250]
    same(whole, rest)
    assert whole.metadata["stdp"] == rest.metadata["stdp"]
    again = learn_stdp(network(), X, seed=3, checkpoint=file, progress=lambda event: positions.append(0))
    assert positions == [250]  # finished: nothing is learned twice
    same(whole, again)


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    file = tmp_path / "checkpoint.npz"
    learn_stdp(network(), X, images=100, seed=3, checkpoint=file)
    narrow = stdp_network(10, neurons=6, rate=800.0, rule=RULE)
    with pytest.raises(SpikingError, match=r"is the checkpoint of another network; give the network"):
        learn_stdp(narrow, X[:, :10], images=100, seed=3, checkpoint=file)
    with pytest.raises(SpikingError, match=r"is the checkpoint of another network"):
        learn_stdp(network(neurons=7), X, images=100, seed=3, checkpoint=file)
    with pytest.raises(SpikingError, match=r"made with other settings \(seed was 3, is 4\)"):
        learn_stdp(network(), X, images=100, seed=4, checkpoint=file)
    file.write_bytes(b"PK no")
    with pytest.raises(SpikingError, match=r"is not a whole checkpoint of this version"):
        learn_stdp(network(), X, images=100, seed=3, checkpoint=file)


def test_mini_batches_have_the_same_bits_on_any_number_of_threads():
    one = learn_stdp(network(), X, images=100, seed=3, batch=8, threads=1)
    two = learn_stdp(network(), X, images=100, seed=3, batch=8, threads=2)
    exact = learn_stdp(network(), X, images=100, seed=3)
    same(one, two)
    assert np.abs(one.connections[0].weight - exact.connections[0].weight).max() > 1e-4  # another algorithm
    np.testing.assert_allclose(one.connections[0].weight.sum(axis=0), RULE.norm, rtol=1e-5)


def test_a_batch_adds_what_each_sample_would_have_taught_alone():
    net = network(precision="float64", rule=dataclasses.replace(RULE, w_max=100.0))
    batch = learn_stdp(net, X[:2], images=2, seed=3, batch=2, min_spikes=0)
    start = net.connections[0].weight
    start = start * (RULE.norm / start.sum(axis=0))
    order = np.random.default_rng([3, 1]).permutation(2)
    total, shown = start.copy(), 0
    for position, k in enumerate(order):
        from spiking.learn.stdp.learner import learner

        alone = learner(net, min_spikes=0)
        counts = np.zeros((1, 6), np.int32)
        alone.learn(X[:2], np.zeros(1, np.int64), np.array([k]), position, 3, counts)
        total += alone.weight[:, :6] - start
        shown += counts.sum()
    assert shown > 5
    total *= RULE.norm / total.sum(axis=0)
    np.testing.assert_allclose(batch.connections[0].weight, total, atol=1e-12)


def patterns(rng, samples):
    """Two classes of noisy patterns with half of the inputs each."""
    y = rng.integers(0, 2, samples)
    x = np.where((np.arange(20) < 10)[None, :] == (y == 0)[:, None], 0.9, 0.1)
    return (x * rng.uniform(0.6, 1.0, (samples, 20))).astype(np.float32), y


REWARD = dataclasses.replace(RULES["reward"], x_target=0.8, norm=4.0)
FIXED = dataclasses.replace(EXCITATORY, adapt_step=0.0)


def test_reward_teaches_units_the_class_they_stand_for():
    x, y = patterns(np.random.default_rng(2), 200)
    net = network(rule=REWARD, neurons=2, unit=FIXED, seed=1)
    taught = freeze(learn_stdp(net, x, y, epochs=2, seed=0))
    right = np.mean(responses(taught, x, seed=9).argmax(axis=1) == y)
    lied = freeze(learn_stdp(net, x, 1 - y, epochs=2, seed=0))
    wrong = np.mean(responses(lied, x, seed=9).argmax(axis=1) == y)
    assert right > 0.95
    assert wrong < 0.05


def test_without_reward_an_eligibility_trace_moves_nothing():
    x, y = patterns(np.random.default_rng(2), 60)
    net = network(rule=dataclasses.replace(REWARD, punishment=0.0), neurons=2, unit=FIXED)
    tuned = net.connections[0].weight.copy()
    tuned[:10, 0], tuned[10:, 0], tuned[:10, 1], tuned[10:, 1] = 0.35, 0.05, 0.05, 0.35
    net = net.replace(connections=[dataclasses.replace(net.connections[0], weight=tuned), net.connections[1]])
    assert np.all(responses(freeze(net), x).argmax(axis=1) == y)  # unit 0 answers class 0, unit 1 class 1
    after = learn_stdp(net, x, 1 - y, seed=0).connections[0].weight
    np.testing.assert_allclose(after, tuned, rtol=1e-4)
    right = learn_stdp(net, x, y, seed=0).connections[0].weight
    assert np.abs(right - tuned).max() > 1e-3


def test_labels_come_from_training_counts():
    counts = np.array([[4, 0, 1], [2, 0, 1], [0, 6, 1], [0, 0, 2]])
    y = np.array([0, 0, 1, 1])
    assigned = votes(counts, y, classes=2, method="all_activity")
    np.testing.assert_allclose(assigned, [[1, 0], [0, 0.5], [0, 0.5]])
    shares = votes(counts, y, classes=2, method="proportion")
    np.testing.assert_allclose(shares, [[1, 0], [0, 1], [0.4, 0.6]])
    linear = votes(np.repeat(counts, 50, axis=0), np.repeat(y, 50), classes=2, method="linear")
    assert np.all((counts @ linear).argmax(axis=1) == y)
    with pytest.raises(SpikingError, match=r"unknown labelling 'proportional' \(did you mean 'proportion'"):
        votes(counts, y, classes=2, method="proportional")
    with pytest.raises(SpikingError, match=r"no labelled sample of class 2 came.*training data"):
        label_stdp(network(), X[:4], np.array([0, 1, 3, 3]))


def noisy_counts(samples=300):
    """Sparse counts of 12 neurons, two for each of 6 classes and now and then another."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 6, samples)
    rate = 0.3 + 2.0 * (np.arange(12)[None, :] // 2 == y[:, None])
    return rng.poisson(rate), y


def test_bayes_scores_the_likelihood_of_the_spikes_as_independent_draws():
    counts, y = noisy_counts()
    scores = counts @ votes(counts, y, classes=6, method="bayes")
    for k in range(6):
        share = (counts[y == k].sum(axis=0) + 0.5) / (counts[y == k].sum() + 0.5 * 12)
        np.testing.assert_allclose(scores[:, k], (counts * np.log(12 * share)).sum(axis=1), atol=1e-9)


def test_linear_solves_the_normal_equations_of_ridge_regression():
    counts, y = noisy_counts()
    weight = votes(counts, y, classes=6, method="linear")
    gram = counts.T @ counts
    strength = RIDGE * np.trace(gram) / 12
    np.testing.assert_allclose(gram @ weight + strength * weight, counts.T @ np.eye(6)[y], rtol=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_logistic_is_the_minimum_of_its_loss(classes):
    """The loss is convex: where its gradient vanishes is its one minimum."""
    counts, y = noisy_counts()
    y = y % classes
    weight = votes(counts, y, classes=classes, method="logistic")
    scores = counts @ weight
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    gradient = counts.T @ (p - np.eye(classes)[y]) / len(y) + PENALTY * weight
    assert np.abs(gradient).max() < 2e-4
    assert np.abs(weight).max() > 0.5


@pytest.mark.parametrize("method", ["all_activity", "proportion", "bayes", "linear", "logistic"])
def test_a_silent_network_has_no_answer(method):
    counts, y = noisy_counts()
    assert not np.any(np.zeros(12) @ votes(counts, y, classes=6, method=method))


def test_weights_that_became_nan_are_never_used(tmp_path):
    file = tmp_path / "checkpoint.npz"
    learn_stdp(network(), X, images=100, seed=3, checkpoint=file)
    with np.load(file) as held:
        data = dict(held)
    data["weight"][0, 0] = np.nan
    np.savez(file, **data)
    with pytest.raises(SpikingError, match=r"\(weight is NaN or infinite\); delete it"):
        learn_stdp(network(), X, images=200, seed=3, checkpoint=file)


def test_other_networks_are_refused_in_a_sentence():
    net = network()
    with pytest.raises(SpikingError, match=r"in a form that STDP learning does not take"):
        learn_stdp(net.replace(connections=net.connections[:1]), X)
    uneven = net.connections[1].weight.copy()
    uneven[0, 1] = 3.0
    changed = dataclasses.replace(net.connections[1], weight=uneven)
    with pytest.raises(SpikingError, match=r"takes one value for all units but the own"):
        learn_stdp(net.replace(connections=[net.connections[0], changed]), X)
    with pytest.raises(SpikingError, match=r"unknown learning rule 'pairs' \(did you mean 'pair'\?\)"):
        stdp_network(20, rule="pairs")
    with pytest.raises(SpikingError, match=r"needs labels y for its reward"):
        learn_stdp(network(rule="reward"), X)


def test_a_sample_that_is_shown_again_gets_spikes_of_its_own():
    """Without a boost each try draws at the same rates: about as many spikes, and not the very same."""
    spikes = []
    for tries in (1, 2, 3):
        learned = learn_stdp(network(), X[:1], min_spikes=10**6, boost=0.0, tries=tries)
        spikes.append(learned.metadata["stdp"]["input_spikes"])
    each = np.diff([0, *spikes])
    assert len(set(each)) == 3
    assert np.ptp(each) < 6 * np.sqrt(each.mean())
