"""A comparison as a table for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from spiking.core.frozen.html import table
from spiking.core.numbers import percent, si, si_range
from spiking.study.figures.style import label
from spiking.study.results.findings import delay_words, rate_words

COLUMNS = (
    "contender",
    "chip",
    "accuracy",
    "estimated energy per inference",
    "latency",
    "throughput",
    "energy-delay product",
)


def notebook_table(rows: pd.DataFrame, answer: Sequence[str]) -> str:
    """Return HTML: the answer as a list, then a line per contender and chip."""
    said = "".join(f"<li>{escape(sentence.replace('**', ''))}</li>" for sentence in answer)
    lines = [
        (
            label(r["model"]),
            r["chip"],
            f"{percent(r['accuracy'])} ({100 * r['accuracy_low']:.1f} to {100 * r['accuracy_high']:.1f})",
            _energy(r),
            si(r["latency_s"], "s"),
            rate_words(r),
            delay_words(r),
        )
        for _, r in rows.iterrows()
    ]
    note = "Estimated, not measured. In brackets: 95 % interval of the accuracy, range of the energy."
    return f"<ul>{said}</ul>{table('Accuracy and energy', COLUMNS, lines, note=note, left=2)}"


def _energy(r: pd.Series) -> str:
    if not r["runs_here"]:
        return "cannot run here"
    words = si_range(r["energy_low_J"], r["energy_J"], r["energy_high_J"], "J")
    if words == "-":
        return "no published price"
    return f"≥ {words}" if r["lower_bound"] else words
