"""Unsupervised learning by STDP: learn, freeze, label. Diehl & Cook (2015), Front. Comput. Neurosci. 9:99."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.decode import Assigned
from spiking.core.errors import unknown
from spiking.core.network import Network
from spiking.core.parts import Output
from spiking.core.plasticity import rule as rule_called
from spiking.core.progress import Watch
from spiking.core.typed import typed
from spiking.kernels.threads import over_ranges
from spiking.learn.stdp.config import LearnConfig
from spiking.learn.stdp.label import LABELLINGS, votes
from spiking.learn.stdp.learn import learn_stdp
from spiking.learn.stdp.learner import learner
from spiking.learn.stdp.network import (
    DURATION,
    EXCITATORY,
    NetworkConfig,
    freeze,
    paced,
    paced_rule,
    stdp_network,
)
from spiking.learn.stdp.samples import check_images, check_labels, default_rate


@typed
def responses(
    network: Network, x: NDArray[np.floating], *, seed: int = 0, first: int = 0, threads: int | None = None
) -> NDArray[np.int32]:
    """Return the spike counts ``[samples, neurons]`` of the network with everything frozen.

    The same bits as ``simulate.run``, whatever the number of threads. ``first``: number of the first sample,
    which chooses its random spikes.

    Raises:
        SpikingError: bad samples, or a number out of its range.
    """
    check.seed(seed)
    check.whole("first", first, 0, check.LAST_SAMPLE)
    x = check_images(x, network.input_size)
    state = learner(network)
    counts = np.zeros((len(x), state.units), np.int32)

    def work(start: int, stop: int) -> None:
        own = state.with_own_state()
        own.infer(x[start:stop], first + start, seed, counts[start:stop])

    over_ranges(work, len(x), workers=threads)
    return counts


@typed
def label_stdp(
    network: Network,
    x: NDArray[np.floating],
    y: NDArray[np.integer],
    *,
    method: str = "proportion",
    seed: int = 0,
    threads: int | None = None,
) -> Network:
    """Return the frozen network with its neurons labelled from the training data ``x``, ``y``.

    ``method``: see :func:`spiking.learn.stdp.label.votes`.
    """
    check.choice("labelling", method, LABELLINGS)
    x = check_images(x, network.input_size)
    y = check_labels(y, len(x))
    frozen = freeze(network)
    counts = responses(frozen, x, seed=seed, threads=threads)
    table = votes(counts, y, classes=int(y.max()) + 1, method=method)
    return frozen.replace(output=Output(population=network.output.population, decoder=Assigned(votes=table)))


def train_stdp(
    x: NDArray[np.floating],
    y: NDArray[np.integer],
    *,
    labelling: str = "proportion",
    label_images: int = 10_000,
    threads: int | None = None,
    progress: Watch | None = None,
    **options: Any,
) -> Network:
    """Learn ``x`` [samples, features] without labels, then label the neurons on the same data.

    Args:
        y: classes ``[samples]``, used after learning only.
        labelling: see :func:`spiking.learn.stdp.label.votes`; on the first ``label_images`` samples.
        options: fields of :class:`~spiking.learn.stdp.config.LearnConfig` (``images``, ``epochs``,
            ``batch``, ...) and of :class:`~spiking.learn.stdp.network.NetworkConfig` (``neurons``, ``rule``,
            ``rate``, ...); ``seed`` is of both. By default the input rate is such that the mean sample sends
            6.53 kHz in all, which is 63.75 Hz for a white pixel of MNIST, ``unit`` is the paper's with its
            adaptation paced to the number of samples and neurons, and a ``rule`` given by its name learns at
            a rate paced to the number of neurons.

    Returns:
        The frozen network, ready for ``simulate.run``, with an ``Assigned`` decoder.

    Raises:
        SpikingError: an unknown option, a value out of its range, bad samples or labels.
    """
    learning, built = split_options(options, "train_stdp")
    check.choice("labelling", labelling, LABELLINGS)
    few = slice(0, check.whole("label_images", label_images, 1))
    x = check_images(x, np.shape(x)[-1] if np.ndim(x) else 0)
    y = check_labels(y, len(x))
    plan = LearnConfig(**learning)
    network = stdp_network(x.shape[1], **_paced(built, plan.total(len(x)), x))
    network = learn_stdp(network, x, y, config=plan, threads=threads, progress=progress)
    return label_stdp(network, x[few], y[few], method=labelling, seed=plan.seed, threads=threads)


def split_options(options: dict[str, Any], what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Share ``options`` between :class:`LearnConfig` and :class:`NetworkConfig`; ``seed`` goes to both.

    Raises:
        SpikingError: a name that neither knows.
    """
    learning, built = ({f.name for f in dataclasses.fields(kind)} for kind in (LearnConfig, NetworkConfig))
    own = ("labelling", "label_images", "threads", "progress")
    for name in options:
        if name not in learning | built:
            raise unknown(f"option of {what}", name, [*learning, *built, *own])
    return (
        {k: v for k, v in options.items() if k in learning},
        {k: v for k, v in options.items() if k in built},
    )


def _paced(built: dict[str, Any], shown: int, x: NDArray[np.float32]) -> dict[str, Any]:
    """Fill in what follows from the data: input rate, adaptation and the rate of a rule given by its name."""
    asked = NetworkConfig(**built)
    rule = built.get("rule", "diehl-cook")
    unit = built.get("unit") or paced(
        EXCITATORY, neurons=asked.neurons, images=shown, duration=built.get("duration", DURATION)
    )
    return {
        **built,
        "unit": unit,
        "rule": paced_rule(rule_called(rule), neurons=asked.neurons) if isinstance(rule, str) else rule,
        "rate": default_rate(x) if built.get("rate") is None else built["rate"],
    }
