"""``compare``: train the contenders, run the test set once, price the counts, write a run folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.core.errors import require
from spiking.core.progress import Progress, Watch, unwatched
from spiking.data.dataset import Dataset
from spiking.data.own import Data, check_data, read_data
from spiking.hardware import Bill, Chip, chip_names, load_chip, price
from spiking.hardware.verdict.accuracy import margin_of
from spiking.study.comparing import Comparing, Comparison
from spiking.study.contenders.search import in_order, search
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import Contender, Task, Trained
from spiking.study.contenders.yours import Wanted, check_fit, chosen, ready_made
from spiking.study.designs.deploy import TEST_SEED, deploy, plan_of
from spiking.study.record.folder import check_out, run_folder
from spiking.study.record.manifest import manifest
from spiking.study.report.run_folder import model_file, write_run
from spiking.study.results.designs import design_sentences
from spiking.study.results.findings import answer
from spiking.study.results.outcome import Evaluated, outcome, right_of
from spiking.study.results.rows import frame, pace_columns, row
from spiking.study.results.training import learned, training_columns
from spiking.study.seeds import over_seeds

__all__ = ["CHIPS", "TEST_SEED", "Comparing", "Comparison", "compare", "fewer"]

CHIPS = ("generic-45nm", "loihi1")
QUICK = {"train": 1000, "test": 300}  # samples of a quick run


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
        out: run folder, ``runs/<data>-<seed>`` by default (``<data>-<seed>-<seeds>-seeds`` for several); an
            earlier run there is replaced.
        progress: called with a :class:`~spiking.core.progress.Progress` while working, ``who`` a contender.
        options: fields of :class:`Comparing`: ``seed``, ``steps``, ``hidden``, ``quick``, ``data_path``,
            ``label``, ``group``, ``budget``, ``design``, ``margin``, ``every``, ``seeds``. With ``seeds``
            above 1 the run of each seed lies in ``out``; those that are finished are not done again.

    Returns:
        Where the run lies, its rows, and the answer in words.

    Raises:
        SpikingError: unknown names, numbers out of range, data that cannot be read, a network that does not
            fit them, or an ``out`` that is not a run. Nothing is written then.
    """
    asked = Comparing.of(options)
    wanted = chosen(contenders)
    devices = _devices(chips)
    called = check_data(data, path=asked.data_path, label=asked.label, group=asked.group)
    if asked.seeds > 1:
        return _several(data, asked, contenders, chips, out, progress or unwatched)
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
        rows = _rows(evaluated, task, devices, bills)
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


def _several(
    data: Data,
    asked: Comparing,
    contenders: Sequence[Wanted] | None,
    chips: Sequence[str],
    out: str | Path | None,
    tell: Watch,
) -> Comparison:
    """The same for every seed, each into a folder of its own."""
    wanted, devices = chosen(contenders), _devices(chips)
    called = check_data(data, path=asked.data_path, label=asked.label, group=asked.group)

    def one(part: Comparing, folder: Path, watch: Watch) -> None:
        options = {f.name: getattr(part, f.name) for f in fields(part)}
        compare(data, contenders=contenders, chips=chips, out=folder, progress=watch, **options)

    def identity(part: Comparing) -> dict[str, Any]:
        samples = read_data(data, path=part.data_path, label=part.label, group=part.group, seed=part.seed)
        facts = (fewer(samples) if part.quick else samples).facts()
        return {"configuration": _configuration(wanted, devices, part, ()), "data": facts}

    place = Path("runs") / f"{called}-{asked.seed}-{asked.seeds}-seeds" if out is None else Path(out)
    return over_seeds(one, identity, asked, place, called, tell)


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


def _rows(
    evaluated: Sequence[Evaluated],
    task: Task,
    chips: Mapping[str, Chip],
    bills: Mapping[tuple[str, str], Bill],
) -> pd.DataFrame:
    training = learned(evaluated, task, chips)
    return frame(
        _row(e, chip, bills[e.model, chip]) | training_columns(training[e.model], chip)
        for e in evaluated
        for chip in chips
    )


def _row(e: Evaluated, chip: str, bill: Bill) -> dict[str, Any]:
    d = e.deployed[chip]
    made = row(e.model, chip, correct=int(d.right.sum()), samples=e.samples, counts=d.counts, bill=bill)
    words = "as shipped" if d.design is None else d.design.words(spiking=d.network.spiking)
    return made | pace_columns(bill, d.chip) | {"design": words, "network": f"models/{model_file(e, chip)}"}


def _configuration(
    wanted: Sequence[Contender], chips: Mapping[str, Chip], asked: Comparing, evaluated: Sequence[Evaluated]
) -> dict[str, Any]:
    plain = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(asked).items()}
    settings = {e.model: dict(e.options) for e in evaluated}
    return {"contenders": [c.name for c in wanted], "chips": list(chips), **plain, "settings": settings}
