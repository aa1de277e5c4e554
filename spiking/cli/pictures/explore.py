"""``spiking explore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import new_file


@app.command()
def explore(
    folder: Annotated[Path, typer.Argument(help="folder of a comparison or of a sweep")],
    out: Annotated[
        Path | None, typer.Option(help="the file  [default: explorer.html in the folder]", callback=new_file)
    ] = None,
) -> None:
    """Write a page on which every price can be moved, and the designs are priced anew in the browser."""
    from spiking.core.files import write_text
    from spiking.study.explorer.page import page
    from spiking.study.explorer.read import PAGE
    from spiking.study.explorer.swept import data_of

    path = folder / PAGE if out is None else out
    write_text(path, page(data_of(folder)))
    print(f"wrote {path}")
