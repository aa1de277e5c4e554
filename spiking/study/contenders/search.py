"""Settings for data that nobody tuned: short trainings judged on validation samples, within a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spiking.core.progress import Progress, Watch, unwatched
from spiking.simulate import run
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.settings import Settings
from spiking.study.contenders.task import Contender, Task, Trained

SAMPLES = 2000  # training samples of a short training, at most
BUDGET = 8  # short trainings of one contender, at most


@dataclass(frozen=True, kw_only=True)
class Try:
    """One short training: whose, with which options, and its accuracy on the validation samples."""

    contender: str
    options: Mapping[str, Any]
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Search:
    """The settings that were found and everything that was tried on the way."""

    settings: Settings
    tries: tuple[Try, ...]
    samples: int
    validation: int

    def words(self, name: str) -> str:
        """Say what was tried for a contender; empty where nothing was."""
        mine = [t for t in self.tries if t.contender == name]
        if not mine:
            return ""
        best = self.settings.of(name)
        parts = []
        for key in mine[0].options:
            values = dict.fromkeys(t.options[key] for t in mine)
            others = f" (of {', '.join(map(_plain, values))})" if len(values) > 1 else ""
            parts.append(f"{key.replace('_', ' ')} {_plain(best[key])}{others}")
        return (
            f" Settings found in {len(mine)} short trainings on {self.samples} samples, judged on "
            f"{self.validation} validation samples: {', '.join(parts)}."
        )


def search(
    task: Task, contenders: Sequence[Contender], *, pinned: Sequence[str], budget: int, watch: Watch
) -> Search:
    """Try other options for each contender, one option after the other, and keep the best.

    For each option in turn its values are tried with what was best so far; the highest validation accuracy
    wins, of equal ones the first listed, which is the cheapest. It depends on seed and data alone, since the
    budget is a number of trainings, not seconds.

    Args:
        contenders: in an order in which each comes after those it needs.
        pinned: options that the user gave; they are not tried.
        budget: trainings of one contender at most.
        watch: called as each is done.
    """
    small = replace(task, x=task.x[:SAMPLES], y=task.y[:SAMPLES])
    settings, tries = task.settings, []
    made: dict[str, Trained] = {}
    for contender in contenders:
        found, best, mine = _best(small.given(made, unwatched), contender, settings, pinned, budget, watch)
        settings, made[contender.name] = found, best
        tries += mine
    return Search(
        settings=settings, tries=tuple(tries), samples=len(small.x), validation=len(task.x_validation)
    )


def _best(
    task: Task, contender: Contender, settings: Settings, pinned: Sequence[str], budget: int, watch: Watch
) -> tuple[Settings, Trained, list[Try]]:
    name = contender.name
    axes = {k: v for k, v in contender.tries.items() if k not in pinned}
    done: dict[tuple[Any, ...], tuple[float, Trained]] = {}
    tries: list[Try] = []
    total = max(min(budget, 1 + sum(len(v) - 1 for v in axes.values())), 1)

    def accuracy(now: Settings) -> float | None:
        options = {k: now.of(name)[k] for k in contender.tries}
        key = tuple(options.values())
        if key not in done:
            if len(done) >= total:
                return None
            event = Progress(who=name, stage="find settings", done=len(done), total=total, unit="trainings")
            watch(event)
            trained = contender.train(replace(task, settings=now.limited(name, contender.trial)))
            trace = run(trained.network, task.x_validation, seed=task.seed)
            done[key] = (trace.accuracy(task.y_validation), trained)
            tries.append(Try(contender=name, options=options, accuracy=done[key][0]))
            watch(replace(event, done=len(done)))
        return done[key][0]

    accuracy(settings)
    for axis, values in axes.items():
        scored = [
            (a, settings.having(name, **{axis: v}))
            for v in values
            if (a := accuracy(settings.having(name, **{axis: v}))) is not None
        ]
        if scored:
            settings = max(scored, key=lambda pair: pair[0])[1]  # the first of equal ones
    best = done[tuple(settings.of(name)[k] for k in contender.tries)][1]
    return settings, best, tries


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def in_order(contenders: Sequence[Contender]) -> list[Contender]:
    """Return the contenders and those they need, each after what it needs."""
    found: dict[str, Contender] = {}
    for contender in contenders:
        for one in (*in_order([CONTENDERS[n] for n in contender.needs]), contender):
            found.setdefault(one.name, one)
    return list(found.values())
