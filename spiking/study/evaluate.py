"""One saved network, or counts of any simulator, from file to accuracy and joules: load, run, count, price.

``spiking run`` and ``spiking energy`` print two views of the same :class:`Evaluation`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.bridges.counts import read_counts
from spiking.bridges.nir import Reading
from spiking.core.counts import Counts, count
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.progress import Progress, Watch, unwatched
from spiking.data.own import Data
from spiking.hardware import Bill, Chip, price
from spiking.hardware.mesh.place import Placement, place, route
from spiking.hardware.published import Estimate
from spiking.simulate import run
from spiking.study.inferences import Inferences, Samples, samples_for
from spiking.study.pricing import Pricing


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a network did and what it costs.

    Attributes:
        counts: operations of the mean inference.
        bills: by chip; ``devices``: the chips with their settings, by the same name.
        estimates: by published model.
        network: None where only counts came.
        correct: whether each sample was classified right, ``[samples]``; None where only counts came.
        warnings: sentences a reader must see before the numbers.
        seconds: wall time [s], loading included.
    """

    counts: Counts
    bills: Mapping[str, Bill]
    devices: Mapping[str, Chip]
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    network: Network | None = None
    correct: NDArray[np.bool_] | None = None
    warnings: tuple[str, ...] = ()
    latency: float | None = None
    seconds: float = 0.0

    @property
    def samples(self) -> int | None:
        """How many inferences were averaged; None where only counts came."""
        return None if self.correct is None else len(self.correct)

    @property
    def accuracy(self) -> float | None:
        """Share of samples classified right; None where only counts came."""
        return None if self.correct is None else float(np.mean(self.correct))

    def sources(self) -> list[str]:
        """Keys of the sources of every price and published model that was used."""
        used = [key for bill in self.bills.values() if bill.runs_here for key in bill.sources]
        return used + [key.strip() for e in self.estimates.values() for key in e.source.split(",")]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; it can be priced again (:func:`spiking.bridges.counts.read_counts`)."""
        return {
            "network": self.counts.name,
            "accuracy": self.accuracy,
            "samples": self.samples,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
            "correct": None if self.correct is None else [int(c) for c in self.correct],
            "counts": self.counts.to_dict(),
            "bills": {chip: bill.to_dict() for chip, bill in self.bills.items()},
            "published_models": {name: _plain(e) for name, e in self.estimates.items()},
            "estimated_not_measured": True,
        }


def _plain(e: Estimate) -> dict[str, Any]:
    """Return an estimate as JSON has it: what is not known is null."""
    values = {k: float(np.mean(v)) for k, v in e.terms.items()}
    known = {k: v if np.isfinite(v) else None for k, v in values.items()}
    total = float(np.mean(e.total))
    energy = total if np.isfinite(total) else None
    return {"energy_J": energy, "terms_J": known, "source": e.source, "note": e.note}


def evaluate(
    model: str | Path | Network | Counts,
    data: Inferences | Data | None = None,
    *,
    reading: Reading | None = None,
    pricing: Pricing | None = None,
    watch: Watch = unwatched,
) -> Evaluation:
    """Load a network, run it on test samples, count what it did and price it; or price given counts.

    Args:
        model: path of a ``.nir`` file or of counts (``.json``), a network, or counts.
        data: the samples (by default all test samples of digits); otherwise anything that
            :func:`spiking.data.own.read_data` reads.
        reading: what a file of another simulator does not say.
        pricing: chips, settings and published models; by default nothing is priced.
        watch: gets :class:`~spiking.core.progress.Progress`.

    Raises:
        SpikingError: for files that cannot be read, unknown names, samples the network cannot take,
            and options that would have no effect.
    """
    began = time.perf_counter()
    prices = pricing or Pricing()
    devices = prices.devices()
    if isinstance(model, Counts) or _holds_counts(model):
        require(
            data is None and reading is None,
            "counts are an inference already; leave the data set and the options of a network out",
        )
        require(not prices.placed, "counts know no connections; give the network (.nir) to place it on cores")
        counts = (model if isinstance(model, Counts) else read_counts(str(model))).mean()
        return _priced(counts, {}, devices, prices, seconds=time.perf_counter() - began)
    wanted = data if isinstance(data, Inferences) else Inferences(data="digits" if data is None else data)
    found = samples_for(model, wanted, reading or Reading())
    placements = {n: p for n, d in devices.items() if (p := _placement(found.network, d, prices)) is not None}
    correct, counts, routed = _run(found, placements, watch)
    return _priced(
        counts,
        {name: (routed[name], p) for name, p in placements.items()},
        devices,
        prices,
        network=found.network,
        correct=correct,
        warnings=found.warnings,
        seconds=time.perf_counter() - began,
    )


def _holds_counts(model: Any) -> bool:
    return isinstance(model, str | Path) and Path(model).suffix == ".json"


def _placement(network: Network, chip: Chip, prices: Pricing) -> Placement | None:
    """Place the network on the cores of a chip that has a mesh and can run it."""
    spiking = network.spiking or "mlp" in chip.runs
    if not prices.placed or chip.get("neurons_per_core") is None or not spiking:
        return None
    return place(network, chip)


def _run(
    found: Samples, placements: Mapping[str, Placement], watch: Watch
) -> tuple[NDArray[np.bool_], Counts, dict[str, Counts]]:
    """Run batch by batch; return correctness ``[samples]``, mean counts, and those with routes by chip."""
    network, samples = found.network, len(found.labels)
    right, total = [], None
    routed: dict[str, Counts] = {}
    for a in range(0, samples, found.batch):
        b = min(a + found.batch, samples)
        trace = run(network, found.x[a:b], seed=found.seed, first_sample=a)
        right.append(np.asarray(trace.predictions == found.labels[a:b]))
        part = count(network, trace)
        for name, placement in placements.items():
            more = route(part, network, placement, trace.spikes).mean() * ((b - a) / samples)
            routed[name] = routed[name] + more if name in routed else more
        mean = part.mean() * ((b - a) / samples)
        total = mean if total is None else total + mean
        watch(Progress(stage="run", done=b, total=samples, unit="samples"))
    assert total is not None  # a data set has at least one test sample
    return np.concatenate(right), total, routed


def _priced(
    counts: Counts,
    routed: Mapping[str, tuple[Counts, Placement]],
    devices: Mapping[str, Chip],
    prices: Pricing,
    **rest: Any,
) -> Evaluation:
    bills = {}
    for name, device in devices.items():
        if name not in routed:
            bills[name] = price(counts, device, latency=prices.latency)
            continue
        own, placement = routed[name]
        bill = price(own, device, latency=prices.latency, placement=placement)
        bills[name] = replace(bill, warnings=(*bill.warnings, *_where(placement)))
    return Evaluation(
        counts=counts,
        bills=bills,
        devices=devices,
        estimates=prices.estimates(counts),
        latency=prices.latency,
        **rest,
    )


def _where(placement: Placement) -> list[str]:
    cores, tiles = int(placement.cores), placement.tiles_used
    notes = [f"placed on {cores} core{'s' * (cores > 1)} of {tiles} tile{'s' * (tiles > 1)}"]
    return notes + [str(e) for e in placement.budgets if e.limit == "cores"]
