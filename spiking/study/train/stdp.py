"""``train stdp``: Diehl & Cook's network on a data set, over seeds, with figures and checkpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spiking.bridges.nir import save as save_nir
from spiking.core.coding.decode import Assigned
from spiking.core.delays import merged
from spiking.core.errors import require, unknown
from spiking.core.files import write_json, write_text
from spiking.core.network import Network
from spiking.core.parts import Output
from spiking.core.plasticity import rule as rule_called
from spiking.core.progress import Progress, Watch, unwatched
from spiking.data.dataset import Dataset
from spiking.data.load import load
from spiking.data.sets import DATA_SETS
from spiking.learn.stdp import default_rate, learn_stdp, responses
from spiking.learn.stdp.label import LABELLINGS, votes
from spiking.learn.stdp.network import DURATION, EXCITATORY, freeze, paced, paced_rule, stdp_network
from spiking.study.compare import TEST_SEED
from spiking.study.figures.receptive_fields import receptive_fields
from spiking.study.figures.style import save as save_figure
from spiking.study.record.folder import check_out
from spiking.study.record.manifest import manifest
from spiking.study.results.rows import wilson

LABEL_SEED = 7_919  # spikes for labelling are drawn apart from learning, as are those for testing
INPUT_DELAY = 10e-3  # longest of the paper's random delays [s]
FIGURE_EVERY = 10_000  # samples between two pictures


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedSTDP:
    """Rows (one per seed and labelling) of a finished training and its folder."""

    path: Path
    rows: pd.DataFrame
    labelling: str

    @property
    def accuracy(self) -> float:
        """Mean test accuracy over the seeds with the labelling that was asked for."""
        return float(self.rows.loc[self.rows["labelling"] == self.labelling, "accuracy"].mean())


def train_stdp(
    *,
    data: str = "mnist",
    data_path: str | Path | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    seed: int = 0,
    seeds: int = 1,
    neurons: int = 400,
    images: int | None = None,
    rule: str = "diehl-cook",
    labelling: str = "proportion",
    label_images: int = 10_000,
    batch: int = 1,
    paper: bool = False,
    progress: Watch | None = None,
) -> TrainedSTDP:
    """Learn ``data`` without labels, label the neurons on training data, test; write it all to ``out``.

    Args:
        out: folder, ``runs/train-stdp-<data>-<neurons>-<seed>`` by default: ``rows.csv``,
            ``manifest.json``, ``model-<seed>.nir``, ``figures/`` and, while learning, checkpoints.
        resume: go on from the checkpoints in ``out``.
        seeds: how many seeds from ``seed`` on. images: samples shown; by default one pass.
        rule: name of a rule of :data:`spiking.core.plasticity.RULES`.
        batch: samples that learn at a time; 1 is exact.
        paper: explicit inhibitory neurons, random input delays up to 10 ms, several spikes per step, state
            that flows from image to image with 150 ms of rest, fixed adaptation (Diehl & Cook 2015), instead
            of our fast mode.

    Raises:
        SpikingError: unknown names, an ``out`` with a training in it, whatever learning refuses.
    """
    DATA_SETS[data]
    if labelling not in LABELLINGS:
        raise unknown("labelling", labelling, LABELLINGS)
    rule_called(rule)
    require(seed >= 0, f"--seed is {seed}; allowed: 0 or a positive whole number")
    require(seeds >= 1, f"--seeds is {seeds}; allowed: 1 or more")
    require(images is None or images >= 1, f"--images is {images}; allowed: 1 or more")
    folder = Path(out) if out is not None else Path("runs") / f"train-stdp-{data}-{neurons}-{seed}"
    check_out(folder, "STDP training", marks=("checkpoint-*.npz", "rows.csv"))
    held = folder.exists() and (any(folder.glob("checkpoint-*.npz")) or (folder / "rows.csv").exists())
    require(
        resume or not held,
        f"--out {folder} holds a training already; give --resume to go on with it, or choose another --out",
    )
    samples = load(data, path=data_path, seed=seed)
    shown = len(samples.x_train) if images is None else images
    tell = progress or unwatched
    rows: list[dict[str, Any]] = []
    seconds = {}
    for k in range(seed, seed + seeds):
        start = time.perf_counter()
        network = _start(samples, neurons, shown, rule, paper, k)
        learned, took, cpu = _learn(network, samples, shown, k, folder, batch, paper, tell)
        rows += _test(learned, samples, labelling, label_images, k, folder, took, cpu)
        seconds[f"seed {k}"] = time.perf_counter() - start
    table = pd.DataFrame(rows)
    table.insert(0, "neurons", neurons)
    table.insert(1, "images", shown)
    write_text(folder / "rows.csv", table.to_csv(index=False))
    facts = manifest(
        "STDP training",
        configuration={
            "model": "stdp", "neurons": neurons, "images": shown, "rule": rule, "labelling": labelling,
            "label_images": label_images, "seed": seed, "seeds": seeds, "batch": batch, "paper": paper,
        },
        data={"name": data, "checksum": samples.checksum},
        seconds=seconds,
    )  # fmt: skip
    write_json(folder / "manifest.json", facts)
    return TrainedSTDP(path=folder, rows=table, labelling=labelling)


def _start(samples: Dataset, neurons: int, images: int, rule: str, paper: bool, seed: int) -> Network:
    rate = default_rate(samples.x_train)
    options: dict[str, Any] = {"neurons": neurons, "rule": rule, "seed": seed, "rate": rate}
    if paper:
        # without the paper's random delays all units fire together, and their thresholds silence them
        options |= {"lateral": "explicit", "winners": None, "input_delay": INPUT_DELAY}
        return stdp_network(samples.features, **options)
    unit = paced(EXCITATORY, neurons=neurons, images=images, duration=DURATION)
    options["rule"] = paced_rule(rule_called(rule), neurons=neurons)
    return stdp_network(samples.features, unit=unit, **options)


def _learn(
    network: Network,
    samples: Dataset,
    images: int,
    seed: int,
    folder: Path,
    batch: int,
    paper: bool,
    tell: Watch,
) -> tuple[Network, float, float]:
    """Learn with pictures on the way; return the network, seconds and processor seconds of learning alone."""
    drawn, drawn_cpu = 0.0, 0.0

    def watch(event: Progress) -> None:
        nonlocal drawn, drawn_cpu
        before, before_cpu = time.perf_counter(), time.process_time()
        done, shape = event.done, samples.image_shape
        if shape and event.network and (done == event.total or done % FIGURE_EVERY == 0):
            ways = [c for c in event.network().connections if c.plasticity is not None]
            weight = merged(ways)[0]
            figure = receptive_fields(weight, shape, title=f"{done} images of {samples.name}")
            save_figure(figure, folder / "figures", f"receptive_fields-{seed}")
        now = "" if event.accuracy is None else f", {event.accuracy:.1%} of new images right"
        tell(replace(event, who=f"seed {seed}", stage=f"STDP{now}", network=None))
        drawn += time.perf_counter() - before
        drawn_cpu += time.process_time() - before_cpu

    start, start_cpu = time.perf_counter(), time.process_time()
    protocol: dict[str, Any] = {"rest": 150e-3, "carry": True} if paper else {}
    learned = learn_stdp(
        network, samples.x_train, samples.y_train, images=images, seed=seed, batch=batch,
        checkpoint=folder / f"checkpoint-{seed}.npz", progress=watch, **protocol,
    )  # fmt: skip
    return learned, time.perf_counter() - start - drawn, time.process_time() - start_cpu - drawn_cpu


def _test(
    learned: Network,
    samples: Dataset,
    labelling: str,
    labelled: int,
    seed: int,
    folder: Path,
    took: float,
    cpu: float,
) -> list[dict[str, Any]]:
    """Accuracy under every labelling; the network is saved with the one that was asked for."""
    frozen = freeze(learned)
    x, y = samples.x_train[:labelled], samples.y_train[:labelled]
    seen = responses(frozen, x, seed=seed + LABEL_SEED)
    answers = responses(frozen, samples.x_test, seed=seed + TEST_SEED)
    rows = []
    for method in LABELLINGS:
        decoder = Assigned(votes=votes(seen, y, classes=samples.classes, method=method))
        hits = int(np.sum(decoder.scores(answers).argmax(axis=1) == samples.y_test))
        low, high = wilson(hits, len(samples.y_test))
        rows.append(
            {
                "seed": seed, "labelling": method, "accuracy": hits / len(samples.y_test),
                "accuracy_low": low, "accuracy_high": high, "seconds": took,
                "cpu_seconds": cpu,
                "spikes_per_inference": float(answers.sum(axis=1).mean()),
                "plastic_updates": plastic_updates(learned),
            }
        )  # fmt: skip
        if method == labelling:
            output = Output(population=frozen.output.population, decoder=decoder)
            save_nir(frozen.replace(output=output), folder / f"model-{seed}.nir")
    return rows


def plastic_updates(learned: Network) -> int:
    """Synaptic updates of learning: a row for each input spike, a column for each spike of a unit."""
    features, units = learned.connections[0].weight.shape
    facts = learned.metadata["stdp"]
    return int(facts["input_spikes"] * units + facts["spikes"] * features)
