"""Analog values of which most are zero: products that skip them, forward and backward."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.core.network import Network
from spiking.core.neurons import Linear, ReLU
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.simulate import run
from spiking.simulate.program import Program
from tests import nets
from tests.learn.test_gradient import LABELS, compare

SIZES = (20, 83, 5)


def dark(*shape, seed=3):
    """Values of which four in five are zero."""
    rng = np.random.default_rng(seed)
    return rng.random(shape) * (rng.random(shape) < 0.2)


@pytest.mark.parametrize("engine", ["event", "auto"])
def test_listed_currents_follow_the_slow_twin(engine):
    net = nets.direct(nets.FORMS["subtract"], sizes=SIZES)
    x = 3 * np.repeat(dark(4, 1, 20), net.steps, axis=1)
    compare(net, x, Surrogate(slope=5.0), engine)
    assert run(net, x, engine=engine).engines["input->h1"] == "listed"


@pytest.mark.parametrize("kind", ["constant", "steps", "mlp"])
def test_listed_values_equal_dense_products(kind):
    net = nets.direct(nets.FORMS["loose"], sizes=SIZES)
    if kind == "mlp":
        net = Network.dense([20, 83, 40, 5], hidden=ReLU(), readout=Linear(), seed=1)
    x = 3 * (dark(4, net.steps, 20) if kind == "steps" else dark(4, 20))
    got = {e: Differentiator(Program(net, np.float64), engine=e)(x, LABELS) for e in ("event", "dense")}
    assert got["event"].loss == pytest.approx(got["dense"].loss, rel=1e-12)
    scale = np.abs(got["dense"].parameters).max()
    np.testing.assert_allclose(got["event"].parameters, got["dense"].parameters, atol=1e-12 * scale)


def test_full_values_and_narrow_layers_of_an_mlp_take_dense_products():
    mlp = Network.dense(SIZES, hidden=ReLU(), readout=Linear(), seed=1)
    assert run(mlp, dark(4, 20)).engines["input->hidden1"] == "listed"
    assert run(mlp, dark(4, 20) + 0.1).engines["input->hidden1"] == "dense"
    narrow = Network.dense([20, 9, 5], hidden=ReLU(), readout=Linear(), seed=1)
    assert run(narrow, dark(4, 20)).engines["input->hidden1"] == "dense"


@pytest.mark.parametrize("sizes", [SIZES, (20, 9, 5)])
def test_what_reaches_a_threshold_is_listed_whatever_the_values(sizes):
    net = nets.direct(nets.FORMS["subtract"], sizes=sizes)
    for x in (dark(4, 20), dark(4, 20) + 0.1, dark(4, net.steps, 20) + 0.1):
        assert run(net, x).engines["input->h1"] == "listed"


@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_the_same_bits_for_any_number_of_threads(workers, monkeypatch):
    net = nets.direct(nets.FORMS["subtract"], sizes=(20, 300, 5))
    x, labels = 3 * dark(40, 20), np.arange(40) % 5
    alone = Differentiator(Program(net))(x, labels).parameters.copy()
    monkeypatch.setattr("spiking.simulate.event_lists.SMALL", 0)
    monkeypatch.setenv("SPIKING_THREADS", workers)
    np.testing.assert_array_equal(Differentiator(Program(net))(x, labels).parameters, alone)
