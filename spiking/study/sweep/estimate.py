"""How many points, trainings and minutes a sweep takes, before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiking.data.dataset import Dataset
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.search import in_order
from spiking.study.contenders.settings import settings_for
from spiking.study.sweep.compute import Bench
from spiking.study.sweep.points.plan import Plan, Spec
from spiking.study.sweep.store.ledger import Ledger

# Measured on one core of an x86-64 server: products of a synapse, a step and a sample that are trained or
# tested in a second. The surrogate network on digits (64-256-10, 16 steps) trains at about 0.4e9.
TRAINED, TESTED = 0.4e9, 4e9
START = 1.0  # seconds that every training and every exploration of designs takes besides
EXPLORED = 48.0  # designs that are tried where the best is asked for
PRICED = 1.5e-3  # seconds of one price


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What is to be done, what is done, and how long the rest takes.

    Attributes:
        points, evaluations, trainings: of the whole sweep; ``done``: points that are in the ledger.
        seconds: of what is left, in one process. measured: share of it that rests on earlier points.
    """

    points: int
    evaluations: int
    trainings: int
    done: int
    seconds: float
    measured: float

    def words(self) -> list[str]:
        """Say it in sentences."""
        how = "by the usual rate of a core: synapses x steps x samples x epochs"
        if self.measured > 0.5:
            how = "by the trainings and tests that are done"
        return [
            f"{self.points} points, {self.evaluations} networks to test, {self.trainings} to train",
            f"{self.done} points are done",
            f"about {minutes(self.seconds)} of one process are left, {how}",
        ]


def minutes(seconds: float) -> str:
    """A time for reading."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def estimate(plan: Plan, ledger: Ledger, done: int) -> Estimate:
    """Estimate what is left: by earlier trainings of a contender, else by the size of the work."""
    bench = Bench(plan.objects)
    seconds = measured = 0.0
    trainings = ledger.known["trainings"]
    means = _means((plan.trainings[k]["contender"], r) for k, r in trainings.items() if k in plan.trainings)
    for key, spec in plan.trainings.items():
        if key not in trainings:
            known = means.get(spec["contender"])
            cost = _training(spec, bench) if known is None else known
            seconds, measured = seconds + cost, measured + (cost if known is not None else 0.0)
    evaluations = ledger.known["evaluations"]
    kinds = {k: _kind(plan, spec) for k, spec in plan.evaluations.items()}
    means = _means((kinds[k], r) for k, r in evaluations.items() if k in kinds)
    for key, spec in plan.evaluations.items():
        if key not in evaluations:
            known = means.get(kinds[key])
            cost = _testing(plan.trainings[spec["training"]], spec, bench) if known is None else known
            seconds, measured = seconds + cost, measured + (cost if known is not None else 0.0)
    seconds += PRICED * (len(plan.groups) - min(done, len(plan.groups)))
    return Estimate(
        points=plan.points, evaluations=len(plan.evaluations), trainings=len(plan.trainings), done=done,
        seconds=seconds, measured=measured / seconds if seconds else 0.0,
    )  # fmt: skip


def _kind(plan: Plan, spec: Spec) -> str:
    return f"{plan.trainings[spec['training']]['contender']} {spec['design'] == 'best'}"


def _means(pairs: Iterator[tuple[str, Mapping[str, Any]]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for name, record in pairs:
        if "seconds" in record:
            found.setdefault(name, []).append(record["seconds"])
    return {name: float(np.mean(seconds)) for name, seconds in found.items()}


def _size(spec: Spec, data: Dataset) -> tuple[float, float]:
    """Synapses times steps of a contender, and the samples it is trained on, times epochs."""
    if spec["contender"] not in CONTENDERS:
        return 1e6, 0.0
    contender = CONTENDERS[spec["contender"]]
    settings = settings_for(data.name, in_order([contender]))
    options = dict((settings.quick() if spec["quick"] else settings).of(contender.name)) | spec["given"]
    hidden = options.get("hidden", options.get("neurons", 128))
    synapses = hidden * (data.features + data.classes)
    samples = options.get("images", len(data.x_train) * options.get("epochs", 0))
    return float(synapses * options.get("steps", 100 if "neurons" in options else 1)), float(samples)


def _training(spec: Spec, bench: Bench) -> float:
    work, samples = _size(spec, bench.samples(spec))
    return START + work * samples / TRAINED


def _testing(spec: Spec, evaluation: Spec, bench: Bench) -> float:
    data = bench.samples(spec)
    work, _ = _size(spec, data)
    tests = len(data.x_test) * work / TESTED
    if evaluation["design"] != "best":
        return tests + 0.02
    return START + EXPLORED * min(1000, 0.1 * len(data.x_train)) * work / TESTED + tests
