"""What ``spiking measure`` prints."""

from __future__ import annotations

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from spiking.core.numbers import si, si_range
from spiking.study.measure import Measurement
from spiking.study.screen.console import plain


def measurement(found: Measurement) -> None:
    """Print joules per inference, measured on this machine, and the estimate for another device beside."""
    console = plain()
    table = Table(title="Measured on this machine, per inference", title_justify="left", box=SIMPLE_HEAD)
    for name in ("network", "batch", "dynamic energy (windows)", "with idle power", "time"):
        table.add_column(name, justify="left" if name == "network" else "right", no_wrap=True)
    for row in found.rows:
        table.add_row(
            row.network,
            str(row.batch),
            f"{_joules(row.dynamic)} ({_joules(row.low)} to {_joules(row.high)})",
            _joules(row.total),
            si(row.seconds, "s"),
        )
    console.print(table)
    before, after = found.idle
    console.print(
        f"Counter: {found.counter}. Idle power before and after: {si(before, 'W')} and {si(after, 'W')}; "
        "dynamic energy leaves their mean out.",
        soft_wrap=True,
    )
    for name, bill in found.bills.items():
        e = bill.total("dynamic").mean()
        words = si_range(float(e.low), float(e.nominal), float(e.high), "J")
        console.print(
            f"{name} on {found.chip}: {words} of dynamic energy, estimated, not measured, at batch 1.",
            soft_wrap=True,
        )


def _joules(energy: float) -> str:
    """An energy with its sign: noise can make the difference to idle negative."""
    return f"{'-' if energy < 0 else ''}{si(float(np.abs(energy)), 'J')}"
