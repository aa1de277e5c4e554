"""The cheapest design of a network on a chip, the front, and which choice flips the winner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np

from spiking.core.errors import SpikingError, require
from spiking.hardware import Bill, Chip, price
from spiking.hardware.design import Design
from spiking.study.designs.explore import Option

SCHEDULES = ("step-outer", "neuron-stationary", "lazy")
FORMATS = ("dense", "sparse")
INPUTS = ("events", "values")


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """A design with all its choices on one chip, and the bill of a mean validation inference."""

    design: Design
    option: Option
    bill: Bill

    @property
    def accuracy(self) -> float:
        """On validation samples, as a fraction."""
        return self.option.accuracy

    @property
    def energy(self) -> float:
        """Nominal total of a validation inference [J]."""
        return float(np.asarray(self.bill.total().nominal))


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """What exploring a network on a chip found.

    Attributes:
        best: the cheapest point whose validation accuracy is within the margin.
        floor: the validation accuracy that was asked for, as a fraction.
        points: everything that was priced, in order of trial.
    """

    best: Point
    floor: float
    points: tuple[Point, ...]


def priced(options: Sequence[Option], chip: Chip, *, every: float | None = None) -> list[Point]:
    """Price every option on a component ``chip`` in every schedule and format that gives the same answers.

    ``every``: time from one inference to the next [s], as in :func:`spiking.hardware.price`.

    Raises:
        SpikingError: a chip whose own design is fixed.
    """
    require(
        chip.model == "components",
        f"{chip.name!r} has a design of its own; only component machines are built in several ways",
    )
    found = []
    for option in options:
        for design in _variants(option):
            device = design.chip(chip, spiking=option.network.spiking)
            try:
                bill = price(option.counts, device, every=every)
            except SpikingError:  # too slow for the period
                continue
            if bill.runs_here:
                found.append(Point(design=design, option=option, bill=bill))
    return found


def _variants(option: Option) -> Iterator[Design]:
    """The designs that compute the same as ``option``."""
    if not option.network.spiking:
        for skip, form in product((True, False), FORMATS):
            yield replace(option.design, zero_skip=skip, weight_format=form)
        return
    for schedule, form, given in product(SCHEDULES, FORMATS, INPUTS):
        design = replace(option.design, schedule=schedule, weight_format=form, input=given)
        if schedule == "lazy" and not _still(option):
            continue
        yield design


def _still(option: Option) -> bool:
    """Whether units that nothing reaches stay as they are, so that leaving them alone is exact."""
    return all(
        not p.unit.spiking or not (p.unit.leaky or (p.bias is not None and bool(np.any(p.bias))))
        for p in option.network.populations
    )


def cheapest(points: Sequence[Point], *, margin: float, floor: float | None = None) -> Chosen:
    """Choose the cheapest point that loses at most ``margin`` (a fraction) of validation accuracy.

    Args:
        floor: accuracy to lose it from; None takes the best of the points themselves.

    Raises:
        SpikingError: no points.
    """
    require(len(points) > 0, "no design can run here; name a machine that runs the network")
    best = max(p.accuracy for p in points)
    least = (best if floor is None else min(floor, best)) - margin - 1e-9
    good = [p for p in points if p.accuracy >= least]
    chosen = min(good, key=lambda p: (p.energy, -p.accuracy))
    return Chosen(best=chosen, floor=least, points=tuple(points))


def front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats in accuracy and energy, by rising energy."""
    out: list[Point] = []
    for p in sorted(points, key=lambda p: (p.energy, -p.accuracy)):
        if not out or p.accuracy > out[-1].accuracy:
            out.append(p)
    return out


@dataclass(frozen=True, kw_only=True)
class Flip:
    """One choice of one side that changes who costs less at nominal constants.

    Attributes:
        side: ``"SNN"`` or ``"MLP"``; ``choice``: the name of the field; ``was``, ``would``: its values.
        ratio: nominal energy of the SNN over that of the MLP with it.
    """

    side: str
    choice: str
    was: object
    would: object
    ratio: float


def flips(snn: Chosen, mlp: Chosen) -> list[Flip]:
    """Return the single choices, among those within the margin, that change the nominal winner."""
    ratio = snn.best.energy / mlp.best.energy
    found: list[Flip] = []
    for side, mine in (("SNN", snn), ("MLP", mlp)):
        for p in mine.points:
            changed = [f.name for f in fields(Design) if _differs(p.design, mine.best.design, f.name)]
            if len(changed) != 1 or p.accuracy < mine.floor:
                continue
            new = p.energy / mlp.best.energy if side == "SNN" else snn.best.energy / p.energy
            if (new < 1) != (ratio < 1):
                (name,) = changed
                was, would = getattr(mine.best.design, name), getattr(p.design, name)
                found.append(Flip(side=side, choice=name, was=was, would=would, ratio=new))
    return found


def _differs(a: Design, b: Design, name: str) -> bool:
    return bool(getattr(a, name) != getattr(b, name))
