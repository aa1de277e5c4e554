"""What ``spiking run`` prints."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from spiking.core.numbers import percent, si
from spiking.study.evaluate import Evaluation
from spiking.study.screen.energy import totals, warnings


def evaluation(found: Evaluation, console: Console | None = None) -> None:
    """Print accuracy, counts per layer, and one line of energy per chip."""
    out = console or Console()
    warnings(found)
    net = found.network
    assert net is not None  # what is run has a network and an accuracy
    assert found.accuracy is not None
    out.print(
        f"{net.name}: accuracy {percent(found.accuracy)} on {found.samples} samples, "
        f"{net.steps} steps of {si(net.dt, 's')}, {found.seconds:.1f} s",
        soft_wrap=True, markup=False,
    )  # fmt: skip
    codes = ", ".join(sorted({type(i.encoder).__name__ for i in net.inputs}))
    out.print(f"encoder {codes}, decoder {type(net.output.decoder).__name__}", markup=False)
    table = Table(box=SIMPLE_HEAD)
    for column in ("layer", "units", "synapses", "stored weights", "spikes", "synaptic events", "MACs"):
        table.add_column(column, justify="left" if column == "layer" else "right")
    for layer in found.counts.layers:
        numbers: list[Any] = [layer.size, layer.synapses, layer.stored_weights]
        numbers += [found.counts[layer.name, op] for op in ("spikes", "synaptic_events", "macs_effective")]
        table.add_row(layer.name, *(f"{float(np.asarray(n)):,.0f}".replace(",", " ") for n in numbers))
    out.print(table)
    if found.bills:
        totals(out, found.bills)
        for bill in found.bills.values():
            if bill.runs_here:
                out.print(bill.footer(), soft_wrap=True, markup=False, highlight=False)
