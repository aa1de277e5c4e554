"""The samples that a network is run on: which they are, and how they reach it batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.bridges import nir
from spiking.bridges.nir import Reading
from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.data.dataset import Dataset
from spiking.data.own import Data, check_data, read_data

__all__ = ["Inferences", "Reading", "Samples", "samples_for"]
BATCH = 1000  # samples of values at a time
RASTER = 2**25  # entries of a raster at a time: about 128 MiB


@dataclass(frozen=True, kw_only=True, eq=False)
class Inferences:
    """Test samples of a data set.

    Attributes:
        data: a data set by name, a file or folder of one's own, ``(x, y)`` or a ``Dataset``.
        path: where the files of a named data set lie; None looks in the usual places.
        label, group: columns of a ``.csv``.
        samples: only the first so many; None takes all.
        seed: of the split and of random encoders.

    Raises:
        SpikingError: an unknown name, or numbers out of range.
    """

    data: Data = "digits"
    path: str | Path | None = None
    label: str | None = None
    group: str | None = None
    samples: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples is not None:
            check.whole("samples", self.samples, 1)
        check.seed(self.seed)
        check.path("path", self.path)
        for name in ("label", "group"):
            check.instance(name, getattr(self, name), str, none=True)
        check_data(self.data, path=self.path, label=self.label, group=self.group)

    def read(self) -> Dataset:
        """Read the data set."""
        return read_data(self.data, path=self.path, label=self.label, group=self.group, seed=self.seed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """A network with the samples it is run on.

    Attributes:
        x: samples, of which a slice is made when it is needed; ``labels``: their classes, ``[samples]``.
        batch: samples at a time; ``seed``: of random encoders.
        warnings: what a reader must know before the results.
    """

    network: Network
    x: Any
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
    foreign = graph is not None and not nir.own(graph)
    if graph is None:
        require(not reading.given, f"a network says {', '.join(reading.given)} itself; leave them out")
    elif not foreign:
        nir.from_reading(graph, reading)  # what is wrong with the options is said before the data are read
    found = wanted.read()
    if foreign and found.kind == "events":
        reading = _binning(graph, reading, found)
    network = model if isinstance(model, Network) else nir.from_reading(graph, reading, Path(model).stem)
    require(
        network.input_size == found.features,
        f"{network.name!r} takes {network.input_size} features, {found.name!r} has {found.features}; "
        "name the data it was trained on with --data",
    )
    require(
        found.kind != "values" or not any(i.encoder.raster_only for i in network.inputs),
        f"{found.name!r} holds values, and {network.name!r} takes events: say how a value becomes "
        "events or a current with --encoder, e.g. direct, poisson or latency",
    )
    found = found.binned(network.dt, network.steps)
    return Samples(
        network=network,
        x=found.x_test,
        labels=found.y_test[: wanted.samples],
        batch=BATCH if found.kind == "values" else max(1, RASTER // (network.steps * network.input_size)),
        seed=wanted.seed,
        warnings=nir.memory_warnings(network) if foreign else (),
    )


def _binning(graph: Any, reading: Reading, found: Dataset) -> Reading:
    """Settle the step, which bins events in seconds, and steps that hold the longest stream."""
    dt = nir.metadata_dt(graph) if reading.dt is None else reading.dt
    if dt is None:
        raise SpikingError(f"{found.name!r} has events in time; give the width of a step: --dt, e.g. 1e-3")
    steps = found.x_test.steps(dt) if reading.steps is None else reading.steps
    return replace(reading, dt=dt, steps=steps)
