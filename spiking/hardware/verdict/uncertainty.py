"""What the bands of the constants mean for a verdict: Monte Carlo, and the one constant that flips it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spiking.core.check import seed as seeded
from spiking.core.check import whole
from spiking.core.counts import Counts
from spiking.core.errors import require
from spiking.core.typed import typed
from spiking.hardware.bill import SCOPE_TERMS, Bill
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.price import price
from spiking.hardware.quantity import Interval, Number
from spiking.hardware.verdict.accuracy import MOST_DRAWS

Array = NDArray[np.float64]
Pair = tuple[tuple[Counts, Chip], tuple[Counts, Chip]]


@typed
def sample(chip: Chip, samples: int, seed: int = 0) -> Chip:
    """Return ``chip`` with each banded constant drawn ``samples`` times, log-uniform between low and high.

    A band that starts at 0 is drawn uniformly. Draws depend on the seed and on the constant with its name,
    band and source: one that two chips share is drawn once, two of the same name only are drawn apart.
    """
    whole("samples", samples, 1, MOST_DRAWS)
    seeded(seed)
    drawn: dict[str, Constant] = {}
    for name, c in chip.constants.items():
        if c.value is None or c.low is None or c.high is None or np.all(c.low == c.high):
            continue
        u = _uniform(seed, samples, name, str((c.value, c.low, c.high, c.unit, c.source, c.where)))
        drawn[name] = c.at(_between(c.low, c.high, u))
    return replace(chip, constants={**chip.constants, **drawn})


def _uniform(seed: int, samples: int, *key: str) -> Array:
    return np.random.default_rng([seed, *"\0".join(key).encode()]).random(samples)


def _between(low: Number, high: Number, u: Array) -> Array:
    """The point at ``u`` of 0 to 1: even in the logarithm, or evenly where the band starts at 0."""
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(low > 0, low * (high / np.where(low > 0, low, 1.0)) ** u, low + (high - low) * u)


@typed
def draw(bill: Bill, which: str, samples: int, seed: int = 0) -> Array:
    """Return the total [J] of a bill of drawn constants, ``[samples]``, bands inside its lines drawn too.

    A line has a band of its own where the design is open (decay by product or by shift and addition), beside
    those of the constants. Lines of one name on one chip take the same place in their bands.
    """
    whole("samples", samples, 1, MOST_DRAWS)
    seeded(seed)
    if not np.all(np.isfinite(bill.total(which).nominal)):
        return np.full(samples, np.nan)
    inside, total = SCOPE_TERMS[which], np.zeros(samples)
    for line in bill.lines:
        if line.price.known and inside(line.term):
            e = line.energy
            u = _uniform(seed, samples, "line", bill.chip, line.constant)
            total = total + (e.nominal if e.sharp else _between(e.low, e.high, u))
    return total


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An SNN and an MLP over the bands of their constants.

    Attributes:
        ratio: energy of the SNN over that of the MLP, ``[samples]``.
        share: share of the drawn scenarios in which the SNN needs less (bands are no probabilities).
        quantiles: 5 %, 50 % and 95 % of the ratio.
    """

    ratio: Array
    share: float
    quantiles: Interval


@typed
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
    every: float | None = None,
) -> Comparison:
    """Draw the constants and return how often the SNN needs less energy.

    On one chip both networks see the same draws: a dear memory is dear for both.

    Raises:
        SpikingError: one of the networks cannot run, or has no price.
    """
    energies = []
    for counts, device in ((snn, chip), (mlp, mlp_chip or chip)):
        bill = price(counts.mean(), sample(device, samples, seed), latency=latency, every=every)
        require(
            bill.runs_here, f"{counts.name!r} cannot run on {device.name!r}: needs {'; '.join(bill.needs)}"
        )
        energies.append(draw(bill, which, samples, seed))
    require(bool(np.all(np.isfinite(energies))), "no published price; no share of scenarios can be given")
    ratio = np.asarray(energies[0] / energies[1], np.float64)
    low, middle, high = (float(x) for x in np.quantile(ratio, [0.05, 0.5, 0.95]))
    return Comparison(ratio=ratio, share=float(np.mean(ratio < 1)), quantiles=Interval(low, middle, high))


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


@typed
def sensitivity(
    snn: Counts,
    mlp: Counts,
    chip: Chip,
    mlp_chip: Chip | None = None,
    *,
    which: str = "total",
    latency: float | None = None,
    every: float | None = None,
) -> list[Sensitivity]:
    """Return one row per banded constant and per line with a band of its own, the widest swing first."""
    devices = {d.name: d for d in (chip, mlp_chip or chip)}
    banded = [
        (device, name)
        for device, d in devices.items()
        for name, c in d.constants.items()
        if c.known and not np.all(c.low == c.high)
    ]
    pair = ((snn, chip), (mlp, mlp_chip or chip))
    ratios = _ends(pair, banded, which, latency, every)
    ends = {key: (ratios[1 + 2 * i], ratios[2 + 2 * i]) for i, key in enumerate(banded)}
    ends |= _inside(pair, which, latency, every)
    rows = [
        Sensitivity(chip=c, constant=name, at_low=float(a), at_high=float(b), nominal=float(ratios[0]))
        for (c, name), (a, b) in ends.items()
    ]
    return sorted(rows, key=lambda r: -r.swing)


def _priced(counts: Counts, device: Chip, latency: float | None, every: float | None) -> Bill:
    bill = price(counts.mean(), device, latency=latency, every=every)
    require(bill.runs_here, f"{counts.name!r} cannot run on {device.name!r}: needs {'; '.join(bill.needs)}")
    return bill


def _ends(
    pair: Pair, banded: list[tuple[str, str]], which: str, latency: float | None, every: float | None
) -> Array:
    """Ratios ``[1 + 2 x constants]``: nominal, then each constant at its low and its high end."""
    n = 1 + 2 * len(banded)
    energies = []
    for counts, device in pair:
        values: dict[str, Array] = {}
        for i, (owner, name) in enumerate(banded):
            if owner == device.name:
                c = device[name]
                column = np.full(n, c.value, np.float64)
                column[1 + 2 * i], column[2 + 2 * i] = c.low, c.high
                values[name] = column
        bill = _priced(counts, device.with_values(**values), latency, every)
        energies.append(np.broadcast_to(bill.total(which).nominal, n))
    return np.asarray(energies[0] / energies[1], np.float64)


def _inside(
    pair: Pair, which: str, latency: float | None, every: float | None
) -> dict[tuple[str, str], tuple[float, float]]:
    """Ratios with each line that has a band beside those of the constants at its low and its high end."""
    bills = []
    for counts, device in pair:
        exact = {n: c.value for n, c in device.constants.items() if c.value is not None}
        bills.append(_priced(counts, device.with_values(**exact), latency, every))
    kept = [[x for x in b.lines if x.price.known and SCOPE_TERMS[which](x.term)] for b in bills]
    nominal = [float(b.total(which).nominal) for b in bills]
    keys = [
        (b.chip, x.constant)
        for b, lines in zip(bills, kept, strict=True)
        for x in lines
        if x.energy.low < x.energy.high
    ]
    out = {}
    for key in dict.fromkeys(keys):
        ends = []
        for end in ("low", "high"):
            moved = [
                total
                + sum(
                    float(getattr(x.energy, end) - x.energy.nominal)
                    for x in lines
                    if (b.chip, x.constant) == key
                )
                for b, lines, total in zip(bills, kept, nominal, strict=True)
            ]
            ends.append(moved[0] / moved[1])
        out[key] = (ends[0], ends[1])
    return out
