"""What the command line prints: progress bars, the table of a comparison, chips with their sources."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Drawing
from rich.table import Table
from rich.text import Text

from spiking.core.progress import Progress
from spiking.hardware import chip_names, load_chip
from spiking.hardware.schema import bibliography
from spiking.study.compare import Comparison
from spiking.study.figures.style import label
from spiking.study.numbers import percent, si, si_range
from spiking.study.train.gradient import Training
from spiking.study.train.stdp import TrainedSTDP


class Rate(ProgressColumn):
    """Units per second, e.g. ``12 400/s``."""

    def render(self, task: Task) -> Text:
        """Return the rate as text; empty until there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s".replace(",", " ") if speed else "")


class Bars:
    """Progress bars, one per model; called with the events of :func:`spiking.study.compare.compare`."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.progress = Drawing(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
        )
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> Bars:
        """Drawing starts with the first event, so that an error before it stands alone."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self.progress.stop()

    def __call__(self, event: Progress) -> None:
        """Show how far ``event.who`` is; a finished test stays as a line."""
        self.progress.start()  # does nothing where it already draws
        name, stage = event.who, event.stage
        if event.seconds is not None and event.accuracy is not None:
            done = f"{label(name)}: {percent(event.accuracy)} on {event.total} test samples"
            self.progress.console.print(f"{done}, trained in {si(event.seconds, 's')}")
        key = f"{name}:test" if stage == "test" else name or stage
        title = f"{label(name)}: {stage}" if name else stage
        if key not in self.tasks:
            for earlier in self.progress.tasks:  # a model that stopped early is done all the same
                self.progress.update(earlier.id, total=earlier.completed)
            self.tasks[key] = self.progress.add_task(title, total=event.total, unit=event.unit)
        self.progress.update(self.tasks[key], completed=event.done, total=event.total, description=title)


def training(done: Training) -> None:
    """Print how a training ended and where its files lie."""
    console = Console()
    console.print(
        f"{done.epochs} epochs in {si(done.seconds, 's')}; validation {percent(done.validation_accuracy)}, "
        f"test {percent(done.test_accuracy)}"
    )
    console.print(f"The network: {done.path / 'model.nir'}", soft_wrap=True)


def comparison(found: Comparison) -> None:
    """Print the rows as a table, the answer in words, and where the files lie."""
    console = Console()
    title = "Accuracy (95 % interval) and estimated energy per inference"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in ("model", "accuracy [%]", "energy (low to high)", "latency"):
        table.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    for chip_name, rows in found.rows.groupby("chip", sort=False):
        table.add_row(f"on {chip_name}", style="bold")
        for _, r in rows.iterrows():
            table.add_row(*_cells(r))
    console.print(table)
    for sentence in found.answer:
        console.print(sentence.replace("**", ""), soft_wrap=True, markup=False, highlight=False)
    console.print(f"\nThe report: {found.path / 'report.md'}", soft_wrap=True, highlight=False)


def _cells(r: pd.Series) -> tuple[str, str, str, str]:
    accuracy, low, high = (100 * r[f"accuracy{end}"] for end in ("", "_low", "_high"))
    energy = si_range(r["energy_low_J"], r["energy_J"], r["energy_high_J"], "J")
    bound = "≥ " if r["lower_bound"] else ""
    return (
        f"  {label(r['model'])}",
        f"{accuracy:.1f} ({low:.1f}-{high:.1f})",
        bound + energy if r["runs_here"] else "cannot run here",
        si(r["latency_s"], "s"),
    )


def chip_table() -> None:
    """Print the chips that come with the package."""
    table = Table("name", "what it is", "runs", "node", "constants", box=SIMPLE_HEAD)
    for name in chip_names():
        c = load_chip(name)
        node = f"{c.node_nm:g} nm" if c.node_nm else "-"
        kinds = {"spiking": "SNN", "analog": "MLP"}
        table.add_row(c.name, c.title, ", ".join(kinds[k] for k in c.runs), node, str(len(c.constants)))
    Console().print(table)


def chip(name: str) -> None:
    """Print every constant of a chip with its unit, range, kind, source and note."""
    c, console = load_chip(name), Console()
    console.print(f"{c.name}: {c.title}", style="bold", highlight=False)
    console.print(c.summary, highlight=False)
    table = Table(
        "constant", "value", "low to high", "unit", "per", "term", "kind", "source", "where", box=SIMPLE_HEAD
    )
    for key, k in c.constants.items():
        value = "unknown" if k.value is None else f"{k.value:g}"
        span = "" if k.value is None or k.low == k.high else f"{k.low:g} to {k.high:g}"
        where = f"{k.where} ({k.note})" if k.note else k.where
        table.add_row(key, value, span, k.unit, k.per, k.term, k.kind, k.source, where)
    console.print(table)
    console.print("Sources:", style="bold")
    known = bibliography()
    for key in c.sources:
        entry = known.get(key, {})
        parts = [str(entry[f]) for f in ("author", "title", "venue", "year", "doi") if f in entry]
        console.print(f"  {key}: {'. '.join(parts) or 'see the file'}", soft_wrap=True, highlight=False)


def trained_stdp(done: TrainedSTDP, console: Console | None = None) -> None:
    """Print the accuracy of each seed under each labelling, and where the files are."""
    out = console or Console()
    table = Table(box=SIMPLE_HEAD)
    table.add_column("seed", justify="right")
    table.add_column("labelling")
    table.add_column("test accuracy (95 %)")
    table.add_column("learning", justify="right")
    for row in done.rows.to_dict("records"):
        interval = f"{percent(row['accuracy_low'])} to {percent(row['accuracy_high'])}"
        accuracy = f"{percent(row['accuracy'])}  ({interval})"
        table.add_row(str(row["seed"]), str(row["labelling"]), accuracy, si(row["seconds"], "s"))
    out.print(table)
    out.print(f"mean with {done.labelling} labels: {percent(done.accuracy)}; files in {done.path}")
