"""What happened when a network ran: spikes, events and scores, per sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.frozen.html import table

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """The record of ``samples`` inferences.

    Attributes:
        samples, steps: how many inferences, and steps in each.
        scores: ``[samples, classes]`` from the network's decoder.
        spikes: for each input and population ``[samples, units]``: spikes per inference; for
            inputs and stateless units with values the number of steps with a non-zero one; all steps for
            a membrane that is read.
        events: for each connection ``[samples]``: synaptic events that arrived within the
            inference, over non-zero synapses (for analog sources: non-zero products).
        first_spike: for each spiking population ``[samples, units]``: step of the first spike,
            ``steps`` where silent.
        engines: how each connection was computed (in the first batch, where the share of zeros decides):
            ``"event"``, ``"dense"``, ``"listed"`` (values, zeros skipped) or ``"summed"`` (into a linear
            readout).
        raster: where recorded, ``[samples, steps, units]`` spikes per step (or analog values).
        v: where recorded, ``[samples, steps, units]`` membrane potential before the reset.
    """

    samples: int
    steps: int
    scores: NDArray[np.floating]
    spikes: Mapping[str, Ints]
    events: Mapping[str, Ints]
    first_spike: Mapping[str, Ints] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)
    raster: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    v: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check.whole("samples", self.samples, 0)
        check.whole("steps", self.steps, 1)
        shape = np.shape(self.scores)
        require(
            isinstance(self.scores, np.ndarray) and len(shape) == 2 and shape[0] == self.samples,
            f"scores have shape {shape}; they must be [{self.samples} samples, classes]",
        )
        for name in ("spikes", "events", "first_spike", "engines", "raster", "v"):
            value = getattr(self, name)
            if not isinstance(value, Mapping):
                raise SpikingError(f"{name} is {value!r}; allowed: a mapping from names")

    @property
    def predictions(self) -> Ints:
        """Class with the highest score, ``[samples]``; the lowest index wins a tie."""
        return np.asarray(np.argmax(self.scores, axis=1), np.int64)

    def accuracy(self, labels: NDArray[np.integer]) -> float:
        """Fraction of samples whose prediction equals ``labels`` ``[samples]``.

        Raises:
            SpikingError: labels of another shape, no samples.
        """
        right = np.asarray(labels)
        require(
            right.shape == (len(self.scores),),
            f"labels have shape {right.shape}; the trace has {len(self.scores)} samples, one label each",
        )
        require(right.size > 0, "the trace has no samples; there is no accuracy")
        return float(np.mean(self.predictions == right))

    def __repr__(self) -> str:
        """One line: samples, steps, what is in it."""
        kept = [name for name in ("raster", "v") if getattr(self, name)]
        return (
            f"<Trace of {self.samples} samples, {self.steps} steps, {self.scores.shape[-1]} classes"
            f"{', with ' + ' and '.join(kept) if kept else ''}>"
        )

    def _repr_html_(self) -> str:
        """Return spikes per inference and unit of each source as a table, for notebooks."""
        rows = [(name, s.shape[1], f"{s.sum(axis=1).mean():.4g}") for name, s in self.spikes.items()]
        return table(repr(self)[1:-1], ("source", "units", "spikes or values per inference"), rows)
