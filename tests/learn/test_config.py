"""The configurations of learning: every wrong value is refused where it is made, in one sentence."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from spiking.core.coding.encode import Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.learn.fit import FitConfig, fit
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.learn.gradient.optimise import Optimiser
from spiking.learn.stdp import LearnConfig, NetworkConfig, learn_stdp, stdp_network, train_stdp

RNG = np.random.default_rng(0)
X = RNG.random((40, 12)).astype(np.float32)
Y = X[:, :3].argmax(axis=1)
WRONG = ["banana", math.nan, -1, -0.5, 1e400, 2**80, [], {}, object(), np.array([1.0, np.nan])]
START = {FitConfig: {"epochs": 1}}
KINDS = (FitConfig, Optimiser, Surrogate, StraightThrough, LearnConfig, NetworkConfig)
ANYTHING = {(NetworkConfig, "name"), (NetworkConfig, "unit"), (NetworkConfig, "rule")}
FIELDS = [
    (kind, f.name) for kind in KINDS for f in dataclasses.fields(kind) if (kind, f.name) not in ANYTHING
]
ALLOWED = {(kind, name, 2**80) for kind, name in FIELDS if kind is not NetworkConfig} | {
    (NetworkConfig, name, 2**80) for name in ("rate", "inhibition", "excitation", "delay", "winners")
}


def snn():
    return Network.dense([12, 10, 3], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=6, seed=1)


def mlp(*hidden):
    return Network.dense([12, *hidden, 3], hidden=ReLU(), readout=Linear(), seed=1)


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda v: getattr(v, "__name__", v))
def test_every_field_refuses_what_no_training_can_use(kind, name):
    refused = 0
    for value in WRONG:
        if isinstance(value, int) and (kind, name, value) in ALLOWED:
            continue
        with pytest.raises(SpikingError) as caught:
            kind(**{**START.get(kind, {}), name: value})
        assert "\n" not in str(caught.value)
        refused += 1
    assert refused >= len(WRONG) - 1


def test_a_configuration_and_its_options_train_alike():
    config = FitConfig(epochs=3, batch_size=16, learning_rate=1e-2, seed=2)
    one = fit(snn(), X, Y, config=config).network
    two = fit(snn(), X, Y, epochs=3, batch_size=16, learning_rate=1e-2, seed=2).network
    three = fit(snn(), X, Y, config=dataclasses.replace(config, seed=1), seed=2).network
    for a, b, c in zip(one.connections, two.connections, three.connections, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)
        np.testing.assert_array_equal(a.weight, c.weight)
    assert FitConfig(epochs=1).settings() == FitConfig(epochs=1, learning_rate=1e-3).settings()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"precision": "float16"}, r"unknown precision 'float16'.*allowed: float32, float64"),
        ({"engine": "gpu"}, r"unknown engine 'gpu'.*allowed: auto, dense, event, reference"),
        ({"patience": 0}, "patience is 0; allowed: whole numbers, 1 or more"),
        ({"rate_penalty": -1.0}, "rate_penalty is -1.0; allowed: 0 or more"),
        ({"seed": 2**32}, "seed is 4294967296; allowed: whole numbers, 0 to 4294967295"),
        ({"epoch": 3}, r"unknown option of fit 'epoch' \(did you mean 'epochs'\?\)"),
        ({"validate": (X, Y)}, r"unknown option of fit 'validate' \(did you mean 'validation'\?\)"),
        ({"config": {"epochs": 3}}, "config is {'epochs': 3}; allowed: a FitConfig or None"),
        ({"learning_rate": 1e-3, "optimiser": Optimiser()}, "learning_rate and optimiser came together"),
        ({"slope": 5.0, "surrogate": Surrogate()}, "slope and a Surrogate came together"),
        ({"target_rate": 0.1}, "target_rate is 0.1 without a rate_penalty"),
        ({"patience": 3}, "patience waits for a better validation accuracy, and there is no validation"),
        ({"validation": (X, Y + 1)}, "the validation data has labels from 1 to 3; the output has 3 classes"),
        ({"validation": (X, Y * 0.5)}, "labels of the validation data are of type float64"),
        ({"validation": (X[:, :5], Y)}, "features|shape|takes"),
        ({"validation": X}, "validation is an array of shape .*; allowed: a pair or None"),
        ({"x": X[:0], "y": Y[:0]}, "the training data holds no samples"),
        ({"y": Y * 0.5}, "labels of the training data are of type float64"),
        ({"resume": True}, "resume needs the checkpoint to resume from"),
    ],
)
def test_what_fit_cannot_do_is_said_before_any_work(change, words):
    seen = []
    options = {"x": X, "y": Y, "epochs": 2, "progress": seen.append, **change}
    with pytest.raises(SpikingError, match=words):
        fit(snn(), options.pop("x"), options.pop("y"), **options)
    assert seen == []


def test_fit_without_epochs_says_what_is_missing():
    with pytest.raises(SpikingError, match="fit needs epochs; give it by name"):
        fit(snn(), X, Y)


@pytest.mark.parametrize(
    ("network", "change", "words"),
    [
        (mlp(10), {"rate_penalty": 1.0}, "rate_penalty acts on hidden units that spike"),
        (mlp(10), {"learn_tau": True}, "learn_tau trains membrane time constants"),
        (mlp(), {"dropout": 0.5}, "dropout hides hidden units"),
    ],
)
def test_options_without_effect_are_refused(network, change, words):
    with pytest.raises(SpikingError, match=words):
        fit(network, X, Y, epochs=1, **change)


def test_the_largest_seed_trains_and_validates():
    done = fit(snn(), X, Y, epochs=1, validation=(X, Y), seed=2**32 - 1)
    assert 0 <= done.history[0]["validation_accuracy"] <= 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"neuron": 5}, r"unknown option of train_stdp 'neuron' \(did you mean 'neurons'\?\)"),
        ({"neurons": 0}, "neurons is 0; allowed: whole numbers, 2 to .*competition needs at least 2"),
        ({"images": 0}, "images is 0; allowed: whole numbers, 1 or more"),
        ({"images": 5, "epochs": 2}, "images=5 and epochs=2 came together"),
        ({"labelling": "votes"}, "unknown labelling 'votes'"),
        ({"label_images": 0}, "label_images is 0; allowed: whole numbers, 1 or more"),
        ({"y": Y * 0.5}, "labels of shape .* and type float64 came"),
        ({"y": Y + 10**9}, "a label is 100000000.; allowed: classes 0 to 9999"),
        ({"x": X[:0], "y": Y[:0]}, "samples of shape"),
        ({"x": "abc"}, "samples of"),
        ({"x": X * 255}, r"the samples go up to 25\d\..*; allowed: 0 to 1, divide them by"),
    ],
)
def test_what_train_stdp_cannot_do_is_said_before_any_work(change, words):
    seen = []
    options = {"x": X, "y": Y, "progress": seen.append, **change}
    with pytest.raises(SpikingError, match=words):
        train_stdp(options.pop("x"), options.pop("y"), **options)
    assert seen == []


def test_learn_stdp_and_stdp_network_name_the_nearest_option():
    with pytest.raises(SpikingError, match=r"option of stdp_network 'neuron' \(did you mean 'neurons'"):
        stdp_network(12, neuron=5)
    net = stdp_network(12, neurons=5)
    with pytest.raises(SpikingError, match=r"unknown option of learn_stdp 'image' \(did you mean 'images'"):
        learn_stdp(net, X, image=5)
    with pytest.raises(SpikingError, match="labels of shape"):
        learn_stdp(net, X, Y[:5])
    with pytest.raises(SpikingError, match=r"rest is -0\.1 s; allowed: 0 to 3600"):
        learn_stdp(net, X, rest=-0.1)
