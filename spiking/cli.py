"""The command line: each command is one call into ``study``; errors are one sentence and exit code 2."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from spiking.core.errors import SpikingError

app = typer.Typer(
    name="spiking",
    help="Spiking networks against conventional MLPs: accuracy, latency and estimated energy per inference.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
INTERRUPTED = 130  # 128 + SIGINT, as shells count it
chips_app = typer.Typer(
    help="List the chips, or show every constant of one with its source.", invoke_without_command=True
)
app.add_typer(chips_app, name="chips")
validate_app = typer.Typer(
    help="Compare with published values and with other simulators.", no_args_is_help=True
)
app.add_typer(validate_app, name="validate")
train_app = typer.Typer(
    help="Train one network; stop with Ctrl-C and go on with --resume.", no_args_is_help=True
)
app.add_typer(train_app, name="train")


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _stop)
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    try:
        code = app(standalone_mode=False, prog_name="spiking")
    except SpikingError as error:
        _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        code = 1
    except Exception as error:
        if not hasattr(error, "format_message"):  # errors of typer's parser carry one
            raise
        _fail(error.format_message())
    if code == INTERRUPTED:  # typer may also return it instead of raising
        print("\ninterrupted: earlier results are as they were", file=sys.stderr)
    sys.exit(code or 0)


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _fail(sentence: str) -> NoReturn:
    print(f"spiking: {sentence.strip()}", file=sys.stderr)
    sys.exit(2)


def _split(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


@app.command()
def compare(
    data: Annotated[str, typer.Option(help="data set: digits, mnist, fashion-mnist or yinyang")] = "digits",
    models: Annotated[
        str | None, typer.Option(help="some of mlp,surrogate,converted,stdp  [default: all]")
    ] = None,
    chips: Annotated[
        str, typer.Option(help="chips by name, or paths of chip files, separated by commas")
    ] = "generic-45nm,loihi1",
    seed: Annotated[int, typer.Option(help="of the split, the weights, the batches and every spike")] = 0,
    steps: Annotated[
        int | None, typer.Option(help="steps of the surrogate and converted SNN  [default: tuned]")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="hidden units of MLP, surrogate and converted SNN  [default: tuned]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="run folder  [default: runs/<data>-<seed>]")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="train for seconds, to see that all works")] = False,
    data_path: Annotated[
        Path | None, typer.Option(help="where the files of the data set lie (folder or .npz)")
    ] = None,
) -> None:
    """Train an MLP and three spiking networks, test them, and estimate their energy on each chip."""
    from spiking.study.compare import compare as run_comparison
    from spiking.study.show import Bars, comparison

    with Bars() as bars:
        found = run_comparison(
            data=data,
            models=_split(models),
            chips=_split(chips) or [],
            seed=seed,
            steps=steps,
            hidden=hidden,
            out=out,
            quick=quick,
            data_path=data_path,
            progress=bars,
        )
    comparison(found)


def _train(model: str, **options: object) -> None:
    from spiking.study.show import Bars, training
    from spiking.study.train import train as run_training

    own = ("data", "data_path", "out", "resume", "seed", "hidden", "steps", "weight_bits")
    mine = {k: options.pop(k) for k in own if k in options}
    try:
        with Bars() as bars:
            done = run_training(model, options=options, progress=bars, **mine)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        print("\nstopped; the same command with --resume goes on to the same bits", file=sys.stderr)
        raise
    training(done)


Data = Annotated[str, typer.Option(help="data set: digits, mnist, fashion-mnist or yinyang")]
DataPath = Annotated[Path | None, typer.Option(help="where the files of the data set lie")]
Out = Annotated[Path | None, typer.Option(help="folder  [default: runs/train-<model>-<data>-<seed>]")]
Resume = Annotated[bool, typer.Option("--resume", help="go on from the checkpoint in --out")]
Seed = Annotated[int, typer.Option(help="of the split, the weights, the batches and every spike")]
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
        str, typer.Option(help="all_activity, proportion or linear (a readout trained with labels)")
    ] = "proportion",
    label_images: Annotated[int, typer.Option(help="training images that label the neurons")] = 10_000,
    batch: Annotated[int, typer.Option(help="images that learn at a time; 1 is exact")] = 1,
    paper: Annotated[
        bool, typer.Option("--paper", help="explicit inhibitory neurons, rest and no winner, as published")
    ] = False,
) -> None:
    """Train a spiking network without labels by STDP (Diehl & Cook 2015)."""
    from spiking.study.show import Bars, trained_stdp
    from spiking.study.train_stdp import train_stdp as run_training

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


@chips_app.callback()
def chips_list(context: typer.Context) -> None:
    """List the chips."""
    if context.invoked_subcommand is None:
        from spiking.study.show import chip_table

        chip_table()


@chips_app.command("show")
def chips_show(
    name: Annotated[str, typer.Argument(help="name of a chip, or path of a chip file")],
) -> None:
    """Show every constant of a chip with its unit, range, kind and source."""
    from spiking.study.show import chip

    chip(name)


@chips_app.command("add")
def chips_add(
    file: Annotated[Path, typer.Argument(help="chip file (TOML); it is checked and copied")],
) -> None:
    """Add a chip file of your own, so that its name is known from now on."""
    from spiking.study.energy_commands import add

    add(file)


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
        _split(chip) or [],
        models=_split(model_of_energy) or [],
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


@validate_app.command("energy")
def validate_energy(
    json: Annotated[Path | None, typer.Option(help="write the rows to this file")] = None,
    page: Annotated[Path | None, typer.Option(help="write the page of the docs into this folder")] = None,
) -> None:
    """Compare the energy estimate with published values, each with its source and tolerance."""
    from spiking.study.energy_commands import validate_energy as run_validation

    if not run_validation(json=json, page=page):
        raise typer.Exit(1)


@app.command()
def run(
    model: Annotated[Path, typer.Argument(help="a .nir file, of this package or of another simulator")],
    data: Annotated[str, typer.Option(help="data set, or nmnist with --data-path")],
    data_path: Annotated[Path | None, typer.Option(help="where the files of the data set lie")] = None,
    chip: Annotated[str, typer.Option(help="chips to estimate the energy on, separated by commas")] = "",
    dt: Annotated[float | None, typer.Option(help="step [s], where the file does not say it")] = None,
    steps: Annotated[int | None, typer.Option(help="steps of an inference")] = None,
    discretisation: Annotated[
        str | None, typer.Option(help="whose convention the weights mean, e.g. norse, where not in the file")
    ] = None,
    reset: Annotated[str | None, typer.Option(help="zero or subtract  [default: the convention's]")] = None,
    limit: Annotated[int | None, typer.Option(help="use only the first samples")] = None,
    seed: Annotated[int, typer.Option(help="of the split and of random encoders")] = 0,
    json: Annotated[Path | None, typer.Option(help="write accuracy, counts and joules to this file")] = None,
) -> None:
    """Run a saved network on data: accuracy and counts, and joules on a chip."""
    from spiking.study.evaluate import evaluate
    from spiking.study.show import Bars
    from spiking.study.show_run import evaluation, write_json

    with Bars() as bars:
        found = evaluate(
            model,
            data,
            data_path=data_path,
            chips=_split(chip) or [],
            dt=dt,
            steps=steps,
            discretisation=discretisation,
            reset=reset,
            limit=limit,
            seed=seed,
            progress=bars,
        )
    evaluation(found)
    if json is not None:
        write_json(found.row(), json)


@validate_app.command("dynamics")
def validate_dynamics(
    json: Annotated[Path | None, typer.Option(help="write the rows to this file")] = None,
    traces: Annotated[Path | None, typer.Option(help="folder of the NIR paper's CSV traces")] = None,
    peers: Annotated[bool, typer.Option(help="run installed simulators beside ours")] = True,
) -> None:
    """Closed forms, published traces, golden vectors, Brian2 and every installed simulator."""
    from spiking.study.dynamics import validate_dynamics as rows_of
    from spiking.study.show_run import validation, write_json

    rows = rows_of(traces=traces, peers=peers)
    validation(rows)
    if json is not None:
        write_json(rows, json)
    if not all(row["passed"] for row in rows):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    from spiking.study.manifest import versions

    print(versions()["spikejoule"])
