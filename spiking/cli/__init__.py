"""The command line: each command is one call into ``study``; errors are one sentence and exit code 2."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import typer

from spiking.cli import breakeven, chips, compare, energy, run, train, validate
from spiking.cli.apps import app
from spiking.core.errors import SpikingError

__all__ = ["app", "breakeven", "chips", "compare", "energy", "main", "run", "train", "validate"]
INTERRUPTED = 130  # 128 + SIGINT, as shells count it


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


@app.command()
def version() -> None:
    """Print the version."""
    from spiking.study.record.manifest import versions

    print(versions()["spikejoule"])
