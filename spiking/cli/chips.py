"""``spiking chips``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import chips_app


@chips_app.callback()
def chips_list(context: typer.Context) -> None:
    """List the chips."""
    if context.invoked_subcommand is None:
        from spiking.study.screen.chips import chip_table

        chip_table()


@chips_app.command("show")
def chips_show(
    name: Annotated[str, typer.Argument(help="name of a chip, or path of a chip file")],
) -> None:
    """Show every constant of a chip with its unit, range, kind and source."""
    from spiking.study.screen.chips import chip

    chip(name)


@chips_app.command("add")
def chips_add(
    file: Annotated[Path, typer.Argument(help="chip file (TOML); it is checked and copied")],
) -> None:
    """Add a chip file of your own, so that its name is known from now on."""
    from spiking.study.screen.chips import add

    add(file)
