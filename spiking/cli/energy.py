"""``spiking energy``."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiking.cli.apps import app
from spiking.cli.options import Chips, Figures, Json, new_file, number, one_of, split, there, whole
from spiking.cli.options import networks as options

if TYPE_CHECKING:
    from spiking.study.evaluate import Evaluation
    from spiking.study.inferences import Inferences, Reading
    from spiking.study.pricing import Pricing

DRAWS = 10_000
SAMPLES = 200


Models = Annotated[
    str, typer.Option(help="published models to show beside, separated by commas; or: all ({published})")
]
Latency = Annotated[
    float | None,
    typer.Option(
        help="time of one inference [s]  [default: each chip's estimate]",
        callback=number(0, math.inf, open_low=True, unit="s"),
    ),
]
Place = Annotated[bool, typer.Option("--place", help="place the network on the cores of the mesh")]
State = Annotated[
    str | None,
    typer.Option(help="state of component chips: sram or registers", callback=one_of("sram", "registers")),
]
Sums = Annotated[
    str | None,
    typer.Option(
        help="running sums of component chips: registers or sram", callback=one_of("registers", "sram")
    ),
]
Against = Annotated[
    Path | None,
    typer.Option(help="a conventional network (.nir, .json) to compare with", callback=there),
]
Draws = Annotated[
    int | None,
    typer.Option(
        help=f"draws of the constants for the odds, with --against  [default: {DRAWS}]",
        callback=whole(1, 10_000_000),
    ),
]
Bibtex = Annotated[Path | None, typer.Option(help="write the sources used to this file", callback=new_file)]


@app.command()
def energy(
    model: Annotated[Path, typer.Argument(help="a network (.nir), or counts of any simulator (.json)")],
    data: options.Data = None,
    data_path: options.DataPath = None,
    label: options.Label = None,
    chips: Chips = "generic-45nm,loihi1",
    samples: options.Samples = None,
    seed: options.Seed = None,
    dt: options.Dt = None,
    steps: options.Steps = None,
    discretisation: options.Convention = None,
    reset: options.Reset = None,
    encoder: options.Encoder = None,
    decoder: options.Decoder = None,
    model_of_energy: Models = "",
    latency: Latency = None,
    placed: Place = False,
    state: State = None,
    sums: Sums = None,
    against: Against = None,
    draws: Draws = None,
    json: Json = None,
    figures: Figures = None,
    bibtex: Bibtex = None,
) -> None:
    """Estimate what one inference of a saved network, or of counts, costs on chips."""
    from spiking.core.errors import require
    from spiking.study.inferences import Inferences
    from spiking.study.pricing import Pricing
    from spiking.study.screen import energy as show
    from spiking.study.versus import versus

    require(draws is None or against is not None, "--draws needs --against, the network to compare with")
    said = options.reading(
        dt=dt, steps=steps, discretisation=discretisation, reset=reset, encoder=encoder, decoder=decoder
    )
    settings = {k: v for k, v in {"state": state, "sums": sums}.items() if v is not None}
    pricing = Pricing(
        chips=split(chips) or [],
        settings=settings,
        models=split(model_of_energy) or [],
        latency=latency,
        placed=placed,
    )
    require(len(pricing.chips) > 0, "no chip came; name at least one, e.g. --chips generic-45nm")
    given = any(v is not None for v in (data, data_path, label, samples, seed))
    wanted = Inferences(
        data=data or "digits",
        path=data_path,
        label=label,
        samples=SAMPLES if samples is None else samples,
        seed=seed or 0,
    )
    paths = [model] if against is None else [model, against]
    found, *others = _evaluated(paths, wanted if given else None, wanted, said, pricing)
    show.priced(found)
    plain = found.to_dict()
    for other in others:
        beside = versus(found, other, draws=draws or DRAWS)
        show.versus(beside)
        plain |= {"against": other.to_dict(), "comparison": [v.to_dict() for v in beside]}
    _write(found, plain, json=json, figures=figures, bibtex=bibtex)


def _evaluated(
    paths: list[Path], given: Inferences | None, wanted: Inferences, said: Reading | None, pricing: Pricing
) -> list[Evaluation]:
    """Evaluate the network and the one it is compared with, on the same samples."""
    from spiking.core.errors import require
    from spiking.study.evaluate import evaluate
    from spiking.study.screen.bars import Bars

    require(
        given is None or any(p.suffix != ".json" for p in paths),
        "counts are an inference already; leave --data, --data-path, --samples and --seed out",
    )
    found = []
    with Bars() as bars:
        for k, path in enumerate(paths):
            samples = None if path.suffix == ".json" else wanted
            prices = pricing if k == 0 else replace(pricing, models=())
            reading = said if k == 0 else None
            found.append(evaluate(path, samples, reading=reading, pricing=prices, watch=bars))
    return found


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
