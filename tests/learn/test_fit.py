"""Training: optimisers, time constants, dropout, rounding, checkpoints, and what it refuses."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest

from spiking.core.coding.decode import FirstSpike, Membrane
from spiking.core.coding.encode import Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Discretisation, Linear, ReLU
from spiking.learn.fit import fit
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.learn.gradient.loss import output_loss
from spiking.learn.gradient.memory import check_fits
from spiking.learn.gradient.optimise import Optimiser, OptimiserState
from spiking.simulate import run
from spiking.simulate.program import Program
from tests import nets

RNG = np.random.default_rng(0)
X = RNG.random((60, 12)).astype(np.float32)
Y = (X[:, :3].argmax(axis=1)).astype(np.int64)


def snn(**kwargs):
    return Network.dense(
        [12, 24, 3], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=8, seed=1, **kwargs
    )


def mlp():
    return Network.dense([12, 24, 3], hidden=ReLU(), readout=Linear(), seed=1)


def parameters(network):
    return np.concatenate(
        [*(c.weight.ravel() for c in network.connections), *(p.bias for p in network.populations)]
    )


@pytest.mark.parametrize("network", [mlp(), snn()])
def test_training_learns_and_keeps_the_best_epoch(network):
    done = fit(network, X, Y, epochs=30, batch_size=16, learning_rate=1e-2, validation=(X[:20], Y[:20]))
    best = max(row["validation_accuracy"] for row in done.history)
    assert done.history[-1]["loss"] < 0.5 * done.history[0]["loss"]
    if not network.spiking:
        assert run(done.network, X[:20]).accuracy(Y[:20]) == best


def test_patience_stops_training():
    done = fit(mlp(), X, Y, epochs=200, learning_rate=0.05, validation=(X[:20], Y[:20]), patience=3)
    best = int(np.argmax([row["validation_accuracy"] for row in done.history]))
    assert len(done.history) == best + 4


def naive_optimiser(rule, gradients, total):
    """The papers' update rules, a parameter at a time, in float64."""
    p, m, v = np.ones(5), np.zeros(5), np.zeros(5)
    for t, gradient in enumerate(gradients):
        g = gradient.copy()
        norm = np.sqrt((g**2).sum())
        if rule.clip is not None and norm > rule.clip:
            g = g * rule.clip / norm
        lr = rule.learning_rate
        if rule.schedule == "cosine":
            lr *= (1 + np.cos(np.pi * t / total)) / 2
        elif rule.schedule == "step":
            lr *= rule.gamma ** (3 * t // total)
        if rule.name == "sgd":
            m = rule.momentum * m + g + rule.weight_decay * p
            p = p - lr * m
            continue
        if rule.name == "adam":
            g = g + rule.weight_decay * p
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        p = p - lr * (step + (rule.weight_decay * p if rule.name == "adamw" else 0))
    return p


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
@pytest.mark.parametrize("clip", [None, 0.5])
def test_optimisers_follow_their_papers(name, schedule, clip):
    rule = Optimiser(name=name, learning_rate=0.05, weight_decay=0.1, schedule=schedule, clip=clip)
    gradients = [np.random.default_rng(k).normal(size=5) for k in range(9)]
    p = np.ones(5)
    state = OptimiserState.start(rule, p, len(gradients))
    for g in gradients:
        state.apply(p, g.copy())
    np.testing.assert_allclose(p, naive_optimiser(rule, gradients, len(gradients)), rtol=1e-10)


@pytest.mark.parametrize("scale", ["raw", "one_minus_beta", "dt_over_tau"])
@pytest.mark.parametrize("integrator", ["exact", "euler"])
def test_gradients_of_time_constants_equal_central_differences(scale, integrator):
    """No spike changes under the small step: a threshold above reach leaves the readout smooth."""
    form = Discretisation(integrator=integrator, input_scale=scale)
    unit = LI(tau_mem=np.linspace(3e-3, 9e-3, 3), discretisation=form)
    net = nets.chain(nets.FORMS["subtract"], sizes=(6, 3))
    net = net.replace(populations=[type(net["out"])(name="out", size=3, unit=unit, bias=net["out"].bias)])
    program = Program(net, np.float64, learn_tau=True)
    differentiate = Differentiator(program)
    x, labels = nets.raster(net), np.array([0, 2, 1, 1])
    gradient = program.part(differentiate(x, labels).parameters, "tau:out").copy()
    for j in range(3):
        sides = []
        for step in (1e-6, -1e-6):
            program.part(program.parameters, "tau:out")[j] += step
            sides.append(differentiate(x, labels).loss)
            program.part(program.parameters, "tau:out")[j] -= step
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(gradient[j], rel=1e-5)


@pytest.mark.parametrize("hidden", [9, 83])
@pytest.mark.parametrize("form", ["subtract", "zero", "delayed", "scaled", "refractory"])
def test_spiking_time_constants_receive_the_gradient_of_a_moved_decay(form, hidden):
    """Along fixed spikes, ``dL/d decay`` is the twin's gradient with a decay that is a variable."""
    from tests import naive
    from tests.tape import Var

    one = nets.chain(nets.FORMS[form], sizes=(6, hidden, 3))
    x, labels = nets.raster(one), np.array([0, 2, 1, 1])
    keep, knobs = naive.coefficients, {}

    def variable(form_, tau, dt):
        decay, gain = keep(form_, tau, dt)
        if np.ndim(tau) or float(tau) not in (5e-3, 8e-3):
            return decay, gain
        if "h1" not in knobs:
            knobs["h1"] = Var(np.full(hidden, float(decay)))
        return knobs["h1"], (1.0 - knobs["h1"] if form_.input_scale == "one_minus_beta" else gain)

    spike = naive.spike_with("fast_sigmoid", 5.0, smooth=False)
    program = Program(one, np.float64, learn_tau=True)
    got = Differentiator(program, surrogate=Surrogate(slope=5.0))(x, labels)
    naive.coefficients = variable
    try:
        out, _, _ = naive.simulate(one, x, spike=spike)
        total = sum(out["out"][0][1:], start=out["out"][0][0]) * (1 / one.steps)
        naive.cross_entropy(total, labels).backward()
    finally:
        naive.coefficients = keep
    decay = knobs["h1"].value
    want = knobs["h1"].grad * decay * (1 - decay)
    part = program.part(got.parameters, "tau:h1")
    assert np.abs(want).max() > 0
    np.testing.assert_allclose(part, want, rtol=1e-8, atol=1e-12)


def test_learned_time_constants_end_up_in_the_network():
    done = fit(snn(), X, Y, epochs=3, learning_rate=1e-2, learn_tau=True)
    tau = done.network["hidden1"].unit.tau_mem
    assert tau.shape == (24,)
    assert np.ptp(tau) > 1e-5
    assert np.all(tau > 0)


def test_dropout_hides_units_and_scales_the_weights():
    for network in (mlp(), snn()):
        program = Program(network, np.float64)
        gradient = Differentiator(program, dropout=0.5)
        g = program.part(gradient(X[:1], Y[:1], seed=3).parameters, "hidden1->output").copy()
        silent = np.flatnonzero(~g.any(axis=1))
        full = program.part(Differentiator(program)(X[:1], Y[:1], seed=3).parameters, "hidden1->output")
        assert len(silent) > np.count_nonzero(~full.any(axis=1))
    start = mlp()
    done = fit(start, X, Y, epochs=1, learning_rate=1e-9, dropout=0.25)
    np.testing.assert_allclose(
        done.network.connections[1].weight, 0.75 * start.connections[1].weight, rtol=1e-4
    )
    np.testing.assert_allclose(done.network.connections[0].weight, start.connections[0].weight, rtol=1e-4)


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_trained_straight_through_lie_on_their_grid(bits, per_channel):
    rule = StraightThrough(weight_bits=bits, per_channel=per_channel)
    for network in (mlp(), snn()):
        done = fit(network, X, Y, epochs=2, quantise=rule)
        for c in done.network.connections:
            assert c.weight_bits == bits
            top = np.abs(c.weight).max(axis=0 if per_channel else None)
            level = c.weight / (top / (2 ** (bits - 1) - 1))
            np.testing.assert_allclose(level, np.rint(level), atol=1e-3)
            assert np.abs(level).max() <= 2 ** (bits - 1) - 1 + 1e-3


def test_values_of_an_mlp_are_rounded_too():
    done = fit(
        mlp(), X, Y, epochs=40, learning_rate=1e-2, quantise=StraightThrough(weight_bits=4, value_bits=4)
    )
    unit = done.network["hidden1"].unit
    level = run(done.network, X, record=("v",)).v["hidden1"] / unit.scale
    np.testing.assert_allclose(level, np.rint(level), atol=1e-3)
    assert level.max() <= 15
    assert done.history[-1]["accuracy"] > 0.8


@pytest.mark.parametrize(
    "decoder", [Membrane(over="max"), Membrane(over="last"), Membrane(over="sum"), FirstSpike()]
)
def test_losses_on_the_readout_equal_central_differences(decoder):
    net = nets.chain(nets.FORMS["subtract"], readout="membrane" if decoder.needs == "v" else "spikes")
    net = net.replace(output=type(net.output)(population="out", decoder=decoder))
    v = RNG.normal(size=(4, 12, 3))
    labels = np.array([0, 2, 1, 1])
    if isinstance(decoder, FirstSpike):
        s = (v > 1.0).astype(np.int8)
        value = output_loss(net, "cross_entropy", labels, v, s)
        when = np.where(s.any(axis=1), s.argmax(axis=1), 12)
        assert np.all(np.count_nonzero(value.grad_s, axis=1) == 1)
        for b, j in np.ndindex(4, 3):
            at = min(when[b, j], 11)
            sides = []
            for step in (1e-6, -1e-6):
                z = -when.astype(float)
                z[b, j] += step
                sides.append(-np.mean(np.log(np.exp(z[range(4), labels]) / np.exp(z).sum(axis=1))))
            assert value.grad_s[b, at, j] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-8)
        return
    value = output_loss(net, "cross_entropy", labels, v, np.zeros((0, 0, 0)))
    for _ in range(5):
        d = RNG.normal(size=v.shape)
        sides = [output_loss(net, "cross_entropy", labels, v + e * d, v[:0]).loss for e in (1e-6, -1e-6)]
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx((value.grad_v * d).sum(), rel=1e-5)


