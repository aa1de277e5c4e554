"""The system model: measured power of a board times the time of an inference (system scope).

The time was measured on one network. A network with more multiply-accumulates takes longer in
proportion; a smaller one is not faster at batch 1, where overheads rule (lower end: in proportion).
Every synapse is computed at every step, spiking or not: these devices gain nothing from silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from spiking.core.counts import Counts
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.place import Placement
from spiking.hardware.models.common import missing, warnings_of
from spiking.hardware.quantity import Interval, Number, Quantity

SETTINGS: Mapping[str, Any] = {}
REQUIRED = {"idle": "power", "running": "power", "rate": "frequency", "activity": "number"}


def problems(chip: Chip) -> Iterator[tuple[str, str]]:
    """Yield what the file lacks."""
    for name, dimension in REQUIRED.items():
        c = chip.get(name)
        if c is None:
            yield f"constants.{name}", f"is missing; the system model needs it ({dimension})"
        elif c.dimension != dimension:
            yield f"constants.{name}.unit", f"is {c.unit!r}, a {c.dimension}; a {dimension} is needed"
    running, idle = chip.get("running"), chip.get("idle")
    if running and idle and bool(np.any(running.si.nominal < idle.si.nominal)):
        yield "constants.running.value", "is below idle; exchange the two"


def price(
    counts: Counts, chip: Chip, latency: Interval | None = None, placement: Placement | None = None
) -> Bill:
    """Return the bill of ``counts`` on ``chip``: idle power (static) and what running adds (system)."""
    work: Number = np.asarray(counts.total("macs_dense") + counts.total("dense_events"), np.float64)
    ratio = work / chip["activity"].si.nominal
    busy = Interval(np.minimum(ratio, 1.0), np.maximum(ratio, 1.0), np.maximum(ratio, 1.0)) / chip["rate"].si
    time = latency if latency is not None else busy
    idle, running = chip["idle"], chip["running"]
    more = Quantity(
        value=running.si.nominal - idle.si.nominal,
        low=np.maximum(running.si.low - idle.si.high, 0.0),
        high=running.si.high - idle.si.low,
        unit="W",
        source=running.source,
        where="running less idle",
        kind="derived",
        scope="system",
    )
    lines = (
        _line("work", "system", busy, more, "running"),
        _line("time", "static", time, idle, "idle"),
    )
    away = [] if 0.5 <= float(np.mean(ratio)) <= 2 else [_away(chip, float(np.mean(ratio)))]
    return Bill(
        chip=chip.name,
        network=counts.name,
        lines=lines,
        latency=time,
        needs=tuple(missing(counts, chip)),
        warnings=(*warnings_of(counts, chip, time, busy), *away),
        offers=("dynamic", "total"),
        node_nm=chip.node_nm,
        vdd=chip.vdd,
        model="system",
    )


def _line(operation: str, term: str, time: Interval, power: Quantity, constant: str) -> Line:
    return Line(
        layer="chip",
        operation=operation,
        term=term,
        count=time.nominal,
        price=power,
        constant=constant,
        energy=power.si * time,
    )


def _away(chip: Chip, ratio: float) -> str:
    return (
        f"{chip.name} was measured on {chip['activity'].si.nominal:g} multiply-accumulates, this network has "
        f"{ratio:.3g} times as many: extrapolated"
    )
