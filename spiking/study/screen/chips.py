"""What ``spiking chips`` prints: the list, and one chip with its sources."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from spiking.hardware import add_chip, chip_names, load_chip
from spiking.hardware.registry import left_out
from spiking.study.report.citations import citation
from spiking.study.screen.console import plain


def chip_table() -> None:
    """Print the chips by name, and the files of the user's that are left out, with the reason."""
    table = Table("name", "what it is", "runs", "node", "constants", box=SIMPLE_HEAD)
    for name in chip_names():
        c = load_chip(name)
        node = f"{c.node_nm:g} nm" if c.node_nm else "-"
        kinds = {"spiking": "SNN", "analog": "MLP"}
        table.add_row(c.name, c.title, ", ".join(kinds[k] for k in c.runs), node, str(len(c.constants)))
    plain().print(table)
    for path, why in left_out().items():
        plain().print(f"left out: {path}: {why}", soft_wrap=True)


def chip(name: str) -> None:
    """Print every constant of a chip with its unit, range, kind, source and note."""
    c, console = load_chip(name), plain()
    console.print(f"{c.name}: {c.title}", style="bold")
    console.print(c.summary)
    table = Table(
        "constant", "value", "low to high", "unit", "per", "term", "kind", "source", "where", box=SIMPLE_HEAD
    )
    for key, k in c.constants.items():
        value = "unknown" if k.value is None else f"{k.value:g}"
        span = "" if k.value is None or k.low == k.high else f"{k.low:g} to {k.high:g}"
        where = f"{k.where} ({k.note})" if k.note else k.where
        cells = (key, value, span, k.unit, k.per, k.term, k.kind, k.source, where)
        table.add_row(*cells)
    console.print(table)
    console.print("Sources:", style="bold")
    for key in c.sources:
        line = f"  {key}: {citation(key) or 'see the file'}"
        console.print(line, soft_wrap=True)


def add(file: Path) -> None:
    """Check a chip file, copy it to the user's folder, and say so."""
    added = add_chip(file)
    print(f"{added.name} is known from now on: {added.title}")
