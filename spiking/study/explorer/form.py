"""A bill as a function of its prices: which published constant stands in it, and how often.

For a given network and design every model of this package is a sum of products of constants: energies times
counts, powers times the time of an inference, and a time that is itself a sum (or, where layers work side by
side, the largest of several sums) of times and clock periods. :func:`form_of` reads the factors off the bill
itself, so that a page can price a network anew without the package.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from spiking.core.counts import Counts
from spiking.hardware.bill import Bill
from spiking.hardware.chip import Chip
from spiking.hardware.duty import WAKE
from spiking.hardware.models import events
from spiking.hardware.models.common import size_of
from spiking.hardware.price import price
from spiking.hardware.quantity import parse_unit, some

Product = tuple[tuple[str, int], ...]  # constants with their exponents, e.g. (("leakage", 1),)
K = TypeVar("K")
ENERGIES = ("energy", "energy/data", "energy/cycles")


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the total of one network on one chip depends on the constants, all in SI units.

    ``energy`` + ``shared`` / batch + ``power`` x time, where the time of an inference is ``fixed`` +
    ``fixed_shared`` / batch + the largest of ``layers``; each maps a product of constants (and the term of
    the bill it belongs to) to the number it is multiplied by.

    Attributes:
        batch: inferences of the design that share a read of the weights. timed: whether a time is known.
    """

    energy: Mapping[tuple[str, Product], float]
    power: Mapping[tuple[str, Product], float]
    fixed: Mapping[Product, float]
    layers: tuple[Mapping[Product, float], ...] = ()
    shared: Mapping[tuple[str, Product], float] = field(default_factory=dict)
    fixed_shared: Mapping[Product, float] = field(default_factory=dict)
    batch: int = 1
    timed: bool = True


def form_of(counts: Counts, chip: Chip) -> Form:
    """Return the form of the bill of ``counts`` (means over samples) on ``chip``, set to its design."""
    if chip.model == "events":
        return _events(counts, chip)
    if chip.model == "system":
        return _system(counts, chip)
    if chip.model == "crossbar" or counts.spiking:
        return _linear(counts, chip)
    # 1 / batch of the reads of weights falls on one inference: the part that an endless batch leaves out
    apart = _linear(counts, chip.with_settings(batch=np.inf))
    whole = _linear(counts, chip.with_settings(batch=1))
    return replace(
        apart,
        shared=_less(whole.energy, apart.energy),
        fixed_shared=_less(whole.fixed, apart.fixed),
        batch=int(chip.settings["batch"]),
    )


def _less(whole: Mapping[K, float], part: Mapping[K, float]) -> dict[K, float]:
    return {key: v - part.get(key, 0.0) for key, v in whole.items() if v != part.get(key, 0.0)}


def _linear(counts: Counts, chip: Chip) -> Form:
    """A machine or a crossbar: each energy is set to 1 in turn, all at once as the columns of an array."""
    names = [n for n, c in chip.constants.items() if c.dimension in ENERGIES and c.known and n != WAKE]
    units = np.eye(len(names))
    clock = "clock" if chip.model == "components" else "read_time"
    sharp = {n: c.value for n, c in chip.constants.items() if c.known and c.value is not None}
    alone = chip.with_values(**(sharp | {name: units[i] for i, name in enumerate(names)} | {clock: 1.0}))
    bill = price(counts, alone)
    step = alone[clock].si.nominal
    made = defaultdict[tuple[str, Product], float](float)
    power: dict[tuple[str, Product], float] = {}
    for line in bill.lines:
        if not line.price.known:
            continue
        if line.term == "static":
            power[line.term, ((line.constant, 1),)] = float(line.count)
        elif line.term == "clock" and chip.settings.get("clock") == "free":
            power[line.term, ((line.constant, 1), (clock, 1))] = 1.0
        else:
            energies = np.broadcast_to(line.energy.nominal, len(names))
            for i in np.flatnonzero(energies):
                made[line.term, ((names[i], 1),)] += float(energies[i]) / parse_unit(chip[names[i]].unit)[1]
    if chip.model == "components":
        period, cycles = ((clock, -1),), bill.occupied.nominal * step
    else:
        period, cycles = ((clock, 1),), bill.occupied.nominal / step
    fixed: dict[Product, float] = {period: float(np.mean(cycles))}
    return Form(energy=dict(made), power=power, fixed=fixed)


def _events(counts: Counts, chip: Chip) -> Form:
    """A chip of whole events: its lines name their constants."""
    bill = price(counts, chip)
    room = {"inferences": 1.0, **vars(size_of(counts, chip))}
    made, power = (
        defaultdict[tuple[str, Product], float](float),
        defaultdict[tuple[str, Product], float](float),
    )
    for line in bill.lines:
        if not line.price.known:
            continue
        name, _, cycles = line.constant.partition(" x ")
        c, count = chip[name], float(np.mean(line.count))
        if c.per == "clock_cycles":
            power[line.term, ((name, 1), ("clock", 1))] += 1.0
        elif c.dimension == "power":
            power[line.term, ((name, 1),)] += room[c.per]
        else:
            product = ((name, 1), (cycles, 1)) if cycles else ((name, 1),)
            made[line.term, product] += count
    layers, fixed = events.times(counts, chip)
    side_by_side = bool(chip.settings["parallel_layers"])
    if not side_by_side:
        fixed = _added(fixed, *layers)
    return Form(
        energy=dict(made),
        power=dict(power),
        fixed=_products(fixed),
        layers=tuple(_products(one) for one in layers if one) if side_by_side else (),
        timed=_timed(bill),
    )


def _timed(bill: Bill) -> bool:
    return bool(np.all(np.isfinite(bill.occupied.nominal)))


def _added(*parts: events.Times) -> events.Times:
    total: events.Times = {}
    for part in parts:
        for key, value in part.items():
            total[key] = total.get(key, 0.0) + value
    return total


def _products(times: events.Times) -> dict[Product, float]:
    """Names of times, or of cycles with the clock that they are divided by, as products."""
    return {
        ((names[0], 1), *((n, -1) for n in names[1:])): float(np.mean(v))
        for names, v in times.items()
        if some(v)
    }


def _system(counts: Counts, chip: Chip) -> Form:
    """A board: what running adds to idling over the time of the work, and idling for all of it."""
    bill = price(counts, chip)
    passes = float(np.mean(bill.occupied.nominal)) * float(np.mean(chip["rate"].si.nominal))
    return Form(
        energy={
            ("system", (("running", 1), ("rate", -1))): passes,
            ("system", (("idle", 1), ("rate", -1))): -passes,
        },
        power={("static", (("idle", 1),)): 1.0},
        fixed={(("rate", -1),): passes},
    )
