"""What happened when a network ran: spikes, events and scores, per sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """The record of ``samples`` inferences.

    Attributes:
        samples, steps: how many inferences, and steps in each.
        scores: ``[samples, classes]`` from the network's decoder.
        spikes: for each input and population ``[samples, units]``: spikes per inference; for
            analog sources the number of steps with a non-zero value.
        events: for each connection ``[samples]``: synaptic events that arrived within the
            inference, over non-zero synapses (for analog sources: non-zero products).
        first_spike: for each spiking population ``[samples, units]``: step of the first spike,
            ``steps`` where silent.
        engines: for each connection ``"event"`` or ``"dense"``: how it was computed (in the first
            batch, where the density decides).
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

    @property
    def predictions(self) -> Ints:
        """Class with the highest score, ``[samples]``; the lowest index wins a tie."""
        return np.asarray(np.argmax(self.scores, axis=1), np.int64)

    def accuracy(self, labels: NDArray[np.integer]) -> float:
        """Fraction of samples whose prediction equals ``labels``."""
        return float(np.mean(self.predictions == np.asarray(labels)))
