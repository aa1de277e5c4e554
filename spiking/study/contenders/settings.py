"""Hyperparameters of each contender on each data set, tuned on validation samples of the training set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spiking.core.errors import require
from spiking.learn.gradient.optimise import Optimiser

Options = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the contenders are built and trained.

    Attributes:
        hidden: hidden units of the MLP and of the SNNs trained by gradient or converted.
        steps: steps per inference of the surrogate and the converted network.
        mlp, surrogate, converted, stdp: further arguments of each training.
        validation: fraction of the training samples held out for early stopping.
    """

    hidden: int
    surrogate_steps: int
    converted_steps: int
    mlp: Options = field(default_factory=dict)
    surrogate: Options = field(default_factory=dict)
    converted: Options = field(default_factory=dict)
    stdp: Options = field(default_factory=dict)
    validation: float = 0.1

    def changed(self, *, hidden: int | None, steps: int | None) -> Settings:
        """Return a copy with what the user asked for.

        Raises:
            SpikingError: fewer than 1 hidden unit or step.
        """
        require(
            hidden is None or hidden >= 1, f"--hidden is {hidden}; allowed: 1 or more hidden units, e.g. 128"
        )
        require(steps is None or steps >= 1, f"--steps is {steps}; allowed: 1 or more steps, e.g. 16")
        new = self if hidden is None else replace(self, hidden=hidden)
        return new if steps is None else replace(new, surrogate_steps=steps, converted_steps=steps)

    def quick(self) -> Settings:
        """Return a copy that trains for a few seconds only, to see that everything works."""

        def less(options: Options, **limits: int) -> Options:
            return {k: min(v, limits[k]) if k in limits else v for k, v in options.items()}

        return replace(
            self,
            mlp=less(self.mlp, epochs=3),
            surrogate=less(self.surrogate, epochs=2),
            stdp=less(self.stdp, neurons=100, epochs=1, images=1000),
        )


COSINE = Optimiser(learning_rate=2e-3, schedule="cosine")
DIGITS = Settings(
    hidden=256,
    surrogate_steps=16,
    converted_steps=16,
    mlp={"epochs": 60, "batch_size": 32, "learning_rate": 2e-3, "patience": 15},
    surrogate={
        "epochs": 40,
        "batch_size": 32,
        "learning_rate": 2e-3,
        "patience": 15,
        "slope": 10.0,
        "rate_penalty": 3.0,
    },
    converted={"percentile": 99.0},
    stdp={"neurons": 400, "epochs": 3},
)
MNIST = Settings(
    hidden=512,
    surrogate_steps=8,
    converted_steps=16,
    mlp={"epochs": 15, "batch_size": 128, "optimiser": COSINE, "patience": 8},
    surrogate={
        "epochs": 12,
        "batch_size": 128,
        "optimiser": COSINE,
        "patience": 8,
        "slope": 10.0,
        "rate_penalty": 3.0,
    },
    converted={"percentile": 99.9},
    stdp={"neurons": 400, "images": 30_000},
)
TUNED: Mapping[str, Settings] = {"digits": DIGITS, "mnist": MNIST, "fashion-mnist": MNIST}


def settings_for(data: str) -> Settings:
    """Settings tuned on ``data``, or those of the digits where it has none of its own."""
    return TUNED.get(data, DIGITS)
