"""The event model: a chip whose constants are prices of whole events (Loihi, ODIN, TrueNorth, SpiNNaker).

Each constant says what it multiplies (``per``), which term it belongs to and which operations it
already contains (``covers``). Energies make lines, powers make lines over the latency, times and
cycles make the latency. What happened and is neither priced nor covered cannot run here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from spiking.core.counts import OPERATIONS, Counts, Layer
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.mesh.place import Placement
from spiking.hardware.models.common import (
    ADVICE,
    Size,
    all_happened,
    cores_of,
    line,
    missing,
    size_of,
    warnings_of,
)
from spiking.hardware.models.guards import CHARGES, guard
from spiking.hardware.quantity import NAN, ZERO, Interval, Number, Quantity, some

SETTINGS: Mapping[str, Any] = {
    "timing": "free",  # "free": as fast as the work allows; "throttled": every step takes step_time
    "parallel_layers": True,  # layers sit on different cores and work at the same time
}
TIMINGS = ("free", "throttled")
PARAMETERS = ("clock", "step_time")
NO_STATIC = Quantity(unit="W", kind="unknown", source="this project", note="static power")


def _covers_static(chip: Chip) -> bool:
    """True if a price holds static power, known or not: a term of its own, all-in, or a whole board."""
    return any(
        c.term == "static" or c.scope in ("all_in", "system")
        for c in chip.constants.values()
        if c.per and c.dimension in CHARGES
    )


def problems(chip: Chip) -> Iterator[tuple[str, str]]:
    """Yield what the file lacks: a price at all, terms, a clock; and what it charges twice."""
    for name, c in chip.constants.items():
        if not c.per and name not in PARAMETERS and c.scope != "limit":
            yield f"constants.{name}.per", "is missing; say which operation or resource it multiplies"
    cycles = any(c.dimension == "cycles" and c.per for c in chip.constants.values())
    if cycles and chip.settings["timing"] == "free" and "clock" not in chip.constants:
        yield "constants.clock", "is missing; cycles need a clock frequency"
    if chip.settings["timing"] not in TIMINGS:
        yield "settings.timing", f"is {chip.settings['timing']!r}; allowed: {', '.join(TIMINGS)}"
    if chip.settings["timing"] == "throttled" and "step_time" not in chip.constants:
        yield "constants.step_time", "is missing; throttled timing needs the time of a step"
    power = any(c.dimension == "power" and c.per and c.known for c in chip.constants.values())
    timed = any(c.dimension == "time" and c.per in OPERATIONS for c in chip.constants.values())
    if power and not timed and chip.settings["timing"] == "free" and "clock" not in chip.constants:
        yield "constants", "a power needs a time; give times per operation, a clock, or throttled steps"
    yield from guard(chip)


def price(
    counts: Counts, chip: Chip, latency: Interval | None = None, placement: Placement | None = None
) -> Bill:
    """Return the bill of ``counts`` on ``chip``; ``latency`` [s] defaults to the estimated one."""
    counts, notes = _complete(counts, chip)
    size = size_of(counts, chip, placement)
    cycles = _cycles(counts, chip)
    busy = busy_time(counts, chip, cycles)
    time = latency if latency is not None else busy
    lines, unpriced = [], []
    charged = {n: c for n, c in chip.constants.items() if c.per and c.dimension in CHARGES}
    for name, c in charged.items():
        for made in _charge(counts, chip, name, c, size, time):
            lines.append(made)
            if not c.known:
                unpriced.append(c.note or f"{c.per} ({name})")
    if not _covers_static(chip):
        lines.append(line("chip", "time", "static", 1.0, NO_STATIC, "static power"))
        unpriced.append(NO_STATIC.note)
    return Bill(
        chip=chip.name,
        network=counts.name,
        lines=tuple(lines),
        latency=time,
        needs=tuple(_needs(counts, chip)),
        unpriced=tuple(dict.fromkeys(unpriced)),
        warnings=(*warnings_of(counts, chip, time, busy), *notes, *_clock_needed(counts, chip, cycles)),
        offers=_offers(chip),
        used=size.used,
        stated=tuple({c.term: None for c in charged.values() if c.known}),
        node_nm=chip.node_nm,
        vdd=chip.vdd,
        model="events",
    )


def _complete(counts: Counts, chip: Chip) -> tuple[Counts, list[str]]:
    """Fill in what only a placed network knows: one message per spike, no hops; and touched updates."""
    charged = {c.per for c in chip.constants.values()}
    table, notes = dict(counts.table), []
    if charged & {"messages", "hops_x", "hops_y"} and not any(op == "messages" for _, op in table):
        for layer in counts.layers:
            table[layer.name, "messages"] = counts[layer.name, "spikes"]
        notes.append(
            "not placed on cores: one message per spike and no hops (place the network for the rest)"
        )
    if "updates_touched" in charged and not any(op == "updates_touched" for _, op in table):
        for layer in counts.layers:
            updates = counts[layer.name, "updates_fired"] + counts[layer.name, "updates_silent"]
            table[layer.name, "updates_touched"] = updates
    return (replace(counts, table=table) if len(table) > len(counts.table) else counts), notes


def _offers(chip: Chip) -> tuple[str, ...]:
    scopes = {c.scope for c in chip.constants.values() if c.per and c.dimension in CHARGES}
    if "all_in" in scopes:
        return ("total",)
    return ("dynamic", "total") if "system" in scopes else ("compute", "dynamic", "total")


def _holds(c: Constant, layer: Layer, counts: Counts) -> bool:
    if not c.layers or layer.kind in c.layers:
        return True
    units = [x.name for x in counts.layers if x.kind != "input"]
    if layer.name not in units:
        return False
    place = units.index(layer.name)
    role = "last" if place == len(units) - 1 else "first" if place == 0 else "middle"
    return role in c.layers


def _charge(counts: Counts, chip: Chip, name: str, c: Constant, size: Size, time: Interval) -> Iterator[Line]:
    if c.per in OPERATIONS:
        for layer in counts.layers:
            count = counts[layer.name, c.per]
            if some(count) and _holds(c, layer, counts):
                yield line(layer.name, c.per, c.term, count, c, name)
        return
    if c.per == "cycles":
        yield from _charge_cycles(counts, chip, name, c)
        return
    if c.per == "clock_cycles":
        amount = chip["clock"].si * time
    else:
        amount = Interval.exact({"inferences": 1.0, **vars(size)}[c.per])
    if c.dimension == "power" and c.known:
        amount = amount * time
    made = line("chip", c.per, c.term, amount.nominal, c, name)
    yield replace(made, energy=c.si * amount)


def _charge_cycles(counts: Counts, chip: Chip, name: str, c: Constant) -> Iterator[Line]:
    """Energy per cycle: one line for each piece of work, whose cycles have a band of their own."""
    for other, k in chip.constants.items():
        if k.dimension != "cycles" or k.per not in OPERATIONS:
            continue
        for layer in counts.layers:
            count = counts[layer.name, k.per]
            if some(count) and _holds(k, layer, counts):
                made = line(layer.name, k.per, c.term, count, c, f"{name} x {other}")
                yield replace(made, energy=c.si * (k.si * count))


def _needs(counts: Counts, chip: Chip) -> list[str]:
    needs = missing(counts, chip)
    if needs:
        return needs
    listed = [c for c in chip.constants.values() if c.per and c.dimension in CHARGES]
    for layer, operation in all_happened(counts):
        if not any(
            (c.per == operation or operation in c.covers) and _holds(c, layer, counts) for c in listed
        ):
            needs.append(ADVICE.get(operation, f"{operation} ({OPERATIONS[operation]})"))
    return list(dict.fromkeys(needs))


def _cycles(counts: Counts, chip: Chip) -> Interval:
    total = ZERO
    for c in chip.constants.values():
        if c.dimension == "cycles" and c.per in OPERATIONS:
            for layer in counts.layers:
                if _holds(c, layer, counts):
                    total = total + c.si * counts[layer.name, c.per]
    return total


def _clock_needed(counts: Counts, chip: Chip, cycles: Interval) -> Iterator[str]:
    margin = chip.get("clock_margin")
    if margin is not None and chip.settings["timing"] == "throttled":
        per_step = float(np.max(cycles.nominal)) / counts.steps
        need = margin.si.nominal * per_step / chip["step_time"].si.nominal
        yield f"the network needs a clock of at least {need / 1e6:.3g} MHz on average"


def busy_time(counts: Counts, chip: Chip, cycles: Interval) -> Interval:
    """Return the time of one inference [s]: per step the slowest layer, then the barrier.

    A layer's work is spread evenly over the cores it needs by its number of units. NaN where the chip
    states no time at all.
    """
    if chip.settings["timing"] != "throttled" and not _has_time(chip):
        return NAN
    layers, fixed = _times(counts, chip)
    work = [_summed(chip, one) for one in layers] or [ZERO]
    busy = work[0]
    for other in work[1:]:
        busy = _slower(busy, other) if chip.settings["parallel_layers"] else busy + other
    rest = _summed(chip, {names: n for names, n in fixed.items() if len(names) == 1})
    if chip.settings["timing"] != "throttled" and chip.get("clock") is not None:
        rest = rest + cycles / chip["clock"].si
    return busy + rest


Times = dict[tuple[str, ...], Number]  # a constant, or cycles and the clock they are divided by -> how often


def times(counts: Counts, chip: Chip) -> tuple[list[Times], Times]:
    """Return how often each time stands in the latency: of each layer, and of the whole."""
    return _times(_complete(counts, chip)[0], chip)


def _times(counts: Counts, chip: Chip) -> tuple[list[Times], Times]:
    if chip.settings["timing"] == "throttled":
        return [], {("step_time",): float(counts.steps)}
    timed = {n: c for n, c in chip.constants.items() if c.dimension == "time" and c.per in OPERATIONS}
    layers: list[Times] = [
        {
            (n,): counts[layer.name, c.per] / cores_of(layer, chip)
            for n, c in timed.items()
            if c.per != "steps" and _holds(c, layer, counts)
        }
        for layer in counts.layers
    ]
    fixed: Times = {(n,): float(counts.steps) for n, c in timed.items() if c.per == "steps"}
    if chip.get("clock") is not None:
        for n, c in chip.constants.items():
            if c.dimension == "cycles" and c.per in OPERATIONS:
                held = [counts[x.name, c.per] for x in counts.layers if _holds(c, x, counts)]
                fixed[n, "clock"] = sum(held, start=0.0)
    return layers, fixed


def _has_time(chip: Chip) -> bool:
    return chip.get("clock") is not None or any(
        c.dimension == "time" and c.per in OPERATIONS for c in chip.constants.values()
    )


def _summed(chip: Chip, parts: Times) -> Interval:
    total = ZERO
    for (name,), number in parts.items():
        total = total + chip[name].si * number
    return total


def _slower(a: Interval, b: Interval) -> Interval:
    def top(x: Number, y: Number) -> Number:
        return np.maximum(x, y)

    return Interval(top(a.low, b.low), top(a.nominal, b.nominal), top(a.high, b.high))
