"""``train stdp``: Diehl & Cook's network on a data set, over seeds, with figures and checkpoints."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spiking.bridges.nir import save as save_nir
from spiking.core import check
from spiking.core.check import LARGEST_SEED
from spiking.core.coding.decode import Assigned
from spiking.core.files import write_json, write_text
from spiking.core.network import Network
from spiking.core.parts import Output
from spiking.core.plasticity import rule as rule_called
from spiking.core.progress import Progress, Watch, unwatched
from spiking.core.synapses.delays import merged
from spiking.data.dataset import Dataset
from spiking.data.load import load
from spiking.data.sets import DATA_SETS
from spiking.learn.counts import plastic_updates
from spiking.learn.stdp import LearnConfig, default_rate, learn_stdp, responses, stdp_network
from spiking.learn.stdp.label import LABELLINGS, votes
from spiking.learn.stdp.network import DURATION, EXCITATORY, NetworkConfig, freeze, paced, paced_rule
from spiking.study.compare import TEST_SEED
from spiking.study.figures.receptive_fields import receptive_fields
from spiking.study.figures.style import save as save_figure
from spiking.study.record.manifest import manifest
from spiking.study.results.rows import wilson
from spiking.study.train.folder import training_folder

KIND = "STDP training"  # of the run, in its manifest
CHECKPOINTS = "checkpoint-*.npz"
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


@dataclass(frozen=True, kw_only=True)
class STDPConfig:
    """What :func:`train_stdp` trains, on what, and where it writes.

    Attributes:
        data: name of a data set; data_path: where its files lie.
        out: folder, ``runs/train-stdp-<data>-<neurons>-<seed>`` by default: ``rows.csv``,
            ``manifest.json``, ``model-<seed>.nir``, ``figures/`` and, while learning, checkpoints.
        resume: go on from the checkpoints in ``out``.
        seeds: how many seeds from ``seed`` on. images: samples shown; by default one pass.
        neurons: excitatory units. rule: name of a rule of :data:`spiking.core.plasticity.RULES`.
        labelling: method of :func:`spiking.learn.stdp.label.votes`; label_images: samples it reads.
        batch: samples that learn at a time; 1 is exact.
        paper: explicit inhibitory neurons, random input delays up to 10 ms, several spikes per step, state
            that flows from image to image with 150 ms of rest, fixed adaptation (Diehl & Cook 2015), instead
            of our fast mode.
    """

    data: str = "mnist"
    data_path: str | Path | None = None
    out: str | Path | None = None
    resume: bool = False
    seed: int = 0
    seeds: int = 1
    neurons: int = 400
    images: int | None = None
    rule: str = "diehl-cook"
    labelling: str = "proportion"
    label_images: int = 10_000
    batch: int = 1
    paper: bool = False

    def __post_init__(self) -> None:
        DATA_SETS[self.data]
        check.path("data_path", self.data_path)
        check.path("out", self.out)
        check.choice("labelling", self.labelling, LABELLINGS)
        rule_called(self.rule)
        check.flag("resume", self.resume)
        check.flag("paper", self.paper)
        check.seed(self.seed, "--seed")
        check.whole("--seeds", self.seeds, 1, LARGEST_SEED - self.seed)
        check.whole("--label-images", self.label_images, 1)
        _ = NetworkConfig(neurons=self.neurons), self.learning(self.seed)  # each checks its own

    def learning(self, seed: int) -> LearnConfig:
        """How samples are shown."""
        protocol: dict[str, Any] = {"rest": 150e-3, "carry": True} if self.paper else {}
        return LearnConfig(images=self.images, seed=seed, batch=self.batch, **protocol)

    def folder(self) -> Path:
        """Where the training goes, checked.

        Raises:
            SpikingError: a place that cannot be written, holds something else, or a training already.
        """
        default = Path("runs") / f"train-stdp-{self.data}-{self.neurons}-{self.seed}"
        folder = default if self.out is None else Path(self.out)
        return training_folder(folder, KIND, CHECKPOINTS, self.resume)

    def start(self, samples: Dataset, seed: int) -> Network:
        """The untrained network of one seed."""
        rate = default_rate(samples.x_train)
        plain = NetworkConfig(neurons=self.neurons, rule=self.rule, seed=seed, rate=rate)
        if self.paper:
            # without the paper's random delays all units fire together, and their thresholds silence them
            return stdp_network(
                samples.features, config=plain, lateral="explicit", winners=None, input_delay=INPUT_DELAY
            )
        shown = self.learning(seed).total(len(samples.x_train))
        unit = paced(EXCITATORY, neurons=self.neurons, images=shown, duration=DURATION)
        rule = paced_rule(rule_called(self.rule), neurons=self.neurons)
        return stdp_network(samples.features, config=plain, unit=unit, rule=rule)


def train_stdp(
    *, config: STDPConfig | None = None, progress: Watch | None = None, **options: Any
) -> TrainedSTDP:
    """Learn without labels, label the neurons on training data, test; write it all into a folder.

    ``options`` are fields of :class:`STDPConfig`, which take the place of those in ``config``.

    Raises:
        SpikingError: unknown names, numbers out of range, a folder with something else or a training in it,
            whatever learning refuses.
        KeyboardInterrupt: after a signal; the checkpoint is in the folder then.
    """
    config = check.configured(STDPConfig, config, options, "train_stdp", ("config", "progress"))
    folder = config.folder()
    samples = load(config.data, path=config.data_path, seed=config.seed)
    shown = config.learning(config.seed).total(len(samples.x_train))
    rows: list[dict[str, Any]] = []
    seconds = {}
    for seed in range(config.seed, config.seed + config.seeds):
        start = time.perf_counter()
        lesson = _Lesson(config, samples, folder, seed, progress or unwatched)
        learned = lesson.learn()
        rows += [{**row, **lesson.times()} for row in _test(learned, samples, config, folder, seed)]
        seconds[f"seed {seed}"] = time.perf_counter() - start
    table = pd.DataFrame(rows)
    table.insert(0, "neurons", config.neurons)
    table.insert(1, "images", shown)
    write_text(folder / "rows.csv", table.to_csv(index=False))
    facts = {
        k: v for k, v in dataclasses.asdict(config).items() if k not in ("data", "data_path", "out", "resume")
    }
    written = manifest(
        KIND,
        configuration={"model": "stdp", **facts, "images": shown},
        data={"name": config.data, "checksum": samples.checksum},
        seconds=seconds,
    )
    write_json(folder / "manifest.json", written)
    return TrainedSTDP(path=folder, rows=table, labelling=config.labelling)


class _Lesson:
    """One seed: learning with pictures on the way, and the time of learning alone."""

    def __init__(self, config: STDPConfig, samples: Dataset, folder: Path, seed: int, tell: Watch) -> None:
        self.config, self.samples, self.folder, self.seed, self.tell = config, samples, folder, seed, tell
        self.wall = self.cpu = 0.0  # of learning [s]

    def learn(self) -> Network:
        """Return the network after learning."""
        network = self.config.start(self.samples, self.seed)
        wall, cpu = time.perf_counter(), time.process_time()
        learned = learn_stdp(
            network,
            self.samples.x_train,
            self.samples.y_train,
            config=self.config.learning(self.seed),
            checkpoint=self.folder / f"checkpoint-{self.seed}.npz",
            progress=self._watch,
        )
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        return learned

    def times(self) -> dict[str, float]:
        """Seconds and processor seconds of learning, without pictures."""
        return {"seconds": self.wall, "cpu_seconds": self.cpu}

    def _watch(self, event: Progress) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        done, shape = event.done, self.samples.image_shape
        if shape and event.network and (done == event.total or done % FIGURE_EVERY == 0):
            ways = [c for c in event.network().connections if c.plasticity is not None]
            title = f"{done} images of {self.samples.name}"
            figure = receptive_fields(merged(ways)[0], shape, title=title)
            save_figure(figure, self.folder / "figures", f"receptive_fields-{self.seed}")
        now = "" if event.accuracy is None else f", {event.accuracy:.1%} of new images right"
        self.tell(replace(event, who=f"seed {self.seed}", stage=f"STDP{now}", network=None))
        self.wall -= time.perf_counter() - wall
        self.cpu -= time.process_time() - cpu


def _test(
    learned: Network, samples: Dataset, config: STDPConfig, folder: Path, seed: int
) -> list[dict[str, Any]]:
    """Accuracy under every labelling; the network is saved with the one that was asked for."""
    frozen, few = freeze(learned), slice(0, config.label_images)
    x, y = samples.x_train[few], samples.y_train[few]
    seen = responses(frozen, x, seed=_apart(seed, LABEL_SEED))
    answers = responses(frozen, samples.x_test, seed=_apart(seed, TEST_SEED))
    rows = []
    for method in LABELLINGS:
        decoder = Assigned(votes=votes(seen, y, classes=samples.classes, method=method))
        hits = int(np.sum(decoder.scores(answers).argmax(axis=1) == samples.y_test))
        low, high = wilson(hits, len(samples.y_test))
        rows.append(
            {
                "seed": seed,
                "labelling": method,
                "accuracy": hits / len(samples.y_test),
                "accuracy_low": low,
                "accuracy_high": high,
                "spikes_per_inference": float(answers.sum(axis=1).mean()),
                "plastic_updates": plastic_updates(learned),
            }
        )
        if method == config.labelling:
            output = Output(population=frozen.output.population, decoder=decoder)
            save_nir(frozen.replace(output=output), folder / f"model-{seed}.nir")
    return rows


def _apart(seed: int, by: int) -> int:
    return (seed + by) % (LARGEST_SEED + 1)
