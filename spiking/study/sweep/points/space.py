"""Every combination of a sweep as columns: places in lists of values, and arrays of chip constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.study.sweep.points.axes import PARAMETER, equal
from spiking.study.sweep.points.config import MOST, Config, Range


@dataclass(frozen=True, kw_only=True, eq=False)
class Combination:
    """One choice of every axis but the constants of chips, and the values of those, ``[points]`` each."""

    choices: Mapping[str, Any]
    constants: Mapping[str, NDArray[np.float64]]
    size: int


def combinations(config: Config) -> list[Combination]:
    """Return what ``config`` asks for, in order; points that differ in constants of a chip only, together.

    Raises:
        SpikingError: too many points.
    """
    columns, size = _columns(config)
    names = [n for n in columns if not n.startswith(PARAMETER)]
    numeric = {n: np.asarray(columns[n][0], np.float64)[columns[n][1]] for n in columns if n not in names}
    key = np.zeros(size, np.int64)
    for name in names:
        values, places = columns[name]
        key = np.unique(key * (len(values) + 1) + places + 1, return_inverse=True)[1].reshape(size)
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(group.ravel()))
    found = []
    for g in np.argsort(first):
        rows = order[ends[g - 1] if g else 0 : ends[g]]
        at = first[g]
        choices = {n: columns[n][0][columns[n][1][at]] for n in names if columns[n][1][at] >= 0}
        constants = {n: v[rows] for n, v in numeric.items()}
        found.append(Combination(choices=choices, constants=constants, size=len(rows) if constants else 1))
    return found


def _columns(config: Config) -> tuple[dict[str, tuple[list[Any], NDArray[np.int64]]], int]:
    """Name -> (values, the place of each point's value; -1 where a listed point says nothing of it)."""
    if config.kind == "list":
        return _listed(config), len(config.points)
    if config.kind == "grid":
        lists = {name: list(values) for name, values in config.axes.items()}
        lengths = [len(v) for v in lists.values()]
        size = int(np.prod(lengths, dtype=object)) if lengths else 1
        _check(size)
        places = np.unravel_index(np.arange(size), lengths) if lengths else ()
        return {name: (v, p) for (name, v), p in zip(lists.items(), places, strict=True)}, size
    _check(config.count)
    u = _uniform(config)
    found = {}
    for k, (name, values) in enumerate(config.axes.items()):
        if isinstance(values, Range):
            found[name] = _distinct(values.at(u[:, k]))
        else:
            found[name] = (
                list(values),
                np.minimum((u[:, k] * len(values)).astype(np.int64), len(values) - 1),
            )
    return found, config.count


def _check(size: int) -> None:
    require(
        size <= MOST, f"the axes make {size:,} points; allowed: {MOST:,}; give fewer values, or sample them"
    )


def _uniform(config: Config) -> NDArray[np.float64]:
    """Numbers from 0 to 1, ``[points, axes]``: independent, or a Latin hypercube (McKay et al. 1979)."""
    axes = max(len(config.axes), 1)
    if config.kind == "random":
        return np.random.default_rng(config.seed).random((config.count, axes))
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(axes, rng=config.seed).random(config.count))


def _distinct(values: list[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    single, places = np.unique(np.asarray(values), return_inverse=True)
    return single.tolist(), places.astype(np.int64)


def _listed(config: Config) -> dict[str, tuple[list[Any], NDArray[np.int64]]]:
    found: dict[str, tuple[list[Any], NDArray[np.int64]]] = {}
    for name in config.names:
        values: list[Any] = []
        places = np.full(len(config.points), -1, np.int64)
        for k, point in enumerate(config.points):
            if name in point:
                same = [i for i, v in enumerate(values) if equal(v, point[name])]
                places[k] = same[0] if same else len(values)
                values += [] if same else [point[name]]
        if name.startswith(PARAMETER):
            require(
                bool(np.all(places >= 0)), f"{name} stands in some [[points]] only; give it in all of them"
            )
        found[name] = (values, places)
    return found
