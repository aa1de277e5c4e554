"""Reading the answer early: accuracy, joules and time against the step, and stopping when the margin says so.

Stopping by confidence compares, after every step, the two highest scores of a sample, and ends its inference
where they are further apart than a margin. The comparisons are counted: two per class and step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.counts import Counts, count
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.hardware import Bill, price
from spiking.hardware.design import read_after
from spiking.simulate import run

COMPARISONS = 2  # per class and step: the running highest score and the one after it
BATCH = 500  # samples encoded at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class EarlyExit:
    """One network read after every step.

    Attributes:
        right: whether the answer after step ``s`` is right ``[steps, samples]``.
        margin: highest score less the second one ``[steps, samples]``, in the unit of the scores.
        counts: operations up to step ``s``, every value ``[samples]``; one entry per step.
        chips: what is priced on.
        classes: number of scores; output: the population that is read.
    """

    right: NDArray[np.bool_]
    margin: NDArray[np.float64]
    counts: tuple[Counts, ...]
    chips: tuple[str, ...]
    classes: int
    output: str

    @property
    def steps(self) -> int:
        """Steps of the whole inference."""
        return len(self.counts)

    def fixed(self) -> pd.DataFrame:
        """One row per step at which every sample is read: accuracy, joules, latency [s] of the model."""
        rows = []
        for s, counts in enumerate(self.counts, 1):
            row = {"steps": float(s), "accuracy": float(self.right[s - 1].mean())}
            rows.append(row | self._priced(counts.mean()))
        return pd.DataFrame(rows)

    def stopped(self, margin: float) -> NDArray[np.int64]:
        """Step after which each sample stops ``[samples]``: the first to reach the margin, or the last."""
        check.number("margin", margin, 0, infinite=True, todo="in the unit of the scores")
        reached = self.margin >= margin
        reached[-1] = True
        return np.asarray(reached.argmax(axis=0) + 1, np.int64)

    def confident(self, margins: Sequence[float]) -> pd.DataFrame:
        """One row per margin: mean steps, accuracy, joules, latency [s], with the comparisons paid for."""
        rows = []
        for margin in margins:
            stop = self.stopped(margin)
            right = self.right[stop - 1, np.arange(len(stop))]
            row: dict[str, float] = {"margin": float(margin), "steps": float(stop.mean())}
            rows.append(row | {"accuracy": float(right.mean())} | self._priced(self.at(stop).mean()))
        return pd.DataFrame(rows)

    def at(self, stop: NDArray[np.integer]) -> Counts:
        """Operations ``[samples]`` where sample ``b`` stops after step ``stop[b]``, comparisons included."""
        who = np.arange(len(stop))
        table = {}
        for key in self.counts[0].table:
            each = np.stack([np.broadcast_to(c[key], who.shape) for c in self.counts])
            table[key] = each[stop - 1, who]
        key = (self.output, "accumulates")
        table[key] = table.get(key, 0.0) + COMPARISONS * self.classes * np.asarray(stop, np.float64)
        return replace(self.counts[-1], table=table, steps=float(np.mean(stop)))  # type: ignore[arg-type]

    def _priced(self, counts: Counts) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.chips:
            bill: Bill = price(counts, name)
            found[f"energy_J:{name}"] = float(np.mean(bill.total("total").nominal))
            found[f"latency_s:{name}"] = float(np.mean(bill.latency.nominal))
        return found


def early_exit(
    network: Network,
    x: NDArray[Any],
    y: NDArray[np.integer],
    *,
    chips: Sequence[str] = ("generic-45nm",),
    seed: int = 0,
) -> EarlyExit:
    """Run ``network`` once for every step at which it could be read, on the same input spikes.

    Args:
        x, y: samples and labels. chips: what to price on. seed: of the input spikes.

    Raises:
        SpikingError: a network of one step, labels of another shape, an unknown chip.
    """
    require(network.steps > 1, f"{network.name!r} takes 1 step; there is no earlier one to read it after")
    labels = np.asarray(y)
    require(labels.shape == (len(x),), f"labels have shape {labels.shape}; {len(x)} samples came")
    opened = [read_after(network, s) for s in range(1, network.steps + 1)]
    parts: list[list[tuple[Any, Any, Counts]]] = [[] for _ in opened]
    for first in range(0, len(x), BATCH):
        span = slice(first, first + BATCH)
        part = _raster(network, np.asarray(x[span]), seed, first)
        for s, early in enumerate(opened):
            trace = run(early, part, seed=seed, first_sample=first)
            top = np.sort(trace.scores, axis=1)[:, -2:]
            answered = trace.predictions == labels[span]
            parts[s].append((answered, top[:, -1] - top[:, 0], count(early, trace)))
    counts = tuple(_joined([c for _, _, c in step]) for step in parts)
    for name in chips:
        price(counts[-1].mean(), name)  # refuses an unknown one
    return EarlyExit(
        right=np.array([np.concatenate([r for r, _, _ in step]) for step in parts]),
        margin=np.array([np.concatenate([m for _, m, _ in step]) for step in parts], np.float64),
        counts=counts,
        chips=tuple(chips),
        classes=network.output.decoder.classes(network[network.output.population].size),
        output=network.output.population,
    )


def _raster(network: Network, x: NDArray[Any], seed: int, first: int) -> NDArray[Any]:
    """The spikes of ``x`` ``[samples, steps, features]``, drawn once, where one encoder makes them all."""
    (source, *others) = network.inputs
    code = source.encoder
    if others or code.analog or code.takes_streams or x.ndim == 3:
        return x
    code.check(x, source.name)
    return np.asarray(code.spikes(x, network.steps, seed, first), np.float32)


def _joined(parts: list[Counts]) -> Counts:
    table = {key: np.concatenate([np.asarray(c.table[key]) for c in parts]) for key in parts[0].table}
    return replace(parts[0], table=table)
