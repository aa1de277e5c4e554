"""What the bands of the constants mean for a verdict: Monte Carlo, and the one constant that flips it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spiking.core.counts import Counts
from spiking.core.errors import require
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.price import price
from spiking.hardware.quantity import Interval

Array = NDArray[np.float64]


def sample(chip: Chip, samples: int, seed: int = 0) -> Chip:
    """Return ``chip`` with each banded constant drawn ``samples`` times, log-uniform between low and high.

    A band that starts at 0 is drawn uniformly. A constant's draws depend on its name and the seed only,
    so that two chips that share a constant share its draws.
    """
    require(samples >= 1, f"samples is {samples!r}; at least 1 is needed")
    drawn: dict[str, Constant] = {}
    for name, c in chip.constants.items():
        if c.value is None or c.low is None or c.high is None or np.all(c.low == c.high):
            continue
        u = np.random.default_rng([seed, *name.encode()]).random(samples)
        if np.all(np.asarray(c.low) > 0):
            values = c.low * (c.high / np.asarray(c.low)) ** u
        else:
            values = c.low + (c.high - np.asarray(c.low)) * u
        drawn[name] = c.at(values)
    return replace(chip, constants={**chip.constants, **drawn})


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An SNN and an MLP over the bands of their constants.

    Attributes:
        ratio: energy of the SNN over that of the MLP, ``[samples]``.
        probability: share of the draws in which the SNN needs less.
        quantiles: 5 %, 50 % and 95 % of the ratio.
    """

    ratio: Array
    probability: float
    quantiles: Interval


def monte_carlo(
    snn: Counts,
    mlp: Counts,
    chip: Chip,
    mlp_chip: Chip | None = None,
    *,
    samples: int = 10_000,
    seed: int = 0,
    which: str = "total",
    latency: float | None = None,
) -> Comparison:
    """Draw the constants and return how often the SNN needs less energy.

    On one chip both networks see the same draws: a dear memory is dear for both.

    Raises:
        SpikingError: one of the networks cannot run, or has no price.
    """
    energies = []
    for counts, device in ((snn, chip), (mlp, mlp_chip or chip)):
        bill = price(counts.mean(), sample(device, samples, seed), latency=latency)
        require(
            bill.runs_here, f"{counts.name!r} cannot run on {device.name!r}: needs {'; '.join(bill.needs)}"
        )
        energies.append(np.broadcast_to(bill.total(which).nominal, samples))
    require(bool(np.all(np.isfinite(energies))), "no published price; a probability cannot be given")
    ratio = np.asarray(energies[0] / energies[1], np.float64)
    low, middle, high = (float(x) for x in np.quantile(ratio, [0.05, 0.5, 0.95]))
    return Comparison(
        ratio=ratio, probability=float(np.mean(ratio < 1)), quantiles=Interval(low, middle, high)
    )


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """The ratio SNN / MLP with one constant at either end of its band; ``flips`` if the winner changes."""

    chip: str
    constant: str
    at_low: float
    at_high: float
    nominal: float

    @property
    def flips(self) -> bool:
        """True if the winner at one end is not the winner at the other."""
        ends = (self.at_low, self.at_high, self.nominal)
        return min(ends) < 1 < max(ends)

    @property
    def swing(self) -> float:
        """Factor between the two ends."""
        return max(self.at_low, self.at_high) / min(self.at_low, self.at_high)


def sensitivity(
    snn: Counts,
    mlp: Counts,
    chip: Chip,
    mlp_chip: Chip | None = None,
    *,
    which: str = "total",
    latency: float | None = None,
) -> list[Sensitivity]:
    """Return one row per banded constant, the widest swing first; all are priced in one call per network."""
    devices: Mapping[str, Chip] = {d.name: d for d in (chip, mlp_chip or chip)}
    banded = [
        (device, name)
        for device, d in devices.items()
        for name, c in d.constants.items()
        if c.known and not np.all(c.low == c.high)
    ]
    ratios = _ends(snn, mlp, chip, mlp_chip or chip, banded, which, latency)
    rows = [
        Sensitivity(
            chip=device,
            constant=name,
            at_low=float(ratios[1 + 2 * i]),
            at_high=float(ratios[2 + 2 * i]),
            nominal=float(ratios[0]),
        )
        for i, (device, name) in enumerate(banded)
    ]
    return sorted(rows, key=lambda r: -r.swing)


def _ends(
    snn: Counts,
    mlp: Counts,
    chip: Chip,
    mlp_chip: Chip,
    banded: list[tuple[str, str]],
    which: str,
    latency: float | None,
) -> Array:
    """Ratios ``[1 + 2 x constants]``: nominal, then each constant at its low and its high end."""
    n = 1 + 2 * len(banded)
    energies = []
    for counts, device in ((snn, chip), (mlp, mlp_chip)):
        values: dict[str, Array] = {}
        for i, (owner, name) in enumerate(banded):
            if owner == device.name:
                c = device[name]
                column = np.full(n, c.value, np.float64)
                column[1 + 2 * i], column[2 + 2 * i] = c.low, c.high
                values[name] = column
        bill = price(counts.mean(), device.with_values(**values), latency=latency)
        require(
            bill.runs_here, f"{counts.name!r} cannot run on {device.name!r}: needs {'; '.join(bill.needs)}"
        )
        energies.append(np.broadcast_to(bill.total(which).nominal, n))
    return np.asarray(energies[0] / energies[1], np.float64)
