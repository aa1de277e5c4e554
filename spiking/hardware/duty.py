"""Energy of an inference at a duty cycle: what a device costs between two inferences.

An inference every ``every`` seconds occupies the device for its latency (in a batch for a share of it). In
the rest the device idles, or sleeps where its file says how (``retention``: share of the static power that
remains, ``wake_up``: energy to come back).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from spiking.core import check
from spiking.core.errors import require
from spiking.core.typed import typed
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip
from spiking.hardware.quantity import Interval, some

LONGEST = 1e12  # of a latency or a period [s]
SLEEP = "retention"  # constant of a chip: share of its static power that remains in sleep
WAKE = "wake_up"  # constant of a chip: energy from sleep to work, per inference


@typed
def at_interval(bill: Bill, chip: Chip, every: float) -> Bill:
    """Return ``bill`` for one inference every ``every`` [s], with what the time between them costs.

    The static power of the bill's own lines goes on through the rest of the period, times the ``retention``
    of the chip, plus its ``wake_up``; without a published sleep the device idles at its full static power. A
    bill whose static power is not known stays the lower bound it is.

    Raises:
        SpikingError: a period that is not positive, or shorter than the latency.
    """
    period = check.number("every", every, 0, LONGEST, open_low=True, unit="s")
    taken = float(np.mean(bill.occupied.nominal))  # of drawn constants some may be slower
    if np.isnan(taken):
        return bill
    require(
        period >= taken * (1 - 1e-9),
        f"every is {period:g} s, but one inference on {chip.name} takes {taken:.3g} s; allowed: that or more",
    )
    lines = (*bill.lines, *_idle(bill, chip, period))
    if chip.get(SLEEP) is not None:
        return replace(bill, lines=lines)
    note = f"{chip.name} idles at its full static power between inferences: no sleep is published"
    return replace(bill, lines=lines, warnings=(*bill.warnings, note))


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What an inference costs by how often there is one: ``busy + wake + power (every - occupied)``.

    Attributes:
        busy: energy of an inference back to back [J]. power: of the device between inferences [W], asleep
            where it can sleep. wake: energy to come back [J]. occupied: time of an inference [s].
    """

    busy: float
    power: float
    wake: float
    occupied: float


def pace_of(bill: Bill, chip: Chip) -> Pace | None:
    """Return the nominal pace of a ``bill`` on ``chip``; None where its time or idle power is not known."""
    static = [line for line in bill.lines if line.term == "static"]
    time, total = (float(np.mean(x.nominal)) for x in (bill.occupied, bill.total()))
    known = bool(static) and all(line.price.known for line in static)
    if not known or bill.lower_bound or not np.isfinite(total) or not time > 0:
        return None
    idle = sum(float(np.mean(line.energy.nominal)) for line in bill.lines if line.term == "idle")
    leak = sum(float(np.mean(line.energy.nominal)) for line in static) / time
    share, wake = (
        rest if c is None else float(np.mean(c.si.nominal))
        for c, rest in ((chip.get(SLEEP), 1.0), (chip.get(WAKE), 0.0))
    )
    return Pace(busy=total - idle, power=share * leak, wake=wake, occupied=time)


def _idle(bill: Bill, chip: Chip, period: float) -> Iterator[Line]:
    sleep, wake = chip.get(SLEEP), chip.get(WAKE)
    share = Interval.exact(1.0) if sleep is None else sleep.si
    rest = Interval(
        np.maximum(period - bill.occupied.high, 0.0),
        np.maximum(period - bill.occupied.nominal, 0.0),
        np.maximum(period - bill.occupied.low, 0.0),
    )
    for line in bill.lines:
        if line.term == "static" and line.price.known and some(line.energy.high):
            power = Interval(
                line.energy.low / bill.occupied.low,
                line.energy.nominal / bill.occupied.nominal,
                line.energy.high / bill.occupied.high,
            )
            yield replace(
                line, term="idle", operation="time between inferences", count=rest.nominal,
                energy=power * rest * share,
            )  # fmt: skip
    if wake is not None and some(rest.nominal):
        yield Line(
            layer="chip", operation="inferences", term="idle", count=1.0, price=wake, constant=WAKE,
            energy=wake.si,
        )  # fmt: skip
