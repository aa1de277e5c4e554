"""Testing a trained contender: one run of the test samples, its counts, and the first inference to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.trace import Trace
from spiking.data.dataset import Dataset
from spiking.study.contenders.task import Task, Trained
from spiking.study.designs.deploy import Deployed, tested
from spiking.study.results.on_loihi import accuracy_on_loihi

Right = Mapping[tuple[str, str], NDArray[np.bool_]]  # (model, chip) -> which test samples it got right


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluated:
    """A trained contender and what it did on the test set.

    Attributes:
        deployed: as it is built for each chip, by the chip's name, with its counts and answers.
        samples: test samples.
        validation: accuracy before and after quantisation, as the contender comes.
        on_loihi: validation accuracy in Loihi's integers, or why there is none; None where not asked.
        shown: the first test sample as it was tested on the first chip, with its spikes.
        seconds: of training [s]. options: of its training.
        search: how its settings were found, in words; empty where tuned before.
    """

    model: str
    trained: Trained
    deployed: Mapping[str, Deployed]
    samples: int
    validation: tuple[float, float]
    on_loihi: tuple[float | None, str] | None
    shown: Trace
    seconds: float
    options: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""

    @property
    def first(self) -> Deployed:
        """As it is built for the first chip."""
        return next(iter(self.deployed.values()))


def right_of(evaluated: Sequence[Evaluated]) -> Right:
    """Which test samples each contender got right on each chip."""
    return {(e.model, chip): d.right for e in evaluated for chip, d in e.deployed.items()}


def outcome(
    model: str,
    trained: Trained,
    task: Task,
    data: Dataset,
    deployed: Mapping[str, Deployed],
    *,
    integers: bool,
    **facts: Any,
) -> Evaluated:
    """Gather what is known of a contender that was built for its chips and tested there.

    Args:
        integers: whether its accuracy in Loihi's integers is asked for. facts: further fields.
    """
    before, after = (
        tested(network, task.x_validation, task.seed + 1).accuracy(task.y_validation)
        for network in (trained.original, trained.network)
    )
    on_loihi = None
    if integers and trained.original.spiking:
        on_loihi = accuracy_on_loihi(trained.original, task.x_validation, task.y_validation, task.seed + 1)
    first = next(iter(deployed.values())).network
    return Evaluated(
        model=model,
        trained=trained,
        deployed=deployed,
        samples=len(data.x_test),
        validation=(before, after),
        on_loihi=on_loihi,
        # sample 0 draws the same spikes alone as among the others
        shown=tested(first, data.x_test[:1], task.seed, record=("spikes",)),
        **facts,
    )
