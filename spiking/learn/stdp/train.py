"""Unsupervised learning by STDP: learn, freeze, label. Diehl & Cook (2015), Front. Comput. Neurosci. 9:99."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.decode import Assigned
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.parts import Output
from spiking.core.plasticity import rule as rule_called
from spiking.core.progress import Progress, Watch
from spiking.kernels.threads import over_ranges
from spiking.learn.stdp.batch import learn_batch
from spiking.learn.stdp.checkpoint import resume, save
from spiking.learn.stdp.label import RunningAccuracy, votes
from spiking.learn.stdp.learner import Learner, learner
from spiking.learn.stdp.network import DURATION, EXCITATORY, freeze, paced, paced_rule, stdp_network

TOTAL_RATE = 6.53e3  # mean input spikes per second of a whole MNIST image at 63.75 Hz for white
CHUNK = 100  # samples between two reports; learning does not depend on it


def learn_stdp(
    network: Network,
    x: NDArray[np.floating],
    y: NDArray[np.integer] | None = None,
    *,
    images: int | None = None,
    epochs: int = 1,
    seed: int = 0,
    batch: int = 1,
    rest: float = 0.0,
    carry: bool = False,
    min_spikes: int = 5,
    boost: float = 0.5,
    tries: int = 8,
    checkpoint: Path | str | None = None,
    checkpoint_every: int = 5_000,
    threads: int | None = None,
    progress: Watch | None = None,
) -> Network:
    """Return ``network`` with learned weights and thresholds, still plastic.

    Samples are shown one after another in an order drawn from ``seed``, each with the incoming weights
    normalised before it, and again with rates raised by ``boost`` where fewer than ``min_spikes``
    spikes came (at most ``tries`` times).

    Args:
        x: ``[samples, features]`` values in [0, 1].
        y: classes ``[samples]``; read by three-factor rules and for the running estimate of
            accuracy in ``progress``, by nothing else.
        images: samples shown in all; overrides ``epochs``, passes over the data.
        batch: 1 learns one sample after another, exactly; more learn so many at a time from the
            same weights, in parallel, and add up their changes (the same bits for any ``threads``).
        rest: time without input after each sample [s].
        carry: whether membranes, conductances and traces flow from sample to sample (as in a
            clock-driven simulator) instead of starting each from rest.
        checkpoint: file that is written every ``checkpoint_every`` samples and, where it exists,
            read to go on from there, to the same bits.
        progress: called every 100 samples with a :class:`~spiking.core.progress.Progress`, whose
            ``network()`` is the network so far.

    Raises:
        SpikingError: a network of another shape, bad pixels, a checkpoint of something else, weights
            that became NaN, or a network that stays silent.
    """
    x = check_images(x, network.input_size)
    state = learner(network, min_spikes=min_spikes, boost=boost, tries=tries, rest=rest, carry=carry)
    labels = np.zeros(1, np.int64) if y is None else np.asarray(y, np.int64)
    require(
        y is not None or not state.rule.gated, "a rule with tau_eligibility needs labels y for its reward"
    )
    require(batch >= 1, f"batch is {batch!r}; allowed: 1 (exact) or more samples at a time")
    require(batch == 1 or not carry, "carry lets state flow from sample to sample; it needs batch=1")
    total = images if images is not None else epochs * len(x)
    order = presentation_order(len(x), total, seed)
    estimate = RunningAccuracy(state.units, y)
    start = 0 if checkpoint is None else resume(Path(checkpoint), state, estimate, seed, x.shape[1])
    for first in range(start, total, CHUNK):
        part = order[first : first + CHUNK]
        counts = np.zeros((len(part), state.units), np.int32)
        if batch == 1:
            state.learn(x, labels, part, first, seed, counts)
        else:
            learn_batch(state, x, labels, part, first, seed, counts, batch, threads)
        _check_alive(state, counts, first)
        estimate.add(part, counts)
        done = first + len(part)
        if checkpoint is not None and (done == total or done // checkpoint_every > first // checkpoint_every):
            save(Path(checkpoint), state, estimate, seed, done)
        if progress is not None:
            progress(
                Progress(
                    stage="stdp",
                    done=done,
                    total=total,
                    unit="images",
                    accuracy=estimate.present,
                    spikes=float(counts.sum(axis=1).mean()),
                    network=state.network,
                )
            )
    names = ("tries", "spikes", "input_spikes", "inhibitory_spikes")
    learned = {"images": total, "seed": seed, **dict(zip(names, map(int, state.tally), strict=True))}
    return state.network().replace(metadata={**network.metadata, "stdp": learned})


def presentation_order(samples: int, total: int, seed: int) -> NDArray[np.int64]:
    """Indices of the samples in the order they are shown: one permutation per pass."""
    rng = np.random.default_rng([seed, 1])
    passes = -(-total // samples)
    return np.concatenate([rng.permutation(samples) for _ in range(passes)])[:total].astype(np.int64)


def _check_alive(state: Learner, counts: NDArray[np.int32], first: int) -> None:
    require(
        bool(np.isfinite(state.weight).all()),
        f"the weights of {state.plastic[0].name!r} became NaN or infinite within {len(counts)} samples after "
        f"sample {first}; lower a_plus, a_minus and the triplet terms, or start from a sound checkpoint",
    )
    require(
        bool(counts.any()),
        f"population {state.population!r} stayed silent over {len(counts)} samples, boosts included; "
        "raise the input rate, the sum of the incoming weights (norm) or lower the threshold",
    )


def responses(
    network: Network, x: NDArray[np.floating], *, seed: int = 0, first: int = 0, threads: int | None = None
) -> NDArray[np.int32]:
    """Return the spike counts ``[samples, neurons]`` of the network with everything frozen.

    The same bits as ``simulate.run``, whatever the number of threads.
    """
    x = check_images(x, network.input_size)
    state = learner(network)
    counts = np.zeros((len(x), state.units), np.int32)

    def work(start: int, stop: int) -> None:
        own = state.with_own_state()
        own.infer(x[start:stop], first + start, seed, counts[start:stop])

    over_ranges(work, len(x), workers=threads)
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
    labelling: str = "proportion",
    label_images: int = 10_000,
    seed: int = 0,
    threads: int | None = None,
    progress: Watch | None = None,
    learning: Mapping[str, Any] | None = None,
    **options: Any,
) -> Network:
    """Learn ``x`` [samples, features] without labels, then label the neurons on the same data.

    Args:
        y: classes ``[samples]``, used after learning only. neurons: number of excitatory units.
        images: samples shown in all (overrides ``epochs``, passes over the data).
        rate: input rate of the value 1 [Hz]; by default the mean sample sends 6.53 kHz in all, which
            is 63.75 Hz for a white pixel of MNIST.
        labelling: see :func:`spiking.learn.stdp.label.votes`; on the first ``label_images`` samples.
        learning: further arguments of :func:`learn_stdp`.
        options: further arguments of :func:`spiking.learn.stdp.network.stdp_network`; ``unit`` is by
            default the paper's with its adaptation paced to the number of samples and neurons, and a
            ``rule`` given by its name learns at a rate paced to the number of neurons.

    Returns:
        The frozen network, ready for ``simulate.run``, with an ``Assigned`` decoder.
    """
    x = check_images(x, np.shape(x)[-1])
    y = check_labels(y, len(x))
    unit = options.pop("unit", None)
    if unit is None:
        shown, duration = images or epochs * len(x), options.get("duration", DURATION)
        unit = paced(EXCITATORY, neurons=neurons, images=shown, duration=duration)
    rule = options.pop("rule", "diehl-cook")
    if isinstance(rule, str):
        rule = paced_rule(rule_called(rule), neurons=neurons)
    network = stdp_network(
        x.shape[1],
        neurons=neurons,
        rate=default_rate(x) if rate is None else rate,
        unit=unit,
        rule=rule,
        seed=seed,
        **options,
    )
    network = learn_stdp(
        network, x, y, images=images, epochs=epochs, seed=seed, threads=threads, progress=progress,
        **(learning or {}),
    )  # fmt: skip
    few = slice(0, label_images)
    return label_stdp(network, x[few], y[few], method=labelling, seed=seed, threads=threads)


def default_rate(x: NDArray[np.floating]) -> float:
    """Rate of the value 1 [Hz] at which the mean sample of ``x`` sends 6.53 kHz in all."""
    brightness = float(x.sum(axis=1, dtype=np.float64).mean())
    require(brightness > 0, "all samples are black; there is nothing to learn")
    return TOTAL_RATE / brightness


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


def check_labels(y: NDArray[np.integer], samples: int) -> NDArray[np.int64]:
    """Return ``y`` as integers, one per sample, or say what is wrong with it."""
    y = np.asarray(y)
    require(
        y.shape == (samples,) and np.issubdtype(y.dtype, np.integer) and bool(np.all(y >= 0)),
        f"labels of shape {y.shape} and type {y.dtype} came for {samples} samples; "
        "give one class 0, 1, 2, ... per sample",
    )
    return y.astype(np.int64)
