"""Run a saved network on data: accuracy, counts, and joules on each chip (``spiking run``)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spiking.bridges.nir import from_graph, read
from spiking.bridges.nir.write import KEY
from spiking.core.coding.base import Encoder
from spiking.core.counts import Counts, count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.progress import Progress, Watch
from spiking.data.dataset import Dataset
from spiking.data.load import load
from spiking.data.sets import DATA_SETS
from spiking.hardware import Bill, load_chip, price
from spiking.simulate import run


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a network did: accuracy, mean counts per inference, a bill per chip, wall time [s]."""

    network: Network
    samples: int
    accuracy: float
    counts: Counts
    bills: tuple[Bill, ...]
    seconds: float

    def row(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        spikes = {
            layer.name: float(np.asarray(self.counts[layer.name, "spikes"])) for layer in self.counts.layers
        }
        energy = {
            bill.chip: {
                "runs_here": bill.runs_here,
                "needs": list(bill.needs),
                "total_J": vars(bill.total("total")),
            }
            for bill in self.bills
        }
        return {
            "model": self.network.name,
            "samples": self.samples,
            "accuracy": self.accuracy,
            "seconds": self.seconds,
            "spikes": spikes,
            "energy": energy,
            "counts": self.counts.to_dict(),
        }


def evaluate(
    model: str | Path | Network,
    data: str,
    *,
    data_path: str | Path | None = None,
    chips: Sequence[str] = (),
    dt: float | None = None,
    steps: int | None = None,
    discretisation: str | None = None,
    reset: str | None = None,
    encoder: Encoder | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: Watch | None = None,
) -> Evaluation:
    """Load a ``.nir`` file, run it on the test samples of ``data`` and price what it did.

    Args:
        model: path of the file, or a network. dt, steps, discretisation, reset: what a file of
            another simulator does not say (see :func:`spiking.bridges.nir.from_graph`).
        data: a data set by name, or ``"nmnist"`` with ``data_path`` (event streams; ``dt`` bins them).
        limit: use only the first samples.

    Raises:
        SpikingError: for a bad file, unknown data, or samples the network cannot take.
    """
    began = time.perf_counter()
    DATA_SETS[data]  # an unknown name is said before the file is read
    found = load(data, path=data_path, seed=seed)
    if found.kind == "events" and steps is None and dt is not None:
        steps = found.x_test.steps(dt)
    words = {"dt": dt, "steps": steps, "discretisation": discretisation, "reset": reset, "encoder": encoder}
    network = model if isinstance(model, Network) else _load(model, words)
    found = found.binned(network.dt, network.steps)
    labels, size = found.y_test, _batch(network, found)
    samples = min(len(labels), limit or len(labels))
    right, total = 0, None
    for a in range(0, samples, size):
        b = min(a + size, samples)
        trace = run(network, found.x_test[a:b], seed=seed, first_sample=a)
        right += int(np.sum(trace.predictions == labels[a:b]))
        part = count(network, trace).mean() * ((b - a) / samples)
        total = part if total is None else total + part
        if progress:
            progress(Progress(stage="run", done=b, total=samples, unit="samples"))
    if total is None:
        raise SpikingError(f"{data!r} has no samples; nothing was run")
    return Evaluation(
        network=network,
        samples=samples,
        accuracy=right / samples,
        counts=total,
        bills=tuple(price(total, load_chip(name)) for name in chips),
        seconds=time.perf_counter() - began,
    )


def _load(path: str | Path, words: dict[str, Any]) -> Network:
    graph = read(path)
    if KEY in (graph.metadata or {}):  # the file says all but the number of steps
        words = {k: v for k, v in words.items() if k in ("steps", "encoder")}
    return from_graph(graph, name=Path(path).stem, **words)


def _batch(network: Network, data: Dataset) -> int:
    """Samples at a time: rasters of about 128 MiB."""
    if data.kind == "values":
        return 1000
    return max(1, 2**25 // (network.steps * network.input_size))
