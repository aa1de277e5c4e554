"""``train``: one network by gradient, with checkpoints that resume to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.bridges.nir import save as save_nir
from spiking.core import check
from spiking.core.check import LARGEST_SEED
from spiking.core.errors import unknown
from spiking.core.files import write_json, write_text
from spiking.core.progress import Watch, unwatched
from spiking.data.dataset import Dataset
from spiking.data.load import load
from spiking.data.sets import DATA_SETS
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.simulate import run
from spiking.study.compare import TEST_SEED
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.settings import Settings, settings_for
from spiking.study.contenders.task import Task, Trained
from spiking.study.figures.learning import learning_curves
from spiking.study.figures.style import save as save_figure
from spiking.study.record.manifest import manifest
from spiking.study.train.folder import training_folder

KIND = "training"  # of the run, in its manifest
CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """A finished training: its folder, epochs, best validation accuracy, test accuracy."""

    path: Path
    epochs: int
    validation_accuracy: float
    test_accuracy: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What :func:`train` trains on, where it writes, and what differs from the tuned settings.

    Attributes:
        data: name of a data set; data_path: where its files lie.
        out: folder, ``runs/train-<model>-<data>-<seed>`` by default. It holds ``checkpoint.npz``
            while training, and at the end ``model.nir``, ``history.csv``, ``training.json``,
            ``manifest.json`` and ``figures/``.
        resume: continue from the checkpoint in ``out``.
        seed: of the split, the initial weights, the batches and every spike.
        hidden, steps: units of the hidden layer, steps per inference; None takes the tuned ones.
        weight_bits: round weights to 2 to 8 bits while training (straight-through).
        options: fields of :class:`~spiking.learn.fit.FitConfig` in place of the tuned ones; None
            is no change.
    """

    data: str = "digits"
    data_path: str | Path | None = None
    out: str | Path | None = None
    resume: bool = False
    seed: int = 0
    hidden: int | None = None
    steps: int | None = None
    weight_bits: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        DATA_SETS[self.data]
        check.flag("resume", self.resume)
        check.seed(self.seed, "--seed")
        check.path("data_path", self.data_path)
        check.path("out", self.out)
        for name in ("hidden", "steps"):
            if getattr(self, name) is not None:
                check.whole(f"--{name}", getattr(self, name), 1, 100_000)
        if self.weight_bits is not None:
            check.whole("--weight-bits", self.weight_bits, 2, 8)
        options = check.instance("options", self.options, Mapping)  # type: ignore[type-abstract]
        for name in options:
            check.text("the name of an option", name)

    def folder(self, model: str) -> Path:
        """Where the training goes, checked.

        Raises:
            SpikingError: a place that cannot be written, holds something else, or a training already.
        """
        default = Path("runs") / f"train-{model}-{self.data}-{self.seed}"
        folder = default if self.out is None else Path(self.out)
        return training_folder(folder, KIND, CHECKPOINT, self.resume)

    def settings(self, model: str, folder: Path) -> Settings:
        """The tuned settings of ``model`` with what was asked for."""
        rounding = None if self.weight_bits is None else StraightThrough(weight_bits=self.weight_bits)
        own = {"checkpoint": folder / CHECKPOINT, "resume": self.resume, "quantise": rounding}
        given = {k: v for k, v in self.options.items() if v is not None}
        tuned = settings_for(self.data, [CONTENDERS[model]]).changed(hidden=self.hidden, steps=self.steps)
        return tuned.having(model, **given, **own)

    def facts(self) -> dict[str, Any]:
        """What the manifest says of it."""
        names = ("seed", "hidden", "steps", "weight_bits")
        return {name: getattr(self, name) for name in names} | {
            "options": {k: v for k, v in self.options.items() if v is not None}
        }


def train(
    model: str, *, config: TrainConfig | None = None, progress: Watch | None = None, **options: Any
) -> Training:
    """Train the contender called ``model``, one that is fitted by gradient, and write it into a folder.

    ``options`` are fields of :class:`TrainConfig`, which take the place of those in ``config``.

    Raises:
        SpikingError: unknown names, numbers out of range, a folder with something else or a training in it,
            a checkpoint of another training or of other data.
        KeyboardInterrupt: after a signal; the checkpoint is in the folder then.
    """
    resumable = [name for name in CONTENDERS.names() if CONTENDERS[name].resumable]
    if model not in resumable:
        raise unknown("model", model, resumable, "STDP is trained by `spiking train stdp`")
    config = check.configured(TrainConfig, config, options, "train", ("model", "config", "progress"))
    folder = config.folder(model)
    settings = config.settings(model, folder)
    samples = load(config.data, path=config.data_path, seed=config.seed)
    task = Task.of(samples, settings, config.seed)
    tell = progress or unwatched
    made = CONTENDERS[model].train(task.given({}, lambda event: tell(replace(event, who=model))))
    accuracy = run(
        made.original, samples.x_test, seed=(config.seed + TEST_SEED) % (LARGEST_SEED + 1)
    ).accuracy(samples.y_test)
    done = Training(
        path=folder,
        epochs=len(made.history),
        validation_accuracy=max(row["validation_accuracy"] for row in made.history),
        test_accuracy=accuracy,
        seconds=made.history[-1]["seconds"],
    )
    _write(done, made, model, samples, config, len(task.x))
    return done


def _write(
    done: Training, made: Trained, model: str, samples: Dataset, config: TrainConfig, shown: int
) -> None:
    """Write network, history, figure and results; the manifest, which says it is finished, comes last."""
    folder = done.path
    save_nir(made.original, folder / "model.nir")
    write_text(folder / "history.csv", pd.DataFrame(made.history).to_csv(index=False))
    figure = learning_curves({model: made.history}, title=f"{config.data}, {shown} training samples")
    save_figure(figure, folder / "figures", "learning_curves")
    facts = {k: v for k, v in vars(done).items() if k != "path"}
    write_json(folder / "training.json", facts | {"model": model, "data": config.data, "seed": config.seed})
    written = manifest(
        KIND,
        configuration={"model": model, **config.facts()},
        data={"name": config.data, "checksum": samples.checksum},
        seconds={"training": done.seconds},
    )
    write_json(folder / "manifest.json", written)
