"""``train``: one network by gradient, with checkpoints that resume to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.bridges.nir import save as save_nir
from spiking.core.errors import require, unknown
from spiking.core.files import write_json, write_text
from spiking.core.progress import Watch, unwatched
from spiking.data.load import load
from spiking.data.sets import DATA_SETS
from spiking.learn.gradient.straight_through import StraightThrough
from spiking.simulate import run
from spiking.study.compare import TEST_SEED
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import Task
from spiking.study.figures.learning import learning_curves
from spiking.study.figures.style import save as save_figure
from spiking.study.record.folder import check_out

MODELS = ("mlp", "surrogate")
CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """A finished training: its folder, epochs, best validation accuracy, test accuracy."""

    path: Path
    epochs: int
    validation_accuracy: float
    test_accuracy: float
    seconds: float


def train(
    model: str,
    *,
    data: str = "digits",
    data_path: str | Path | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    seed: int = 0,
    hidden: int | None = None,
    steps: int | None = None,
    weight_bits: int | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Watch | None = None,
) -> Training:
    """Train ``model`` (``"mlp"`` or ``"surrogate"``) and write it into the folder ``out``.

    Args:
        out: folder, ``runs/train-<model>-<data>-<seed>`` by default. It holds ``checkpoint.npz``
            while training, and at the end ``model.nir``, ``history.csv``, ``training.json`` and
            ``figures/``.
        resume: continue from the checkpoint in ``out``.
        weight_bits: round weights to 2 to 8 bits while training (straight-through).
        options: further arguments of :func:`spiking.learn.fit.fit` in place of the tuned ones.

    Raises:
        SpikingError: unknown names, numbers out of range, an ``out`` with a training already in it.
    """
    if model not in MODELS:
        raise unknown("model", model, MODELS, "STDP is trained by `spiking train stdp`")
    DATA_SETS[data]
    require(seed >= 0, f"--seed is {seed}; allowed: 0 or a positive whole number")
    folder = Path(out) if out is not None else Path("runs") / f"train-{model}-{data}-{seed}"
    checkpoint = folder / CHECKPOINT
    check_out(folder, "training", marks=(CHECKPOINT, "model.nir"))
    require(
        resume or not (checkpoint.exists() or (folder / "model.nir").exists()),
        f"--out {folder} holds a training already; give --resume to go on with it, or choose another --out",
    )
    rounding = None if weight_bits is None else StraightThrough(weight_bits=weight_bits)
    settings = settings_for(data, [CONTENDERS[model]]).changed(hidden=hidden, steps=steps)
    own = {"checkpoint": checkpoint, "resume": resume, "quantise": rounding}
    given = {k: v for k, v in (options or {}).items() if v is not None}
    settings = settings.having(model, **given, **own)
    samples = load(data, path=data_path, seed=seed)
    task = Task.of(samples, settings, seed)
    tell = progress or unwatched
    made = CONTENDERS[model].train(task.given({}, lambda event: tell(replace(event, who=model))))
    accuracy = run(made.original, samples.x_test, seed=seed + TEST_SEED).accuracy(samples.y_test)
    done = Training(
        path=folder,
        epochs=len(made.history),
        validation_accuracy=max(row["validation_accuracy"] for row in made.history),
        test_accuracy=accuracy,
        seconds=made.history[-1]["seconds"],
    )
    save_nir(made.original, folder / "model.nir")
    write_text(folder / "history.csv", pd.DataFrame(made.history).to_csv(index=False))
    figure = learning_curves({model: made.history}, title=f"{data}, {len(task.x)} training samples")
    save_figure(figure, folder / "figures", "learning_curves")
    facts = {k: v for k, v in vars(done).items() if k != "path"} | {
        "model": model,
        "data": data,
        "seed": seed,
    }
    write_json(folder / "training.json", facts)
    return done
