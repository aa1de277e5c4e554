"""The points that no other beats, for millions of points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
CULLS = 64  # strong points that thin out the rest before the exact sweep
LEAST_GAIN = 0.01  # share that a strong point must remove for another one to be tried


def front(values: NDArray[np.floating]) -> Mask:
    """Return which points no other dominates, ``[points]``.

    A point dominates another if it is nowhere worse and somewhere better. Equal points stay together; a
    point with NaN is never in the front. Two objectives take one sort (Kung, Luccio & Preparata 1975, JACM
    22, 469), three a sort and a staircase, after the strongest points have thinned out the rest.

    Args:
        values: ``[points, objectives]``, smaller is better; negate what shall be large.

    Raises:
        SpikingError: not a table.
    """
    table = np.asarray(values, np.float64)
    require(table.ndim == 2, f"values has shape {table.shape}; needed: [points, objectives]")
    known = np.flatnonzero(~np.isnan(table).any(axis=1))
    inside = np.zeros(len(table), np.bool_)
    if len(known) and table.shape[1]:
        part = table[known]
        inside[known[_front(part)]] = True
    return inside


def _two(v: Values) -> NDArray[np.intp]:
    """Places of the front of two objectives."""
    order = np.lexsort((v[:, 1], v[:, 0]))
    x, y = v[order, 0], v[order, 1]
    fresh = np.r_[True, x[1:] != x[:-1]]  # the first of those with the same x has their smallest y
    group = np.cumsum(fresh) - 1
    least = y[fresh]
    before = np.r_[np.inf, np.minimum.accumulate(least)[:-1]]
    good: NDArray[np.intp] = order[(y == least[group]) & (y < before[group])]
    return good


def _front(v: Values) -> NDArray[np.intp]:
    """Places of the front: strong points first, then the exact sweep over what they leave."""
    left = np.arange(len(v))
    weight = (v / _spread(v)).sum(axis=1)
    found: list[NDArray[np.intp]] = []
    exact = {2: _two, 3: _staircase}.get(v.shape[1])
    rounds, gain = 0, 1.0
    while len(left) and (exact is None or (rounds < CULLS and gain > LEAST_GAIN)):
        best = v[left[np.argmin(weight[left])]]  # the least sum: nothing dominates it
        part = v[left]
        equal = np.all(part == best, axis=1)
        found.append(left[equal])
        left = left[~np.all(part >= best, axis=1)]
        rounds, gain = rounds + 1, 1 - len(left) / len(part)
    if exact is not None and len(left):
        found.append(left[exact(v[left])])
    return np.concatenate(found)


def _spread(v: Values) -> Values:
    finite = np.where(np.isfinite(v), v, 0.0)
    span: Values = finite.max(axis=0) - finite.min(axis=0)
    return np.where(span > 0, span, 1.0)


def _staircase(v: Values) -> NDArray[np.intp]:
    """Places of the front of three objectives: by rising first, the other two kept as a staircase."""
    single, back = np.unique(v, axis=0, return_inverse=True)
    ys: list[float] = []
    zs: list[float] = []  # falling as ys rise
    good = np.zeros(len(single), np.bool_)
    for k, (_, y, z) in enumerate(single.tolist()):
        i = bisect_right(ys, y) - 1
        if i >= 0 and zs[i] <= z:
            continue
        good[k] = True
        start = end = bisect_left(ys, y)
        while end < len(zs) and zs[end] >= z:
            end += 1
        ys[start:end], zs[start:end] = [y], [z]
    return np.flatnonzero(good[back.ravel()])
