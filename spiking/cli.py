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


@app.command()
def version() -> None:
    """Print the version."""
    from spiking.study.manifest import versions

    print(versions()["spikejoule"])
