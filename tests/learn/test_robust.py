"""Training for chips that deviate: what deviates, by how much, and that it helps."""

import numpy as np
import pytest

from spiking.core.coding.encode import Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.data.load import load
from spiking.kernels import layout as at
from spiking.learn.fit import fit
from spiking.learn.gradient.config import FitConfig
from spiking.learn.gradient.differentiate import Differentiator
from spiking.learn.gradient.hardware_aware.robust import START, Robust
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.learn.gradient.loss import on_scores
from spiking.simulate import run
from spiking.simulate.program import Program

SNN = Network.dense(
    [30, 400, 5], hidden=LIF(v_leak=0.2, v_threshold=1.2), readout=LI(), encoder=Poisson(), steps=6
)
MLP = Network.dense([64, 48, 10], hidden=ReLU(), readout=Linear(), seed=0)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_parameters_deviate_inside_the_block_and_come_back():
    program = Program(SNN)
    before, table = program.parameters.copy(), program.groups[0].params.copy()
    with Robust(noise=0.3, threshold_noise=0.2).applied(program, rng()):
        part, exact = (program.part(b, "input->hidden1") for b in (program.parameters, before))
        z = (part / exact - 1)[exact != 0]
        assert z.std() == pytest.approx(0.3, rel=0.02)
        assert abs(z.mean()) < 0.01
        theta = program.groups[0].params[at.THRESHOLD, :400]
        assert theta.std() == pytest.approx(0.2 * (1.2 - 0.2), rel=0.1)
        drop = program.groups[0].params[at.DROP, :400]  # each takes off its own threshold
        np.testing.assert_allclose(drop, theta, atol=1e-6)
    np.testing.assert_array_equal(program.parameters, before)
    np.testing.assert_array_equal(program.groups[0].params, table)


def test_noise_of_the_range_is_as_large_for_small_weights():
    program = Program(SNN)
    exact = program.part(program.parameters, "input->hidden1").copy()
    with Robust(noise=0.1, relative_to="range").applied(program, rng()):
        error = program.part(program.parameters, "input->hidden1") - exact
    small = np.abs(exact) < 0.3 * np.abs(exact).max()
    assert error[small].std() == pytest.approx(0.1 * np.abs(exact).max(), rel=0.05)


def test_parameters_come_back_after_an_error():
    program = Program(SNN)
    before = program.parameters.copy()
    with pytest.raises(KeyError), Robust(noise=0.3).applied(program, rng()):
        raise KeyError
    np.testing.assert_array_equal(program.parameters, before)


