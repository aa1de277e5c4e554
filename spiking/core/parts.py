"""The parts of a network: populations, connections, inputs and the output. Frozen and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.base import Decoder, Encoder
from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Direct
from spiking.core.errors import SpikingError, require
from spiking.core.neurons.analog import SMALLEST
from spiking.core.neurons.base import LARGEST, Unit
from spiking.core.plasticity import STDP

Weight = NDArray[np.floating] | sp.csr_array
RECEPTORS = ("current", "excitatory", "inhibitory")
LONGEST_DELAY = 2**31 - 1  # steps
WIDEST = 64  # bits of a weight, a state word, a value


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
        _text("the name of a population", self.name)
        check.whole(f"the size of {self.name!r}", self.size, 1, todo="a population needs a unit")
        if not isinstance(self.unit, Unit):
            raise SpikingError(f"the unit of {self.name!r} is {self.unit!r}; give a unit such as LIF()")
        self.unit.fit_size(self.size, repr(self.name))
        if self.winners is not None:
            check.whole(f"winners of {self.name!r}", self.winners, 1, todo="None leaves all units free")
            require(
                self.unit.spiking,
                f"winners of {self.name!r} is {self.winners}, but {type(self.unit).__name__} units do not "
                "spike; leave it out",
            )
        check.whole(f"state_bits of {self.name!r}", self.state_bits, 1, WIDEST)
        if self.bias is not None:
            bias = _numbers(f"the bias of {self.name!r}", self.bias)
            require(
                bias.shape == (self.size,),
                f"the bias of {self.name!r} has shape {bias.shape}; it must be ({self.size},)",
            )
            _finite(f"the bias of {self.name!r}", bias)
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
    plasticity: STDP | None = None
    label: str = ""

    def __post_init__(self) -> None:
        for key in ("source", "target", "label"):
            _text(f"the {key} of a connection", getattr(self, key), empty=key == "label")
        check.choice("receptor", self.receptor, RECEPTORS)
        check.whole(f"the delay of {self.name}", self.delay, 0, LONGEST_DELAY, todo="in whole steps")
        check.whole(f"weight_bits of {self.name}", self.weight_bits, 1, WIDEST)
        if self.stored_weights is not None:
            check.whole(f"stored_weights of {self.name}", self.stored_weights, 0)
        if not isinstance(self.plasticity, STDP | None):
            raise SpikingError(
                f"plasticity of {self.name} is {self.plasticity!r}; allowed: an STDP rule, or None"
            )
        object.__setattr__(self, "weight", _matrix(f"the weight of {self.name}", self.weight))

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

    def __post_init__(self) -> None:
        _text("the name of an input", self.name)
        check.whole(f"the size of input {self.name!r}", self.size, 1)
        if not isinstance(self.encoder, Encoder):
            raise SpikingError(f"the encoder of {self.name!r} is {self.encoder!r}; give one such as Direct()")
        check.whole(f"bits of input {self.name!r}", self.bits, 1, WIDEST)
        if self.scale is not None:
            check.number(f"scale of input {self.name!r}", self.scale, SMALLEST, LARGEST)


@dataclass(frozen=True, kw_only=True, eq=False)
class Output:
    """Which population is read, and how its activity becomes scores per class."""

    population: str
    decoder: Decoder = field(default_factory=Membrane)

    def __post_init__(self) -> None:
        _text("the output population", self.population)
        if not isinstance(self.decoder, Decoder):
            raise SpikingError(
                f"the decoder is {self.decoder!r}; give one such as Membrane() or SpikeCount()"
            )


def _text(name: str, value: object, empty: bool = False) -> None:
    if not isinstance(value, str) or not (value or empty):
        raise SpikingError(f"{name} is {value!r}; allowed: a text")


def _numbers(name: str, value: object) -> NDArray[np.floating]:
    """Return ``value`` as a floating-point array; one that is already keeps its precision."""
    try:
        made = np.asarray(value)
        if not np.issubdtype(made.dtype, np.floating):
            require(made.dtype.kind in "iub", f"{name} holds {made.dtype} values; allowed: real numbers")
            made = made.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise SpikingError(f"{name} is no array of numbers: {error}") from None
    return made


def _finite(name: str, values: NDArray[np.floating]) -> None:
    require(bool(np.all(np.isfinite(values))), f"{name} holds NaN or inf; repair or retrain it")
    most = float(np.max(np.abs(values), initial=0.0))
    require(most <= LARGEST, f"{name} reaches {most:g}; allowed: {LARGEST:g} at most, which float32 holds")


def _matrix(name: str, value: object) -> Weight:
    """Return a checked weight: dense, or CSR with valid indices."""
    if not sp.issparse(value):
        dense = _numbers(name, value)
        require(dense.ndim == 2, f"{name} has {dense.ndim} dimensions; 2 are needed")
        _finite(name, dense)
        return dense
    try:
        matrix: Any = value
        made: Any = sp.csr_array(matrix)
        made.check_format(full_check=True)
    except (TypeError, ValueError) as error:
        raise SpikingError(f"{name} is not a valid sparse matrix: {error}; build it again") from None
    require(made.ndim == 2, f"{name} has {made.ndim} dimensions; 2 are needed")
    data = _numbers(name, made.data)
    if data is not made.data:
        made = sp.csr_array((data, made.indices, made.indptr), shape=made.shape)
    _finite(name, made.data)
    checked: sp.csr_array = made
    return checked
