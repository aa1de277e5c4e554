"""The commands together, and how each of their ends is told: one sentence and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import typer

from spiking.cli import (
    breakeven,
    chips,
    compare,
    energy,
    gallery,
    measure,
    run,
    sweep,
    train,
    validate,
    warm,
)
from spiking.cli.apps import app
from spiking.cli.options import names
from spiking.cli.pictures import explore, plot
from spiking.core.errors import SpikingError
from spiking.core.process import stop

__all__ = [
    "app",
    "breakeven",
    "chips",
    "compare",
    "energy",
    "execute",
    "explore",
    "gallery",
    "measure",
    "plot",
    "run",
    "sweep",
    "train",
    "validate",
    "warm",
]
BAD_INPUT = 2
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code.

    Raises:
        KeyboardInterrupt: a signal asked to stop.
    """
    _speak_plainly()
    if {"-h", "--help"}.isdisjoint(arguments):
        command = _commands()
    else:  # a tree of its own: its texts are filled in
        command = typer.main.get_command(app)
        names.fill(command, arguments)
    if "_SPIKING_COMPLETE" in os.environ:  # a shell asks how to complete what was typed
        command.main(args=list(arguments), prog_name="spiking")
    try:
        # the parser's own main() would turn interruptions and EOFError into exit codes
        with command.make_context("spiking", list(arguments) or ["--help"]) as context:
            command.invoke(context)
        sys.stdout.flush()
        stop.check()  # an interruption that something swallowed is none the less one
    except typer.Exit as ended:
        return ended.exit_code
    except SpikingError as error:
        return _fail(str(error))
    except BrokenPipeError:
        _mute()
        return 1
    except OSError as error:
        return _fail(_file_trouble(error))
    except MemoryError as error:
        return _fail(f"there is not enough memory ({error}); use fewer samples, units or steps")
    except Exception as error:
        full = _full_disk(error)
        if full is not None:
            return _fail(_file_trouble(full))
        if not hasattr(error, "format_message"):  # errors of the parser carry one
            raise
        return _fail(error.format_message())
    return 0


def _file_trouble(error: OSError) -> str:
    reason = error.strerror or error
    if error.errno in FULL:
        return f"{str(error.filename or 'the output')[:100]} cannot be written: {reason}; make room"
    return f"{str(error.filename or 'the output')[:100]} failed: {reason}"


def _full_disk(error: BaseException | None) -> OSError | None:
    """The full disk that ``error`` comes from, where a package (Brian2) tells of it by one of its own."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return error
        error = error.__cause__ or error.__context__
    return None


@lru_cache(maxsize=1)
def _commands() -> Any:
    """Read the commands and their options from their signatures, once in a process."""
    return typer.main.get_command(app)


def _speak_plainly() -> None:
    """Let a terminal that lacks a sign (ASCII, cp1252) show ``?``, and one that is closed nothing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed from outside
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    logging.raiseExceptions = False  # what a library cannot log (on a full disk) is no traceback of ours
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
