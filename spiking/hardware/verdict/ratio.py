"""The ratio of two bills as an interval, and which word it allows: SNN, MLP or undecided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Energy of a spiking network over that of an MLP: ``low <= nominal <= high``.

    Attributes:
        model, chip, against: the spiking network, its chip, and the chip of the MLP.
        scope: ``"compute"``, ``"dynamic"`` or ``"total"``.
        snn_lacks, mlp_lacks: what happened on either side and is in no price. What the spiking network lacks
            makes the ratio a lower bound, what the MLP lacks an upper bound.
    """

    model: str
    chip: str
    scope: str
    low: float
    nominal: float
    high: float
    against: str = ""
    snn_lacks: tuple[str, ...] = ()
    mlp_lacks: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``"SNN"`` or ``"MLP"`` where the whole interval lies on one side of 1, else ``"undecided"``.

        A lower bound never wins: what a bill lacks can only make the loser of that bill worse.
        """
        if self.high < 1.0 and not self.snn_lacks:
            return "SNN"
        if self.low > 1.0 and not self.mlp_lacks:
            return "MLP"
        return "undecided"

    @property
    def bound(self) -> str:
        """``"at least"``, ``"at most"``, ``"unbounded"`` (both lack something) or an empty string."""
        if self.snn_lacks:
            return "unbounded" if self.mlp_lacks else "at least"
        return "at most" if self.mlp_lacks else ""

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, as the end of a sentence."""
        if self.verdict == "undecided":
            for ahead, side, lacks in (
                (self.high < 1.0, "spiking network", self.snn_lacks),
                (self.low > 1.0, "MLP", self.mlp_lacks),
            ):
                if ahead:
                    return f"the bill of the {side}, which looks cheaper, lacks {', '.join(lacks)}"
            return "the range of the constants includes 1"
        lacks = self.mlp_lacks if self.verdict == "SNN" else self.snn_lacks
        more = f"; the other bill lacks {', '.join(lacks)}, which could only make it dearer" if lacks else ""
        return f"over the whole range of the constants{more}"


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
