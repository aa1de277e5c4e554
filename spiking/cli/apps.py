"""The commands' tree, and what several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="spiking",
    help="Spiking networks against conventional MLPs: accuracy, latency and estimated energy per inference.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
chips_app = typer.Typer(
    help="List the chips, or show every constant of one with its source.", invoke_without_command=True
)
app.add_typer(chips_app, name="chips")
validate_app = typer.Typer(
    help="Compare with published values and with other simulators.", no_args_is_help=True
)
app.add_typer(validate_app, name="validate")
train_app = typer.Typer(
    help="Train one network; stop with Ctrl-C and go on with --resume.", no_args_is_help=True
)
app.add_typer(train_app, name="train")

Data = Annotated[str, typer.Option(help="data set: digits, mnist, fashion-mnist or yinyang")]
DataPath = Annotated[Path | None, typer.Option(help="where the files of the data set lie")]
Seed = Annotated[int, typer.Option(help="of the split, the weights, the batches and every spike")]


def split(text: str | None) -> list[str] | None:
    """Names separated by commas."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
