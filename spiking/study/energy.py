"""Pricing a saved network, or counts from any simulator, on several chips."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.counts import Counts, count
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.trace import Trace
from spiking.hardware import Bill, Chip, load_chip, price
from spiking.hardware.mesh.place import Placement, place, route
from spiking.hardware.published import MODELS, Estimate, estimate

LARGEST_JSON = 50_000_000  # bytes


@dataclass(frozen=True, kw_only=True)
class Priced:
    """One network on several chips.

    Attributes:
        counts: the mean inference.
        bills: by chip.
        estimates: by published model.
        accuracy: share of samples it got right; None where only counts came.
        samples: how many inferences were averaged.
    """

    counts: Counts
    bills: Mapping[str, Bill]
    estimates: Mapping[str, Estimate]
    accuracy: float | None = None
    samples: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        models = {
            name: {
                "energy_J": float(np.mean(e.total)),
                "terms_J": {k: float(np.mean(v)) for k, v in e.terms.items()},
                "source": e.source,
                "note": e.note,
            }
            for name, e in self.estimates.items()
        }
        return {
            "network": self.counts.name,
            "accuracy": self.accuracy,
            "samples": self.samples,
            "counts": self.counts.to_dict(),
            "bills": {chip: bill.to_dict() for chip, bill in self.bills.items()},
            "published_models": models,
            "estimated_not_measured": True,
        }


def price_model(
    model: str | Path,
    chips: Sequence[str | Path] = ("generic-45nm", "loihi1"),
    *,
    data: str = "digits",
    data_path: Path | None = None,
    samples: int = 200,
    seed: int = 0,
    models: Sequence[str] = (),
    latency: float | None = None,
    placed: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Priced:
    """Price a ``.nir`` network run on test samples, or a ``.json`` file of counts.

    Args:
        model: path of the network or of the counts (as ``Counts.to_dict`` writes them).
        chips: names of chips, or paths of chip files.
        data, data_path, samples, seed: the inferences of a network; not used for counts.
        models: published models to show beside (``spiking.hardware.published``).
        latency: time of one inference [s]; None takes each chip's estimate.
        placed: place the network on the cores of each chip that has a mesh.
        settings: changed settings of component chips (``sums="sram"``).

    Raises:
        SpikingError: files that cannot be read, unknown names, or a network that does not fit.
    """
    path = Path(model)
    devices = [_device(chip, settings or {}) for chip in chips]
    require(len(devices) > 0, "no chip came; name at least one, e.g. generic-45nm")
    unknown = [m for m in models if m not in MODELS]
    if unknown:
        estimate(Counts(layers=(), table={}), unknown[0])  # raises, with the names that are known
    if path.suffix == ".json":
        require(not placed, "counts know no connections; give the network (.nir) to place it on cores")
        counts = read_counts(path).mean()
        bills = {d.name: price(counts, d, latency=latency) for d in devices}
        return Priced(counts=counts, bills=bills, estimates=_estimates(counts, models))
    network, trace, labels = _run(path, data, data_path, samples, seed)
    counts = count(network, trace)
    bills = {d.name: _bill(network, trace, counts, d, latency, placed) for d in devices}
    mean = counts.mean()
    return Priced(
        counts=mean,
        bills=bills,
        estimates=_estimates(mean, models),
        accuracy=trace.accuracy(labels),
        samples=trace.samples,
    )


def _device(chip: str | Path, settings: Mapping[str, Any]) -> Chip:
    device = load_chip(chip)
    known = {k: v for k, v in settings.items() if k in device.settings}
    return device.with_settings(**known) if known else device


def _estimates(counts: Counts, models: Iterable[str]) -> dict[str, Estimate]:
    found = {}
    for name in models:
        try:
            found[name] = estimate(counts, name)
        except SpikingError as error:  # a model of spiking chips has nothing to say of an MLP
            found[name] = Estimate(model=name, terms={"all": float("nan")}, source="", note=str(error))
    return found


def _run(
    path: Path, data: str, data_path: Path | None, samples: int, seed: int
) -> tuple[Network, Trace, np.ndarray[Any, np.dtype[np.int64]]]:
    from spiking.bridges import nir
    from spiking.data.load import load
    from spiking.simulate import run

    require(samples >= 1, f"--samples is {samples}; at least 1 inference is needed")
    network = nir.load(path)
    found = load(data, path=data_path, seed=seed)
    require(
        network.input_size == found.x_test.shape[1],
        f"{path.name} takes {network.input_size} features, {data!r} has {found.x_test.shape[1]}; "
        "name the data it was trained on with --data",
    )
    x, labels = found.x_test[:samples], found.y_test[:samples]
    return network, run(network, x, seed=seed), labels


def _bill(
    network: Network, trace: Trace, counts: Counts, chip: Chip, latency: float | None, placed: bool
) -> Bill:
    placement: Placement | None = None
    if placed and chip.get("neurons_per_core") is not None and price(counts.mean(), chip).runs_here:
        placement = place(network, chip)
        counts = route(counts, network, placement, trace.spikes)
    bill = price(counts.mean(), chip, latency=latency, placement=placement)
    if placement is None:
        return bill
    cores, tiles = int(placement.cores), placement.tiles_used
    notes = [f"placed on {cores} core{'s' * (cores > 1)} of {tiles} tile{'s' * (tiles > 1)}"]
    notes += [str(e) for e in placement.budgets if e.limit == "cores"]
    return replace(bill, warnings=(*bill.warnings, *notes))


def read_counts(path: str | Path) -> Counts:
    """Read counts from a JSON file (:meth:`~spiking.core.counts.Counts.to_dict`).

    Raises:
        SpikingError: no file, too large, not JSON, or not counts.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > LARGEST_JSON:
            raise SpikingError(
                f"{file.name} has {size / 1e6:.0f} MB; counts have less than {LARGEST_JSON / 1e6:g} MB"
            )
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpikingError(
            f"{file} cannot be read ({error.strerror}); give a .nir network or a .json of counts"
        ) from None
    except ValueError as error:
        raise SpikingError(f"{file.name} is not JSON ({error})") from None
    if isinstance(data, dict) and isinstance(data.get("counts"), dict):  # what `spiking energy --json` wrote
        data = data["counts"]
    require(isinstance(data, dict), f"{file.name} holds no counts; needed: 'layers' and 'counts'")
    return Counts.from_dict(data)
