"""``spiking plot``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import new_folder, number
from spiking.cli.options.names import named


@app.command()
def plot(
    folder: Annotated[Path, typer.Argument(help="folder of a comparison or of a sweep")],
    kind: Annotated[str, typer.Option(help="{figures}", callback=named("figures"))] = "front",
    x: Annotated[str | None, typer.Option("--x", help="column across")] = None,
    y: Annotated[str | None, typer.Option("--y", help="column upwards")] = None,
    colour: Annotated[str | None, typer.Option(help="column whose values have a colour each")] = None,
    floor: Annotated[
        float | None, typer.Option(help="accuracy that a yield counts from (0 to 1)", callback=number(0, 1))
    ] = None,
    title: Annotated[str | None, typer.Option(help="set above the figure")] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder for .png and .svg  [default: figures]", callback=new_folder)
    ] = None,
) -> None:
    """Draw the rows of a comparison or of a sweep."""
    from spiking.study.figures.rows.draw import draw, rows_of
    from spiking.study.figures.style import save

    figure = draw(rows_of(folder), kind, x=x, y=y, colour=colour, floor=floor, title=title)
    for path in save(figure, folder / "figures" if out is None else out, kind):
        print(f"wrote {path}")
