"""The samples that a network is run on: which they are, and how they reach it batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.bridges import nir
from spiking.bridges.nir import Reading
from spiking.core import check
from spiking.core.coding.encode import Events
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.data.events import Streams, load_nmnist
from spiking.data.load import NAMES, load

__all__ = ["Inferences", "Reading", "Samples", "samples_for"]
STREAMS = ("nmnist",)
BATCH = 1000  # samples of values at a time
RASTER = 2**25  # entries of a raster at a time: about 128 MiB


@dataclass(frozen=True, kw_only=True)
class Inferences:
    """Test samples of a data set.

    Attributes:
        data: name of the data set, or ``"nmnist"`` with ``path`` (event streams, binned by the step).
        path: where its files lie; None looks in the usual places.
        samples: only the first so many; None takes all.
        seed: of the split and of random encoders.

    Raises:
        SpikingError: an unknown name, or numbers out of range.
    """

    data: str = "digits"
    path: str | Path | None = None
    samples: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check.choice("data set", self.data, (*NAMES, *STREAMS))
        if self.samples is not None:
            check.whole("samples", self.samples, 1)
        check.seed(self.seed)
        require(
            self.data not in STREAMS or self.path is not None,
            f"{self.data} is read from files; give its folder with --data-path",
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """A network with the samples it is run on: ``x(a, b)`` are those from ``a`` to before ``b``."""

    network: Network
    x: Callable[[int, int], Any]
    labels: NDArray[np.int64]
    batch: int
    seed: int
    warnings: tuple[str, ...] = ()


def samples_for(model: str | Path | Network, wanted: Inferences, reading: Reading) -> Samples:
    """Load the network and the samples, and check that they fit.

    Raises:
        SpikingError: as :func:`spiking.study.evaluate.evaluate`.
    """
    graph = None if isinstance(model, Network) else nir.read(model)
    if graph is None:
        require(not reading.given, f"a network says {', '.join(reading.given)} itself; leave them out")
    found: Any
    if wanted.data in STREAMS:
        found = load_nmnist(str(wanted.path))
        if graph is not None and not nir.own(graph):
            dt = nir.metadata_dt(graph) if reading.dt is None else reading.dt
            require(
                dt is not None,
                f"{wanted.data} has events in time; give the width of a step with --dt, e.g. 1e-3",
            )
            steps = found.steps(dt) if reading.steps is None else reading.steps
            reading = replace(reading, dt=dt, steps=steps)
        labels = found.labels
    else:
        found = load(wanted.data, path=wanted.path, seed=wanted.seed)
        labels = found.y_test
    network = model if isinstance(model, Network) else nir.from_reading(graph, reading, Path(model).stem)
    size = int(np.prod(found.shape)) if isinstance(found, Streams) else found.x_test.shape[1]
    require(
        network.input_size == size,
        f"{network.name!r} takes {network.input_size} features, {wanted.data!r} has {size}; "
        "name the data it was trained on with --data",
    )
    if isinstance(found, Streams):
        x: Any = lambda a, b: found.raster(a, b, network.dt, network.steps)  # noqa: E731
        batch = max(1, RASTER // (network.steps * network.input_size))
    else:
        require(
            not any(isinstance(i.encoder, Events) for i in network.inputs),
            f"{wanted.data!r} holds values, and {network.name!r} takes events: say how a value becomes "
            "events or a current with --encoder, e.g. direct, poisson or latency",
        )
        x = lambda a, b: found.x_test[a:b]  # noqa: E731
        batch = BATCH
    labels = labels[: wanted.samples]
    require(len(labels) > 0, f"{wanted.data!r} has no test samples; nothing was run")
    foreign = graph is not None and not nir.own(graph)
    warnings = nir.memory_warnings(network) if foreign else ()
    return Samples(
        network=network, x=x, labels=labels, batch=batch, seed=wanted.seed, warnings=tuple(warnings)
    )
