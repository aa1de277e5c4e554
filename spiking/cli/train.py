"""``spiking train mlp | surrogate | stdp``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import Data, DataPath, Seed, train_app


def _train(model: str, **options: object) -> None:
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.training import training
    from spiking.study.train.gradient import train as run_training

    own = ("data", "data_path", "out", "resume", "seed", "hidden", "steps", "weight_bits")
    mine = {k: options.pop(k) for k in own if k in options}
    try:
        with Bars() as bars:
            done = run_training(model, options=options, progress=bars, **mine)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        print("\nstopped; the same command with --resume goes on to the same bits", file=sys.stderr)
        raise
    training(done)


Out = Annotated[Path | None, typer.Option(help="folder  [default: runs/train-<model>-<data>-<seed>]")]
Resume = Annotated[bool, typer.Option("--resume", help="go on from the checkpoint in --out")]
Hidden = Annotated[int | None, typer.Option(help="hidden units  [default: tuned]")]
Epochs = Annotated[int | None, typer.Option(help="passes over the training samples  [default: tuned]")]
BatchSize = Annotated[int | None, typer.Option(help="samples per update  [default: tuned]")]
LearningRate = Annotated[float | None, typer.Option(help="of Adam  [default: tuned]")]
Patience = Annotated[
    int | None, typer.Option(help="epochs without progress before stopping  [default: tuned]")
]
Dropout = Annotated[float | None, typer.Option(help="fraction of hidden units hidden in training")]
WeightBits = Annotated[int | None, typer.Option(help="round weights to 2 to 8 bits while training")]


@train_app.command("mlp")
def train_mlp(
    data: Data = "digits",
    data_path: DataPath = None,
    out: Out = None,
    resume: Resume = False,
    seed: Seed = 0,
    hidden: Hidden = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    patience: Patience = None,
    dropout: Dropout = None,
    weight_bits: WeightBits = None,
) -> None:
    """Train a conventional multi-layer perceptron (ReLU, Adam)."""
    _train("mlp", **locals())


@train_app.command("surrogate")
def train_surrogate(
    data: Data = "digits",
    data_path: DataPath = None,
    out: Out = None,
    resume: Resume = False,
    seed: Seed = 0,
    hidden: Hidden = None,
    steps: Annotated[int | None, typer.Option(help="steps per inference  [default: tuned]")] = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    patience: Patience = None,
    dropout: Dropout = None,
    weight_bits: WeightBits = None,
    surrogate: Annotated[str | None, typer.Option(help="fast_sigmoid, arctan, triangular or boxcar")] = None,
    slope: Annotated[float | None, typer.Option(help="sharpness of the surrogate  [default: tuned]")] = None,
    rate_penalty: Annotated[
        float | None, typer.Option(help="weight of the penalty on spikes  [default: tuned]")
    ] = None,
    target_rate: Annotated[
        float | None, typer.Option(help="spikes per unit and step that are free of it")
    ] = None,
    learn_tau: Annotated[
        bool | None, typer.Option("--learn-tau", help="train membrane time constants too")
    ] = None,
) -> None:
    """Train a spiking network with surrogate gradients."""
    _train("surrogate", **locals())


@train_app.command("stdp")
def train_stdp(
    data: Data = "mnist",
    data_path: DataPath = None,
    out: Annotated[
        Path | None, typer.Option(help="folder  [default: runs/train-stdp-<data>-<neurons>-<seed>]")
    ] = None,
    resume: Resume = False,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(help="how many seeds, from --seed on")] = 1,
    neurons: Annotated[int, typer.Option(help="excitatory neurons")] = 400,
    images: Annotated[int | None, typer.Option(help="images shown  [default: one pass]")] = None,
    rule: Annotated[
        str, typer.Option(help="diehl-cook, pair, triplet, soft-bounds, post-triggered or reward")
    ] = "diehl-cook",
    labelling: Annotated[
        str,
        typer.Option(
            help="all_activity, proportion or bayes; linear or logistic (readouts trained with labels)"
        ),
    ] = "proportion",
    label_images: Annotated[int, typer.Option(help="training images that label the neurons")] = 10_000,
    batch: Annotated[int, typer.Option(help="images that learn at a time; 1 is exact")] = 1,
    paper: Annotated[
        bool, typer.Option("--paper", help="explicit inhibitory neurons, rest and no winner, as published")
    ] = False,
) -> None:
    """Train a spiking network without labels by STDP (Diehl & Cook 2015)."""
    from spiking.study.screen.bars import Bars
    from spiking.study.screen.training import trained_stdp
    from spiking.study.train.stdp import train_stdp as run_training

    options = dict(locals())
    for name in ("Bars", "trained_stdp", "run_training"):
        del options[name]
    try:
        with Bars() as bars:
            done = run_training(**options, progress=bars)
    except KeyboardInterrupt:
        print("\nstopped; the same command with --resume goes on to the same bits", file=sys.stderr)
        raise
    trained_stdp(done)
