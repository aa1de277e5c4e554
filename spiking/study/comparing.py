"""What a comparison is asked for, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.core import check
from spiking.core.errors import unknown
from spiking.hardware import Bill
from spiking.hardware.design import Design
from spiking.hardware.verdict.accuracy import margin_of
from spiking.study.contenders.search import BUDGET
from spiking.study.designs.deploy import plan_of
from spiking.study.results.notebook import notebook_table

MOST_SEEDS = 1000


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """The options of :func:`~spiking.study.compare.compare`.

    Attributes:
        seed: of the split, the initial weights, the batches and every spike.
        steps: steps per inference of the spiking networks trained here; None takes the tuned ones.
        hidden: hidden units of those that have any; None takes the tuned ones.
        quick: train for seconds on few samples, to see that everything works.
        data_path: where the files of a data set known by name lie.
        label, group: columns of a CSV: the class of a sample, and what it belongs to (a subject, a
            device); samples of one group all train or all test.
        budget: short trainings per contender that look for settings on data nobody tuned; 0 for none.
        design: ``"best"``: every design that needs no new training is tried on validation samples, and the
            cheapest within the margin is built; ``"shipped"``: 8-bit weights as the contenders come; or a
            :class:`~spiking.hardware.design.Design` or its TOML file, for all.
        margin: points of accuracy that may be lost and still count as none.
        every: time from one inference to the next [s]; None: back to back, no idle time.
        seeds: how many, from ``seed`` on; above 1, accuracy and energy come as means with intervals.

    Raises:
        SpikingError: a value out of range.
    """

    seed: int = 0
    steps: int | None = None
    hidden: int | None = None
    quick: bool = False
    data_path: str | Path | None = None
    label: str | None = None
    group: str | None = None
    budget: int = BUDGET
    design: str | Path | Design = "best"
    margin: float = 1.0
    every: float | None = None
    seeds: int = 1

    def __post_init__(self) -> None:
        check.seed(self.seed, "--seed")
        for name in ("steps", "hidden"):
            if getattr(self, name) is not None:
                check.whole(f"--{name}", getattr(self, name), 1, 100_000)
        check.path("--data-path", self.data_path)
        for name in ("label", "group"):
            check.instance(f"--{name}", getattr(self, name), str, none=True)
        check.flag("--quick", self.quick)
        check.whole("--budget", self.budget, 0, 1000)
        margin_of(self.margin)
        if self.every is not None:
            check.number("--every", self.every, 0, open_low=True, unit="s")
        plan_of(self.design)
        check.whole("--seeds", self.seeds, 1, MOST_SEEDS)
        check.seed(self.seed + self.seeds - 1, "the last of --seeds")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Comparing:
        """Return the options that were given by name.

        Raises:
            SpikingError: a name that is none, with the nearest one.
        """
        allowed = [f.name for f in fields(cls)]
        for name in options:
            if name not in allowed:
                raise unknown("option of compare", name, ["chips", "contenders", "data", "out", *allowed])
        return cls(**options)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Comparison:
    """A finished run.

    Attributes:
        path: where it lies. rows: one per contender and chip (and seed); ``answer``: in words.
        bills: of the mean inference by contender and chip; over several seeds they lie with each seed.
        seeds: over several seeds, means and 95 % intervals by contender and chip; None for one seed.
    """

    path: Path
    rows: pd.DataFrame
    answer: list[str]
    bills: Mapping[tuple[str, str], Bill]
    seeds: pd.DataFrame | None = None

    def __repr__(self) -> str:
        """The folder and the answer, in a few lines."""
        lines = "\n  ".join(sentence.replace("**", "") for sentence in self.answer)
        return f"Comparison in {self.path}:\n  {lines}"

    def _repr_html_(self) -> str:
        """The rows as a table with the answer above, for notebooks."""
        return notebook_table(self.rows, self.answer)
