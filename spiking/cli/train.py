"""``spiking train mlp | surrogate | stdp``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from spiking.cli.apps import train_app
from spiking.cli.options import (
    MOST,
    MOST_UNITS,
    BatchSize,
    Data,
    DataPath,
    Epochs,
    Hidden,
    Seed,
    Seeds,
    Steps,
    new_folder,
    number,
    whole,
)
from spiking.cli.options.names import named
from spiking.core.process.stop import Stopped

GO_ON = "once there is a checkpoint, the same command with --resume goes on to the same bits"


def _watched(train: Callable[..., Any], **options: Any) -> Any:
    from spiking.study.screen.bars import Bars

    try:
        with Bars() as bars:
            return train(progress=bars, **options)
    except KeyboardInterrupt as error:
        raise Stopped(getattr(error, "number", 2), GO_ON) from None


def _gradient(model: str, **options: Any) -> None:
    from spiking.study.screen.training import training
    from spiking.study.train.gradient import train

    own = ("data", "data_path", "out", "resume", "seed", "hidden", "steps", "weight_bits")
    mine = {k: options.pop(k) for k in own if k in options}
    training(_watched(train, model=model, options=options, **mine))


Out = Annotated[
    Path | None,
    typer.Option(help="folder  [default: runs/train-<model>-<data>-<seed>]", callback=new_folder),
]
Resume = Annotated[bool, typer.Option("--resume", help="go on from the checkpoint in --out")]
LearningRate = Annotated[
    float | None,
    typer.Option(help="of Adam  [default: tuned]", callback=number(0, 1000, open_low=True)),
]
Patience = Annotated[
    int | None,
    typer.Option(help="epochs without progress before stopping  [default: tuned]", callback=whole(1, MOST)),
]
Dropout = Annotated[
    float | None,
    typer.Option(help="fraction of hidden units hidden in training", callback=number(0, 1, open_high=True)),
]
WeightBits = Annotated[
    int | None, typer.Option(help="round weights to 2 to 8 bits while training", callback=whole(2, 8))
]
Surrogate = Annotated[
    str | None,
    typer.Option(
        help="derivative that stands in for that of a spike: {surrogates}", callback=named("surrogates")
    ),
]
Slope = Annotated[
    float | None,
    typer.Option(help="sharpness of the surrogate  [default: tuned]", callback=number(0, 1e6, open_low=True)),
]
RatePenalty = Annotated[
    float | None,
    typer.Option(help="weight of the penalty on spikes  [default: tuned]", callback=number(0, 1e6)),
]
TargetRate = Annotated[
    float | None,
    typer.Option(help="spikes per unit and step that are free of it", callback=number(0, 1)),
]
LearnTau = Annotated[bool | None, typer.Option("--learn-tau", help="train membrane time constants too")]
STDPOut = Annotated[
    Path | None,
    typer.Option(help="folder  [default: runs/train-stdp-<data>-<neurons>-<seed>]", callback=new_folder),
]
Neurons = Annotated[int, typer.Option(help="excitatory neurons", callback=whole(1, MOST_UNITS))]
Images = Annotated[
    int | None, typer.Option(help="images shown  [default: one pass]", callback=whole(1, MOST))
]
Rule = Annotated[str, typer.Option(help="how synapses learn: {rules}", callback=named("rules"))]
Labelling = Annotated[
    str,
    typer.Option(help="how neurons vote for classes: {labellings}", callback=named("labellings")),
]
LabelImages = Annotated[
    int, typer.Option(help="training images that label the neurons", callback=whole(1, MOST))
]
Together = Annotated[
    int, typer.Option("--batch-size", help="images that learn at a time; 1 is exact", callback=whole(1, MOST))
]
Paper = Annotated[
    bool, typer.Option("--paper", help="explicit inhibitory neurons, rest and no winner, as published")
]


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
    _gradient("mlp", **locals())


@train_app.command("surrogate")
def train_surrogate(
    data: Data = "digits",
    data_path: DataPath = None,
    out: Out = None,
    resume: Resume = False,
    seed: Seed = 0,
    hidden: Hidden = None,
    steps: Steps = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    patience: Patience = None,
    dropout: Dropout = None,
    weight_bits: WeightBits = None,
    surrogate: Surrogate = None,
    slope: Slope = None,
    rate_penalty: RatePenalty = None,
    target_rate: TargetRate = None,
    learn_tau: LearnTau = None,
) -> None:
    """Train a spiking network with surrogate gradients."""
    _gradient("surrogate", **locals())


@train_app.command("stdp")
def train_stdp(
    data: Data = "mnist",
    data_path: DataPath = None,
    out: STDPOut = None,
    resume: Resume = False,
    seed: Seed = 0,
    seeds: Seeds = 1,
    neurons: Neurons = 400,
    images: Images = None,
    rule: Rule = "diehl-cook",
    labelling: Labelling = "proportion",
    label_images: LabelImages = 10_000,
    batch_size: Together = 1,
    paper: Paper = False,
) -> None:
    """Train a spiking network without labels by STDP (Diehl & Cook 2015)."""
    options: dict[str, Any] = dict(locals())
    from spiking.study.screen.training import trained_stdp
    from spiking.study.train.stdp import train_stdp as run_training

    trained_stdp(_watched(run_training, batch=options.pop("batch_size"), **options))
