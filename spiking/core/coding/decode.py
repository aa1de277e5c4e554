"""Decoders: how the activity of the output population becomes scores per class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require


@dataclass(frozen=True, kw_only=True)
class Membrane:
    """Score of a class: its membrane potential over the steps.

    ``over`` is ``"max"``, ``"mean"``, ``"sum"`` or ``"last"``; with one step they agree,
    and the decoder of an MLP is ``Membrane(over="last")`` on its logits.
    """

    needs: ClassVar[str] = "v"
    over: str = "mean"

    def __post_init__(self) -> None:
        require(
            self.over in ("max", "mean", "sum", "last"),
            f"over is {self.over!r}; allowed: max, mean, sum, last",
        )

    def scores(self, v: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from potentials ``[samples, steps, classes]``."""
        if self.over == "last":
            return v[:, -1]
        if self.over == "max":
            return np.asarray(v.max(axis=1))
        return np.asarray(v.mean(axis=1) if self.over == "mean" else v.sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class SpikeCount:
    """Score of a class: the number of spikes of its output unit."""

    needs: ClassVar[str] = "counts"

    def scores(self, counts: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from spike counts ``[samples, classes]``."""
        return np.asarray(counts, np.float64)


@dataclass(frozen=True, kw_only=True)
class FirstSpike:
    """Score of a class: minus the step of its first spike; silent units come last."""

    needs: ClassVar[str] = "first"

    def scores(self, first: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from first-spike steps (``steps`` where silent)."""
        return -np.asarray(first, np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Assigned:
    """Scores from neurons that were labelled after unsupervised learning (Diehl & Cook 2015).

    ``votes`` ``[neurons, classes]`` holds each neuron's weight for each class: one-hot divided by
    the class's number of neurons for all-activity voting, response proportions for proportion
    weighting.
    """

    needs: ClassVar[str] = "counts"
    votes: NDArray[np.float64]

    def scores(self, counts: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from spike counts ``[samples, neurons]``."""
        return np.asarray(counts, np.float64) @ self.votes


Decoder = Membrane | SpikeCount | FirstSpike | Assigned
