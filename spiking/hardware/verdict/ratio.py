"""Which costs less: the ratio of two bills as an interval, and what may be concluded from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERDICTS = ("SNN", "MLP", "undecided")


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Energy of a spiking network over that of the MLP on one chip: ``low <= nominal <= high``.

    ``scope`` is ``"compute"``, ``"dynamic"`` or ``"total"``.
    """

    model: str
    chip: str
    scope: str
    low: float
    nominal: float
    high: float

    @property
    def verdict(self) -> str:
        """``"SNN"`` or ``"MLP"`` where the whole interval lies on one side of 1, else ``"undecided"``."""
        if self.high < 1.0:
            return "SNN"
        return "MLP" if self.low > 1.0 else "undecided"


Line = tuple[Any, float, float, float]  # (constant, low, nominal, high) of one line [J]


def ratio_interval(over: Iterable[Line], under: Iterable[Line]) -> tuple[float, float, float]:
    """Least, nominal and greatest ratio of two sums whose lines share constants.

    A constant that stands in both sums takes the same place within its band in both, so what the
    networks have in common does not blur the comparison; different constants vary freely. The
    extremes of such a quotient are found by Dinkelbach's iteration (1967, Management Science 13:492).
    """
    points: dict[Any, NDArray[np.float64]] = {}  # constant -> [low/nominal/high, over/under]
    for side, lines in enumerate((over, under)):
        for key, *energies in lines:
            points.setdefault(key, np.zeros((3, 2)))[:, side] += energies
    table = np.stack(list(points.values()))
    nominal = float(np.divide(*table[:, 1].sum(axis=0)))
    return _extreme(table, nominal, -1), nominal, _extreme(table, nominal, +1)


def _extreme(table: NDArray[np.float64], value: float, sign: int) -> float:
    for _ in range(100):
        gain = sign * (table[:, :, 0] - value * table[:, :, 1])
        best = table[np.arange(len(table)), gain.argmax(axis=1)].sum(axis=0)
        new = float(best[0] / best[1])
        if abs(new - value) <= 1e-12 * abs(value):
            break
        value = new
    return value
