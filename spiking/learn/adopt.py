"""``adopt``: a network trained elsewhere (scikit-learn, PyTorch) as a Network, by its shape alone.

Neither package is imported: what has ``coefs_`` and ``intercepts_`` is a fitted multi-layer
perceptron of scikit-learn, what can be iterated into layers with ``weight`` is a PyTorch Sequential.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Direct
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.neurons import Linear, ReLU
from spiking.core.parts import Connection, Input, Output, Population
from spiking.core.typed import typed


@typed
def adopt(model: Any, *, name: str = "mlp") -> Network:
    """Return a fitted MLP as a network of ReLU units with one step.

    Args:
        model: a fitted ``sklearn.neural_network.MLPClassifier`` or ``MLPRegressor`` with
            ``activation="relu"``, or a ``torch.nn.Sequential`` of Linear, ReLU, Flatten, Dropout and
            Identity layers, a list of such layers, or one Linear layer alone. A binary scikit-learn
            classifier, which has one logit, gets two.

    Raises:
        SpikingError: for a model that is not fitted or has other layers, naming them.
    """
    if hasattr(model, "coefs_"):
        return _chain(*_from_sklearn(model), name)
    if hasattr(model, "hidden_layer_sizes") and hasattr(model, "predict"):
        raise SpikingError(f"this {type(model).__name__} is not fitted; call fit(X, y) first")
    if type(model).__name__ == "Linear" and hasattr(model, "weight"):
        model = [model]
    if isinstance(model, list | tuple) or (hasattr(model, "children") and hasattr(model, "__iter__")):
        return _chain(*_from_torch(model), name)
    raise SpikingError(
        f"a {type(model).__name__} is no network this can read; allowed: a fitted scikit-learn MLPClassifier "
        "or a torch.nn.Sequential of Linear and ReLU layers; of another Module give its layers as a list"
    )


def _from_sklearn(model: Any) -> tuple[list[Any], list[Any], list[bool]]:
    require(
        model.activation == "relu",
        f"activation is {model.activation!r}; only 'relu' has a counterpart here",
    )
    weights, biases = [np.array(w) for w in model.coefs_], [np.array(b) for b in model.intercepts_]
    if getattr(model, "out_activation_", "") == "logistic" and weights[-1].shape[1] == 1:
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])  # sigma(z) = softmax(0, z)
        biases[-1] = np.concatenate([[0.0], biases[-1]])
    return weights, biases, [True] * (len(weights) - 1) + [False]


def _from_torch(model: Iterable[Any]) -> tuple[list[Any], list[Any], list[bool]]:
    weights: list[Any] = []
    biases: list[Any] = []
    rectified: list[bool] = []
    for k, layer in enumerate(model):
        kind = type(layer).__name__
        if kind == "Linear" and hasattr(layer, "weight") and hasattr(layer, "bias"):
            weights.append(_array(layer.weight).T)
            biases.append(None if layer.bias is None else _array(layer.bias))
            rectified.append(False)
        elif kind == "ReLU" and weights:
            rectified[-1] = True
        elif kind not in ("Flatten", "Dropout", "Identity"):
            raise SpikingError(
                f"layer {k} is a {kind}; allowed: Linear, ReLU behind a Linear, Flatten, Dropout, Identity"
            )
    require(len(weights) > 0, "this Sequential has no Linear layer; there is nothing to read")
    between = [k for k, r in enumerate(rectified[:-1]) if not r]
    require(not between, f"Linear layer {between[:1]} has no ReLU behind it; merge it with the next one")
    return weights, biases, rectified


def _array(tensor: Any) -> Any:
    return np.array(tensor.detach().cpu().numpy())


def _chain(weights: list[Any], biases: list[Any], rectified: list[bool], name: str) -> Network:
    names = ["input", *(f"hidden{k + 1}" for k in range(len(weights) - 1)), "output"]
    conns = [Connection(source=names[k], target=names[k + 1], weight=w) for k, w in enumerate(weights)]
    pops = [
        Population(name=names[k + 1], size=w.shape[1], unit=ReLU() if r else Linear(), bias=b)
        for k, (w, b, r) in enumerate(zip(weights, biases, rectified, strict=True))
    ]
    return Network(
        inputs=[Input(size=weights[0].shape[0], encoder=Direct())],
        populations=pops,
        connections=conns,
        output=Output(population="output", decoder=Membrane(over="last")),
        name=name,
    )
