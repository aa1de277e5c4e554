"""What several experiments draw and work out in the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from spiking.study.figures.style import WIDTH, style


def panels(
    number: int, *, height: float = 3.0, title: str = "", width: float | None = None, **how: Any
) -> tuple[Figure, tuple[Any, ...]]:
    """Return a figure in the house's look with ``number`` panels side by side, and the panels."""
    with style():
        figure = Figure(
            figsize=(width or (WIDTH if number > 1 else 0.75 * WIDTH), height), layout="constrained"
        )
        axes = figure.subplots(1, number, squeeze=False, **how)[0]
        for ax in axes:
            ax.grid(True)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=10)
    return figure, tuple(axes)


def crossing(x: ArrayLike, right: ArrayLike, total: ArrayLike) -> tuple[float, tuple[float, float]]:
    """Where a success rate falls through one half, with a 95 % interval.

    A probit regression ``P = Phi((centre - x) / width)`` of ``right`` successes in ``total`` trials at each
    ``x``, by maximum likelihood; the interval is from the curvature there.
    """
    from scipy.optimize import minimize
    from scipy.stats import norm

    at, good, all_ = (np.asarray(v, np.float64) for v in (x, right, total))
    span = float(np.ptp(at)) or 1.0

    def loss(q: NDArray[np.float64]) -> float:
        p = np.clip(norm.cdf((q[0] - at) / np.exp(q[1])), 1e-9, 1 - 1e-9)
        return -float((good * np.log(p) + (all_ - good) * np.log(1 - p)).sum())

    start = np.array([float(at.mean()), np.log(span / 4)])
    best = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-6}).x
    width = float(np.exp(best[1]))
    z = (best[0] - at) / width
    p = np.clip(norm.cdf(z), 1e-9, 1 - 1e-9)
    bent = float((all_ * norm.pdf(z) ** 2 / (p * (1 - p))).sum()) / width**2  # Fisher information
    half = 1.96 / np.sqrt(bent) if bent > 0 else np.inf
    return float(best[0]), (float(best[0] - half), float(best[0] + half))


def share_interval(percent: float, samples: int) -> tuple[float, float]:
    """The 95 % interval [%] of a share of ``samples`` that came out as ``percent`` (Wilson 1927)."""
    from scipy.stats import binomtest

    found = binomtest(round(percent / 100 * samples), samples).proportion_ci(method="wilson")
    return 100 * float(found.low), 100 * float(found.high)
