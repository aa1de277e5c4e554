"""What ``spiking validate dynamics`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from spiking.study.screen.console import plain


def validation(rows: Sequence[Any], console: Console | None = None) -> None:
    """Print one line per comparison and how many pass."""
    out = console or plain()
    table = Table(box=SIMPLE_HEAD)
    for column in ("id", "comparison", "source", "expected", "ours", "error", "allowed", ""):
        table.add_column(
            column, justify="right" if column in ("expected", "ours", "error", "allowed") else "left"
        )
    for r in rows:
        expected = "" if r["expected"] is None else f"{r['expected']:.9g}"
        error = "" if r["error"] is None else f"{r['error']:.1e}"
        allowed = r["tolerance"] if isinstance(r["tolerance"], list) else f"{r['tolerance']:g}"
        verdict = "ok" if r["passed"] else "FAILS"
        table.add_row(
            r["id"], r["item"], r["source"], expected, f"{r['got']:.9g}", error, str(allowed), verdict
        )
    out.print(table)
    out.print(f"{sum(r['passed'] for r in rows)} of {len(rows)} pass")
