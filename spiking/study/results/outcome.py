"""Testing a trained contender: one run of the test samples, its counts, and the first inference to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.counts import Counts, count
from spiking.core.network import Network
from spiking.core.trace import Trace
from spiking.data.dataset import Dataset
from spiking.simulate import run
from spiking.study.contenders.task import Task, Trained
from spiking.study.results.on_loihi import accuracy_on_loihi

TEST_SEED = 104_729  # spikes of test samples are drawn apart from those of training


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluated:
    """A trained contender and what it did on the test set.

    Attributes:
        counts: means per inference.
        right: which of the test samples it got right ``[samples]``; compares accuracies sample by sample.
        validation: accuracy before and after quantisation.
        on_loihi: validation accuracy in Loihi's integers, or why there is none; None where not asked.
        shown: the first test sample as it was tested, with its spikes.
        seconds: of training [s]. options: of its training.
        search: how its settings were found, in words; empty where tuned before.
    """

    model: str
    trained: Trained
    right: NDArray[np.bool_]
    counts: Counts
    validation: tuple[float, float]
    on_loihi: tuple[float | None, str] | None
    shown: Trace
    seconds: float
    options: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""

    @property
    def correct(self) -> int:
        """Number of test samples answered rightly."""
        return int(np.sum(self.right))

    @property
    def samples(self) -> int:
        """Number of test samples."""
        return len(self.right)


def right_of(evaluated: Sequence[Evaluated]) -> dict[str, NDArray[np.bool_]]:
    """Which test samples each contender got right, by its name."""
    return {e.model: e.right for e in evaluated}


def tested(network: Network, x: Any, seed: int, **options: Any) -> Trace:
    """Run samples as in a test: their spikes depend on ``seed`` and the place in the test set alone."""
    return run(network, x, seed=seed + TEST_SEED, **options)


def outcome(
    model: str, trained: Trained, task: Task, data: Dataset, *, integers: bool, **facts: Any
) -> Evaluated:
    """Test ``trained.network`` on the test samples of ``data``.

    Args:
        integers: whether its accuracy in Loihi's integers is asked for. facts: further fields.
    """
    trace = tested(trained.network, data.x_test, task.seed)
    before, after = (
        tested(network, task.x_validation, task.seed + 1).accuracy(task.y_validation)
        for network in (trained.original, trained.network)
    )
    on_loihi = None
    if integers and trained.original.spiking:
        on_loihi = accuracy_on_loihi(trained.original, task.x_validation, task.y_validation, task.seed + 1)
    return Evaluated(
        model=model,
        trained=trained,
        right=np.asarray(trace.predictions == data.y_test),
        counts=count(trained.network, trace).mean(),
        validation=(before, after),
        on_loihi=on_loihi,
        # sample 0 draws the same spikes alone as among the others
        shown=tested(trained.network, data.x_test[:1], task.seed, record=("spikes",)),
        **facts,
    )
