"""The console that everything is printed on."""

from __future__ import annotations

from rich.console import Console


def plain() -> Console:
    """Return a console that prints words as they are: a name such as ``[/x]`` is no instruction to it."""
    return Console(markup=False, highlight=False)
