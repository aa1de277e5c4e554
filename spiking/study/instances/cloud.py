"""The joint cloud of accuracy and joules over chips: ``chip_cloud(network, effects, x, y) -> Cloud``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.counts import Counts, count
from spiking.core.network import Network
from spiking.core.progress import Watch
from spiking.hardware import Bill, price
from spiking.hardware.effects.compose import Effects, checked, chip_instance
from spiking.simulate import run
from spiking.simulate.instances import Instances, run_instances
from spiking.study.instances.distribution import Distribution, Share


@dataclass(frozen=True, kw_only=True, eq=False)
class Cloud:
    """What chip instances of one network do, and what each costs.

    Attributes:
        nominal_accuracy: of the network without effects, on the same input spikes.
        accuracy: fraction of samples that each chip answers right ``[chips]``.
        counts: operations of the mean inference, every value ``[chips]``. The hardware is that of the nominal
            network: a cell that does not conduct is still read, a threshold that deviates is no stored word.
        bills: by priced chip; every total is ``[chips]``. Estimated, not measured.
        seeds: of the chips.
    """

    nominal_accuracy: float
    accuracy: NDArray[np.float64]
    counts: Counts
    bills: dict[str, Bill]
    seeds: NDArray[np.int64]

    @property
    def accuracies(self) -> Distribution:
        """Accuracy over chips."""
        return Distribution(self.accuracy, "low")

    def energy(self, chip: str, which: str = "total") -> Distribution:
        """Joules per inference over chip instances, at nominal prices; NaN where the chip cannot run it."""
        total = np.asarray(self.bills[chip].total(which).nominal, np.float64)
        return Distribution(np.broadcast_to(total, self.accuracy.shape), "high")

    def yield_above(self, floor: float) -> Share:
        """Chips whose accuracy is ``floor`` (a fraction) or more.

        Raises:
            SpikingError: a floor outside 0 to 1.
        """
        check.number("floor", floor, 0, 1, todo="a fraction: 0.9 is 90 %")
        return Share(int((self.accuracy >= floor - 1e-12).sum()), len(self.accuracy))

    def yield_within(self, points: float) -> Share:
        """Chips that lose at most ``points`` percentage points against the network without effects."""
        check.number("points", points, 0, 100, unit="percentage points")
        return self.yield_above(max(self.nominal_accuracy - points / 100, 0.0))

    def rows(self) -> pd.DataFrame:
        """One row per chip instance: seed, accuracy, spikes, synaptic events, and joules by priced chip."""
        shape = np.zeros(len(self.accuracy))
        made = {
            "seed": self.seeds,
            "accuracy": self.accuracy,
            "spikes": self.counts.total("spikes") + shape,
            "synaptic_events": self.counts.total("synaptic_events") + shape,
        }
        for name, bill in self.bills.items():
            made[f"energy_J:{name}"] = self.energy(name).values
            made[f"lower_bound:{name}"] = np.full(len(shape), bill.lower_bound)
        return pd.DataFrame(made)

    def summary(self) -> pd.DataFrame:
        """Accuracy and joules: mean with its interval, spread, what 95 % of the chips reach, the worst."""
        table = {"accuracy": self.accuracies.words()}
        table |= {f"energy_J:{name}": self.energy(name).words() for name in self.bills}
        return pd.DataFrame(table).T


def chip_cloud(
    network: Network,
    effects: Effects,
    x: NDArray[Any],
    y: NDArray[np.integer],
    *,
    instances: int = 100,
    chips: Sequence[str] = ("generic-45nm",),
    seed: int = 0,
    first: int = 0,
    progress: Watch | None = None,
) -> Cloud:
    """Draw ``instances`` chips of ``network`` and run ``x`` on each, under the same input spikes.

    Args:
        effects: ``(name, options)`` of :data:`spiking.hardware.effects.EFFECTS`, in the order they act; none
            that change the shape of the network or its input.
        x, y: samples and their labels.
        instances: number of chips; chip ``k`` has the seed ``first + k``, whatever their number.
        chips: what to price on; () prices nothing.
        seed: of the input spikes.
        progress: gets :class:`~spiking.core.progress.Progress`.

    Raises:
        SpikingError: an unknown effect, option or chip, no instances, or what ``run`` refuses.
    """
    check.whole("instances", instances, 1)
    check.whole("first", first, 0, 2**32 - instances)
    known = checked(effects)
    nominal = run(network, x, seed=seed)
    accuracy = nominal.accuracy(y)
    bills = {name: price(count(network, nominal).mean(), name) for name in chips}  # refuses early
    seeds = np.arange(first, first + instances)
    made = run_instances(
        network, (chip_instance(network, known, int(k)) for k in seeds), x, seed=seed, progress=progress
    )
    counts = counts_of(made)
    for name in bills:
        bills[name] = price(counts, name)
    return Cloud(
        nominal_accuracy=accuracy, accuracy=made.accuracy(y), counts=counts, bills=bills, seeds=seeds
    )


def counts_of(made: Instances) -> Counts:
    """Operations of the mean inference of each chip, every value ``[chips]``."""
    each = [count(made.network, made.trace(k)).mean() for k in range(made.chips)]
    table = {key: np.array([c.table[key] for c in each]) for key in each[0].table}
    return replace(each[0], table=table)
