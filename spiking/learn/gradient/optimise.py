"""Optimisers, schedules and clipping over one flat parameter buffer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.kernels.threads import over_ranges
from spiking.kernels.update import adam, sgd

Floats = NDArray[np.floating]
OPTIMISERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "step")


@dataclass(frozen=True, kw_only=True)
class Optimiser:
    """What to do with a gradient.

    Attributes:
        name: ``adam``, ``adamw`` (decoupled weight decay) or ``sgd`` (momentum).
        schedule: ``constant``, ``cosine`` (to zero at the last update, Loshchilov & Hutter 2017) or
            ``step`` (times ``gamma`` at each third of the updates).
        clip: largest Euclidean norm of the gradient; None leaves it.

    Raises:
        SpikingError: an unknown name, or a number out of its range.
    """

    name: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    schedule: str = "constant"
    gamma: float = 0.1
    clip: float | None = None

    def __post_init__(self) -> None:
        check.choice("optimiser", self.name, OPTIMISERS)
        check.choice("schedule", self.schedule, SCHEDULES)
        check.number("learning_rate", self.learning_rate, 0, open_low=True)
        check.number("epsilon", self.epsilon, 0, open_low=True)
        check.number("weight_decay", self.weight_decay, 0)
        check.number("gamma", self.gamma, 0, open_low=True)
        for name in ("momentum", "beta1", "beta2"):
            check.number(name, getattr(self, name), 0, 1, open_high=True)
        if self.clip is not None:
            check.number("clip", self.clip, 0, open_low=True)

    def rate(self, update: int, total: int) -> float:
        """Learning rate of update number ``update`` (from 0) out of ``total``."""
        part = min(update / max(total, 1), 1.0)
        if self.schedule == "cosine":
            return self.learning_rate * 0.5 * (1.0 + math.cos(math.pi * part))
        if self.schedule == "step":
            return float(self.learning_rate * self.gamma ** math.floor(3.0 * part))
        return self.learning_rate


@dataclass(eq=False)
class OptimiserState:
    """The moving averages of an optimiser, and how many updates it made."""

    optimiser: Optimiser
    total: int
    first: Floats
    second: Floats
    updates: int = 0

    @classmethod
    def start(cls, optimiser: Optimiser, parameters: Floats, total: int) -> OptimiserState:
        """Begin with zero averages, for ``total`` planned updates."""
        return cls(optimiser, total, np.zeros_like(parameters), np.zeros_like(parameters))

    def apply(self, parameters: Floats, gradient: Floats) -> None:
        """Update ``parameters`` in place; clipping changes ``gradient``."""
        o = self.optimiser
        if o.clip is not None:
            norm = float(np.sqrt(np.dot(gradient, gradient)))
            if norm > o.clip:
                gradient *= gradient.dtype.type(o.clip / norm)
        rate = o.rate(self.updates, self.total)
        self.updates += 1
        dtype, size = parameters.dtype, len(parameters)
        if o.name == "sgd":
            c = np.array([rate, o.momentum, o.weight_decay], dtype)
            over_ranges(sgd, size, parameters, gradient, self.first, c, grain=1 << 16)
            return
        if o.name == "adam" and o.weight_decay > 0:
            gradient += dtype.type(o.weight_decay) * parameters
        c = np.array(
            [
                rate,
                o.beta1,
                1.0 - o.beta1,
                o.beta2,
                1.0 - o.beta2,
                o.epsilon,
                1.0 / (1.0 - o.beta1**self.updates),
                1.0 / (1.0 - o.beta2**self.updates),
                o.weight_decay if o.name == "adamw" else 0.0,
            ],
            dtype,
        )
        over_ranges(adam, size, parameters, gradient, self.first, self.second, c, grain=1 << 16)
