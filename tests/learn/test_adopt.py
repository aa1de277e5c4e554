"""``adopt`` and ``convert``: what they take, by shape alone, and what they refuse in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import Linear as LinearUnit
from spiking.core.neurons import ReLU as ReLUUnit
from spiking.learn.adopt import adopt
from spiking.learn.convert import convert
from spiking.simulate import run

RNG = np.random.default_rng(0)


class Tensor:
    """What ``adopt`` asks of a tensor of PyTorch."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.values


class Linear:
    """The shape of ``torch.nn.Linear``: a Module, which has ``children`` and cannot be iterated."""

    def __init__(self, n_in, n_out, bias=True):
        self.weight = Tensor(RNG.normal(size=(n_out, n_in)))
        self.bias = Tensor(RNG.normal(size=n_out)) if bias else None

    def children(self):
        return iter(())


class ReLU:
    def children(self):
        return iter(())


class Module(ReLU):
    """A Module of the user's own."""


X = RNG.random((7, 5))


@pytest.mark.parametrize("bias", [True, False])
def test_one_linear_layer_is_a_network_of_one_layer(bias):
    layer = Linear(5, 3, bias)
    want = X @ layer.weight.values.T + (layer.bias.values if bias else 0)
    np.testing.assert_allclose(run(adopt(layer), X, precision="float64").scores, want, rtol=1e-6)


def test_a_list_of_layers_is_a_chain():
    first, last = Linear(5, 4), Linear(4, 3)
    hidden = np.maximum(X @ first.weight.values.T + first.bias.values, 0)
    want = hidden @ last.weight.values.T + last.bias.values
    np.testing.assert_allclose(
        run(adopt([first, ReLU(), last]), X, precision="float64").scores, want, rtol=1e-6
    )


@pytest.mark.parametrize("model", [Module(), ReLU(), 5, "mlp", None])
def test_what_has_no_layers_is_refused(model):
    with pytest.raises(SpikingError, match=r"is no network this can read; .*give its layers as a list"):
        adopt(model)


def test_layers_of_another_kind_are_named():
    with pytest.raises(SpikingError, match="layer 1 is a Module; allowed: Linear, ReLU behind a Linear"):
        adopt([Linear(5, 4), Module()])
    with pytest.raises(SpikingError, match="no Linear layer"):
        adopt([])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 0}, "steps is 0; allowed: whole numbers, 1 or more"),
        ({"steps": 2.5}, "steps is 2.5; allowed: whole numbers"),
        ({"percentile": 0}, "percentile is 0; allowed: above 0 to 100|percentile is 0; allowed: 0 to 100"),
        ({"tau_mem": float("nan")}, "tau_mem is nan s; allowed: above 0"),
        ({"dt": 0}, "dt is 0 s; allowed: above 0"),
        ({"calibration": X[:0]}, "calibration is empty"),
    ],
)
def test_convert_checks_its_numbers(change, words):
    mlp = Network.dense([5, 4, 3], hidden=ReLUUnit(), readout=LinearUnit())
    options = {"calibration": X, "steps": 4, **change}
    with pytest.raises(SpikingError, match=words):
        convert(mlp, options.pop("calibration"), **options)
