"""What ``spiking run`` prints."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from spiking.study.evaluate import Evaluation
from spiking.study.numbers import percent, si, si_range


def evaluation(found: Evaluation, console: Console | None = None) -> None:
    """Print accuracy, counts per layer, and one line of energy per chip."""
    out = console or Console()
    net = found.network
    out.print(
        f"{net.name}: accuracy {percent(found.accuracy)} on {found.samples} samples, "
        f"{net.steps} steps of {si(net.dt, 's')}, {found.seconds:.1f} s"
    )
    table = Table(box=SIMPLE_HEAD)
    for column in ("layer", "units", "synapses", "stored weights", "spikes", "synaptic events", "MACs"):
        table.add_column(column, justify="left" if column == "layer" else "right")
    for layer in found.counts.layers:
        numbers: list[Any] = [layer.size, layer.synapses, layer.stored_weights]
        numbers += [found.counts[layer.name, op] for op in ("spikes", "synaptic_events", "macs_effective")]
        table.add_row(layer.name, *(f"{float(np.asarray(n)):,.0f}".replace(",", " ") for n in numbers))
    out.print(table)
    for bill in found.bills:
        if not bill.runs_here:
            out.print(f"{bill.chip}: cannot run this network: needs {', '.join(bill.needs)}")
            continue
        total = bill.total("total")
        bound = f"; a lower bound, without {', '.join(bill.unpriced)}" if bill.unpriced else ""
        low, middle, high = (float(np.asarray(e)) for e in (total.low, total.nominal, total.high))
        energy = si_range(low, middle, high, "J")
        out.print(f"{bill.chip}: {energy} per inference, estimated, not measured{bound}")
