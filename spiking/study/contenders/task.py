"""The four contenders: how each is built and trained on a task, and quantised as it would be deployed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Delta, Latency
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.core.progress import Progress, Watch
from spiking.data.dataset import Dataset
from spiking.hardware.effects.quantise import quantise
from spiking.study.contenders.settings import Settings

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WEIGHT_BITS = 8  # of every contender, and of the MLP's values too
CALIBRATION = 1000  # training samples that set scales and thresholds
DARK = 0.05  # values below stay silent under the latency code


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Training samples ``[samples, features]``, held-out validation samples, settings and seed."""

    x: Floats
    y: Ints
    x_validation: Floats
    y_validation: Ints
    classes: int
    settings: Settings
    seed: int

    @classmethod
    def of(cls, data: Dataset, settings: Settings, seed: int) -> Task:
        """Split the training samples of ``data``; its test samples are not touched."""
        from sklearn.model_selection import train_test_split

        x, xv, y, yv = train_test_split(
            data.x_train,
            data.y_train,
            test_size=settings.validation,
            stratify=data.y_train,
            random_state=seed,
        )
        return cls(
            x=x, y=y, x_validation=xv, y_validation=yv, classes=data.classes, settings=settings, seed=seed
        )

    @property
    def sizes(self) -> list[int]:
        """Units of input, hidden and output layer."""
        return [self.x.shape[1], self.settings.hidden, self.classes]

    @property
    def validation(self) -> tuple[Floats, Ints]:
        """Validation samples and labels."""
        return self.x_validation, self.y_validation


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A contender after training.

    Attributes:
        network: as deployed, with 8-bit weights (and values, for the MLP).
        original: the network before quantisation.
        history: dicts with ``epoch, seconds, accuracy, validation_accuracy`` as it learned.
        how: how it was built and trained, in words.
    """

    network: Network
    original: Network
    history: tuple[dict[str, Any], ...]
    how: str


@dataclass(frozen=True)
class Contender:
    """A name, what it is, the models it is made from, and ``train(task, trained, progress)``."""

    name: str
    summary: str
    train: Callable[[Task, Mapping[str, Trained], Watch], Trained]
    needs: tuple[str, ...] = ()


def _mlp(task: Task, _: Mapping[str, Trained], progress: Watch) -> Trained:
    from spiking.learn.fit import fit

    start = Network.dense(task.sizes, hidden=ReLU(), readout=Linear(), seed=task.seed, name="MLP")
    done = fit(
        start,
        task.x,
        task.y,
        validation=task.validation,
        seed=task.seed,
        progress=progress,
        **task.settings.mlp,
    )
    network = quantise(done.network, weight_bits=WEIGHT_BITS, value_bits=8, calibration=task.x[:CALIBRATION])
    how = f"{_chain(task)} ReLU units, Adam, best of {len(done.history)} epochs; 8-bit weights and values"
    return Trained(network=network, original=done.network, history=_timed(done.history), how=how)


def _surrogate(task: Task, _: Mapping[str, Trained], progress: Watch) -> Trained:
    from spiking.learn.fit import fit

    # latency code: a pixel sends at most one spike, which keeps synaptic events few;
    # the mean over steps rewards an early answer and needs no output spikes
    start = Network.dense(
        task.sizes,
        hidden=LIF(tau_mem=20e-3),
        readout=LI(tau_mem=20e-3),
        encoder=Latency(linear=True, theta=DARK),
        decoder=Membrane(over="mean"),
        steps=task.settings.surrogate_steps,
        seed=task.seed,
        name="SNN surrogate",
    )
    done = fit(
        start,
        task.x,
        task.y,
        validation=task.validation,
        seed=task.seed,
        progress=progress,
        **task.settings.surrogate,
    )
    how = (
        f"{_chain(task)} LIF units, {start.steps} steps of 1 ms, time-to-first-spike input, leaky readout, "
        "back-propagation through time with a fast-sigmoid surrogate, Adam, "
        f"best of {len(done.history)} epochs; 8-bit weights"
    )
    network = quantise(done.network, weight_bits=WEIGHT_BITS)
    return Trained(network=network, original=done.network, history=_timed(done.history), how=how)


def _converted(task: Task, trained: Mapping[str, Trained], progress: Watch) -> Trained:
    from spiking.learn.convert import convert

    steps = task.settings.converted_steps
    progress(Progress(stage="balance thresholds", done=0, total=1, unit="network"))
    mlp = trained["mlp"].original
    analog = convert(mlp, task.x[:CALIBRATION], steps=steps, **task.settings.converted)
    # a value x becomes floor(x steps) evenly spaced spikes: the rate code of a unit that integrates x.
    # The first layer then adds weights instead of multiplying, so chips without multipliers can run it.
    inputs = [replace(i, encoder=Delta(threshold=1.0 / steps)) for i in analog.inputs]
    original = analog.replace(inputs=inputs, name="SNN converted")
    progress(Progress(stage="balance thresholds", done=1, total=1, unit="network"))
    how = (
        f"the trained MLP (before quantisation) with IF units, {steps} steps of 1 ms, rate-coded input, "
        "thresholds balanced on training data, reset by subtraction; 8-bit weights"
    )
    return Trained(
        network=quantise(original, weight_bits=WEIGHT_BITS), original=original, history=(), how=how
    )


def _stdp(task: Task, _: Mapping[str, Trained], progress: Watch) -> Trained:
    from spiking.learn.stdp import train_stdp

    history: list[dict[str, Any]] = []
    start = time.perf_counter()

    def watch(event: Progress) -> None:
        if event.accuracy is not None:
            passes, seconds = event.done / len(task.x), time.perf_counter() - start
            history.append({"epoch": passes, "seconds": seconds, "accuracy": event.accuracy})
        progress(event)

    original = train_stdp(task.x, task.y, seed=task.seed, progress=watch, **task.settings.stdp)
    size = original[original.output.population].size
    how = (
        f"{size} conductance-based LIF units with lateral inhibition and adaptive thresholds, Poisson input, "
        f"{original.steps} steps of {original.dt * 1e3:g} ms, "
        "the trace-based STDP rule of Diehl & Cook (2015), without labels, "
        f"{history[-1]['epoch']:.3g} passes; units labelled on training data; 8-bit weights"
    )
    network = quantise(original, weight_bits=WEIGHT_BITS)
    return Trained(network=network, original=original, history=tuple(history), how=how)


def _chain(task: Task) -> str:
    return "-".join(map(str, task.sizes))


def _timed(history: list[dict[str, float]]) -> tuple[dict[str, Any], ...]:
    """The history with seconds since the start instead of seconds per epoch."""
    total = np.cumsum([row["seconds"] for row in history])
    return tuple({**row, "seconds": float(t)} for row, t in zip(history, total, strict=True))


CONTENDERS: Mapping[str, Contender] = {
    c.name: c
    for c in (
        Contender("mlp", "multi-layer perceptron, 8-bit weights and activations", _mlp),
        Contender("surrogate", "spiking network trained with surrogate gradients", _surrogate),
        Contender("converted", "the MLP turned into a spiking network", _converted, needs=("mlp",)),
        Contender("stdp", "spiking network that learns without labels by STDP", _stdp),
    )
}
