"""The commands together, and how each of their ends is told: one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from spiking.cli import chips, compare, energy, run as run_command, train, validate  # noqa: F401
from spiking.cli.apps import app
from spiking.core import stop
from spiking.core.errors import SpikingError

BAD_INPUT = 2


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code.

    Raises:
        KeyboardInterrupt: a signal asked to stop.
    """
    _speak_plainly()
    try:
        code = app(list(arguments) or ["--help"], standalone_mode=False, prog_name="spiking")
        sys.stdout.flush()
        stop.check()  # an interruption that something swallowed is none the less one
        return int(code or 0)
    except SpikingError as error:
        return _fail(str(error))
    except BrokenPipeError:
        _mute()
        return 1
    except Exception as error:
        if type(error).__name__ == "Abort" and isinstance(error.__context__, KeyboardInterrupt):
            raise error.__context__ from None
        if hasattr(error, "format_message"):  # errors of typer's parser carry one
            return _fail(error.format_message())
        raise


def _speak_plainly() -> None:
    """Let a terminal of another encoding (ASCII, cp1252) show ``?`` where it lacks a sign, not fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _fail(sentence: str) -> int:
    print(f"spiking: {' '.join(sentence.split())}", file=sys.stderr)
    return BAD_INPUT


def _mute() -> None:
    """Write nowhere from here on, so that Python does not complain of the closed pipe when it ends."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
