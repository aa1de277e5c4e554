"""``spiking run`` and ``spiking measure``: a saved network, run once for its answers, or for its joules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli import networks as options
from spiking.cli.apps import app
from spiking.cli.options import Chips, Json, number, split

LONGEST = 300.0
Root = Annotated[Path, typer.Option(help="folder of the energy counters of Linux")]
Seconds = Annotated[
    float,
    typer.Option(help="of each window of work", callback=number(0, LONGEST, open_low=True, unit="s")),
]


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


@app.command()
def measure(
    models: Annotated[list[Path], typer.Argument(help="networks (.nir), e.g. an MLP and a spiking one")],
    data: options.Data = None,
    data_path: options.DataPath = None,
    label: options.Label = None,
    chip: Annotated[str, typer.Option(help="device whose estimate is shown beside")] = "cpu-xeon-e5-2630",
    samples: options.Samples = None,
    seed: options.Seed = None,
    seconds: Seconds = 3.0,
    batches: Annotated[str, typer.Option(help="samples in one call, separated by commas")] = "1,1000",
    counter: Root = Path("/sys/class/powercap"),
    json: Json = None,
) -> None:
    """Measure joules per inference on this machine's processor, where it has an energy counter."""
    from spiking.core.errors import SpikingError
    from spiking.core.files import write_json
    from spiking.study.inferences import Inferences
    from spiking.study.measure import Measuring, Rapl
    from spiking.study.measure import measure as measure_networks
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.measure import measurement

    sizes = split(batches) or []
    for size in sizes:
        if not (size.isascii() and size.isdigit()):
            raise SpikingError(f"--batches holds {size!r}; allowed: whole numbers, e.g. 1,1000")
    asked = Measuring(seconds=seconds, batches=tuple(map(int, sizes)), chip=chip)
    wanted = Inferences(data=data or "digits", path=data_path, label=label, samples=samples, seed=seed or 0)
    meter = Rapl(counter)
    with Bars() as bars:
        found = measure_networks(list(models), meter, wanted, options=asked, watch=bars)
    measurement(found)
    if json is not None:
        write_json(json, found.to_dict())
        print(f"wrote {json}")