def test_the_adversary_of_one_layer_is_that_of_its_equations():
    net = Network.dense([6, 4], hidden=ReLU(), readout=Linear(), seed=3, bias=False)
    program = Program(net, np.float64)
    x, scores = rng(1).random((9, 6)), rng(2).normal(size=(9, 4))
    robust = Robust(beta=0.7, attack=0.2, ascents=2)
    got = robust.adversarial(Differentiator(program), x, scores, rng(5), seed=0, first_sample=0)

    def softmax(s):
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def gradient(w):  # of the cross-entropy to the answers, which is that of the divergence
        return x.T @ (softmax(x @ w) - softmax(scores)) / 9

    w = net.connections[0].weight.astype(float)
    start = START * rng(5).standard_normal(program.parameters.size, np.float32)
    away = program.part(start.astype(float), "input->output").copy()
    for _ in range(2):
        away += 0.1 * np.sign(gradient(w * (1 + away))) * np.sign(w)
    expected = 0.7 * gradient(w * (1 + away)) * (1 + away)
    np.testing.assert_allclose(program.part(got, "input->output"), expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(program.part(program.parameters, "input->output"), w)


def test_the_adversary_is_worse_than_chance():
    digits = load("digits")
    net = fit(MLP, digits.x_train, digits.y_train, epochs=5, learning_rate=5e-3).network
    program, x = Program(net), digits.x_train[:200]
    answers = run(net, x).scores
    away = []

    def divergence(parameters):
        exact = program.parameters.copy()
        program.parameters[:] = parameters
        loss = Differentiator(program)(x, softmax(answers)).loss
        program.parameters[:] = exact
        return loss

    def softmax(s):
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    class Spy(Differentiator):
        def __call__(self, *args, **how):
            away.append(self.program.parameters.copy())
            return super().__call__(*args, **how)

    Robust(beta=1.0, attack=0.1).adversarial(Spy(program), x, answers, rng(), seed=0, first_sample=0)
    found = away[-1]
    ratio = found[program.parameters != 0] / program.parameters[program.parameters != 0]
    assert np.abs(ratio - 1).max() < 0.1 + 10 * START
    signs = np.sign(rng(1).standard_normal((5, found.size)))
    by_chance = [divergence(program.parameters * (1 + 0.1 * s)) for s in signs]
    assert divergence(found) > 2 * max(by_chance)


def test_soft_labels_are_the_mean_of_hard_ones():
    scores = rng().normal(size=(7, 3))
    hard, labels = np.eye(3)[[0, 2, 1, 1, 0, 2, 2]], np.array([0, 2, 1, 1, 0, 2, 2])
    for name in ("cross_entropy", "mean_squared"):
        a, b = on_scores(name, scores, labels), on_scores(name, scores, hard)
        assert a[0] == pytest.approx(b[0])
        np.testing.assert_allclose(a[1], b[1])


def accuracies(net, data, sigma, chips=20):
    """Of chips whose weights deviate, drawn here and not by the package's effect."""
    found = []
    for k in range(chips):
        z = rng((k, 9))
        weights = [c.weight * (1 + sigma * z.standard_normal(c.weight.shape)) for c in net.connections]
        chip = net.with_parameters(weights, [p.bias for p in net.populations])
        found.append(run(chip, data.x_test, count=False).accuracy(data.y_test))
    return np.mean(found), np.min(found)


@pytest.mark.parametrize(
    "start",
    [MLP, Network.dense([64, 48, 10], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=8, seed=0)],
    ids=["mlp", "snn"],
)
def test_noise_while_training_makes_chips_that_deviate_better(start):
    digits = load("digits")
    plain, robust = (
        fit(start, digits.x_train, digits.y_train, epochs=20, learning_rate=5e-3, robust=r).network
        for r in (None, Robust(noise=0.3))
    )
    before, after = accuracies(plain, digits, 0.5), accuracies(robust, digits, 0.5)
    assert after[0] > before[0] + 0.01
    assert after[1] > before[1] + 0.02


def test_a_seed_decides_and_rounding_goes_with_it(tmp_path):
    digits = load("digits")
    how = {
        "epochs": 2, "seed": 5, "robust": Robust(noise=0.2, beta=0.1, ascents=1),
        "quantise": StraightThrough(weight_bits=4),
    }  # fmt: skip
    x, y = digits.x_train[:300], digits.y_train[:300]
    first, second = (fit(MLP, x, y, **how).network for _ in range(2))
    for a, b in zip(first.connections, second.connections, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)
    assert all(len(np.unique(c.weight[:, 0])) <= 15 for c in first.connections)
    other = fit(MLP, x, y, **(how | {"robust": Robust(noise=0.3)})).network
    assert not np.array_equal(first.connections[0].weight, other.connections[0].weight)


def test_a_training_that_was_stopped_goes_on_to_the_same_bits(tmp_path):
    digits = load("digits")
    x, y, robust = digits.x_train[:300], digits.y_train[:300], Robust(noise=0.2)
    whole = fit(MLP, x, y, epochs=3, robust=robust).network
    path = tmp_path / "kept"

    def stop(event):
        if event.stage and event.done > 5:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fit(MLP, x, y, epochs=3, robust=robust, checkpoint=path, progress=stop)
    again = fit(MLP, x, y, epochs=3, robust=robust, checkpoint=path, resume=path.exists()).network
    np.testing.assert_array_equal(whole.connections[0].weight, again.connections[0].weight)


def test_what_makes_no_sense_is_refused():
    for how, words in (
        ({}, "noise, threshold_noise and beta are all 0"),
        ({"noise": -0.1}, "noise is -0.1; allowed: 0 to 2; a standard deviation"),
        ({"noise": 0.1, "relative_to": "w_max"}, "unknown relative_to 'w_max'"),
        ({"beta": 0.1, "attack": 0}, "attack is 0; allowed: above 0"),
        ({"beta": 0.1, "ascents": 0}, "ascents is 0; allowed: whole numbers, 1 or more"),
    ):
        with pytest.raises(SpikingError, match=words):
            Robust(**how)
    with pytest.raises(SpikingError, match=r"robust is 0\.3; allowed: a Robust, or None"):
        FitConfig(epochs=1, robust=0.3)
    with pytest.raises(SpikingError, match="no unit of 'network' has a threshold; leave it out"):
        fit(MLP, np.zeros((4, 64)), np.zeros(4, int), epochs=1, robust=Robust(threshold_noise=0.2))
