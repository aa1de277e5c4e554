"""``compare``: train the contenders, run the test set once, price the counts, write a run folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spiking.core.counts import Counts, count
from spiking.core.errors import require, unknown
from spiking.core.network import Network
from spiking.core.progress import Progress, Watch, unwatched
from spiking.core.trace import Trace
from spiking.data.dataset import Dataset
from spiking.data.load import NAMES, load
from spiking.hardware import Bill, Chip, load_chip, price
from spiking.simulate import run
from spiking.study.contenders.settings import Settings, settings_for
from spiking.study.contenders.task import CONTENDERS, Task, Trained
from spiking.study.record.folder import check_out, run_folder
from spiking.study.record.manifest import manifest
from spiking.study.report.run_folder import write_run
from spiking.study.results.findings import answer
from spiking.study.results.notebook import notebook_table
from spiking.study.results.on_loihi import accuracy_on_loihi
from spiking.study.results.rows import frame, row

CHIPS = ("generic-45nm", "loihi1")
TEST_SEED = 104_729  # spikes of test samples are drawn apart from those of training
QUICK = {"train": 1000, "test": 300}  # samples of a quick run


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluated:
    """A trained contender and what it did on the test set (counts: means per inference)."""

    model: str
    trained: Trained
    correct: int
    samples: int
    counts: Counts
    validation: tuple[float, float]  # accuracy before and after quantisation
    on_loihi: tuple[float | None, str] | None  # validation accuracy in Loihi's integers, or why not
    seconds: float


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
    *,
    data: str = "digits",
    models: Sequence[str] | None = None,
    chips: Sequence[str] = CHIPS,
    seed: int = 0,
    steps: int | None = None,
    hidden: int | None = None,
    out: str | Path | None = None,
    quick: bool = False,
    data_path: str | Path | None = None,
    progress: Watch | None = None,
) -> Comparison:
    """Train, test and price ``models`` on ``chips``, and write everything to ``out``.

    Args:
        data: a name of :data:`spiking.data.load.NAMES`; ``data_path``: where its files lie.
        models: names of :data:`~spiking.study.contenders.task.CONTENDERS`; all by default.
        chips: names of chips or paths of chip files.
        seed: of the split, the initial weights, the batches and every spike.
        steps: steps per inference of the surrogate and converted network; None takes the tuned ones.
        hidden: hidden units of the MLP, the surrogate and the converted network.
        out: run folder, ``runs/<data>-<seed>`` by default; an earlier run there is replaced.
        quick: train for seconds on few samples, to see that everything works.
        progress: called with a :class:`~spiking.core.progress.Progress` while working, ``who`` a model.

    Returns:
        Where the run lies, its rows, and the answer in words.

    Raises:
        SpikingError: unknown names, numbers out of range, data that cannot be read, or an ``out``
            that is not a run. Nothing is written then.
    """
    require(seed >= 0, f"--seed is {seed}; allowed: 0 or a positive whole number")
    models = list(CONTENDERS) if models is None else _names("model", models, list(CONTENDERS))
    require(len(chips) > 0, "no chip came; name at least one, e.g. generic-45nm")
    devices = {chip.name: chip for chip in map(load_chip, chips)}
    if data not in NAMES:
        raise unknown("data set", data, NAMES)
    settings = settings_for(data).changed(hidden=hidden, steps=steps)
    target = Path(out) if out is not None else Path("runs") / f"{data}-{seed}"
    check_out(target)
    tell = progress or unwatched

    started = time.perf_counter()
    tell(Progress(stage=f"load {data}", done=0, total=1, unit="data set"))
    samples = load(data, path=data_path, seed=seed)
    if quick:
        settings, samples = settings.quick(), _fewer(samples)
    loaded = time.perf_counter()
    tell(Progress(stage=f"load {data}", done=1, total=1, unit="data set"))
    with run_folder(target) as folder:
        integers = any(name.startswith("loihi") for name in devices)
        evaluated = _train_and_test(models, samples, settings, seed, tell, integers)
        bills = {(e.model, chip.name): price(e.counts, chip) for e in evaluated for chip in devices.values()}
        rows = frame(
            row(
                e.model,
                chip,
                correct=e.correct,
                samples=e.samples,
                counts=e.counts,
                bill=bills[e.model, chip],
            )
            for e in evaluated
            for chip in devices
        )
        tell(Progress(stage="write the report", done=0, total=1, unit="folder"))
        seconds = {"load": loaded - started} | {e.model: e.seconds for e in evaluated}
        facts = manifest(
            configuration=_configuration(models, devices, seed, steps, hidden, quick, settings),
            data=_facts(samples),
            seconds=seconds | {"total": time.perf_counter() - started},
        )
        write_run(folder, rows=rows, bills=bills, evaluated=evaluated, data=samples, manifest=facts)
    tell(Progress(stage="write the report", done=1, total=1, unit="folder"))
    return Comparison(path=target, rows=rows, answer=answer(rows, bills), bills=bills)


def _names(kind: str, names: Sequence[str], allowed: Sequence[str]) -> list[str]:
    for name in names:
        if name not in allowed:
            raise unknown(kind, name, allowed)
    require(len(names) > 0, f"no {kind} came; allowed: {', '.join(allowed)}")
    return [name for name in allowed if name in names]


def _fewer(data: Dataset) -> Dataset:
    train, test = QUICK["train"], QUICK["test"]
    return replace(
        data,
        x_train=data.x_train[:train],
        y_train=data.y_train[:train],
        x_test=data.x_test[:test],
        y_test=data.y_test[:test],
        origin=f"{data.origin}; quick: the first {train} training and {test} test samples",
    )


def _train_and_test(
    models: Sequence[str], data: Dataset, settings: Settings, seed: int, tell: Watch, integers: bool
) -> list[Evaluated]:
    task = Task.of(data, settings, seed)
    trained: dict[str, Trained] = {}
    seconds: dict[str, float] = {}
    wanted = [n for name in models for n in (*CONTENDERS[name].needs, name)]
    for name in dict.fromkeys(wanted):
        start = time.perf_counter()
        # the first batch waits for numba; the line is replaced as soon as one is done
        first = "start (the first time, kernels are compiled: up to a minute)"
        tell(Progress(who=name, stage=first, done=0, total=1, unit="samples"))
        trained[name] = CONTENDERS[name].train(task, trained, _labelled(name, tell))
        seconds[name] = time.perf_counter() - start
    return [_test(name, trained[name], task, data, seconds[name], tell, integers=integers) for name in models]


def _labelled(name: str, tell: Watch) -> Watch:
    return lambda event: tell(replace(event, who=name))


def _test(
    name: str,
    trained: Trained,
    task: Task,
    data: Dataset,
    seconds: float,
    tell: Watch,
    *,
    integers: bool,
) -> Evaluated:
    event = Progress(who=name, stage="test", done=0, total=len(data.x_test), unit="samples")
    tell(event)
    trace = _run(trained.network, data.x_test, task.seed)
    correct = int(np.sum(trace.predictions == data.y_test))
    tell(replace(event, done=event.total, accuracy=correct / event.total, seconds=seconds))
    before, after = (
        _run(network, task.x_validation, task.seed + 1).accuracy(task.y_validation)
        for network in (trained.original, trained.network)
    )
    return Evaluated(
        model=name,
        trained=trained,
        correct=correct,
        samples=len(data.x_test),
        counts=count(trained.network, trace).mean(),
        validation=(before, after),
        on_loihi=_in_integers(trained.original, task) if integers else None,
        seconds=seconds,
    )


def _in_integers(network: Network, task: Task) -> tuple[float | None, str] | None:
    if not network.spiking:
        return None
    return accuracy_on_loihi(network, task.x_validation, task.y_validation, task.seed + 1)


def _run(network: Network, x: Any, seed: int) -> Trace:
    return run(network, x, seed=seed + TEST_SEED)


def _configuration(
    models: Sequence[str],
    chips: Mapping[str, Chip],
    seed: int,
    steps: int | None,
    hidden: int | None,
    quick: bool,
    settings: Settings,
) -> dict[str, Any]:
    return {
        "models": list(models),
        "chips": list(chips),
        "seed": seed,
        "steps": steps,
        "hidden": hidden,
        "quick": quick,
        "settings": asdict(settings),
    }


def _facts(data: Dataset) -> dict[str, Any]:
    return {
        "name": data.name,
        "origin": data.origin,
        "checksum": data.checksum,
        "train_samples": len(data.x_train),
        "test_samples": len(data.x_test),
        "features": data.features,
        "classes": data.classes,
    }
