"""``spiking gallery``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import Seed, new_folder


@app.command()
def gallery(
    name: Annotated[
        str | None, typer.Argument(help="the experiment to run  [default: list them all]")
    ] = None,
    seed: Seed = 0,
    quick: Annotated[bool, typer.Option("--quick", help="seconds instead of a minute")] = False,
    every: Annotated[bool, typer.Option("--all", help="run all, with an index page")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="folder of results  [default: runs/gallery-NAME-SEED]", callback=new_folder),
    ] = None,
) -> None:
    """List the experiments of the gallery, or run one and check what comes out (exit code 1: it does not)."""
    from spiking.core.errors import SpikingError
    from spiking.study.gallery.folder import run_all, run_experiment
    from spiking.study.screen import gallery as screen
    from spiking.study.screen.bars import Bars

    if every and name is not None:
        raise SpikingError(f"{name} and --all came together; give one of them")
    if not every and name is None:
        if seed or quick or out is not None:
            raise SpikingError("--seed, --quick and --out are of a run; name the experiment, or give --all")
        screen.listing()
        return
    if name is None:
        with Bars() as bars:
            path, found, missing = run_all(seed=seed, quick=quick, out=out, progress=bars)
        screen.everything(path, found, missing)
    else:
        with Bars() as bars:
            found = [run_experiment(name, seed=seed, quick=quick, out=out, progress=bars)]
        screen.experiment(found[0])
    if not all(one.finding.agrees for one in found):
        raise typer.Exit(1)
