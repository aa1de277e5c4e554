"""What an experiment is: a question, what theory says, a run, and checks that can fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from scipy.stats import t as student

from spiking.core import check
from spiking.core.errors import require
from spiking.core.progress import Progress, Watch, unwatched

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One number that must come out.

    Attributes:
        what: the quantity in words; expected: the value of theory or publication, in words.
        low, high: where the measured value agrees; infinite where there is no such end.
        measured: what came out; interval: its 95 % interval, None for what is exact.
        source: theorem, paper and place.
    """

    what: str
    expected: str
    low: float = -math.inf
    high: float = math.inf
    measured: float
    interval: Interval | None = None
    source: str

    @property
    def agrees(self) -> bool:
        """Whether ``low <= measured <= high``; NaN never agrees."""
        return bool(self.low <= self.measured <= self.high)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; None stands for no such end."""
        return {
            "what": self.what,
            "expected": self.expected,
            "low": _finite(self.low),
            "high": _finite(self.high),
            "measured": _finite(self.measured),
            "interval": None if self.interval is None else [_finite(x) for x in self.interval],
            "source": self.source,
            "agrees": self.agrees,
        }


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How an experiment is run.

    Attributes:
        seed: of everything that is drawn; quick: seconds instead of a minute, with wider intervals.
        progress: called with a :class:`~spiking.core.progress.Progress` while working.
    """

    seed: int = 0
    quick: bool = False
    progress: Watch = unwatched

    def __post_init__(self) -> None:
        check.seed(self.seed, "--seed")
        check.flag("--quick", self.quick)

    def rng(self, *key: int) -> np.random.Generator:
        """Return a generator that depends on the seed and on ``key`` alone."""
        return np.random.default_rng((self.seed, *key))

    def either(self, whole: Any, quick: Any) -> Any:
        """Return the setting of a whole run, or of a quick one."""
        return quick if self.quick else whole

    def tell(self, stage: str, done: int, total: int, unit: str = "parts") -> None:
        """Say how far the work is."""
        self.progress(Progress(stage=stage, done=done, total=total, unit=unit))


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """What an experiment found.

    Attributes:
        sentences: three, with numbers; rows: everything that was measured, one dict each.
        checks: what must come out; energy: joules to get there, in words (empty where nothing is learned).
    """

    sentences: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    checks: Sequence[Check]
    energy: str = ""
    table: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        require(len(self.sentences) == 3, f"an experiment says three sentences, not {len(self.sentences)}")
        require(bool(self.checks), "an experiment without a check cannot fail; give at least one")
        object.__setattr__(self, "table", pd.DataFrame(list(self.rows)))

    @property
    def agrees(self) -> bool:
        """Whether every check does."""
        return all(c.agrees for c in self.checks)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment of the gallery.

    Attributes:
        name: as typed; order: its place in the argument.
        question, theory: what is asked, and what theory or a publication says; source: whose.
        run: ``run(asked) -> Finding``; draw: ``draw(finding) -> Figure``.
        data: names of data sets it reads that must be given or downloaded.
    """

    name: str
    question: str
    theory: str
    source: str
    run: Callable[[Asked], Finding]
    draw: Callable[[Finding], Figure]
    order: int = 100
    data: tuple[str, ...] = ()


def mean_interval(values: ArrayLike) -> tuple[float, Interval]:
    """Return the mean of independent values and its 95 % interval (Student's t)."""
    x = np.asarray(values, np.float64)
    if x.size < 2:
        return float(x.mean()), (math.nan, math.nan)
    half = float(student.ppf(0.975, x.size - 1)) * float(x.std(ddof=1)) / math.sqrt(x.size)
    return float(x.mean()), (float(x.mean()) - half, float(x.mean()) + half)


def _finite(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None
