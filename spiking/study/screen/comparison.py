"""What ``spiking compare`` prints: the table of a comparison, the answer, where the files lie."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from spiking.core.numbers import si, si_range, significant
from spiking.hardware.verdict.accuracy import MARGIN
from spiking.study.comparing import Comparison
from spiking.study.explorer.read import PAGE
from spiking.study.figures.style import label
from spiking.study.results.findings import delay_words, rate_words, total_words
from spiking.study.results.many import MANY, energy, on_each
from spiking.study.results.seeds import accuracy_words, energy_words, ratio_words
from spiking.study.screen.console import plain


def comparison(found: Comparison) -> None:
    """Print the rows as a table, the answer in words, and where the files lie."""
    console = plain()
    console.print(_over_seeds(found.seeds) if found.seeds is not None else _single(found))
    shown = found.rows if found.seeds is None else found.seeds
    if shown["chip"].nunique() <= MANY:
        console.print(_speed(shown))
    for sentence in found.answer:
        console.print(sentence.replace("**", ""), soft_wrap=True)
    console.print(f"\nThe report: {found.path / 'report.md'}", soft_wrap=True)
    if (found.path / PAGE).is_file():  # last, for it is what to open next
        console.print(f"Prices to move, in a browser: {found.path / PAGE}", soft_wrap=True)


def _single(found: Comparison) -> Table:
    return _table(found.rows) if found.rows["chip"].nunique() <= MANY else _chips(found)


def _chips(found: Comparison) -> Table:
    """One line per chip, the lowest stated energy first; every network stands in the report."""
    title = "Estimated energy per inference: MLP, cheapest SNN about as accurate"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for head in ("chip", "MLP", "SNN", "energy", "SNN / MLP", "on energy"):
        table.add_column(
            head, justify="left" if head in ("chip", "SNN", "on energy") else "right", no_wrap=True
        )
    for c in on_each(found.rows, found.bills, {}, MARGIN):
        if np.isfinite(c.least):
            ratio = "-" if c.ratio is None else f"{significant(c.ratio.nominal, 2)}"
            snn = "-" if c.snn is None else label(c.snn["model"]).removeprefix("SNN ")
            table.add_row(c.chip, energy(c.mlp), snn, energy(c.snn), ratio, c.verdict or "-")
    return table


def _over_seeds(found: pd.DataFrame) -> Table:
    title = (
        f"Accuracy and estimated energy per inference: mean of {found['seeds'].iloc[0]} seeds (95 % interval)"
    )
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in ("model", "accuracy", "energy", "over the MLP"):
        table.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    for chip_name, rows in found.groupby("chip", sort=False):
        table.add_row(f"on {chip_name}", style="bold")
        for _, r in rows.iterrows():
            words = accuracy_words(r), energy_words(r), ratio_words(r)
            table.add_row(f"  {label(r['model'])}", *words)
    return table


def _table(rows: pd.DataFrame) -> Table:
    title = "Accuracy (95 % interval) and estimated energy per inference"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in ("model", "accuracy [%]", "energy (low to high)"):
        table.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    for chip_name, part in rows.groupby("chip", sort=False):
        table.add_row(f"on {chip_name}", style="bold")
        for _, r in part.iterrows():
            table.add_row(*_cells(r))
    return table


def _speed(rows: pd.DataFrame) -> Table:
    """How quick each one is, and what it costs times how long it takes."""
    table = Table(title="Speed, one inference after the other", title_justify="left", box=SIMPLE_HEAD)
    for name in ("model", "latency", "inferences", "energy x delay"):
        table.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    for chip_name, part in rows[rows["runs_here"].astype(bool)].groupby("chip", sort=False):
        table.add_row(f"on {chip_name}", style="bold")
        for _, r in part.iterrows():
            table.add_row(f"  {label(r['model'])}", si(r["latency_s"], "s"), rate_words(r), delay_words(r))
    return table


def _cells(r: pd.Series) -> tuple[str, ...]:
    accuracy, low, high = (100 * r[f"accuracy{end}"] for end in ("", "_low", "_high"))
    energy = si_range(r["energy_low_J"], r["energy_J"], r["energy_high_J"], "J")
    bound = "≥ " if r["lower_bound"] else ""
    return (
        f"  {label(r['model'])}",
        f"{accuracy:.1f} ({low:.1f}-{high:.1f})",
        total_words(r, bound + energy),
    )
