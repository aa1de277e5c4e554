"""``spiking energy``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiking.cli import networks as options
from spiking.cli.apps import app, split

if TYPE_CHECKING:
    from spiking.study.evaluate import Evaluation

DRAWS = 10_000
SAMPLES = 200


@app.command()
def energy(
    model: Annotated[Path, typer.Argument(help="a network (.nir), or counts of any simulator (.json)")],
    data: options.Data = None,
    data_path: options.DataPath = None,
    chips: Annotated[
        str, typer.Option(help="chips by name, or paths of chip files, separated by commas; or: all")
    ] = "generic-45nm,loihi1",
    samples: options.Samples = None,
    seed: options.Seed = None,
    dt: options.Dt = None,
    steps: options.Steps = None,
    discretisation: options.Convention = None,
    reset: options.Reset = None,
    encoder: options.Encoder = None,
    decoder: options.Decoder = None,
    model_of_energy: Annotated[
        str, typer.Option(help="published models to show beside, separated by commas; or: all")
    ] = "",
    latency: Annotated[
        float | None, typer.Option(help="time of one inference [s]  [default: each chip's estimate]")
    ] = None,
    placed: Annotated[
        bool, typer.Option("--place", help="place the network on the cores of the mesh")
    ] = False,
    state: Annotated[str | None, typer.Option(help="state of component chips: sram or registers")] = None,
    sums: Annotated[
        str | None, typer.Option(help="running sums of component chips: registers or sram")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="a conventional network (.nir, .json) to compare with")
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(help=f"draws of the constants for the odds, with --against  [default: {DRAWS}]"),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="write everything to this file")] = None,
    figures: Annotated[
        Path | None, typer.Option(help="write a waterfall figure per chip into this folder")
    ] = None,
    bibtex: Annotated[Path | None, typer.Option(help="write the sources used to this file")] = None,
) -> None:
    """Estimate what one inference of a saved network, or of counts, costs on chips."""
    from spiking.core import check
    from spiking.core.errors import require
    from spiking.study.evaluate import evaluate
    from spiking.study.inferences import Inferences
    from spiking.study.pricing import Pricing
    from spiking.study.screen import energy as show
    from spiking.study.screen.bars import Bars
    from spiking.study.versus import versus

    said = options.reading(
        dt=dt, steps=steps, discretisation=discretisation, reset=reset, encoder=encoder, decoder=decoder
    )
    require(draws is None or against is not None, "--draws needs --against, the network to compare with")
    if draws is not None:
        check.whole("--draws", draws, 1)
    settings = {k: v for k, v in {"state": state, "sums": sums}.items() if v is not None}
    pricing = Pricing(
        chips=split(chips) or [],
        settings=settings,
        models=split(model_of_energy) or [],
        latency=latency,
        placed=placed,
    )
    require(len(pricing.chips) > 0, "no chip came; name at least one, e.g. --chips generic-45nm")
    paths = [model] if against is None else [model, against]
    given = any(v is not None for v in (data, data_path, samples, seed))
    require(
        not given or any(p.suffix != ".json" for p in paths),
        "counts are an inference already; leave --data, --data-path, --samples and --seed out",
    )
    wanted = Inferences(
        data=data or "digits", path=data_path, samples=SAMPLES if samples is None else samples, seed=seed or 0
    )
    with Bars() as bars:
        found, *others = (
            evaluate(
                path,
                None if path.suffix == ".json" else wanted,
                reading=said if path == model else None,
                pricing=pricing if path == model else replace(pricing, models=()),
                watch=bars,
            )
            for path in paths
        )
    show.priced(found)
    data_of = found.to_dict()
    for other in others:
        beside = versus(found, other, draws=DRAWS if draws is None else draws)
        show.versus(beside)
        data_of |= {"against": other.to_dict(), "comparison": [v.to_dict() for v in beside]}
    _write(found, data_of, json=json, figures=figures, bibtex=bibtex)


def _write(
    found: Evaluation, data: dict[str, Any], *, json: Path | None, figures: Path | None, bibtex: Path | None
) -> None:
    """Write the files that were asked for, and say so."""
    from spiking.core.files import write_json, write_text
    from spiking.study.figures.energy import waterfall
    from spiking.study.figures.style import save
    from spiking.study.report.citations import bibtex as entries

    written = []
    if json is not None:
        write_json(json, data)
        written.append(json)
    if bibtex is not None:
        write_text(bibtex, entries(found.sources()))
        written.append(bibtex)
    if figures is not None:
        for chip, bill in found.bills.items():
            if bill.runs_here and float(bill.total().mean().nominal) > 0:
                written += save(waterfall(bill), figures, f"waterfall-{chip}")
    for path in written:
        print(f"wrote {path}")
