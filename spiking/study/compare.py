"""``compare``: train the contenders, run the test set once, price the counts, write a run folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.core import check
from spiking.core.errors import require, unknown
from spiking.core.progress import Progress, Watch, unwatched
from spiking.data.dataset import Dataset
from spiking.data.own import Data, check_data, read_data
from spiking.hardware import Bill, Chip, chip_names, load_chip, price
from spiking.hardware.design import Design
from spiking.hardware.verdict.accuracy import margin_of
from spiking.study.contenders.search import BUDGET, in_order, search
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import Contender, Task, Trained
from spiking.study.contenders.yours import Wanted, check_fit, chosen, ready_made
from spiking.study.designs.deploy import TEST_SEED, deploy, plan_of
from spiking.study.record.folder import check_out, run_folder
from spiking.study.record.manifest import manifest
from spiking.study.report.run_folder import model_file, write_run
from spiking.study.results.designs import design_sentences
from spiking.study.results.findings import answer
from spiking.study.results.notebook import notebook_table
from spiking.study.results.outcome import Evaluated, outcome, right_of
from spiking.study.results.rows import frame, row

__all__ = ["CHIPS", "TEST_SEED", "Comparing", "Comparison", "compare", "fewer"]

CHIPS = ("generic-45nm", "loihi1")
QUICK = {"train": 1000, "test": 300}  # samples of a quick run


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """The options of :func:`compare`.

    Attributes:
        seed: of the split, the initial weights, the batches and every spike.
        steps: steps per inference of the spiking networks trained here; None takes the tuned ones.
        hidden: hidden units of those that have any; None takes the tuned ones.
        quick: train for seconds on few samples, to see that everything works.
        data_path: where the files of a data set known by name lie.
        label, group: columns of a CSV: the class of a sample, and what it belongs to (a subject, a
            device); samples of one group all train or all test.
        budget: short trainings per contender that look for settings on data nobody tuned; 0 for none.
        design: ``"best"``: every design that needs no new training is tried on validation samples, and the
            cheapest within the margin is built; ``"shipped"``: 8-bit weights as the contenders come; or a
            :class:`~spiking.hardware.design.Design` or its TOML file, for all.
        margin: points of accuracy that may be lost and still count as none.
        every: time from one inference to the next [s]; None: back to back, no idle time.

    Raises:
        SpikingError: a value out of range.
    """

    seed: int = 0
    steps: int | None = None
    hidden: int | None = None
    quick: bool = False
    data_path: str | Path | None = None
    label: str | None = None
    group: str | None = None
    budget: int = BUDGET
    design: str | Path | Design = "best"
    margin: float = 1.0
    every: float | None = None

    def __post_init__(self) -> None:
        check.seed(self.seed, "--seed")
        for name in ("steps", "hidden"):
            if getattr(self, name) is not None:
                check.whole(f"--{name}", getattr(self, name), 1, 100_000)
        check.path("--data-path", self.data_path)
        for name in ("label", "group"):
            check.instance(f"--{name}", getattr(self, name), str, none=True)
        check.flag("--quick", self.quick)
        check.whole("--budget", self.budget, 0, 1000)
        margin_of(self.margin)
        if self.every is not None:
            check.number("--every", self.every, 0, open_low=True, unit="s")
        plan_of(self.design)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Comparison:
    """A finished run: where it lies, its rows, and the answer in words."""

    path: Path
    rows: pd.DataFrame
    answer: list[str]
    bills: Mapping[tuple[str, str], Bill]

    def __repr__(self) -> str:
        """The folder and the answer, in a few lines."""
        lines = "\n  ".join(sentence.replace("**", "") for sentence in self.answer)
        return f"Comparison in {self.path}:\n  {lines}"

    def _repr_html_(self) -> str:
        """The rows as a table with the answer above, for notebooks."""
        return notebook_table(self.rows, self.answer)


def compare(
    data: Data = "digits",
    *,
    contenders: Sequence[Wanted] | None = None,
    chips: Sequence[str] = CHIPS,
    out: str | Path | None = None,
    progress: Watch | None = None,
    **options: Any,
) -> Comparison:
    """Train, test and price ``contenders`` on ``chips``, and write everything to ``out``.

    Args:
        data: a data set by name (:func:`spiking.data.load.load`), a ``.csv`` or ``.npz`` file, a folder
            (:mod:`spiking.data.own`), ``(x, y)``, or a :class:`~spiking.data.dataset.Dataset`.
        contenders: names of :data:`~spiking.study.contenders.CONTENDERS`, paths of ``.nir`` files and
            networks, which are tested as they are; all names by default.
        chips: names of chips or paths of chip files; ``["all"]`` for every chip there is.
        out: run folder, ``runs/<data>-<seed>`` by default; an earlier run there is replaced.
        progress: called with a :class:`~spiking.core.progress.Progress` while working, ``who`` a contender.
        options: fields of :class:`Comparing`: ``seed``, ``steps``, ``hidden``, ``quick``, ``data_path``,
            ``label``, ``group``, ``budget``, ``design``, ``margin``, ``every``.

    Returns:
        Where the run lies, its rows, and the answer in words.

    Raises:
        SpikingError: unknown names, numbers out of range, data that cannot be read, a network that does not
            fit them, or an ``out`` that is not a run. Nothing is written then.
    """
    asked = _asked(options)
    wanted = chosen(contenders)
    devices = _devices(chips)
    called = check_data(data, path=asked.data_path, label=asked.label, group=asked.group)
    settings = settings_for(called, in_order(wanted)).changed(hidden=asked.hidden, steps=asked.steps)
    target = Path(out) if out is not None else Path("runs") / f"{called}-{asked.seed}"
    check_out(target)
    tell = progress or unwatched

    started = time.perf_counter()
    loading = Progress(stage=f"load {called}", done=0, total=1, unit="data set")
    tell(loading)
    samples = read_data(data, path=asked.data_path, label=asked.label, group=asked.group, seed=asked.seed)
    if asked.quick:
        settings, samples = settings.quick(), fewer(samples)
    _check(samples, wanted)
    seconds = {"load": time.perf_counter() - started}
    tell(replace(loading, done=1))
    with run_folder(target) as folder:
        integers = any(name.startswith("loihi") for name in devices)
        task = Task.of(samples, settings, asked.seed)
        evaluated = _train_and_test(wanted, task, samples, asked, tell, list(devices.values()), integers)
        bills = {
            (e.model, name): price(d.counts, d.chip, every=asked.every)
            for e in evaluated
            for name, d in e.deployed.items()
        }
        rows = frame(_row(e, chip, bills[e.model, chip]) for e in evaluated for chip in devices)
        margin = margin_of(asked.margin)
        said = answer(rows, bills, right_of(evaluated), margin=margin)
        said += design_sentences(rows, evaluated, margin=margin, every=asked.every)
        writing = Progress(stage="write the report", done=0, total=1, unit="folder")
        tell(writing)
        seconds |= {e.model: e.seconds for e in evaluated}
        facts = manifest(
            configuration=_configuration(wanted, devices, asked, evaluated),
            data=samples.facts(),
            seconds=seconds | {"total": time.perf_counter() - started},
        )
        write_run(
            folder, rows=rows, bills=bills, evaluated=evaluated, data=samples, manifest=facts, answer=said
        )
    tell(replace(writing, done=1))
    return Comparison(path=target, rows=rows, answer=said, bills=bills)


def _asked(options: Mapping[str, Any]) -> Comparing:
    allowed = [f.name for f in fields(Comparing)]
    for name in options:
        if name not in allowed:
            raise unknown("option of compare", name, ["chips", "contenders", "data", "out", *allowed])
    return Comparing(**options)


def _devices(chips: Sequence[str]) -> dict[str, Chip]:
    require(not isinstance(chips, str), f"chips is {chips!r}; a list is needed, e.g. chips=[{chips!r}]")
    require(len(chips) > 0, "no chip came; name at least one, e.g. generic-45nm")
    names = chip_names() if list(chips) == ["all"] else chips
    return {chip.name: chip for chip in map(load_chip, names)}


def _check(samples: Dataset, contenders: Sequence[Contender]) -> None:
    """Refuse what the contenders cannot take, before any of them is trained."""
    require(
        samples.kind == "values",
        f"{samples.name} holds {samples.kind}; compare takes [samples, features] values: "
        "sum over time first, or run a network on it with `spiking run`",
    )
    require(len(samples.x_train) > 0, f"{samples.name} has no training samples; compare needs some")
    for contender in contenders:
        network = ready_made(contender)
        if network is not None:
            check_fit(contender, network, samples)


def fewer(data: Dataset) -> Dataset:
    """The first samples of ``data``, for a run of seconds."""
    train, test = QUICK["train"], QUICK["test"]
    return replace(
        data,
        x_train=data.x_train[:train],
        y_train=data.y_train[:train],
        x_test=data.x_test[:test],
        y_test=data.y_test[:test],
        groups=None if data.groups is None else data.groups[:train],
        origin=f"{data.origin}; quick: the first {train} training and {test} test samples",
    )


def _train_and_test(
    wanted: Sequence[Contender],
    task: Task,
    data: Dataset,
    asked: Comparing,
    tell: Watch,
    chips: Sequence[Chip],
    integers: bool,
) -> list[Evaluated]:
    line = in_order(wanted)
    words: dict[str, str] = {}
    untuned = [c for c in line if c.tries and data.name not in c.tuned]
    if asked.budget and untuned and not asked.quick:
        task, words = _with_settings(task, untuned, asked, tell)
    trained: dict[str, Trained] = {}
    seconds: dict[str, float] = {}
    for contender in line:
        name, start = contender.name, time.perf_counter()
        # the first batch waits for numba; the line is replaced as soon as one is done
        first = "start (the first time, kernels are compiled: up to a minute)"
        tell(Progress(who=name, stage=first, done=0, total=1, unit="samples"))
        trained[name] = contender.train(task.given(trained, _labelled(name, tell)))
        seconds[name] = time.perf_counter() - start
    found = []
    for name in (c.name for c in wanted):
        event = Progress(who=name, stage="test", done=0, total=len(data.x_test), unit="samples")
        tell(event)
        facts = {"seconds": seconds[name], "search": words.get(name, ""), "options": task.settings.of(name)}
        built = deploy(
            trained[name], task, data, chips, plan=plan_of(asked.design), margin=margin_of(asked.margin),
            every=asked.every, watch=_labelled(name, tell),
        )  # fmt: skip
        e = outcome(name, trained[name], task, data, built, integers=integers, **facts)
        share = float(e.first.right.mean())
        tell(replace(event, done=e.samples, accuracy=share, seconds=e.seconds))
        found.append(e)
    return found


def _with_settings(
    task: Task, untuned: Sequence[Contender], asked: Comparing, tell: Watch
) -> tuple[Task, dict[str, str]]:
    """The task with settings found for contenders that have none for its data, and what was tried."""
    given = {"hidden": asked.hidden, "steps": asked.steps}
    pinned = [key for key, value in given.items() if value is not None]
    found = search(task, in_order(untuned), pinned=pinned, budget=asked.budget, watch=tell)
    return replace(task, settings=found.settings), {c.name: found.words(c.name) for c in untuned}


def _labelled(name: str, tell: Watch) -> Watch:
    return lambda event: tell(replace(event, who=name))


def _row(e: Evaluated, chip: str, bill: Bill) -> dict[str, Any]:
    d = e.deployed[chip]
    made = row(e.model, chip, correct=int(d.right.sum()), samples=e.samples, counts=d.counts, bill=bill)
    words = "as shipped" if d.design is None else d.design.words(spiking=d.network.spiking)
    return made | {"design": words, "network": f"models/{model_file(e, chip)}"}


def _configuration(
    wanted: Sequence[Contender], chips: Mapping[str, Chip], asked: Comparing, evaluated: Sequence[Evaluated]
) -> dict[str, Any]:
    plain = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(asked).items()}
    settings = {e.model: dict(e.options) for e in evaluated}
    return {"contenders": [c.name for c in wanted], "chips": list(chips), **plain, "settings": settings}
