"""``spiking run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app, split


@app.command()
def run(
    model: Annotated[Path, typer.Argument(help="a .nir file, of this package or of another simulator")],
    data: Annotated[str, typer.Option(help="data set, or nmnist with --data-path")],
    data_path: Annotated[Path | None, typer.Option(help="where the files of the data set lie")] = None,
    chip: Annotated[str, typer.Option(help="chips to estimate the energy on, separated by commas")] = "",
    dt: Annotated[float | None, typer.Option(help="step [s], where the file does not say it")] = None,
    steps: Annotated[int | None, typer.Option(help="steps of an inference")] = None,
    discretisation: Annotated[
        str | None, typer.Option(help="whose convention the weights mean, e.g. norse, where not in the file")
    ] = None,
    reset: Annotated[str | None, typer.Option(help="zero or subtract  [default: the convention's]")] = None,
    limit: Annotated[int | None, typer.Option(help="use only the first samples")] = None,
    seed: Annotated[int, typer.Option(help="of the split and of random encoders")] = 0,
    json: Annotated[Path | None, typer.Option(help="write accuracy, counts and joules to this file")] = None,
) -> None:
    """Run a saved network on data: accuracy and counts, and joules on a chip."""
    from spiking.core.files import write_json
    from spiking.study.evaluate import evaluate
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.evaluation import evaluation

    with Bars() as bars:
        found = evaluate(
            model,
            data,
            data_path=data_path,
            chips=split(chip) or [],
            dt=dt,
            steps=steps,
            discretisation=discretisation,
            reset=reset,
            limit=limit,
            seed=seed,
            progress=bars,
        )
    evaluation(found)
    if json is not None:
        write_json(json, found.row())
