"""``spiking sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from spiking.cli.apps import app
from spiking.cli.options import new_folder, there, whole
from spiking.cli.options.names import named

FAILED = 1  # exit code where points failed
SCHEMES = ("tcp://", "tls://", "ucx://", "ws://", "wss://", "inproc://")


def scheduler(value: str | None) -> str | None:
    """Allow ``local`` and addresses of a Dask scheduler."""
    from spiking.core.errors import require

    known = value is None or value == "local" or value.startswith(SCHEMES)
    require(known, f"--cluster is {str(value)[:60]!r}; allowed: local, or an address such as tcp://HOST:8786")
    return value


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
        str | None,
        typer.Option(
            help="Dask scheduler (tcp://HOST:8786), or: local, with --jobs workers", callback=scheduler
        ),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            help="search the axes instead of a grid, by Optuna: {searches}", callback=named("searches")
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="points of a search  [default: 100]", callback=whole(1, 1_000_000))
    ] = None,
    storage: Annotated[
        str | None, typer.Option(help="URL of the search's database  [default: SQLite in --out]")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say how many points, trainings and minutes, and end")
    ] = False,
) -> None:
    """Vary anything: train, build, test and price every point once; start it again to go on."""
    from spiking.core.errors import require
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.sweep import estimated, swept
    from spiking.study.sweep.run import Sweep
    from spiking.study.sweep.sweep import sweep as run_sweep

    for name, value in (("--trials", trials), ("--storage", storage)):
        require(search is not None or value is None, f"{name} has no effect without --search; leave it out")
    require(search is None or not dry_run, "a search tries --trials points; leave --dry-run out")
    made = Sweep.of(config, out, search=search is not None)
    if dry_run:
        estimated(made.estimate())
        return
    how: Any = {"search": search, "trials": trials or 100, "storage": storage} if search else {}
    with Bars() as bars:
        rows = run_sweep(config, out=made.folder, jobs=jobs, cluster=cluster, progress=bars, **how)
    if swept(made.folder, rows):
        raise typer.Exit(FAILED)
