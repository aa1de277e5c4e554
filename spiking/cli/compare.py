"""``spiking compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import Chips, DataPath, Hidden, Seed, Seeds, Steps, new_folder, number, split, whole


@app.command()
def compare(
    data: Annotated[
        str,
        typer.Option(
            help="data set by name ({data sets}), a .csv or .npz file, or a folder (idx, or one per class)"
        ),
    ] = "digits",
    label: Annotated[
        str | None,
        typer.Option(help="column of a .csv with the class  [default: label, class, target, y, or the last]"),
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="column of a .csv (subject, device); no group trains and tests")
    ] = None,
    contenders: Annotated[
        str | None,
        typer.Option(help="names ({contenders}) and .nir files, separated by commas  [default: all by name]"),
    ] = None,
    chips: Chips = "generic-45nm,loihi1",
    seed: Seed = 0,
    seeds: Seeds = 1,
    steps: Steps = None,
    hidden: Hidden = None,
    budget: Annotated[
        int,
        typer.Option(
            help="short trainings per contender to find settings on data nobody tuned",
            callback=whole(0, 1000),
        ),
    ] = 8,
    design: Annotated[
        str, typer.Option(help="best: explore all; shipped: as they come; or a .toml file of a design")
    ] = "best",
    margin: Annotated[
        float,
        typer.Option(
            help="points of accuracy that may be lost and still count as none", callback=number(0, 100)
        ),
    ] = 1.0,
    every: Annotated[
        float | None,
        typer.Option(
            help="time from one inference to the next [s]  [default: back to back]",
            callback=number(0, 1e9, open_low=True),
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="run folder  [default: runs/<data>-<seed>]", callback=new_folder)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="train for seconds, to see that all works")] = False,
    data_path: DataPath = None,
) -> None:
    """Train an MLP and three spiking networks, test them, and estimate their energy on each chip."""
    from spiking.study.compare import compare as run_comparison
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.comparison import comparison

    with Bars() as bars:
        found = run_comparison(
            data,
            contenders=split(contenders),
            chips=split(chips) or [],
            out=out,
            progress=bars,
            seed=seed,
            seeds=seeds,
            steps=steps,
            hidden=hidden,
            quick=quick,
            data_path=data_path,
            label=label,
            group=group,
            budget=budget,
            design=design,
            margin=margin,
            every=every,
        )
    comparison(found)
