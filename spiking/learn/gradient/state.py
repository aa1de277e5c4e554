"""Where a training stands: all that a checkpoint must hold to go on to the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spiking.core.progress import Progress
from spiking.learn import checkpoint
from spiking.learn.gradient.optimise import OptimiserState
from spiking.simulate.program import Program


class TrainingState:
    """Epoch, batch, running sums, history and best parameters of a training."""

    def __init__(self, program: Program, optimise: OptimiserState, identity: dict[str, str]) -> None:
        self.program, self.optimise, self.identity = program, optimise, identity
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

    def report(self, epochs: int, samples: int) -> Progress:
        """What a progress bar shows."""
        return Progress(
            stage=f"epoch {self.epoch + 1}/{epochs}",
            done=self.epoch * samples + self.seen,
            total=epochs * samples,
            unit="samples",
            loss=self.loss / self.seen,
            accuracy=self.hits / self.seen,
        )

    def end_epoch(self, validation_accuracy: float, seconds: float) -> None:
        """Write the epoch into the history and keep its parameters if they are the best."""
        self.history.append(
            {
                "epoch": self.epoch + 1,
                "loss": self.loss / self.seen,
                "accuracy": self.hits / self.seen,
                "validation_accuracy": validation_accuracy,
                "seconds": seconds,
            }
        )
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

    def save(self, path: Path) -> None:
        """Write the checkpoint."""
        arrays = {
            "parameters": self.program.parameters,
            "first": self.optimise.first,
            "second": self.optimise.second,
            "best": self.best,
        }
        names = (
            "epoch",
            "batch",
            "seen",
            "hits",
            "loss",
            "seconds",
            "history",
            "best_accuracy",
            "best_epoch",
        )
        state = {name: getattr(self, name) for name in names}
        state |= {"updates": self.optimise.updates, "fingerprint": self.identity}
        checkpoint.save(path, arrays, state)

    def load(self, path: Path) -> None:
        """Go back to where a checkpoint was written."""
        arrays, state = checkpoint.load(path, self.identity)
        self.program.parameters[:] = arrays["parameters"]
        self.optimise.first[:], self.optimise.second[:] = arrays["first"], arrays["second"]
        self.best = np.array(arrays["best"])
        self.optimise.updates = state.pop("updates")
        state.pop("fingerprint")
        for name, value in state.items():
            setattr(self, name, value)