def test_memory_mapped_images_train_to_the_same_bits(tmp_path):
    mapped = np.memmap(tmp_path / "x.bin", np.float32, "w+", shape=X.shape)
    mapped[:] = X
    a, b = (fit(snn(), x, Y, epochs=2, batch_size=16).network for x in (X, mapped))
    np.testing.assert_array_equal(parameters(a), parameters(b))


def test_gradient_threshold_leaves_out_small_derivatives():
    net = nets.chain(nets.FORMS["subtract"])
    x, labels = nets.raster(net), np.array([0, 2, 1, 1])
    exact, same, less = (
        Differentiator(Program(net, np.float64), surrogate=Surrogate(gradient_threshold=g))(
            x, labels
        ).parameters.copy()
        for g in (0.0, 1e-12, 0.05)
    )
    np.testing.assert_array_equal(exact, same)
    error = np.linalg.norm(less - exact) / np.linalg.norm(exact)
    assert 0 < error < 0.5


class Stop(Exception):
    pass


@pytest.mark.parametrize("after", [1, 5, 9])
def test_an_interrupted_training_resumes_to_the_same_bits(tmp_path, after):
    path = tmp_path / "training.npz"
    kwargs = {"epochs": 4, "batch_size": 16, "validation": (X[:20], Y[:20]), "dropout": 0.2, "seed": 4}
    want = fit(snn(), X, Y, **kwargs)
    seen = []

    def interrupt(_):
        seen.append(1)
        if len(seen) == after:
            os.kill(os.getpid(), signal.SIGINT if after != 5 else signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        fit(snn(), X, Y, checkpoint=path, progress=interrupt, **kwargs)
    assert len(seen) == after
    got = fit(snn(), X, Y, checkpoint=path, resume=True, **kwargs)
    np.testing.assert_array_equal(parameters(want.network), parameters(got.network))
    for a, b in zip(want.history, got.history, strict=True):
        assert {k: v for k, v in a.items() if k != "seconds"} == {
            k: v for k, v in b.items() if k != "seconds"
        }
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert threading.active_count() < 20


def test_bad_checkpoints_are_refused_in_words(tmp_path):
    path = tmp_path / "training.npz"
    fit(snn(), X, Y, epochs=1, checkpoint=path)
    with pytest.raises(SpikingError, match="checkpoint of another network"):
        fit(mlp(), X, Y, epochs=1, checkpoint=path, resume=True)
    with pytest.raises(
        SpikingError, match=r"made with other settings \(seed was 0, is 1\); resume with the same"
    ):
        fit(snn(), X, Y, epochs=1, checkpoint=path, resume=True, seed=1)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SpikingError, match="is not a whole checkpoint"):
        fit(snn(), X, Y, epochs=1, checkpoint=path, resume=True)
    with pytest.raises(SpikingError, match="there is no checkpoint at"):
        fit(snn(), X, Y, epochs=1, checkpoint=tmp_path / "none.npz", resume=True)
    assert [p.name for p in tmp_path.iterdir()] == ["training.npz"]


