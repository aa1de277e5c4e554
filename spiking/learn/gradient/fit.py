"""``fit``: mini-batch training of any differentiable network, spiking or not."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.progress import Watch
from spiking.learn.checkpoint import fingerprint
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.differentiate import Differentiator, without_dropout
from spiking.learn.gradient.lift import to_network
from spiking.learn.gradient.memory import check_fits
from spiking.learn.gradient.optimise import Optimiser, OptimiserState
from spiking.learn.gradient.state import TrainingState
from spiking.learn.gradient.straight_through import StraightThrough, with_value_grid
from spiking.learn.interrupt import Interruption
from spiking.simulate import run
from spiking.simulate.program import Program
from spiking.simulate.run import check_input

VALIDATION_SEED = 7_919  # spikes of validation images are drawn apart from those of training
CALIBRATION = 1000  # samples that set the grids of values


@dataclass(frozen=True, eq=False)
class Fit:
    """A trained network and, per epoch, ``epoch, loss, accuracy, validation_accuracy, seconds``."""

    network: Network
    history: list[dict[str, float]]


def fit(
    network: Network,
    x: NDArray[Any],
    y: NDArray[np.integer],
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    optimiser: Optimiser | None = None,
    seed: int = 0,
    validation: tuple[NDArray[Any], NDArray[np.integer]] | None = None,
    patience: int | None = None,
    loss: str = "cross_entropy",
    surrogate: str | Surrogate = "fast_sigmoid",
    slope: float | None = None,
    rate_penalty: float = 0.0,
    target_rate: float = 0.0,
    rate_norm: int = 2,
    dropout: float = 0.0,
    learn_tau: bool = False,
    quantise: StraightThrough | None = None,
    engine: str = "auto",
    precision: str = "float32",
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: Watch | None = None,
) -> Fit:
    """Train the weights and biases of ``network`` on ``x`` and labels ``y``.

    Args:
        x: ``[samples, features]``, or rasters ``[samples, steps, features]``; may be a memory-mapped
            array, of which only one batch at a time is read.
        validation: ``(x, y)``; with it the parameters of the best epoch are returned.
        patience: stop after this many epochs without a better validation accuracy.
        surrogate, slope: name and sharpness of the surrogate derivative, or a :class:`Surrogate`.
        rate_penalty, target_rate, rate_norm: weight of the penalty on ``(spikes per unit and step -
            target)_+ ** norm`` of hidden units.
        dropout: fraction of hidden units hidden from their readers in each sample.
        learn_tau: train membrane time constants too, one per unit (Fang et al. 2021, ICCV).
        quantise: round weights (and an MLP's values) while training.
        checkpoint: file to write after each epoch, and on Ctrl-C or SIGTERM.
        resume: continue from ``checkpoint``, to the same bits as an uninterrupted training.
        progress: called after each batch with a :class:`~spiking.core.progress.Progress`.

    Returns:
        The trained network and its history. Same seed, same bits, whatever the number of threads.

    Raises:
        SpikingError: labels outside the output, a loss that became NaN (the last good checkpoint
            stays), a batch that does not fit memory, a checkpoint of another training, bad shapes.
        KeyboardInterrupt: after Ctrl-C, once the checkpoint is written.
    """
    labels = check_labels(network, y, len(x))
    check_batch(network, x[: min(len(x), 2)])
    require(epochs >= 1 and batch_size >= 1, f"epochs={epochs}, batch_size={batch_size}; at least 1 each")
    require(len(x) > 0, "x holds no samples; give some to train on")
    form = surrogate if isinstance(surrogate, Surrogate) else Surrogate(name=surrogate, slope=slope)
    if quantise is not None and quantise.value_bits is not None:
        network = with_value_grid(network, quantise.value_bits, np.asarray(x[:CALIBRATION]))
    dtype = np.float32 if precision == "float32" else np.float64
    check_fits(network, min(batch_size, len(x)), np.dtype(dtype).itemsize)
    program = Program(network, dtype, learn_tau)
    gradient = Differentiator(
        program,
        surrogate=form,
        loss=loss,
        rate_penalty=rate_penalty,
        target_rate=target_rate,
        rate_norm=rate_norm,
        dropout=dropout,
        engine=engine,
    )
    batches = -(-len(x) // batch_size)
    rule = optimiser or Optimiser(learning_rate=learning_rate)
    optimise = OptimiserState.start(rule, program.parameters, epochs * batches)
    settings = {
        "samples": len(x),
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
        "loss": loss,
        "optimiser": asdict(rule),
        "surrogate": asdict(form),
        "regularisers": [rate_penalty, target_rate, rate_norm, dropout, learn_tau],
        "quantise": None if quantise is None else asdict(quantise),
        "precision": precision,
    }
    state = TrainingState(program, optimise, fingerprint(network, settings))
    path = None if checkpoint is None else Path(checkpoint)
    if resume:
        require(path is not None, "resume needs the checkpoint to resume from; give its path")
        state.load(path)  # type: ignore[arg-type]

    def trained() -> Network:
        with quantise.applied(program) if quantise else nullcontext():
            made = to_network(program)
        made = without_dropout(program, made, dropout) if dropout else made
        return quantise.finish(made) if quantise else made

    with Interruption(path is not None) as interruption:
        while state.epoch < epochs and not state.patience_ends(patience):
            start = time.perf_counter() - state.seconds
            order = np.random.default_rng((seed, state.epoch)).permutation(len(x))
            while state.batch < batches:
                k = state.batch
                pick = np.sort(order[k * batch_size : (k + 1) * batch_size])
                images = check_batch(network, x[pick])
                draw = state.epoch * len(x) + k * batch_size
                with quantise.applied(program) if quantise else nullcontext():
                    result = gradient(images, labels[pick], seed=seed, first_sample=draw)
                if not np.isfinite(result.loss):
                    raise SpikingError(not_finite(program, gradient, result.loss, state.epoch, k))
                optimise.apply(program.parameters, result.parameters)
                hits = int((result.scores.argmax(axis=1) == labels[pick]).sum())
                state.count(result.loss * len(pick), hits, len(pick))
                if progress:
                    progress(state.report(epochs, len(x)))
                if interruption.asked:
                    state.seconds = time.perf_counter() - start
                    state.save(path)  # type: ignore[arg-type]
                    raise KeyboardInterrupt
            accuracy = float("nan")
            if validation is not None:
                check = run(
                    trained(), validation[0], seed=seed + VALIDATION_SEED, engine=engine, precision=precision,
                    count=False,
                )  # fmt: skip
                accuracy = check.accuracy(validation[1])
            state.end_epoch(accuracy, time.perf_counter() - start)
            if path is not None:
                state.save(path)
    if validation is not None:
        program.parameters[:] = state.best
    return Fit(trained(), state.history)


def check_batch(network: Network, x: NDArray[Any]) -> NDArray[np.floating]:
    """Return one batch as finite floats of the right shape."""
    return check_input(network, np.asarray(x))


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


def not_finite(program: Program, gradient: Differentiator, loss: float, epoch: int, batch: int) -> str:
    """Say where a loss stopped being finite: epoch, batch, part, and step of the network."""
    where = "the scores of the readout overflow"
    for key in program.place:
        if not np.isfinite(program.part(program.parameters, key)).all():
            where = f"the parameters of {key} are not finite"
            break
    else:
        for name, v in gradient.membranes():
            bad = np.flatnonzero(~np.isfinite(v).all(axis=(0, 2)))
            if bad.size:
                where = f"the membranes of {name!r} overflow at step {bad[0]}"
                break
    return (
        f"the loss became {loss} in epoch {epoch + 1}, batch {batch + 1}: {where}; "
        "try a smaller learning rate, or clip the gradient (Optimiser(clip=1.0))"
    )
