"""Where a training stands: all that a checkpoint must hold to go on to the same bits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.progress import Progress
from spiking.learn import checkpoint
from spiking.learn.checkpoint import Identity
from spiking.learn.gradient.optimise import OptimiserState
from spiking.simulate.program import Program

ROW = ("epoch", "loss", "accuracy", "validation_accuracy", "seconds")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much there is to do: ``epochs`` over ``samples`` samples, ``batch_size`` at a time."""

    epochs: int
    samples: int
    batch_size: int

    @property
    def batches(self) -> int:
        """Updates of an epoch."""
        return -(-self.samples // self.batch_size)


class TrainingState:
    """Epoch, batch, running sums, history and best parameters of a training."""

    def __init__(self, program: Program, optimise: OptimiserState, plan: Plan) -> None:
        self.program, self.optimise, self.plan = program, optimise, plan
        self.epoch = self.batch = self.seen = self.hits = 0
        self.loss = self.seconds = 0.0
        self.history: list[dict[str, float]] = []
        self.best, self.best_accuracy, self.best_epoch = program.parameters.copy(), -1.0, 0

    def count(self, loss: float, hits: int, samples: int) -> None:
        """Add one batch: its summed loss, its correct answers, its size."""
        self.loss += loss
        self.hits += hits
        self.seen += samples
        self.batch += 1

    def report(self) -> Progress:
        """What a progress bar shows."""
        return Progress(
            stage=f"epoch {self.epoch + 1}/{self.plan.epochs}",
            done=self.epoch * self.plan.samples + self.seen,
            total=self.plan.epochs * self.plan.samples,
            unit="samples",
            loss=self.loss / self.seen,
            accuracy=self.hits / self.seen,
        )

    def end_epoch(self, validation_accuracy: float, seconds: float) -> None:
        """Write the epoch into the history and keep its parameters if they are the best."""
        row = (self.epoch + 1, self.loss / self.seen, self.hits / self.seen, validation_accuracy, seconds)
        self.history.append(dict(zip(ROW, row, strict=True)))
        if validation_accuracy > self.best_accuracy:
            self.best[:] = self.program.parameters
            self.best_accuracy, self.best_epoch = validation_accuracy, self.epoch
        self.epoch += 1
        self.batch = self.seen = self.hits = 0
        self.loss = self.seconds = 0.0

    def patience_ends(self, patience: int | None) -> bool:
        """Whether ``patience`` epochs have passed since the best one (never without validation)."""
        return (
            patience is not None and self.best_accuracy >= 0 and self.epoch - 1 - self.best_epoch >= patience
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "parameters": self.program.parameters,
            "first": self.optimise.first,
            "second": self.optimise.second,
            "best": self.best,
        }

    def save(self, path: Path, identity: Identity) -> None:
        """Write the checkpoint."""
        counters = {name: getattr(self, name) for name in ("epoch", "batch", "hits", "loss", "seconds")}
        checkpoint.save(path, identity, self._arrays(), {**counters, "history": self.history})

    def load(self, path: Path, identity: Identity) -> None:
        """Go back to where a checkpoint was written; what is not in it follows from it.

        Raises:
            SpikingError: no checkpoint, a damaged one, or counters that contradict each other.
        """
        arrays, counters = checkpoint.load(path, identity, self._arrays())
        try:
            self._check(arrays, counters)
        except (SpikingError, KeyError, TypeError, AttributeError) as error:
            raise SpikingError(
                f"the checkpoint {path} contradicts itself ({error}); delete it and start without resume"
            ) from None
        for name, own in self._arrays().items():
            own[:] = arrays[name]
        self.history = [dict(row) for row in counters["history"]]
        self.epoch, self.batch, self.hits = (int(counters[k]) for k in ("epoch", "batch", "hits"))
        self.loss, self.seconds = float(counters["loss"]), float(counters["seconds"])
        self.seen = min(self.batch * self.plan.batch_size, self.plan.samples)
        self.optimise.updates = self.epoch * self.plan.batches + self.batch
        for k, row in enumerate(self.history):
            if row["validation_accuracy"] > self.best_accuracy:
                self.best_accuracy, self.best_epoch = row["validation_accuracy"], k

    def _check(self, arrays: dict[str, NDArray[Any]], counters: dict[str, Any]) -> None:
        """Every value in its range, and each counter in keeping with the others."""
        for name, array in arrays.items():
            require(bool(np.isfinite(array).all()), f"{name} holds NaN or infinite numbers")
        require(bool((arrays["second"] >= 0).all()), "second holds negative mean squares")
        epoch = check.whole("epoch", counters["epoch"], 0, self.plan.epochs)
        batch = check.whole(
            "batch", counters["batch"], 0, self.plan.batches if epoch < self.plan.epochs else 0
        )
        seen = min(batch * self.plan.batch_size, self.plan.samples)
        check.whole("hits", counters["hits"], 0, seen)
        check.number("loss", counters["loss"])
        check.number("seconds", counters["seconds"], 0)
        history = counters["history"]
        require(
            isinstance(history, list) and len(history) == epoch,
            f"{epoch} epochs are done, and the history is no list of as many",
        )
        for k, row in enumerate(history):
            require(set(row) == set(ROW), f"row {k} of the history has other columns")
            check.whole("epoch", row["epoch"], k + 1, k + 1)
            check.number("loss", row["loss"])
            check.number("seconds", row["seconds"], 0)
            check.number("accuracy", row["accuracy"], 0, 1)
            value = row["validation_accuracy"]
            if not (isinstance(value, float) and math.isnan(value)):
                check.number("validation_accuracy", value, 0, 1)
