"""A value that differs from chip to chip: mean, spread, what most chips reach, the worst; shares of chips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from spiking.core import check
from spiking.core.errors import require

LEVEL = 0.95  # of every interval here
TAIL = 0.05  # share of chips that may do worse than what "most" reach


@dataclass(frozen=True, eq=False)
class Distribution:
    """``values`` of one quantity ``[chips]``; ``worse`` says which end is bad: ``"low"`` or ``"high"``."""

    values: NDArray[np.float64]
    worse: str = "low"

    def __post_init__(self) -> None:
        check.choice("worse", self.worse, ("low", "high"))
        values = np.asarray(self.values, np.float64)
        require(values.ndim == 1 and values.size > 0, f"values have shape {values.shape}; give one per chip")
        object.__setattr__(self, "values", values)

    @property
    def mean(self) -> float:
        """Mean over chips."""
        return float(self.values.mean())

    @property
    def sigma(self) -> float:
        """Standard deviation over chips; NaN for one chip."""
        return float(self.values.std(ddof=1)) if self.values.size > 1 else float("nan")

    @property
    def mean_interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean by Student's t; NaN for one chip."""
        n = self.values.size
        half = float(stdtrit(max(n - 1, 1), (1 + LEVEL) / 2)) * self.sigma / np.sqrt(n)
        return self.mean - half, self.mean + half

    @property
    def most(self) -> float:
        """What 95 % of the chips reach or do better than."""
        return float(np.quantile(self.values, TAIL if self.worse == "low" else 1 - TAIL))

    @property
    def worst(self) -> float:
        """The worst chip."""
        return float(self.values.min() if self.worse == "low" else self.values.max())

    def words(self) -> dict[str, float]:
        """All of these by name, for a table."""
        low, high = self.mean_interval
        return {
            "mean": self.mean, "mean_low": low, "mean_high": high, "sigma": self.sigma,
            "most": self.most, "worst": self.worst,
        }  # fmt: skip


@dataclass(frozen=True)
class Share:
    """``count`` of ``total`` chips."""

    count: int
    total: int

    def __post_init__(self) -> None:
        check.whole("total", self.total, 1)
        check.whole("count", self.count, 0, self.total)

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.count / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of Clopper & Pearson (1934, Biometrika 26:404)."""
        k, n, tail = self.count, self.total, (1 - LEVEL) / 2
        low = float(betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
        high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
        return low, high
