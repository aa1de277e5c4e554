"""Surrogate derivatives of the spike with respect to ``d = v - threshold``.

``slope`` is each function's own sharpness; all peak at ``d = 0``. Antiderivatives, for checks by
finite differences of the smoothed network, are in ``docs/model.md``.
"""

from __future__ import annotations

from typing import Any

from spiking.kernels.compile import inline, jit_views
from spiking.kernels.tile import where

FAST_SIGMOID, ARCTAN, TRIANGULAR, BOXCAR = range(4)
SURROGATES = {
    "fast_sigmoid": FAST_SIGMOID,
    "arctan": ARCTAN,
    "triangular": TRIANGULAR,
    "boxcar": BOXCAR,
}
DEFAULT_SLOPES = {"fast_sigmoid": 25.0, "arctan": 2.0, "triangular": 1.0, "boxcar": 1.0}


def fast_sigmoid(x: Any, one: Any) -> Any:
    """``1 / (1 + |k d|)^2`` at ``x = k d`` (Zenke & Ganguli 2018, Neural Comput. 30:1514)."""
    q = one + abs(x)
    return one / (q * q)


def arctan(x: Any, peak: Any, half_pi: Any, one: Any) -> Any:
    """``(k/2) / (1 + (pi k d / 2)^2)`` at ``x = k d``, ``peak = k/2`` (Fang et al. 2021, ICCV)."""
    q = half_pi * x
    return peak / (one + q * q)


def triangular(x: Any, one: Any, zero: Any) -> Any:
    """``max(0, 1 - |k d|)`` at ``x = k d`` (Esser et al. 2016, PNAS 113:11441)."""
    return where(abs(x) < one, one - abs(x), zero)


def boxcar(x: Any, peak: Any, one: Any, zero: Any) -> Any:
    """``k/2`` where ``|k d| < 1``, at ``x = k d``, ``peak = k/2`` (a straight-through window)."""
    return where(abs(x) < one, peak, zero)


fast_sigmoid_, arctan_, triangular_, boxcar_ = (inline(f) for f in (fast_sigmoid, arctan, triangular, boxcar))


@inline
def derivative(kind: int, x: Any, peak: Any, half_pi: Any, one: Any, zero: Any) -> Any:
    """The derivative of the surrogate ``kind`` at ``x = k d``, ``peak = k/2``; numbers or tiles."""
    if kind == FAST_SIGMOID:
        return fast_sigmoid_(x, one)
    if kind == ARCTAN:
        return arctan_(x, peak, half_pi, one)
    if kind == TRIANGULAR:
        return triangular_(x, one, zero)
    return boxcar_(x, peak, one, zero)


@jit_views
def derivatives(n, v, level, kind, slope, least, const, out):  # type: ignore[no-untyped-def]
    """Surrogate derivatives of ``n`` units at membranes ``v`` and thresholds ``level`` into ``out``.

    Those below ``least`` become zero. ``const``: 0, 1/2, 1, pi/2 in the precision of ``v``.
    """
    zero, half, one, half_pi = const[0], const[1], const[2], const[3]
    peak = half * slope
    for j in range(n):
        h = derivative(kind, slope * (v[j] - level[j]), peak, half_pi, one, zero)
        out[j] = h if h >= least else zero
