"""``spiking measure``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import Json, number, split
from spiking.cli.options import networks as options

LONGEST = 300.0
Root = Annotated[Path, typer.Option(help="folder of the energy counters of Linux")]
Seconds = Annotated[
    float,
    typer.Option(help="of each window of work", callback=number(0, LONGEST, open_low=True, unit="s")),
]


@app.command()
def measure(
    models: Annotated[list[Path], typer.Argument(help="networks (.nir), e.g. an MLP and a spiking one")],
    data: options.Data = None,
    data_path: options.DataPath = None,
    label: options.Label = None,
    chips: Annotated[str, typer.Option(help="device whose estimate is shown beside")] = "cpu-xeon-e5-2630",
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
            raise SpikingError(f"--batches holds {size[:60]!r}; allowed: whole numbers, e.g. 1,1000")
    asked = Measuring(seconds=seconds, batches=tuple(map(int, sizes)), chip=chips)
    wanted = Inferences(data=data or "digits", path=data_path, label=label, samples=samples, seed=seed or 0)
    meter = Rapl(counter)
    with Bars() as bars:
        found = measure_networks(list(models), meter, wanted, options=asked, watch=bars)
    measurement(found)
    if json is not None:
        write_json(json, found.to_dict())
        print(f"wrote {json}")
