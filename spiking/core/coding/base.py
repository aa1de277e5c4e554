"""What the rest of the package may ask of an encoder or a decoder, and where their names stand."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.neurons.base import Unit
from spiking.core.registry import Registry

ROOM = 2.0  # values of an encoder that expects 0 to 1: twice the range still counts as that


class Encoder:
    """The base of every encoder: a frozen dataclass that answers these questions.

    A new encoder is a subclass with ``spikes`` and its facts, registered in :data:`ENCODERS`.

    Attributes:
        analog: whether values enter as currents; otherwise as spikes.
        gain: factor on the values.
        stored: the weighted sum of a constant current is computed once per inference and kept.
        unit_range: whether it expects values from 0 to 1.
        takes_streams: whether ``[samples, steps, features]`` are values to encode; otherwise they are a
            raster of spikes (or currents), taken as it is.
        raster_only: whether it takes nothing but a raster.
        bernoulli: whether a spike is drawn in each step with the probability ``gain * x``.
    """

    analog: ClassVar[bool] = False
    gain: float = 1.0
    stored: bool = False
    unit_range: ClassVar[bool] = False
    takes_streams: ClassVar[bool] = False
    bernoulli: ClassVar[bool] = False
    raster_only: ClassVar[bool] = False

    def spikes(self, x: NDArray[Any], steps: int, seed: int = 0, first: int = 0) -> NDArray[Any]:
        """Return spikes ``[samples, steps, features]`` for ``x`` ``[samples, features]``.

        ``seed`` and the index ``first`` of the first sample decide random draws.
        """
        raise SpikingError(f"{type(self).__name__} makes no spikes; its values enter as currents")

    def draws(self, size: int, steps: int) -> float:
        """Random numbers or comparisons per inference for ``size`` features."""
        return float(size)

    def values(self, size: int, steps: int) -> float:
        """Analog values that enter the chip per inference, for ``size`` features."""
        return 0.0

    def check(self, x: NDArray[Any], name: str) -> None:
        """Refuse values ``[samples, features]`` in raw counts where 0 to 1 is expected.

        Raises:
            SpikingError: naming the input ``name`` and how to scale.
        """
        if not self.unit_range or x.ndim != 2 or x.size == 0:
            return
        most = float(x.max())
        if most > ROOM:
            top = next((t for t in (16, 255, 65535) if most <= t), most)
            raise SpikingError(
                f"values of {name!r} reach {most:g}; {type(self).__name__} expects 0 to 1: "
                f"divide them by {top:g} (the largest value of the training data)"
            )


class Decoder:
    """The base of every decoder: a frozen dataclass that makes scores of an output population.

    Attributes:
        needs: what ``scores`` reads: ``"v"`` (potentials ``[samples, steps, units]``), ``"counts"`` (spikes
            per inference ``[samples, units]``) or ``"first"`` (step of the first spike ``[samples, units]``).
        labelled: whether units got their classes after a learning that saw none.
    """

    needs: ClassVar[str] = "counts"
    labelled: ClassVar[bool] = False

    @property
    def linear(self) -> bool:
        """Whether scores are weighted sums of potentials over the steps."""
        return False

    def scores(self, read: Any, /) -> NDArray[np.floating]:
        """Return ``[samples, classes]`` from what the decoder needs."""
        raise NotImplementedError(f"{type(self).__name__} defines no scores")

    def fit_output(self, unit: Unit, size: int, name: str) -> None:
        """Check that it can read ``size`` units of the kind ``unit``.

        Raises:
            SpikingError: it reads spikes and the units have none; ``name`` is the output population.
        """
        require(
            self.needs == "v" or unit.spiking,
            f"{type(self).__name__} reads spikes, but {name!r} does not spike; use the Membrane decoder",
        )

    def classes(self, size: int) -> int:
        """Number of classes that the scores of ``size`` units have."""
        return size

    def probabilities(self, scores: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return scores ``[samples, classes]`` as shares of all votes; a silent sample has no opinion."""
        votes = np.asarray(scores, np.float64) + 1e-9
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))


ENCODERS: Registry[type[Encoder]] = Registry(
    "encoder", package="spiking.core.coding", group="spiking.encoders"
)
DECODERS: Registry[type[Decoder]] = Registry(
    "decoder", package="spiking.core.coding", group="spiking.decoders"
)
