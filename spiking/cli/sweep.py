"""``spiking sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import new_folder, there, whole

FAILED = 1  # exit code where points failed


@app.command()
def sweep(
    config: Annotated[
        Path, typer.Argument(help="TOML file with [base], [axes] and [sampling]", callback=there)
    ],
    out: Annotated[
        Path | None, typer.Option(help="folder of the sweep  [default: runs/<name>]", callback=new_folder)
    ] = None,
    jobs: Annotated[int, typer.Option(help="processes on this machine", callback=whole(1, 1000))] = 1,
    cluster: Annotated[
        str | None, typer.Option(help="Dask scheduler (tcp://HOST:8786), or: local, with --jobs workers")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say how many points, trainings and minutes, and end")
    ] = False,
) -> None:
    """Vary anything: train, build, test and price every point once; start it again to go on."""
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.sweep import estimated, swept
    from spiking.study.sweep.run import Sweep, worker

    made = Sweep.of(config, out)
    if dry_run:
        estimated(made.estimate())
        return
    work = worker(jobs, cluster, made.folder)
    with Bars() as bars:
        rows = made.run(work, bars)
    if swept(made.folder, rows):
        raise typer.Exit(FAILED)
