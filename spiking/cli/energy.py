"""``spiking energy`` and ``spiking breakeven``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import app
from spiking.cli.options import split


@app.command()
def energy(
    model: Annotated[Path, typer.Argument(help="a network (.nir), or counts of any simulator (.json)")],
    chip: Annotated[
        str, typer.Option(help="chips by name, or paths of chip files, separated by commas; or: all")
    ] = "generic-45nm,loihi1",
    data: Annotated[str, typer.Option(help="data set whose test samples the network sees")] = "digits",
    data_path: Annotated[Path | None, typer.Option(help="where the files of the data set lie")] = None,
    samples: Annotated[int, typer.Option(help="number of inferences to average")] = 200,
    seed: Annotated[int, typer.Option(help="of the split and of random encoders")] = 0,
    model_of_energy: Annotated[
        str, typer.Option(help="published models to show beside, separated by commas; or: all")
    ] = "",
    latency: Annotated[
        float | None, typer.Option(help="time of one inference [s]  [default: each chip's estimate]")
    ] = None,
    placed: Annotated[
        bool, typer.Option("--place", help="place the network on the cores of the mesh")
    ] = False,
    state: Annotated[str, typer.Option(help="state of component chips: sram or registers")] = "",
    sums: Annotated[str, typer.Option(help="running sums of component chips: registers or sram")] = "",
    against: Annotated[
        Path | None, typer.Option(help="a conventional network (.nir, .json) to compare with")
    ] = None,
    draws: Annotated[
        int, typer.Option(help="with --against: draws of the constants for the odds that the SNN costs less")
    ] = 10_000,
    json: Annotated[Path | None, typer.Option(help="write everything to this file")] = None,
    figure: Annotated[
        Path | None, typer.Option(help="write a waterfall figure per chip into this folder")
    ] = None,
    bibtex: Annotated[Path | None, typer.Option(help="write the sources used to this file")] = None,
) -> None:
    """Estimate what one inference of a saved network, or of counts, costs on chips."""
    from spiking.study.energy_commands import energy as run_energy

    run_energy(
        model,
        split(chip) or [],
        models=split(model_of_energy) or [],
        settings={k: v for k, v in {"state": state, "sums": sums}.items() if v},
        files={"json": json, "figure": figure, "bibtex": bibtex},
        against=against,
        draws=draws,
        data=data,
        data_path=data_path,
        samples=samples,
        seed=seed,
        latency=latency,
        placed=placed,
    )


@app.command()
def breakeven(
    chip: Annotated[str, typer.Option(help="a component chip")] = "generic-45nm",
    steps: Annotated[int, typer.Option(help="time steps of one inference")] = 10,
    fan_in: Annotated[int, typer.Option(help="inputs of the layer")] = 784,
    units: Annotated[int, typer.Option(help="units of the layer")] = 128,
    weight_bits: Annotated[int, typer.Option(help="width of the spiking layer's weights")] = 8,
    active: Annotated[float, typer.Option(help="share of the MLP's inputs that are not zero")] = 0.5,
    scope: Annotated[str, typer.Option(help="compute, dynamic or total")] = "total",
    json: Annotated[Path | None, typer.Option(help="write the values to this file")] = None,
    figure: Annotated[Path | None, typer.Option(help="write a map over the steps into this folder")] = None,
) -> None:
    """Show at how many spikes a spiking layer stops being cheaper than an MLP, beside published values."""
    from spiking.study.energy_commands import breakeven as run_breakeven

    run_breakeven(
        chip,
        files={"json": json, "figure": figure},
        steps=steps,
        fan_in=fan_in,
        units=units,
        weight_bits=weight_bits,
        active=active,
        which=scope,
    )
