"""What ``spiking train`` prints."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from spiking.core.numbers import percent, si
from spiking.study.screen.console import plain
from spiking.study.train.gradient import Training
from spiking.study.train.stdp import TrainedSTDP


def training(done: Training) -> None:
    """Print how a training ended and where its files lie."""
    console = plain()
    console.print(
        f"{done.epochs} epochs in {si(done.seconds, 's')}; validation {percent(done.validation_accuracy)}, "
        f"test {percent(done.test_accuracy)}"
    )
    console.print(f"The network: {done.path / 'model.nir'}", soft_wrap=True)


def trained_stdp(done: TrainedSTDP, console: Console | None = None) -> None:
    """Print the accuracy of each seed under each labelling, and where the files are."""
    out = console or plain()
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
