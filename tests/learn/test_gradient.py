"""Gradients: finite differences check the slow twin, the slow twin checks the compiled loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import issparse

from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import Linear, ReLU
from spiking.kernels.surrogate import DEFAULT_SLOPES
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.simulate.program import Program
from tests import naive, nets

LABELS = np.array([0, 2, 1, 1])
SMOOTH = {"fast_sigmoid": 2.0, "arctan": 2.0, "triangular": 0.4, "boxcar": 0.4}


def twin_loss(net, x, spike, attached=False, weights=None, biases=None):
    out, w, b = naive.simulate(net, x, spike=spike, attached=attached, weights=weights, biases=biases)
    v, s = out["out"]
    total = v[0] if nets.Membrane is type(net.output.decoder) else s[0]
    for one in (v if nets.Membrane is type(net.output.decoder) else s)[1:]:
        total = total + one
    scores = total * (1 / net.steps) if nets.Membrane is type(net.output.decoder) else total
    return naive.cross_entropy(scores, LABELS), w, b


@pytest.mark.parametrize("form", ["subtract", "zero", "synapse", "adaptive", "delayed", "scaled"])
@pytest.mark.parametrize("name", list(DEFAULT_SLOPES))
def test_the_slow_twin_equals_central_differences_of_the_smoothed_network(form, name):
    net = nets.chain(nets.FORMS[form], steps=6, sizes=(4, 5, 3), recurrent=False)
    x = nets.raster(net)
    spike = naive.spike_with(name, SMOOTH[name], smooth=True)
    loss, w, b = twin_loss(net, x, spike, attached=True)
    loss.backward()
    rng = np.random.default_rng(0)
    for var in [*w.values(), *b.values()]:
        direction = rng.normal(size=var.value.shape)
        keep, step = var.value, 1e-6
        sides = []
        for sign in (1, -1):
            var.value = keep + sign * step * direction
            sides.append(float(twin_loss(net, x, spike, True, w, b)[0].value))
        var.value = keep
        numeric = (sides[0] - sides[1]) / (2 * step)
        assert numeric == pytest.approx(float((var.grad * direction).sum()), rel=1e-5, abs=1e-9)


def compare(net, x, surrogate, engine="event", precision=np.float64, rel=1e-9):
    k = surrogate.slope or DEFAULT_SLOPES[surrogate.name]
    spike = naive.spike_with(surrogate.name, k, smooth=False)
    loss, w, b = twin_loss(net, x, spike, attached=surrogate.attached)
    loss.backward()
    program = Program(net, precision)
    got = Differentiator(program, surrogate=surrogate, engine=engine)(x, LABELS)
    assert got.loss == pytest.approx(float(loss.value), rel=max(rel, 1e-12))
    for c in net.connections:
        want = w[c.name].grad
        if issparse(c.weight):
            want = want[np.repeat(np.arange(c.weight.shape[0]), np.diff(c.weight.indptr)), c.weight.indices]
        scale = np.abs(want).max()
        assert scale > 0, f"no gradient reaches {c.name}: the case proves nothing"
        part = program.part(got.parameters, c.name)
        np.testing.assert_allclose(part, want, rtol=rel, atol=rel * scale)
    for p in net.populations:
        want = b[p.name].grad
        part = program.part(got.parameters, f"bias:{p.name}")
        np.testing.assert_allclose(part, want, rtol=rel, atol=rel * np.abs(want).max())


@pytest.mark.parametrize("engine", ["event", "dense", "reference"])
@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("form", nets.FORMS)
def test_every_unit_follows_the_slow_twin(form, attached, engine):
    if form == "delayed_zero" and attached:
        pytest.skip("a delayed reset to a value is always taken as detached")
    net = nets.chain(nets.FORMS[form])
    compare(net, nets.raster(net), Surrogate(slope=5.0, attached=attached), engine)


@pytest.mark.parametrize("name", list(DEFAULT_SLOPES))
def test_every_surrogate_follows_the_slow_twin(name):
    net = nets.chain(nets.FORMS["subtract"])
    compare(net, nets.raster(net), Surrogate(name=name, slope=SMOOTH[name]))


@pytest.mark.parametrize("engine", ["event", "dense", "reference"])
@pytest.mark.parametrize("sparse", [False, True])
def test_loops_delays_and_sparse_weights_follow_the_slow_twin(sparse, engine):
    net = nets.chain(nets.FORMS["zero"], sparse=sparse, recurrent=True)
    compare(net, nets.raster(net), Surrogate(slope=5.0), engine)


def test_spike_count_loss_and_constant_current_follow_the_slow_twin():
    net = nets.chain(nets.FORMS["subtract"], readout="spikes")
    compare(net, nets.raster(net), Surrogate(slope=5.0))
    net = nets.direct(nets.FORMS["subtract"])
    x = np.repeat(np.random.default_rng(3).random((4, 1, 6)), net.steps, axis=1)
    compare(net, x, Surrogate(slope=5.0))


def test_float32_follows_to_its_own_tolerance():
    net = nets.chain(nets.FORMS["subtract"])
    compare(net, nets.raster(net), Surrogate(slope=5.0), precision=np.float32, rel=2e-4)


def test_the_mlp_equals_central_differences():
    net = Network.dense([5, 7, 6, 3], hidden=ReLU(), readout=Linear(), seed=1)
    x = np.random.default_rng(0).random((4, 5))
    program = Program(net, np.float64)
    differentiate = Differentiator(program)
    gradient = differentiate(x, LABELS).parameters.copy()
    rng = np.random.default_rng(1)
    for _ in range(20):
        direction = rng.normal(size=gradient.shape)
        keep, sides = program.parameters.copy(), []
        for sign in (1, -1):
            program.parameters[:] = keep + sign * 1e-6 * direction
            sides.append(differentiate(x, LABELS).loss)
        program.parameters[:] = keep
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(float(gradient @ direction), rel=1e-6)


def test_the_rate_penalty_equals_central_differences_of_the_smoothed_rate():
    net = nets.chain(nets.FORMS["subtract"], steps=6)
    x = nets.raster(net)
    program = Program(net, np.float64)
    plain = Differentiator(program)(x, LABELS)
    for norm in (1, 2):
        pushed = Differentiator(program, rate_penalty=3.0, target_rate=0.05, rate_norm=norm)(x, LABELS)
        rates = [r / net.steps for r in plain.rates.values()]
        assert pushed.loss > plain.loss
        assert len(rates) == 2
        spike = naive.spike_with("fast_sigmoid", 25.0, smooth=False)
        out, w, b = naive.simulate(net, x, spike=spike)
        loss, _, _ = twin_loss(net, x, spike, weights=w, biases=b)
        for name in ("h1", "h2"):
            mean = sum(out[name][1], start=naive.Var(0.0)) * (1 / net.steps)
            ones = naive.Var(np.full((1, 4), 0.25))
            over = (ones @ mean - 0.05).apply(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0)
            over = over * over if norm == 2 else over
            n = over.value.shape[1]
            loss = loss + over @ naive.Var(np.full((n, 1), 3.0 / n))
        loss.backward()
        assert pushed.loss == pytest.approx(float(loss.value.ravel()[0]))
        part = program.part(pushed.parameters, "input->h1")
        np.testing.assert_allclose(part, w["input->h1"].grad, atol=1e-12)


def test_the_same_bits_with_one_or_two_threads(monkeypatch):
    net = nets.chain(nets.FORMS["subtract"], sizes=(40, 60, 10))
    x = nets.raster(net, samples=4)
    grads = []
    for threads in ("1", "2"):
        monkeypatch.setenv("SPIKING_THREADS", threads)
        grads.append(Differentiator(Program(net, np.float32))(x, LABELS).parameters)
    np.testing.assert_array_equal(*grads)


def test_what_has_no_gradient_is_refused_in_words():
    with pytest.raises(
        SpikingError, match=r"unknown surrogate 'fast_sigmod' \(did you mean 'fast_sigmoid'\?\)"
    ):
        Surrogate(name="fast_sigmod")
    with pytest.raises(SpikingError, match="slope is -1; allowed: above 0"):
        Surrogate(slope=-1)
    net = nets.chain(nets.FORMS["subtract"], readout="spikes")
    winners = [type(p)(name=p.name, size=p.size, unit=p.unit, winners=1) for p in net.populations]
    with pytest.raises(SpikingError, match="winner-take-all inhibition, which has no gradient"):
        Differentiator(Program(net.replace(populations=winners)))
