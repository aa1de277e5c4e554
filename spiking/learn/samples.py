"""Labelled samples that a network is trained and validated on, checked before any work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.simulate.run import check_input


@dataclass(frozen=True, eq=False)
class Samples:
    """``x``: ``[samples, features]`` or rasters ``[samples, steps, features]``; ``y``: a class for each."""

    x: NDArray[Any]
    y: NDArray[np.int64]

    @classmethod
    def of(cls, network: Network, x: Any, y: Any, kind: str) -> Samples:
        """Check labels and the form of ``x``; ``kind`` is what the samples are for, in words.

        Of ``x``, which may be a memory-mapped array, only the first rows are read.

        Raises:
            SpikingError: no samples, another shape, labels that the output cannot express.
        """
        array = x if isinstance(x, np.ndarray) else np.asarray(x)
        require(array.ndim > 0 and len(array) > 0, f"{kind} holds no samples; give at least one")
        check_batch(network, array[: min(len(array), 2)])
        return cls(array, check_labels(network, y, len(array), kind))

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.x)


def check_batch(network: Network, x: NDArray[Any]) -> NDArray[np.floating]:
    """Return one batch as finite floats of the right shape."""
    return check_input(network, np.asarray(x))


def check_labels(network: Network, y: Any, samples: int, kind: str = "x") -> NDArray[np.int64]:
    """Return labels as integers that the output of ``network`` can express."""
    labels = np.asarray(y)
    classes = network[network.output.population].size
    require(
        labels.shape == (samples,),
        f"the labels of {kind} have shape {labels.shape}; one label per sample, ({samples},), is needed",
    )
    require(
        np.issubdtype(labels.dtype, np.integer),
        f"the labels of {kind} are of type {labels.dtype}; integers from 0 to {classes - 1} are needed",
    )
    if samples and (labels.min() < 0 or labels.max() >= classes):
        raise SpikingError(
            f"{kind} has labels from {labels.min()} to {labels.max()}; "
            f"the output has {classes} classes, 0 to {classes - 1}"
        )
    return labels.astype(np.int64)
