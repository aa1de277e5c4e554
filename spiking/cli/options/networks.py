"""Options of the commands that run a saved network: its samples, and what its file leaves unsaid."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spiking.cli.options import MOST, MOST_STEPS, number, there, whole

if TYPE_CHECKING:
    from spiking.study.inferences import Reading

Data = Annotated[
    str | None,
    typer.Option(help="data set by name ({data sets}), a .csv or .npz file, or a folder  [default: digits]"),
]
DataPath = Annotated[Path | None, typer.Option(help="where the files of the data set lie", callback=there)]
Label = Annotated[str | None, typer.Option(help="column of a .csv with the class")]
Samples = Annotated[int | None, typer.Option(help="use only the first test samples", callback=whole(1, MOST))]
Seed = Annotated[
    int | None,
    typer.Option(help="of the split and of random encoders  [default: 0]", callback=whole(0, 2**32 - 1)),
]
Dt = Annotated[
    float | None,
    typer.Option(
        help="step [s]  [default: the file's, else the convention's]",
        callback=number(0, math.inf, open_low=True, unit="s"),
    ),
]
Steps = Annotated[int | None, typer.Option(help="steps of an inference", callback=whole(1, MOST_STEPS))]
Convention = Annotated[
    str | None, typer.Option(help="whose convention the weights mean; own files say it: {conventions}")
]
Reset = Annotated[str | None, typer.Option(help="zero or subtract  [default: the convention's]")]
Encoder = Annotated[str | None, typer.Option(help="how values enter, e.g. direct or latency:theta=0.05")]
Decoder = Annotated[
    str | None, typer.Option(help="how the answer is read, e.g. spike-count or membrane:over=max")
]


def reading(
    *,
    dt: float | None,
    steps: int | None,
    discretisation: str | None,
    reset: str | None,
    encoder: str | None,
    decoder: str | None,
) -> Reading | None:
    """Return what the options say of a file, or None if they say nothing."""
    from spiking.core.coding.named import decoder_named, encoder_named
    from spiking.study.inferences import Reading

    said = Reading(
        dt=dt,
        steps=steps,
        discretisation=discretisation,
        reset=reset,
        encoder=None if encoder is None else encoder_named(encoder),
        decoder=None if decoder is None else decoder_named(decoder),
    )
    return said if said.given else None
