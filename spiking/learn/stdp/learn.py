"""``learn_stdp``: samples are shown one after another, and the weights follow the spikes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.progress import Progress, Watch
from spiking.core.typed import typed
from spiking.learn.checkpoint import Identity, check_place
from spiking.learn.interrupt import Interruption
from spiking.learn.stdp import state as states
from spiking.learn.stdp.batch import learn_batch
from spiking.learn.stdp.config import LearnConfig
from spiking.learn.stdp.label import RunningAccuracy
from spiking.learn.stdp.learner import Learner, learner
from spiking.learn.stdp.samples import check_images, check_labels

MOST_SHOWN = 10**8  # their order is drawn before learning
CHUNK = 100  # samples between two reports; learning does not depend on it


@typed
def learn_stdp(
    network: Network,
    x: NDArray[np.floating],
    y: NDArray[np.integer] | None = None,
    *,
    config: LearnConfig | None = None,
    checkpoint: Path | str | None = None,
    checkpoint_every: int = 5_000,
    threads: int | None = None,
    progress: Watch | None = None,
    **options: Any,
) -> Network:
    """Return ``network`` with learned weights and thresholds, still plastic.

    Samples are shown one after another in an order drawn from the seed, each with the incoming weights
    normalised before it.

    Args:
        x: ``[samples, features]`` values in [0, 1].
        y: classes ``[samples]``; read by three-factor rules and for the running estimate of
            accuracy in ``progress``, by nothing else.
        config: how samples are shown; ``options`` are its fields (:class:`LearnConfig`), which take the
            place of those in ``config``.
        checkpoint: file that is written every ``checkpoint_every`` samples and on Ctrl-C, SIGTERM or
            SIGHUP, and, where it exists, read to go on from there, to the same bits.
        threads: of mini-batches; None takes all.
        progress: called every 100 samples with a :class:`~spiking.core.progress.Progress`, whose
            ``network()`` is the network so far.

    Raises:
        SpikingError: a network of another shape, an unknown option, bad values, a checkpoint of something
            else, weights that became NaN, or a network that stays silent.
        KeyboardInterrupt: after a signal, once the checkpoint is written.
    """
    also = ("config", "checkpoint", "checkpoint_every", "threads", "progress")
    config = check.configured(LearnConfig, config, options, "learn_stdp", also)
    every = check.whole("checkpoint_every", checkpoint_every, 1)
    images = check_images(x, network.input_size)
    labels = None if y is None else check_labels(y, len(images))
    lesson = Lesson(network, images, labels, config)
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None:
        lesson.resume(path)
    with Interruption(path is not None) as interruption:
        while lesson.done < lesson.total:
            first = lesson.done
            event = lesson.chunk(threads)
            due = lesson.done == lesson.total or lesson.done // every > first // every
            if path is not None and due:
                lesson.save(path)
            if progress is not None:
                progress(event)
            if path is not None and interruption.asked:
                lesson.save(path)
                interruption.stop()
    return lesson.network()


class Lesson:
    """A learner, the samples it is shown, and how many it has seen (``done`` of ``total``)."""

    def __init__(
        self,
        network: Network,
        x: NDArray[np.float32],
        y: NDArray[np.int64] | None,
        config: LearnConfig,
    ) -> None:
        self.source, self.x, self.y, self.config = network, x, y, config
        self.state = learner(
            network,
            min_spikes=config.min_spikes,
            boost=config.boost,
            tries=config.tries,
            rest=config.rest,
            carry=config.carry,
        )
        require(
            y is not None or not self.state.rule.gated,
            "a rule with tau_eligibility needs labels y for its reward",
        )
        self.total = config.total(len(x))
        require(
            self.total <= MOST_SHOWN,
            f"{self.total} samples are to be shown; allowed: up to {MOST_SHOWN}, give fewer images or epochs",
        )
        self.order = presentation_order(len(x), self.total, config.seed)
        self.estimate = RunningAccuracy(self.state.units, y)
        self.done = 0
        self._identity: Identity | None = None

    def chunk(self, threads: int | None) -> Progress:
        """Learn the next samples; return how far learning is."""
        state, first = self.state, self.done
        part = self.order[first : first + CHUNK]
        counts = np.zeros((len(part), state.units), np.int32)
        labels = np.zeros(1, np.int64) if self.y is None else self.y
        seed, batch = self.config.seed, self.config.batch
        if batch == 1:
            state.learn(self.x, labels, part, first, seed, counts)
        else:
            learn_batch(state, self.x, labels, part, first, seed, counts, batch, threads)
        check_alive(state, counts, first)
        self.estimate.add(part, counts)
        self.done = first + len(part)
        return Progress(
            stage="stdp",
            done=self.done,
            total=self.total,
            unit="images",
            accuracy=self.estimate.present,
            spikes=float(counts.sum(axis=1).mean()),
            network=state.network,
        )

    def network(self) -> Network:
        """Return the network as it is now, with what learning took in its metadata."""
        names = ("tries", "spikes", "input_spikes", "inhibitory_spikes")
        tally = dict(zip(names, map(int, self.state.tally), strict=True))
        learned = {"images": self.done, "seed": self.config.seed, **tally}
        return self.state.network().replace(metadata={**self.source.metadata, "stdp": learned})

    def resume(self, path: Path) -> None:
        """Go on from the checkpoint at ``path`` where there is one."""
        check_place(path)
        if path.exists():
            self.done = states.load(path, self._own(), self.state, self.estimate, self.total)

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        states.save(path, self._own(), self.state, self.estimate, self.done)

    def _own(self) -> Identity:
        if self._identity is None:
            settings = {**self.config.settings(), "precision": str(self.state.weight.dtype)}
            data = {"samples": self.x, "labels": self.y}
            self._identity = Identity.of("stdp", self.source, data, settings)
        return self._identity


@typed
def presentation_order(samples: int, total: int, seed: int) -> NDArray[np.int64]:
    """Indices of the samples in the order they are shown: one permutation per pass.

    Raises:
        SpikingError: no samples, or more than memory holds.
    """
    check.whole("samples", samples, 1, MOST_SHOWN)
    check.whole("total", total, 1, MOST_SHOWN)
    check.seed(seed)
    rng = np.random.default_rng([seed, 1])
    passes = -(-total // samples)
    return np.concatenate([rng.permutation(samples) for _ in range(passes)])[:total].astype(np.int64)


def check_alive(state: Learner, counts: NDArray[np.int32], first: int) -> None:
    """Raise :class:`SpikingError` if the weights are not finite, or if no unit answered any sample."""
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
