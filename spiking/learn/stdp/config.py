"""Every setting of learning by STDP, checked where it is made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from spiking.core import check
from spiking.core.errors import require


@dataclass(frozen=True, kw_only=True)
class LearnConfig:
    """How samples are shown to a network that learns by STDP.

    Attributes:
        images: samples shown in all; or ``epochs``, passes over the data.
        seed: of the order of the samples and of every input spike.
        batch: 1 learns one sample after another, exactly; more learn so many at a time from the
            same weights, in parallel, and add up their changes (the same bits for any number of threads).
        rest: time without input after each sample [s].
        carry: whether membranes, conductances and traces flow from sample to sample (as in a
            clock-driven simulator) instead of starting each from rest.
        min_spikes, boost, tries: a sample that fewer than ``min_spikes`` spikes answer is shown again with
            its rates raised by the fraction ``boost``, at most ``tries`` times in all.

    Raises:
        SpikingError: a value out of its range, or two that exclude each other.
    """

    images: int | None = None
    epochs: int = 1
    seed: int = 0
    batch: int = 1
    rest: float = 0.0
    carry: bool = False
    min_spikes: int = 5
    boost: float = 0.5
    tries: int = 8

    def __post_init__(self) -> None:
        if self.images is not None:
            check.whole("images", self.images, 1)
        check.whole("epochs", self.epochs, 1)
        require(
            self.images is None or self.epochs == 1,
            f"images={self.images} and epochs={self.epochs} came together; images alone counts, give one",
        )
        check.seed(self.seed)
        check.whole("batch", self.batch, 1, todo="1 is exact")
        check.number("rest", self.rest, 0, 3600, unit="s")
        check.flag("carry", self.carry)
        check.whole("min_spikes", self.min_spikes, 0)
        check.number("boost", self.boost, 0)
        check.whole("tries", self.tries, 1, 1000)
        require(
            self.batch == 1 or not self.carry,
            "carry lets state flow from sample to sample; it needs batch=1",
        )

    def total(self, samples: int) -> int:
        """Samples shown in all, of a data set of ``samples``."""
        return self.images if self.images is not None else self.epochs * samples

    def settings(self) -> dict[str, Any]:
        """Return all that changes what one sample teaches; how many are shown is not in it."""
        plain = dataclasses.asdict(self)
        return {name: value for name, value in plain.items() if name not in ("images", "epochs")}
