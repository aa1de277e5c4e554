"""Running experiments and writing what they found: a folder that is there whole or not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from spiking.core.errors import SpikingError
from spiking.core.progress import Watch, unwatched
from spiking.data.load import load
from spiking.study.figures.style import save, style
from spiking.study.gallery import EXPERIMENTS, experiment_names
from spiking.study.gallery.experiment import Asked, Experiment, Finding
from spiking.study.gallery.page import index_page
from spiking.study.record.folder import check_out, run_folder
from spiking.study.record.manifest import manifest


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """An experiment, what it found, where the files lie, and how long it took [s]."""

    experiment: Experiment
    finding: Finding
    path: Path
    seconds: float


def run_experiment(
    name: str,
    *,
    seed: int = 0,
    quick: bool = False,
    out: str | Path | None = None,
    progress: Watch | None = None,
) -> Shown:
    """Run the experiment called ``name`` and write figure, ``rows.csv`` and ``verdict.json`` into ``out``.

    Args:
        seed: of everything that is drawn. quick: seconds instead of a minute.
        out: folder, ``runs/gallery-NAME-SEED`` by default; an earlier experiment there is replaced.
        progress: called with a :class:`~spiking.core.progress.Progress` while working.

    Raises:
        SpikingError: an unknown name, data that are not there (with the experiments that need none), or an
            ``out`` that is no experiment. Nothing is written then.
    """
    experiment = EXPERIMENTS[name]
    asked = Asked(seed=seed, quick=quick, progress=progress or unwatched)
    target = Path(out) if out is not None else Path("runs") / f"gallery-{name}-{seed}"
    check_out(target, "experiment")
    check_data(experiment)
    with run_folder(target, "experiment") as folder:
        shown = _run(experiment, asked, folder)
    return Shown(experiment=experiment, finding=shown.finding, path=target, seconds=shown.seconds)


def run_all(
    *, seed: int = 0, quick: bool = False, out: str | Path | None = None, progress: Watch | None = None
) -> tuple[Path, list[Shown], dict[str, str]]:
    """Run every experiment whose data are there; return the folder, what was found, and what is missing.

    The folder, ``runs/gallery-SEED`` by default, holds one folder for each and ``index.html``.

    Raises:
        SpikingError: an ``out`` that is no gallery. Nothing is written then.
    """
    asked = Asked(seed=seed, quick=quick, progress=progress or unwatched)
    target = Path(out) if out is not None else Path("runs") / f"gallery-{seed}"
    check_out(target, "gallery")
    shown, missing = [], {}
    with run_folder(target, "gallery") as folder:
        for name in experiment_names():
            try:
                check_data(EXPERIMENTS[name])
            except SpikingError as error:
                missing[name] = str(error)
                continue
            shown.append(_run(EXPERIMENTS[name], asked, folder / name))
        found = [(s.experiment, s.finding) for s in shown]
        (folder / "index.html").write_text(index_page(found, missing), encoding="utf-8")
        _json(
            folder / "manifest.json",
            _manifest("gallery", asked, {s.experiment.name: s.seconds for s in shown}),
        )
    return target, shown, missing


def check_data(experiment: Experiment) -> None:
    """Raise :class:`SpikingError` where data are missing, and say which experiments run without any."""
    for name in experiment.data:
        try:
            load(name)
        except SpikingError as error:
            free = [n for n in experiment_names() if not EXPERIMENTS[n].data]
            raise SpikingError(
                f"{experiment.name} needs the data set {name!r}, which is not here: {error}; these run "
                f"without any data: {', '.join(free)}"
            ) from None


def _run(experiment: Experiment, asked: Asked, folder: Path) -> Shown:
    start = time.perf_counter()
    folder.mkdir(exist_ok=True)
    with threadpool_limits(1, user_api="blas"):  # matrices are small: more threads would wait for each other
        finding = experiment.run(asked)
    finding.table.to_csv(folder / "rows.csv", index=False)
    _json(folder / "verdict.json", [c.to_dict() for c in finding.checks])
    with style():
        save(experiment.draw(finding), folder, experiment.name)
    seconds = time.perf_counter() - start
    facts = _manifest("experiment", asked, {experiment.name: seconds})
    said = {"question": experiment.question, "found": list(finding.sentences), "energy": finding.energy}
    _json(folder / "manifest.json", facts | {"experiment": experiment.name} | said)
    return Shown(experiment=experiment, finding=finding, path=folder, seconds=seconds)


def _manifest(kind: str, asked: Asked, seconds: Mapping[str, float]) -> dict[str, Any]:
    options = {"seed": asked.seed, "quick": asked.quick}
    return manifest(kind, configuration=options, data={}, seconds=seconds)


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
