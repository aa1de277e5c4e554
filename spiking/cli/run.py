"""``spiking run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import Chips, Json, split
from spiking.cli.options import networks as options


@app.command()
def run(
    model: Annotated[Path, typer.Argument(help="a .nir file, of this package or of another simulator")],
    data: options.Data = None,
    data_path: options.DataPath = None,
    label: options.Label = None,
    chips: Chips = "",
    samples: options.Samples = None,
    seed: options.Seed = None,
    dt: options.Dt = None,
    steps: options.Steps = None,
    discretisation: options.Convention = None,
    reset: options.Reset = None,
    encoder: options.Encoder = None,
    decoder: options.Decoder = None,
    json: Json = None,
) -> None:
    """Run a saved network on data: accuracy and counts, and joules on chips."""
    from spiking.core.errors import require
    from spiking.core.files import write_json
    from spiking.study.evaluate import evaluate
    from spiking.study.inferences import Inferences
    from spiking.study.pricing import Pricing
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.evaluation import evaluation

    require(model.suffix != ".json", f"{model} holds counts, which were run already; use spiking energy")
    said = options.reading(
        dt=dt, steps=steps, discretisation=discretisation, reset=reset, encoder=encoder, decoder=decoder
    )
    wanted = Inferences(data=data or "digits", path=data_path, label=label, samples=samples, seed=seed or 0)
    with Bars() as bars:
        found = evaluate(model, wanted, reading=said, pricing=Pricing(chips=split(chips) or []), watch=bars)
    evaluation(found)
    if json is not None:
        write_json(json, found.to_dict())
        print(f"wrote {json}")
