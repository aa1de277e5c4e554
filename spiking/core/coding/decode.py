"""Decoders: how the activity of the output population becomes scores per class.

``Assigned`` has no name to call it by: its votes come from learning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from spiking.core import check
from spiking.core.coding.base import DECODERS, Decoder
from spiking.core.errors import SpikingError, require
from spiking.core.neurons.base import LARGEST, Unit


@dataclass(frozen=True, kw_only=True)
class Membrane(Decoder):
    """Score of a class: its membrane potential over the steps.

    Of units that spike it is the potential before the reset. ``over`` is ``"max"``, ``"mean"``, ``"sum"``
    or ``"last"``; with one step they agree, and the decoder of an MLP is ``Membrane(over="last")`` on its
    logits.
    """

    needs: ClassVar[str] = "v"
    over: str = "mean"

    def __post_init__(self) -> None:
        check.choice("over", self.over, ("max", "mean", "sum", "last"))

    @property
    def linear(self) -> bool:
        """True but for the maximum."""
        return self.over != "max"

    def probabilities(self, scores: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the softmax of the scores."""
        return np.asarray(softmax(np.asarray(scores, np.float64), axis=1))

    def scores(self, v: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from potentials ``[samples, steps, classes]``."""
        if self.over == "last":
            return v[:, -1]
        if self.over == "max":
            return np.asarray(v.max(axis=1))
        return np.asarray(v.mean(axis=1) if self.over == "mean" else v.sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class SpikeCount(Decoder):
    """Score of a class: the number of spikes of its output unit."""

    needs: ClassVar[str] = "counts"

    def scores(self, counts: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from spike counts ``[samples, classes]``."""
        return np.asarray(counts, np.float64)


@dataclass(frozen=True, kw_only=True)
class FirstSpike(Decoder):
    """Score of a class: minus the step of its first spike; silent units come last."""

    needs: ClassVar[str] = "first"

    def scores(self, first: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from first-spike steps (``steps`` where silent)."""
        return -np.asarray(first, np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Assigned(Decoder):
    """Scores from neurons that were labelled after unsupervised learning (Diehl & Cook 2015).

    ``votes`` ``[neurons, classes]`` holds each neuron's weight for each class: one-hot divided by
    the class's number of neurons for all-activity voting, response proportions for proportion
    weighting.
    """

    needs: ClassVar[str] = "counts"
    labelled: ClassVar[bool] = True
    votes: NDArray[np.float64]

    def __post_init__(self) -> None:
        try:
            votes = np.asarray(self.votes, np.float64)
        except (TypeError, ValueError):
            raise SpikingError(f"votes is {self.votes!r}; allowed: numbers [neurons, classes]") from None
        require(
            votes.ndim == 2 and votes.size > 0,
            f"votes has shape {votes.shape}; it must be [neurons, classes]",
        )
        require(bool(np.all(np.abs(votes) <= LARGEST)), "votes holds NaN or infinite values; label again")
        object.__setattr__(self, "votes", votes)

    def classes(self, size: int) -> int:
        """Number of columns of the votes."""
        return int(self.votes.shape[1])

    def fit_output(self, unit: Unit, size: int, name: str) -> None:
        """Check that every neuron of the output has a row of votes."""
        super().fit_output(unit, size, name)
        require(
            len(self.votes) == size,
            f"the decoder has votes of {len(self.votes)} neurons, but {name!r} has {size}; label them again",
        )

    def scores(self, counts: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from spike counts ``[samples, neurons]``."""
        return np.asarray(counts, np.float64) @ self.votes


for _name, _kind in {"membrane": Membrane, "spike-count": SpikeCount, "first-spike": FirstSpike}.items():
    DECODERS.register(_name)(_kind)
