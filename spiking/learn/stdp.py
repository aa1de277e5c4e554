"""Unsupervised learning by STDP: build the network, learn, freeze, label. Diehl & Cook (2015)."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.decode import Assigned
from spiking.core.encode import Poisson
from spiking.core.errors import require
from spiking.core.network import Connection, Input, Network, Output, Population
from spiking.core.neurons import ConductanceLIF
from spiking.core.plasticity import STDP
from spiking.learn.label import votes
from spiking.learn.stdp_kernel import compile_arguments

Progress = Callable[[Mapping[str, Any]], None]

TOTAL_RATE = 6.53e3  # mean input spikes per second of a whole MNIST image at 63.75 Hz for white
MEAN_WEIGHT = 0.1  # 78 over 784 synapses (Diehl & Cook 2015)
CHUNK = 100  # samples between two reports; learning does not depend on it
UNIT = ConductanceLIF(v_threshold=-72e-3, adapt_start=20e-3, adapt_step=0.05e-3, tau_adapt=1e4)


def stdp_network(
    features: int,
    *,
    neurons: int = 400,
    rate: float = 63.75,
    rule: STDP | None = None,
    unit: ConductanceLIF = UNIT,
    inhibition: float = 17.0,
    delay: int = 2,
    winners: int = 1,
    duration: float = 350e-3,
    dt: float = 0.5e-3,
    seed: int = 0,
    precision: str = "float32",
    name: str = "SNN STDP",
) -> Network:
    """Return the untrained network: Poisson input, plastic synapses, units that inhibit each other.

    Lateral inhibition is direct: a spike opens the inhibitory conductance ``inhibition`` in all
    other units ``delay`` steps later, and at most ``winners`` units spike in a step.

    Args:
        features: size of the input. rate: input rate of the value 1 [Hz].
        rule: learning rule; by default the published one, with incoming weights of sum 0.1 x features.
        unit: the excitatory unit, adaptive threshold included.
        duration: how long a sample is shown [s], in steps of ``dt`` [s].
        precision: dtype of the weights and so of the simulation.
    """
    require(neurons >= 2, f"neurons is {neurons!r}; competition needs at least 2")
    require(delay >= 1, f"delay is {delay!r}; lateral inhibition needs at least 1 step")
    rule = rule or STDP(norm=MEAN_WEIGHT * features)
    rng = np.random.default_rng(seed)
    weight = (0.3 * rng.random((features, neurons))).astype(precision)
    lateral = np.full((neurons, neurons), inhibition, precision)
    np.fill_diagonal(lateral, 0.0)
    return Network(
        inputs=[Input(size=features, encoder=Poisson(gain=rate * dt))],
        populations=[Population(name="excitatory", size=neurons, unit=unit, winners=winners)],
        connections=[
            Connection(
                source="input", target="excitatory", weight=weight, receptor="excitatory", plasticity=rule
            ),
            Connection(
                source="excitatory", target="excitatory", weight=lateral, receptor="inhibitory", delay=delay
            ),
        ],
        output=Output(population="excitatory", decoder=Assigned(votes=np.zeros((neurons, 1)))),
        steps=round(duration / dt),
        dt=dt,
        name=name,
    )


def learn_stdp(
    network: Network,
    x: NDArray[np.floating],
    y: NDArray[np.integer] | None = None,
    *,
    images: int | None = None,
    epochs: int = 1,
    seed: int = 0,
    min_spikes: int = 5,
    boost: float = 0.5,
    tries: int = 8,
    progress: Progress | None = None,
) -> Network:
    """Return ``network`` with learned weights and thresholds, still plastic.

    Samples are shown one after another, in an order drawn from ``seed``, each from rest, with the
    incoming weights normalised before it, and again with rates raised by ``boost`` where fewer than
    ``min_spikes`` spikes came (at most ``tries`` times). Labels, where given, serve the running
    estimate of accuracy in ``progress`` and nothing else.

    Raises:
        SpikingError: a network of another shape, bad pixels, or a network that stays silent.
    """
    x = check_images(x, network.input_size)
    state = compile_arguments(network)
    rng = np.random.default_rng([seed, 1])
    total = images if images is not None else epochs * len(x)
    passes = -(-total // len(x))
    order = np.concatenate([rng.permutation(len(x)) for _ in range(passes)])[:total]
    estimate = _Running(state.theta.size, y)
    shown = 0
    for start in range(0, total, CHUNK):
        part = order[start : start + CHUNK]
        counts = np.zeros((len(part), state.theta.size), np.int32)
        shown += state.learn(x, part, shown, seed, counts, min_spikes, boost, tries)
        require(
            bool(counts.any()),
            f"population {state.population!r} stayed silent over {len(part)} samples, boosts included; "
            "raise the input rate, the sum of the incoming weights (norm) or lower the threshold",
        )
        estimate.add(part, counts)
        if progress is not None:
            done = start + len(part)
            progress({"stage": "stdp", "done": done, "total": total, "unit": "images", **estimate.report()})
    return state.network()


def freeze(network: Network) -> Network:
    """Return ``network`` for inference: no plasticity, thresholds as they are, no adaptation."""
    conns = [dataclasses.replace(c, plasticity=None) for c in network.connections]
    pops = []
    for p in network.populations:
        unit = p.unit
        if isinstance(unit, ConductanceLIF):
            unit = dataclasses.replace(unit, adapt_step=0.0, tau_adapt=np.inf)
        pops.append(dataclasses.replace(p, unit=unit))
    return network.replace(connections=conns, populations=pops)


def responses(
    network: Network, x: NDArray[np.floating], *, seed: int = 0, first: int = 0, threads: int | None = None
) -> NDArray[np.int32]:
    """Return the spike counts ``[samples, neurons]`` of the network with everything frozen.

    The same bits as ``simulate.run``, whatever the number of threads.
    """
    x = check_images(x, network.input_size)
    state = compile_arguments(network)
    counts = np.zeros((len(x), state.theta.size), np.int32)

    def work(start: int) -> None:
        part = slice(start, start + CHUNK)
        state.infer(x[part], first + start, seed, counts[part])

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        list(pool.map(work, range(0, len(x), CHUNK)))
    return counts


def label_stdp(
    network: Network,
    x: NDArray[np.floating],
    y: NDArray[np.integer],
    *,
    method: str = "proportion",
    seed: int = 0,
    threads: int | None = None,
) -> Network:
    """Return the frozen network with its neurons labelled from the training data ``x``, ``y``."""
    y = np.asarray(y, np.int64)
    frozen = freeze(network)
    counts = responses(frozen, x, seed=seed, threads=threads)
    table = votes(counts, y, classes=int(y.max()) + 1, method=method)
    return frozen.replace(output=Output(population=network.output.population, decoder=Assigned(votes=table)))


def train_stdp(
    x: NDArray[np.floating],
    y: NDArray[np.integer],
    *,
    neurons: int = 400,
    images: int | None = None,
    epochs: int = 1,
    rate: float | None = None,
    rule: STDP | None = None,
    labelling: str = "proportion",
    label_images: int = 10_000,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Network:
    """Learn ``x`` [samples, features] without labels, then label the neurons on the same data.

    Args:
        y: classes ``[samples]``, used after learning only. neurons: number of excitatory units.
        images: samples shown in all (overrides ``epochs``, passes over the data).
        rate: input rate of the value 1 [Hz]; by default the mean sample sends 6.53 kHz in all, which
            is 63.75 Hz for a white pixel of MNIST.
        labelling: see :func:`spiking.learn.label.votes`; on the first ``label_images`` samples.
        options: further arguments of :func:`stdp_network`.

    Returns:
        The frozen network, ready for ``simulate.run``, with an ``Assigned`` decoder.
    """
    x = check_images(x, np.shape(x)[-1])
    y = np.asarray(y)
    require(
        y.shape == (len(x),) and np.issubdtype(y.dtype, np.integer) and bool(np.all(y >= 0)),
        f"labels of shape {y.shape} and type {y.dtype} came for {len(x)} samples; "
        "give one class 0, 1, 2, ... per sample",
    )
    brightness = float(x.sum(axis=1).mean())
    require(brightness > 0, "all samples are black; there is nothing to learn")
    rate = TOTAL_RATE / brightness if rate is None else rate
    network = stdp_network(x.shape[1], neurons=neurons, rate=rate, rule=rule, seed=seed, **options)
    network = learn_stdp(network, x, y, images=images, epochs=epochs, seed=seed, progress=progress)
    few = slice(0, label_images)
    return label_stdp(network, x[few], y[few], method=labelling, seed=seed, threads=threads)


def check_images(x: NDArray[np.floating], features: int) -> NDArray[np.float32]:
    """Return ``x`` as float32 ``[samples, features]``, or say what is wrong with it."""
    x = np.ascontiguousarray(x, np.float32)
    require(
        x.ndim == 2 and x.shape[1] == features and len(x) > 0,
        f"samples of shape {x.shape} came; the network takes [samples, {features}]",
    )
    require(
        bool(np.all(np.isfinite(x)) and np.all(x >= 0)),
        "the samples hold NaN, infinite or negative values; scale them to [0, 1]",
    )
    return x


class _Running:
    """Accuracy on each new chunk, with votes from the samples seen before it."""

    def __init__(self, neurons: int, y: NDArray[np.integer] | None, window: int = 10_000) -> None:
        self.y = None if y is None else np.asarray(y, np.int64)
        self.classes = 0 if self.y is None else int(self.y.max()) + 1
        self.sums = np.zeros((neurons, self.classes))
        self.members = np.zeros(self.classes)
        self.keep = 1.0 - CHUNK / window
        self.accuracy: float | None = None

    def add(self, part: NDArray[np.integer], counts: NDArray[np.integer]) -> None:
        if self.y is None:
            return
        truth = self.y[part]
        answer = self.sums / np.maximum(self.members, 1e-9)
        share = answer / np.maximum(answer.sum(axis=1, keepdims=True), 1e-12)
        hit = float(np.mean((counts @ share).argmax(axis=1) == truth))
        if self.members.all():
            self.accuracy = hit if self.accuracy is None else 0.9 * self.accuracy + 0.1 * hit
        one_hot = np.eye(self.classes)[truth]
        self.sums = self.keep * self.sums + counts.T @ one_hot
        self.members = self.keep * self.members + one_hot.sum(axis=0)

    def report(self) -> dict[str, float]:
        return {} if self.accuracy is None else {"accuracy": self.accuracy}
