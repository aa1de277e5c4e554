"""``fit``: mini-batch training of any differentiable network, spiking or not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.learn.adjoint import Surrogate
from spiking.learn.gradient import Differentiator
from spiking.learn.optimise import Optimiser, OptimiserState
from spiking.simulate import run
from spiking.simulate.program import Program
from spiking.simulate.run import check_input

Progress = Callable[[dict[str, Any]], None]
VALIDATION_SEED = 7_919  # spikes of validation images are drawn apart from those of training


@dataclass(frozen=True, eq=False)
class Fit:
    """A trained network and, per epoch, ``epoch, loss, accuracy, validation_accuracy, seconds``."""

    network: Network
    history: list[dict[str, float]]


def fit(
    network: Network,
    x: NDArray[np.floating],
    y: NDArray[np.integer],
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    optimiser: Optimiser | None = None,
    seed: int = 0,
    validation: tuple[NDArray[np.floating], NDArray[np.integer]] | None = None,
    patience: int | None = None,
    loss: str = "cross_entropy",
    surrogate: str | Surrogate = "fast_sigmoid",
    slope: float | None = None,
    rate_penalty: float = 0.0,
    target_rate: float = 0.0,
    engine: str = "auto",
    precision: str = "float32",
    progress: Progress | None = None,
) -> Fit:
    """Train the weights and biases of ``network`` on ``x`` ``[samples, features]`` and labels ``y``.

    Args:
        validation: ``(x, y)``; with it the parameters of the best epoch are returned.
        patience: stop after this many epochs without a better validation accuracy.
        surrogate, slope: name and sharpness of the surrogate derivative, or a :class:`Surrogate`.
        rate_penalty, target_rate: weight of the penalty on spikes per unit and step above the target.
        progress: called after each batch with ``stage, done, total, unit, loss, accuracy``.

    Returns:
        The trained network and its history. Same seed, same bits, whatever the number of threads.

    Raises:
        SpikingError: labels outside the output, a loss that became NaN, bad shapes or names.
    """
    data, labels = check_input(network, x), check_labels(network, y, len(x))
    require(epochs >= 1 and batch_size >= 1, f"epochs={epochs}, batch_size={batch_size}; at least 1 each")
    form = surrogate if isinstance(surrogate, Surrogate) else Surrogate(name=surrogate, slope=slope)
    program = Program(network, np.float32 if precision == "float32" else np.float64)
    gradient = Differentiator(
        program, surrogate=form, loss=loss, rate_penalty=rate_penalty, target_rate=target_rate, engine=engine
    )
    batches = -(-len(data) // batch_size)
    state = OptimiserState.start(
        optimiser or Optimiser(learning_rate=learning_rate), program.parameters, epochs * batches
    )
    history: list[dict[str, float]] = []
    best, best_accuracy, best_epoch = program.parameters.copy(), -1.0, 0
    for epoch in range(epochs):
        start = time.perf_counter()
        order = np.random.default_rng((seed, epoch)).permutation(len(data))
        losses, hits = 0.0, 0
        for k in range(batches):
            pick = order[k * batch_size : (k + 1) * batch_size]
            draw = epoch * len(data) + k * batch_size
            result = gradient(data[pick], labels[pick], seed=seed, first_sample=draw)
            require(
                np.isfinite(result.loss),
                f"the loss became {result.loss} in epoch {epoch + 1}, batch {k + 1}; "
                f"{where_not_finite(program, result.parameters)}; try a smaller learning rate or clip",
            )
            state.apply(program.parameters, result.parameters)
            losses += result.loss * len(pick)
            hits += int((result.scores.argmax(axis=1) == labels[pick]).sum())
            if progress:
                seen = min((k + 1) * batch_size, len(data))
                progress(
                    {
                        "stage": f"epoch {epoch + 1}/{epochs}",
                        "done": epoch * len(data) + seen,
                        "total": epochs * len(data),
                        "unit": "samples",
                        "loss": losses / seen,
                        "accuracy": hits / seen,
                    }
                )
        row = {
            "epoch": epoch + 1,
            "loss": losses / len(data),
            "accuracy": hits / len(data),
            "validation_accuracy": float("nan"),
            "seconds": 0.0,
        }
        if validation is not None:
            trained = to_network(program)
            check = run(
                trained, validation[0], seed=seed + VALIDATION_SEED, engine=engine, precision=precision
            )
            row["validation_accuracy"] = check.accuracy(validation[1])
            if row["validation_accuracy"] > best_accuracy:
                best, best_accuracy, best_epoch = (
                    program.parameters.copy(),
                    row["validation_accuracy"],
                    epoch,
                )
        row["seconds"] = time.perf_counter() - start
        history.append(row)
        if validation is not None and patience is not None and epoch - best_epoch >= patience:
            break
    if validation is not None:
        program.parameters[:] = best
    return Fit(to_network(program), history)


def check_labels(network: Network, y: NDArray[np.integer], samples: int) -> NDArray[np.int64]:
    """Return labels as integers that the output of ``network`` can express."""
    labels = np.asarray(y)
    classes = network[network.output.population].size
    require(
        labels.shape == (samples,),
        f"the labels have shape {labels.shape}; one label per sample, ({samples},), is needed",
    )
    require(
        np.issubdtype(labels.dtype, np.integer),
        f"the labels are of type {labels.dtype}; integers from 0 to {classes - 1} are needed",
    )
    if samples and (labels.min() < 0 or labels.max() >= classes):
        raise SpikingError(
            f"labels from {labels.min()} to {labels.max()} came; "
            f"the output has {classes} classes, 0 to {classes - 1}"
        )
    return labels.astype(np.int64)


def to_network(program: Program) -> Network:
    """The program's network with its present parameters."""
    net = program.network
    weights = [program.matrix(c).copy() for c in net.connections]
    biases = [
        None if p.bias is None else program.part(program.parameters, f"bias:{p.name}").copy()
        for p in net.populations
    ]
    return net.with_parameters(weights, biases)


def where_not_finite(program: Program, gradient: NDArray[np.floating]) -> str:
    """Name the first part whose parameters or gradients are not finite."""
    for key, (first, size) in program.place.items():
        if not np.isfinite(program.parameters[first : first + size]).all():
            return f"the parameters of {key} are not finite"
        if not np.isfinite(gradient[first : first + size]).all():
            return f"the gradient of {key} is not finite"
    return "the membrane potentials of the readout overflow"
