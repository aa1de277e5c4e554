"""The parts of a network: populations, connections, inputs and the output. Frozen and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.coding.decode import Decoder, Membrane
from spiking.core.coding.encode import Direct, Encoder
from spiking.core.errors import require, unknown
from spiking.core.neurons import Unit

Weight = NDArray[np.floating] | sp.csr_array
RECEPTORS = ("current", "excitatory", "inhibitory")


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """``size`` units of one kind.

    Attributes:
        bias: constant input per step ``[size]``, or None.
        winners: at most this many units spike in a step, those farthest above threshold
            (direct winner-take-all inhibition); None leaves all free.
        state_bits: width of one state variable on hardware [bit].
    """

    name: str
    size: int
    unit: Unit
    bias: NDArray[np.floating] | None = None
    winners: int | None = None
    state_bits: int = 32

    def __post_init__(self) -> None:
        require(self.size > 0, f"population {self.name!r} has size {self.size}; it needs a unit")
        if self.bias is not None:
            bias = np.asarray(self.bias)
            require(
                bias.shape == (self.size,),
                f"the bias of {self.name!r} has shape {bias.shape}; it must be ({self.size},)",
            )
            require(bool(np.all(np.isfinite(bias))), f"the bias of {self.name!r} holds NaN or inf")
            object.__setattr__(self, "bias", bias)


@dataclass(frozen=True, kw_only=True, eq=False)
class Connection:
    """Weighted synapses from ``source`` to ``target``.

    Attributes:
        weight: ``[source size, target size]``, dense or scipy.sparse (stored as CSR by source,
            so that one spike reads one contiguous row).
        delay: whole steps from spike to arrival. Loops need at least one.
        receptor: ``"current"``, or the conductance (``"excitatory"``, ``"inhibitory"``) it opens.
        weight_bits: width of one stored weight on hardware [bit].
        stored_weights: number of distinct weights in memory (weight sharing); None means one each.
        plasticity: a learning rule of ``core/plasticity.py``, or None.
        label: tells several connections between the same populations apart (other delays).
    """

    source: str
    target: str
    weight: Weight
    delay: int = 0
    receptor: str = "current"
    weight_bits: int = 32
    stored_weights: int | None = None
    plasticity: Any | None = None
    label: str = ""

    def __post_init__(self) -> None:
        weight: Weight
        if sp.issparse(self.weight):
            weight = sp.csr_array(self.weight)
            values = weight.data
        else:
            weight = values = np.asarray(self.weight)
            if not np.issubdtype(values.dtype, np.floating):
                weight = values = values.astype(np.float64)
        require(weight.ndim == 2, f"the weight of {self.name} has {weight.ndim} dimensions; 2 are needed")
        require(
            bool(np.all(np.isfinite(values))),
            f"the weight of {self.name} holds NaN or inf; repair or retrain it",
        )
        require(
            isinstance(self.delay, (int, np.integer)) and self.delay >= 0,
            f"the delay of {self.name} is {self.delay!r}; allowed: 0 or more whole steps",
        )
        if self.receptor not in RECEPTORS:
            raise unknown("receptor", self.receptor, RECEPTORS)
        object.__setattr__(self, "weight", weight)

    @property
    def name(self) -> str:
        """``source->target``, with the receptor where it is a conductance, and the label."""
        port = "" if self.receptor == "current" else f":{self.receptor}"
        return f"{self.source}->{self.target}{port}{f'#{self.label}' if self.label else ''}"

    @property
    def fan_out(self) -> NDArray[np.int64]:
        """Number of non-zero synapses of each source unit, ``[source size]``."""
        if sp.issparse(self.weight):
            w = self.weight
            rows = np.repeat(np.arange(w.shape[0]), np.diff(w.indptr))
            return np.asarray(np.bincount(rows[w.data != 0], minlength=w.shape[0]), np.int64)
        return np.asarray(np.count_nonzero(self.weight, axis=1), np.int64)

    @property
    def fan_in(self) -> NDArray[np.int64]:
        """Number of non-zero synapses into each target unit, ``[target size]``."""
        if sp.issparse(self.weight):
            w = self.weight
            return np.asarray(np.bincount(w.indices[w.data != 0], minlength=w.shape[1]), np.int64)
        return np.asarray(np.count_nonzero(self.weight, axis=0), np.int64)

    @property
    def synapses(self) -> int:
        """Number of non-zero synapses."""
        return int(self.fan_out.sum())

    @property
    def memory_words(self) -> int:
        """Number of weights a chip has to store."""
        return self.synapses if self.stored_weights is None else self.stored_weights


@dataclass(frozen=True, kw_only=True, eq=False)
class Input:
    """Where data enters: ``size`` features and the encoder that turns them into events.

    ``bits`` is the width of one input value; with ``scale`` a direct input is quantised to it.
    """

    name: str = "input"
    size: int
    encoder: Encoder = field(default_factory=Direct)
    bits: int = 32
    scale: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Output:
    """Which population is read, and how its activity becomes scores per class."""

    population: str
    decoder: Decoder = field(default_factory=Membrane)
