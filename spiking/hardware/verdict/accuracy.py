"""Accuracies of two networks on the same samples: a paired difference, and whether it stays within a margin.

Two classifiers that answer the same samples are compared by the samples on which they differ (McNemar 1947).
Whether the intervals of the two accuracies overlap says little: the samples are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spiking.core.check import number, whole
from spiking.core.check import seed as seeded
from spiking.core.errors import require
from spiking.core.typed import typed

MARGIN = 0.01  # accuracy a network may lose to the other and still be compared as its equal
MOST_DRAWS = 10**7  # of samples or constants, which memory holds
Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Accuracy of one network less that of another on the same samples.

    Attributes:
        samples: number of samples; ``only_first``, ``only_second``: those that one got right alone.
        difference: of the accuracies, as a fraction; ``low``, ``high``: its 95 % interval.
        p: exact two-sided McNemar test of no difference.
    """

    samples: int
    only_first: int
    only_second: int
    difference: float
    low: float
    high: float
    p: float

    def no_worse(self, margin: float = MARGIN) -> bool:
        """True if the first is shown to lose less than ``margin`` to the second (95 % interval)."""
        return self.low > -margin

    def no_better(self, margin: float = MARGIN) -> bool:
        """True if the second is shown to lose less than ``margin`` to the first."""
        return self.high < margin

    @property
    def differs(self) -> bool:
        """True if the two differ at 5 %."""
        return self.p < 0.05


@typed
def paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Paired:
    """Compare which of the same samples two networks got right, ``[samples]`` each.

    The interval is the score interval of Tango (1998, Statistics in Medicine 17:891), which holds for few
    differing samples and for none; the test is McNemar's, exact.

    Raises:
        SpikingError: not two arrays of True and False of one length.
    """
    from scipy.stats import binomtest

    a, b = _answers(first, second)
    up, down = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    low, high = tango(up, down, a.size)
    p = float(binomtest(up, up + down, 0.5).pvalue) if up + down else 1.0
    difference = (up - down) / a.size
    return Paired(
        samples=int(a.size), only_first=up, only_second=down, difference=difference, low=low, high=high, p=p
    )


def _answers(first: object, second: object) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    a, b = np.asarray(first), np.asarray(second)
    require(
        a.shape == b.shape and a.ndim == 1 and a.size > 0 and a.dtype == b.dtype == np.bool_,
        f"paired answers are two arrays of True and False of one length; {a.dtype} {a.shape} and "
        f"{b.dtype} {b.shape} came",
    )
    return a, b


def score(up: int, down: int, n: int, delta: float) -> float:
    """Tango's score statistic of ``difference = delta``; standard normal where that is true."""
    b = -up - down + (2 * n - up + down) * delta
    c = -down * delta * (1 - delta)
    q = (np.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)  # the likeliest share of `down` at this delta
    variance = n * max(2 * q + delta * (1 - delta), 0.0)
    top = up - down - n * delta
    return float(top / np.sqrt(variance)) if variance > 0 else float(np.sign(top) * np.inf) if top else 0.0


def tango(up: int, down: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the interval of ``(up - down) / n``: the differences the score test does not refuse at ``z``."""
    middle = (up - down) / n

    def edge(inside: float, outside: float, sign: float) -> float:
        for _ in range(100):
            half = (inside + outside) / 2
            if sign * score(up, down, n, half) < z:
                inside = half
            else:
                outside = half
        return inside

    return edge(middle, -1.0, 1.0), edge(middle, 1.0, -1.0)


@typed
def bootstrap(
    first: NDArray[np.bool_], second: NDArray[np.bool_], *, draws: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the difference by drawing samples anew, with both answers.

    Raises:
        SpikingError: not two arrays of True and False of one length, or no draws.
    """
    a, b = _answers(first, second)
    whole("draws", draws, 1, MOST_DRAWS)
    seeded(seed)
    shares = [np.mean(a > b), np.mean(a < b), np.mean(a == b)]
    drawn = np.random.default_rng(seed).multinomial(a.size, shares, size=draws)
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / a.size, [0.025, 0.975])
    return float(low), float(high)


@typed
def margin_of(value: float) -> float:
    """Return a margin given in points as a fraction.

    Raises:
        SpikingError: not between 0 and 100 points.
    """
    return number("margin", value, 0, 100, unit="points") / 100
