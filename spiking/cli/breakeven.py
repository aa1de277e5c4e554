"""``spiking breakeven``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import MOST, Figures, Json, number, whole
from spiking.cli.options.names import named


@app.command()
def breakeven(
    chip: Annotated[str, typer.Option("--chips", help="a component chip")] = "generic-45nm",
    steps: Annotated[int, typer.Option(help="time steps of one inference", callback=whole(1, MOST))] = 10,
    fan_in: Annotated[int, typer.Option(help="inputs of the layer", callback=whole(1, MOST))] = 784,
    units: Annotated[int, typer.Option(help="units of the layer", callback=whole(1, MOST))] = 128,
    weight_bits: Annotated[
        int, typer.Option(help="width of the spiking layer's weights", callback=whole(1, 32))
    ] = 8,
    active: Annotated[
        float, typer.Option(help="share of the MLP's inputs that are not zero", callback=number(0, 1))
    ] = 0.5,
    scope: Annotated[
        str,
        typer.Option(help="energy compared: {totals}", callback=named("totals")),
    ] = "total",
    json: Json = None,
    figures: Figures = None,
) -> None:
    """Show at how many spikes a spiking layer stops being cheaper than an MLP, beside published values."""
    from dataclasses import asdict

    from spiking.core.files import write_json
    from spiking.study import breakeven as study
    from spiking.study.screen.energy import breakeven as show

    layers = study.Layers(
        steps=steps, fan_in=fan_in, units=units, weight_bits=weight_bits, active=active, which=scope
    )
    found = study.breakevens(chip, layers)
    show(found)
    written: list[Path] = []
    if json is not None:
        write_json(json, [asdict(b) for b in found])
        written.append(json)
    if figures is not None:
        from spiking.study.figures.energy import breakeven_map
        from spiking.study.figures.style import save

        footer = f"{chip}, {fan_in} inputs, {units} units, {scope} energy"
        figure = breakeven_map(study.STEPS, study.curves(chip, layers), footer=footer)
        written += save(figure, figures, f"breakeven-{found[0].chip}")
    for path in written:
        print(f"wrote {path}")
