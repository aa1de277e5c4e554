"""``fit``: mini-batch training of any differentiable network, spiking or not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.check import configured, flag
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.progress import Watch, unwatched
from spiking.core.typed import typed
from spiking.learn.gradient.config import FitConfig
from spiking.learn.gradient.hardware_aware.straight_through import with_value_grid
from spiking.learn.gradient.memory import check_fits
from spiking.learn.gradient.training import Training
from spiking.learn.samples import Samples
from spiking.simulate.parameters import has_tau
from spiking.simulate.run import PRECISIONS

CALIBRATION = 1000  # samples that set the grids of values


@dataclass(frozen=True, eq=False)
class Fit:
    """A trained network and, per epoch, ``epoch, loss, accuracy, validation_accuracy, seconds``."""

    network: Network
    history: list[dict[str, float]]


@typed
def fit(
    network: Network,
    x: NDArray[Any],
    y: NDArray[np.integer],
    *,
    config: FitConfig | None = None,
    validation: tuple[NDArray[Any], NDArray[np.integer]] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: Watch | None = None,
    **options: Any,
) -> Fit:
    """Train the weights and biases of ``network`` on ``x`` and labels ``y``.

    Args:
        x: ``[samples, features]``, or rasters ``[samples, steps, features]``; may be a memory-mapped
            array, of which only one batch at a time is read.
        y: class of each sample, ``[samples]`` whole numbers from 0.
        config: how to train; ``options`` are its fields (:class:`FitConfig`), which take the place of
            those in ``config``. ``epochs`` is needed: ``fit(network, x, y, epochs=10)``.
        validation: ``(x, y)``; with it the parameters of the best epoch are returned.
        checkpoint: file to write after each epoch, and on Ctrl-C, SIGTERM or SIGHUP.
        resume: continue from ``checkpoint``, to the same bits as an uninterrupted training.
        progress: called after each batch with a :class:`~spiking.core.progress.Progress`.

    Returns:
        The trained network and its history. Same seed, same bits, whatever the number of threads.

    Raises:
        SpikingError: an unknown option, a value out of range, labels outside the output, bad shapes, a
            batch that does not fit memory, a checkpoint of another training, a loss that became NaN (the
            last good checkpoint stays).
        KeyboardInterrupt: after a signal, once the checkpoint is written.
    """
    also = ("config", "validation", "checkpoint", "resume", "progress")
    config = configured(FitConfig, config, options, "fit", also)
    samples = Samples.of(network, x, y, "the training data")
    held = None if validation is None else Samples.of(network, *_pair(validation), "the validation data")
    _check_effects(network, config, held is not None, checkpoint is not None, flag("resume", resume))
    if config.quantise is not None and config.quantise.value_bits is not None:
        network = with_value_grid(network, config.quantise.value_bits, np.asarray(samples.x[:CALIBRATION]))
    size = np.dtype(PRECISIONS[config.precision]).itemsize
    check_fits(network, min(config.batch_size, len(samples)), size)
    training = Training(network, samples, held, config)
    if checkpoint is not None:
        training.keep(Path(checkpoint), resume)
    training.run(progress or unwatched)
    return Fit(training.finish(), training.state.history)


def _pair(validation: Any) -> tuple[Any, Any]:
    require(
        isinstance(validation, tuple | list) and len(validation) == 2,
        f"validation is a {type(validation).__name__}; allowed: a pair (x, y) of samples and labels",
    )
    x, y = validation
    return x, y


def _check_effects(network: Network, config: FitConfig, held: bool, kept: bool, resume: bool) -> None:
    """Refuse options that would change nothing for this network."""
    require(kept or not resume, "resume needs the checkpoint to resume from; give its path")
    require(
        held or config.patience is None,
        "patience waits for a better validation accuracy, and there is no validation data; give both",
    )
    if config.robust is not None:
        config.robust.check_network(network)
    hidden = [p for p in network.populations if p.name != network.output.population]
    require(
        config.rate_penalty == 0 or any(p.unit.spiking for p in hidden),
        "rate_penalty acts on hidden units that spike, and this network has none; leave it out",
    )
    require(
        config.dropout == 0 or bool(hidden), "dropout hides hidden units, and this network has none; leave it"
    )
    require(
        not config.learn_tau or any(has_tau(p) for p in network.populations),
        "learn_tau trains membrane time constants, and this network has none; leave it out",
    )
