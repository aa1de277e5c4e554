"""Encoders around another one: spikes that get lost, doubled or late on their way, and coarser steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.base import Encoder
from spiking.core.coding.encode import counter_uniform
from spiking.core.errors import require

LOSS, DOUBLE, LATE = 0x10557, 0xD0B1E, 0x1A7E  # what one fault draws says nothing about another


class Around(Encoder):
    """The base of encoders that change what another one makes."""

    takes_streams: ClassVar[bool] = True
    of: Encoder

    def __post_init__(self) -> None:
        require(
            isinstance(self.of, Encoder) and not self.of.analog,
            f"of is {self.of!r}; allowed: an encoder that makes spikes",
        )

    def draws(self, size: int, steps: int) -> float:
        """Those of the code inside; what the device does costs nothing."""
        return self.of.draws(size, steps)

    def check(self, x: NDArray[np.floating], name: str) -> None:
        """As the code inside."""
        self.of.check(x, name)

    def inside(self, x: NDArray[np.floating], steps: int, seed: int, first: int) -> NDArray[np.int64]:
        """Spikes ``[samples, steps, features]`` of the code inside; a raster is taken as it is."""
        if x.ndim == 3 and not self.of.takes_streams:
            require(x.shape[1] == steps, f"a raster of {x.shape[1]} steps came; {steps} are needed")
            return np.asarray(x, np.int64)
        return np.asarray(self.of.spikes(x, steps, seed, first), np.int64)


@dataclass(frozen=True, kw_only=True)
class Unreliable(Around):
    """A link that loses, doubles and delays spikes, each on its own.

    A spike is lost with probability ``lost``; one that is not arrives twice with probability ``doubled``, and
    ``0 .. late`` steps later, each as likely. What would arrive after the last step is lost.

    Attributes:
        of: the encoder whose spikes pass.
        lost, doubled: probabilities.
        late: largest delay [steps].
        seed: of the faults; together with the sample, step and feature it decides each.
    """

    of: Encoder
    lost: float = 0.0
    doubled: float = 0.0
    late: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check.number("lost", self.lost, 0, 1)
        check.number("doubled", self.doubled, 0, 1)
        check.whole("late", self.late, 0)
        check.seed(self.seed)

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.int64]:
        """Return numbers of spikes ``[samples, steps, features]`` that arrive at each step."""
        made = self.inside(x, steps, seed, first)
        shape = (made.shape[0], steps, made.shape[2], first)
        made = made * (self._uniform(LOSS, seed, shape) >= self.lost)
        made = made * (1 + (self._uniform(DOUBLE, seed, shape) < self.doubled))
        if self.late == 0:
            return made
        delay = np.floor(self._uniform(LATE, seed, shape) * (self.late + 1)).astype(np.int64)
        arrived = np.zeros_like(made)
        for d in range(min(self.late, steps - 1) + 1):
            arrived[:, d:] += np.where(delay == d, made, 0)[:, : steps - d]
        return arrived

    def _uniform(self, fault: int, seed: int, shape: tuple[int, int, int, int]) -> NDArray[np.float64]:
        """Numbers from 0 to below 1, apart from those of the code and of other faults."""
        own = int(np.random.SeedSequence((self.seed, seed, fault)).generate_state(1)[0])
        return counter_uniform(own, *shape).astype(np.float64) / 2.0**32


@dataclass(frozen=True, kw_only=True)
class Coarse(Around):
    """A fine code seen in longer steps: a spike where there was at least one in ``factor`` fine steps.

    Attributes:
        of: the encoder of the fine code.
        factor: fine steps in one.
    """

    of: Encoder
    factor: int

    def __post_init__(self) -> None:
        super().__post_init__()
        check.whole("factor", self.factor, 1)

    def draws(self, size: int, steps: int) -> float:
        """Those of the fine code."""
        return self.of.draws(size, steps * self.factor)

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.bool_]:
        """Return ``[samples, steps, features]`` booleans."""
        fine = self.inside(x, steps * self.factor, seed, first)
        return np.asarray(fine.reshape(len(fine), steps, self.factor, -1).max(axis=2) > 0)
