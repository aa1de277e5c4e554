"""Joules per inference by an energy counter: idle first, then windows of work, the idle power subtracted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from spiking.core import check
from spiking.core.counts import count
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.progress import Progress, Watch, unwatched
from spiking.hardware import Bill, Chip, load_chip, price
from spiking.simulate import run
from spiking.study.inferences import Inferences, Reading, Samples, samples_for

WINDOWS = 3  # of each network and batch; their spread is shown
LONGEST = 300.0  # seconds of a window: a counter of 262 kJ must not go round twice


class Counter(Protocol):
    """Anything that counts joules (:class:`~spiking.study.measure.counter.Rapl`)."""

    @property
    def words(self) -> str:
        """What is counted."""

    def joules(self) -> float:
        """Energy since the counter was made [J]."""


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """How long and in which batches is measured.

    Attributes:
        seconds: of each window of work, and of the idle time before and after [s].
        batches: samples in one call.
        chip: device whose estimate is shown beside.

    Raises:
        SpikingError: a value out of range, or an unknown chip.
    """

    seconds: float = 3.0
    batches: tuple[int, ...] = (1, 1000)
    chip: str | Path | Chip = "cpu-xeon-e5-2630"

    def __post_init__(self) -> None:
        check.number("seconds", self.seconds, 0, LONGEST, open_low=True, unit="s")
        require(len(self.batches) > 0, "batches is empty; name at least one number of samples, e.g. 1")
        for batch in self.batches:
            check.whole("batch", batch, 1, 1_000_000)
        require(len(set(self.batches)) == len(self.batches), "a batch came twice; name each once")
        self.device()

    def device(self) -> Chip:
        """The device whose estimate is shown beside."""
        return self.chip if isinstance(self.chip, Chip) else load_chip(self.chip)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One network at one batch.

    Attributes:
        inferences: in all windows; ``seconds``: of one inference [s].
        total, dynamic: energy of one inference [J], with and without the idle power of the machine.
        low, high: least and largest dynamic energy of a window [J].
    """

    network: str
    batch: int
    inferences: int
    seconds: float
    total: float
    dynamic: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured, and what is estimated beside it.

    Attributes:
        counter: what was counted. idle: idle power before and after [W].
        rows: one per network and batch. bills: the estimate of each network on ``chip``.
    """

    counter: str
    idle: tuple[float, float]
    rows: tuple[Measured, ...]
    bills: dict[str, Bill]
    chip: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "counter": self.counter,
            "idle_W": list(self.idle),
            "measured": [vars(row) for row in self.rows],
            "estimated_not_measured": {name: bill.to_dict() for name, bill in self.bills.items()},
            "estimate_for": self.chip,
        }


def measure(
    models: Sequence[str | Path | Network],
    counter: Counter,
    data: Inferences | None = None,
    *,
    reading: Reading | None = None,
    options: Measuring | None = None,
    watch: Watch = unwatched,
    clock: Callable[[], float] = time.perf_counter,
    rest: Callable[[float], None] = time.sleep,
) -> Measurement:
    """Run networks on this machine for a while and return what they drew.

    Args:
        models: networks, or paths of ``.nir`` files. counter: of energy.
        data: samples; by default the test samples of digits. reading: what a file does not say.
        watch: gets :class:`~spiking.core.progress.Progress`.
        clock, rest: seconds, and waiting for some; others serve tests.

    Raises:
        SpikingError: files that cannot be read, samples that do not fit, or a counter that stands still.
    """
    wanted, asked = data or Inferences(), options or Measuring()
    require(len(models) > 0, "no network came; name at least one .nir file")
    device = asked.device()
    found = [samples_for(model, wanted, reading or Reading()) for model in models]
    names = [samples.network.name for samples in found]
    require(len(set(names)) == len(names), f"two networks are called {names[0]!r}; rename one of the files")
    bills = {}
    for samples in found:  # this also compiles the kernels, before anything is timed
        trace = run(samples.network, samples.x[: samples.batch], seed=samples.seed)
        bills[samples.network.name] = price(count(samples.network, trace).mean(), device)
    sizes = dict.fromkeys(min(batch, len(found[0].labels)) for batch in asked.batches)
    cases = [(samples, batch) for samples in found for batch in sizes]
    stage = Progress(stage="measure", done=0, total=len(cases) + 2, unit="windows")
    before = _idle(counter, asked.seconds, clock, rest)
    watch(Progress(**{**vars(stage), "done": 1}))
    windows = []
    for k, (samples, batch) in enumerate(cases):
        windows.append([_window(counter, samples, batch, asked.seconds, clock) for _ in range(WINDOWS)])
        watch(Progress(**{**vars(stage), "done": k + 2, "who": samples.network.name}))
    after = _idle(counter, asked.seconds, clock, rest)
    watch(Progress(**{**vars(stage), "done": len(cases) + 2}))
    idle = (before + after) / 2
    return Measurement(
        counter=counter.words,
        idle=(before, after),
        rows=tuple(_row(s.network.name, b, w, idle) for (s, b), w in zip(cases, windows, strict=True)),
        bills=bills,
        chip=device.name,
    )


def _idle(
    counter: Counter, seconds: float, clock: Callable[[], float], rest: Callable[[float], None]
) -> float:
    """Power while nothing is done [W]."""
    first, began = counter.joules(), clock()
    rest(seconds)
    drawn, taken = counter.joules() - first, clock() - began
    require(drawn > 0, f"the energy counter ({counter.words}) stands still; it counts nothing here")
    return drawn / taken


def _window(
    counter: Counter, samples: Samples, batch: int, seconds: float, clock: Callable[[], float]
) -> tuple[int, float, float]:
    """Inferences, seconds and joules of one window of work."""
    done, place, size = 0, 0, len(samples.labels)
    first, began = counter.joules(), clock()
    while (taken := clock() - began) < seconds or not done:
        run(samples.network, samples.x[place : place + batch], seed=samples.seed, first_sample=place)
        done += batch
        place = place + batch if place + 2 * batch <= size else 0
    return done, taken, counter.joules() - first


def _row(name: str, batch: int, windows: Sequence[tuple[int, float, float]], idle: float) -> Measured:
    done, seconds, joules = (np.array(values, np.float64) for values in zip(*windows, strict=True))
    dynamic = (joules - idle * seconds) / done
    return Measured(
        network=name,
        batch=batch,
        inferences=int(done.sum()),
        seconds=float(seconds.sum() / done.sum()),
        total=float(joules.sum() / done.sum()),
        dynamic=float((joules - idle * seconds).sum() / done.sum()),
        low=float(dynamic.min()),
        high=float(dynamic.max()),
    )
