"""What it cost to learn: counted operations of the whole training, priced on the chips of a comparison.

Apart from inference: these joules are in no bill, ratio or verdict. The network is the one that was trained
(32-bit floating point for gradients), on the chip as its file sets it; a chip that lacks an operation of
learning cannot train it. Operations are counted on the trained network, on :data:`SAMPLED` training samples,
and multiplied by all samples seen. Left out: the search for settings, validation runs, conversion and
quantisation, labelling, moving the data set to the chip, and what a learning network does more than a learned
one (STDP: adaptation of thresholds, lost repetitions of samples without enough spikes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from spiking.core.counts import Counts
from spiking.core.numbers import si_range
from spiking.hardware import Bill, Chip, price
from spiking.learn.counts import count_on_line, count_training
from spiking.simulate import run
from spiking.study.contenders.task import Task
from spiking.study.figures.style import label
from spiking.study.results.outcome import Evaluated
from spiking.study.results.rows import NAN

SAMPLED = 100  # training samples whose operations are counted
COLUMNS = ("training_energy_J", "training_energy_low_J", "training_energy_high_J")


@dataclass(frozen=True, kw_only=True, eq=False)
class Learning:
    """The training of one contender.

    Attributes:
        how: ``"gradient"`` (back-propagation, once per batch) or ``"on-line"`` (STDP, at every spike).
        seen: samples it learned from, repetitions included. bills: of one of them, by the chip's name.
    """

    how: str
    seen: float
    bills: Mapping[str, Bill]


def learning_of(e: Evaluated, task: Task, chips: Mapping[str, Chip]) -> Learning | None:
    """Count and price the training of a contender; None where it learned nothing, or in a way not counted.

    One with batches learned by gradient; one whose units got their labels afterwards learned on-line.
    """
    network, x = e.trained.original, task.x[:SAMPLED]
    batch = e.options.get("batch_size")
    labelled = network.output.decoder.labelled
    if not e.trained.history or (batch is None and not labelled):
        return None
    trace = run(network, x, seed=task.seed)
    how = "on-line" if batch is None else "gradient"
    counts: Counts = (
        count_on_line(network, trace) if batch is None else count_training(network, trace, batch_size=batch)
    )
    mean = counts.mean()
    seen = float(max(row["epoch"] for row in e.trained.history)) * len(task.x)
    return Learning(how=how, seen=seen, bills={name: price(mean, chip) for name, chip in chips.items()})


def training_columns(learning: Learning | None, chip: str) -> dict[str, Any]:
    """Energy [J] of the whole training with its ends, and samples seen; NaN where it is not known."""
    if learning is None:
        return {**dict.fromkeys(COLUMNS, NAN), "training_samples": NAN, "training_lower_bound": False}
    bill = learning.bills[chip]
    total = bill.total()
    ends = (float(x) * learning.seen for x in (total.nominal, total.low, total.high))
    return {
        **dict(zip(COLUMNS, ends, strict=True)),
        "training_samples": learning.seen,
        "training_lower_bound": bool(bill.runs_here and bill.lower_bound),
    }


def training_table(rows: pd.DataFrame) -> list[dict[str, str]]:
    """The same for reading; contenders that learned nothing of their own are left out."""
    out = []
    for _, r in rows[rows["training_samples"].notna()].iterrows():
        nominal, low, high = (float(r[c]) for c in COLUMNS)
        words = si_range(low, nominal, high, "J")
        bound = "at least " if r["training_lower_bound"] else ""
        out.append(
            {
                "model": label(r["model"]),
                "chip": str(r["chip"]),
                "samples": f"{float(r['training_samples']):.0f}",
                "energy": "cannot learn here, or no price" if words == "-" else bound + words,
            }
        )
    return out


def learned(evaluated: Sequence[Evaluated], task: Task, chips: Mapping[str, Chip]) -> dict[str, Any]:
    """Return the training of every contender, by its name."""
    return {e.model: learning_of(e, task, chips) for e in evaluated}
