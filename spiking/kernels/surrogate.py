"""Surrogate derivatives of the spike with respect to ``d = v - threshold``.

``slope`` is each function's own sharpness; all peak at ``d = 0``. Antiderivatives, for checks by
finite differences of the smoothed network, are in ``docs/model.md``.
"""

from __future__ import annotations

from typing import Any

from spiking.kernels.compile import inline

FAST_SIGMOID, ARCTAN, TRIANGULAR, BOXCAR = range(4)
SURROGATES = {
    "fast_sigmoid": FAST_SIGMOID,
    "arctan": ARCTAN,
    "triangular": TRIANGULAR,
    "boxcar": BOXCAR,
}
DEFAULT_SLOPES = {"fast_sigmoid": 25.0, "arctan": 2.0, "triangular": 1.0, "boxcar": 1.0}


def surrogate(d: Any, kind: int, slope: Any, one: Any, half: Any, half_pi: Any, zero: Any) -> Any:
    """Derivative of the surrogate spike at distance ``d`` from threshold.

    fast sigmoid ``1 / (1 + k|d|)^2`` (Zenke & Ganguli 2018), arctan ``(k/2) / (1 + (pi k d / 2)^2)``
    (Fang et al. 2021), triangular ``max(0, 1 - k|d|)`` (Esser et al. 2016), boxcar ``k/2`` where
    ``|d| < 1/k`` (STE with a window). ``one, half, half_pi, zero`` carry the precision.
    """
    x = abs(slope * d)
    if kind == FAST_SIGMOID:
        q = one + x
        return one / (q * q)
    if kind == ARCTAN:
        q = half_pi * x
        return half * slope / (one + q * q)
    if kind == TRIANGULAR:
        return one - x if x < one else zero
    return half * slope if x < one else zero


surrogate_compiled = inline(surrogate)
