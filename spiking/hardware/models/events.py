"""The event model: a chip whose constants are prices of whole events (Loihi, ODIN, TrueNorth, SpiNNaker).

Each constant says what it multiplies (``per``), which term it belongs to and which operations it
already contains (``covers``). Energies make lines, powers make static lines over the latency, times
and cycles make the latency. What happened and is neither priced nor covered cannot run here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from spiking.core.counts import OPERATIONS, Counts, Layer
from spiking.core.quantity import ZERO, Interval, Number
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.models.common import (
    ADVICE,
    Size,
    all_happened,
    check_latency,
    cores_of,
    line,
    missing,
    size_of,
)

SETTINGS: Mapping[str, Any] = {
    "timing": "free",  # "free": as fast as the work allows; "throttled": every step takes step_time
    "parallel_layers": True,  # layers sit on different cores and work at the same time
}
TIMINGS = ("free", "throttled")
PARAMETERS = ("clock", "step_time", "neurons_per_core", "cores_per_chip")


def problems(chip: Chip) -> Iterator[tuple[str, str]]:
    """Yield what the file lacks: a price at all, terms, double counting."""
    priced = {n: c for n, c in chip.constants.items() if c.per and c.dimension in ("energy", "power")}
    if not priced:
        yield "constants", "no constant has an energy or a power with 'per'; the chip could price nothing"
    if priced and all(c.known and not np.any(c.si.high) for c in priced.values()):
        yield "constants", "every energy is 0; a price nobody knows is kind = 'unknown', not 0"
    for name, c in priced.items():
        if not c.term:
            yield f"constants.{name}.term", "is missing; name the term of the bill this price belongs to"
    for name, c in chip.constants.items():
        if not c.per and name not in PARAMETERS and c.scope != "limit":
            yield (
                f"constants.{name}.per",
                "is missing; say which operation or resource the constant multiplies",
            )
    if (
        any(c.dimension == "cycles" and c.per for c in chip.constants.values())
        and "clock" not in chip.constants
    ):
        yield "constants.clock", "is missing; cycles need a clock frequency"
    if chip.settings["timing"] not in TIMINGS:
        yield "settings.timing", f"is {chip.settings['timing']!r}; allowed: {', '.join(TIMINGS)}"
    if chip.settings["timing"] == "throttled" and "step_time" not in chip.constants:
        yield "constants.step_time", "is missing; throttled timing needs the time of a step"
    yield from _double(priced)


def _double(priced: Mapping[str, Constant]) -> Iterator[tuple[str, str]]:
    energies = {n: c for n, c in priced.items() if c.dimension == "energy"}
    for name, c in priced.items():
        if c.scope == "all_in" and len(priced) > 1:
            other = next(n for n in priced if n != name)
            yield (
                f"constants.{name}",
                f"scope all_in already contains everything; remove {other!r} or this constant",
            )
    for name, c in energies.items():
        for other, d in energies.items():
            if name == other:
                continue
            if d.per in c.covers and not _disjoint(c, d):
                yield (
                    f"constants.{name}.covers",
                    f"contains {d.per!r}, which {other!r} charges again; drop one of the two",
                )
            if name < other and c.group and c.group == d.group and c.per == d.per:
                yield (
                    f"constants.{name}.per",
                    f"{name!r} and {other!r} are levels of one quantity ({c.group}) and both charge "
                    f"{c.per!r}; an event pays one of them, never both",
                )


def _disjoint(a: Constant, b: Constant) -> bool:
    return bool(a.layers and b.layers and not set(a.layers) & set(b.layers))


def _holds(c: Constant, layer: Layer) -> bool:
    return not c.layers or layer.kind in c.layers


def price(counts: Counts, chip: Chip, latency: Interval | None = None) -> Bill:
    """Return the bill of ``counts`` on ``chip``; ``latency`` [s] defaults to the estimated one."""
    size = size_of(counts, chip)
    cycles = _cycles(counts, chip)
    busy = busy_time(counts, chip, cycles)
    time = latency if latency is not None else busy
    lines, unpriced = [], []
    for name, c in chip.constants.items():
        if not c.per or c.dimension not in ("energy", "power"):
            continue
        for made in _charge(counts, chip, name, c, size, cycles, time):
            lines.append(made)
            if not c.known:
                unpriced.append(c.note or f"{c.per} ({name})")
    return Bill(
        chip=chip.name,
        network=counts.name,
        lines=tuple(lines),
        latency=time,
        needs=tuple(_needs(counts, chip)),
        unpriced=tuple(dict.fromkeys(unpriced)),
        warnings=tuple(check_latency(time, busy)),
        offers=_offers(chip),
        node_nm=chip.node_nm,
        vdd=chip.vdd,
        model="events",
    )


def _offers(chip: Chip) -> tuple[str, ...]:
    scopes = {c.scope for c in chip.constants.values() if c.per and c.dimension in ("energy", "power")}
    if "all_in" in scopes:
        return ("total",)
    return ("dynamic", "total") if "system" in scopes else ("compute", "dynamic", "total")


def _charge(
    counts: Counts, chip: Chip, name: str, c: Constant, size: Size, cycles: Interval, time: Interval
) -> Iterator[Line]:
    if c.per in OPERATIONS:
        for layer in counts.layers:
            count = counts[layer.name, c.per]
            if _holds(c, layer) and bool(np.any(count)):
                yield line(layer.name, c.per, c.term, count, c, name)
        return
    amount: Interval = (
        cycles if c.per == "cycles" else Interval.exact({"inferences": 1.0, **vars(size)}[c.per])
    )
    if c.dimension == "power":
        amount = amount * time
    made = line("chip", c.per, c.term, amount.nominal, c, name)
    yield Line(**{**_fields(made), "energy": c.si * amount})


def _fields(made: Line) -> dict[str, Any]:
    return {key: getattr(made, key) for key in made.__dataclass_fields__}


def _needs(counts: Counts, chip: Chip) -> list[str]:
    needs = missing(counts, chip)
    if needs:
        return needs
    listed = [c for c in chip.constants.values() if c.per and c.dimension in ("energy", "power")]
    for layer, operation in all_happened(counts):
        if not any(
            _holds(c, layer) and (c.per == operation or operation in c.covers or "*" in c.covers)
            for c in listed
        ):
            needs.append(ADVICE.get(operation, f"{operation} ({OPERATIONS[operation]})"))
    return list(dict.fromkeys(needs))


def _cycles(counts: Counts, chip: Chip) -> Interval:
    total = ZERO
    for c in chip.constants.values():
        if c.dimension == "cycles" and c.per in OPERATIONS:
            for layer in counts.layers:
                if _holds(c, layer):
                    total = total + c.si * counts[layer.name, c.per]
    return total


def busy_time(counts: Counts, chip: Chip, cycles: Interval) -> Interval:
    """Return the time of one inference [s]: per step the slowest layer, then the barrier.

    A layer's work is spread evenly over the cores it needs by its number of units.
    """
    if chip.settings["timing"] == "throttled":
        return chip["step_time"].si * float(counts.steps)
    fixed, layers = ZERO, []
    for layer in counts.layers:
        work: Interval = ZERO
        for c in chip.constants.values():
            if c.dimension == "time" and c.per in OPERATIONS and c.per != "steps" and _holds(c, layer):
                work = work + c.si * (counts[layer.name, c.per] / cores_of(layer, chip))
        layers.append(work)
    for c in chip.constants.values():
        if c.dimension == "time" and c.per in ("steps", "inferences"):
            fixed = fixed + c.si * float(counts.steps if c.per == "steps" else 1)
    busy = layers[0]
    for work in layers[1:]:
        busy = _slower(busy, work) if chip.settings["parallel_layers"] else busy + work
    clock = chip.get("clock")
    if clock is not None:
        fixed = fixed + cycles / clock.si
    return busy + fixed


def _slower(a: Interval, b: Interval) -> Interval:
    def top(x: Number, y: Number) -> Number:
        return np.maximum(x, y)

    return Interval(top(a.low, b.low), top(a.nominal, b.nominal), top(a.high, b.high))