def test_a_loss_that_is_not_a_number_names_its_place_and_keeps_the_checkpoint(tmp_path):
    path = tmp_path / "training.npz"
    fit(mlp(), X, Y, epochs=1, checkpoint=path)
    before = path.read_bytes()
    rule = Optimiser(name="sgd", learning_rate=1e30)
    with (
        np.errstate(all="ignore"),
        pytest.raises(
            SpikingError, match=r"the loss became nan in epoch \d+, batch \d+: .*(not finite|overflow)"
        ),
    ):
        fit(mlp(), X, Y, epochs=5, batch_size=16, optimiser=rule, checkpoint=path)
    assert path.read_bytes() == before


def test_bad_arguments_are_told_in_one_sentence():
    cases = [
        ({"y": Y + 1}, "the training data has labels from 1 to 3; the output has 3 classes, 0 to 2"),
        ({"y": Y[:5]}, r"the labels of the training data have shape \(5,\); one label per sample"),
        ({"y": Y.astype(float)}, "are of type float64; integers from 0 to 2"),
        ({"loss": "cross_entrpy"}, r"unknown loss 'cross_entrpy' \(did you mean 'cross_entropy'\?\)"),
        ({"dropout": 1.0}, "dropout is 1.0; allowed: 0"),
        ({"quantise": StraightThrough(value_bits=4)}, "value_bits is for conventional networks"),
    ]
    for change, words in cases:
        with pytest.raises(SpikingError, match=words):
            fit(snn(), X, **{"y": Y, "epochs": 1, **change})
    with pytest.raises(SpikingError, match=r"unknown optimiser 'admw' \(did you mean 'adamw'\?\)"):
        Optimiser(name="admw")
    with pytest.raises(SpikingError, match="weight_bits is 1; allowed: whole numbers, 2 to 8"):
        StraightThrough(weight_bits=1)
    with pytest.raises(SpikingError, match=r"needs about .* GiB, .* are free; use a batch of at most"):
        check_fits(snn(), 10**10)
