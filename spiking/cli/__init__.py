"""The command line: each command is one call into ``study``; errors are one sentence and exit code 2.

Nothing large is imported here: signals are handled before typer and numpy are loaded.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from spiking.core.process import stop

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit: 0, 1 (validation failed), 2 (bad input), 128 + signal."""
    with stop.handled():
        try:
            from spiking.cli.program import execute

            code = execute(sys.argv[1:])
        except KeyboardInterrupt as error:
            stop.ignore()
            code = _interrupted(error)
        stop.ignore()
        sys.exit(code)


def _interrupted(error: KeyboardInterrupt) -> int:
    stopped = error if isinstance(error, stop.Stopped) else stop.Stopped(stop.asked() or 2)
    if stop.result():
        sentence = f"interrupted when {stop.result()} was written already"
    else:
        sentence = f"interrupted: {stopped.advice or 'earlier results are as they were'}"
    with suppress(OSError, ValueError):  # nobody may be listening
        print(f"\nspiking: {sentence}", file=sys.stderr, flush=True)
    return stopped.code
