"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="spiking",
    help="Spiking networks against conventional MLPs: accuracy, latency and estimated energy per inference.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP,
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


def _version(wanted: bool) -> None:
    if wanted:
        from spiking.study.record.manifest import versions

        print(versions()["spikejoule"])
        raise typer.Exit


@app.callback()
def _spiking(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass
