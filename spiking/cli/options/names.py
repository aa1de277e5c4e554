"""Names that options list in their help, read from where they stand once help is asked for.

A help text writes ``{data sets}`` in their place, and ``named("surrogates")`` checks an option against
them, so that a name that is added appears in both. Nothing is imported before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

PLACES = {  # what help texts call it: module, and the registry or mapping in it
    "data sets": ("spiking.data.sets", "DATA_SETS"),
    "contenders": ("spiking.study.contenders", "CONTENDERS"),
    "surrogates": ("spiking.kernels.surrogate", "SURROGATES"),
    "rules": ("spiking.core.plasticity", "RULES"),
    "labellings": ("spiking.learn.stdp.label", "READOUTS"),
    "conventions": ("spiking.core.neurons.profiles", "PROFILES"),
    "published": ("spiking.hardware.published", "MODELS"),
    "totals": ("spiking.hardware.bill", "TOTALS"),
    "figures": ("spiking.study.figures.rows.draw", "KINDS"),
    "searches": ("spiking.study.sweep.search", "SAMPLERS"),
}


def names(what: str) -> list[str]:
    """All names of one kind, in their own order."""
    module, name = PLACES[what]
    table: Any = getattr(import_module(module), name)
    return list(table.names()) if hasattr(table, "names") else list(table)


def named(what: str) -> Any:
    """Allow the names of one kind."""

    def callback(context: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
        from spiking.cli.options import name_of
        from spiking.core import check

        return value if value is None else check.choice(name_of(param), value, names(what))

    return callback


def fill(command: Any, arguments: Sequence[str]) -> None:
    """Put the names into the help texts of the command below ``command`` that ``arguments`` call."""
    for word in arguments:
        command = getattr(command, "commands", {}).get(word, command)
    for param in command.params:
        if getattr(param, "help", None):
            param.help = re.sub(r"\{(.+?)\}", lambda m: ", ".join(names(m[1])), param.help)
