"""An array of cells is written, ages and is read: the effect that every memory device registers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from spiking.core import check
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.memory.cells import Cells
from spiking.hardware.effects.weights import Values, on_weights, targets_of

COMPENSATIONS = ("none", "global", "column")
LEAST_READING = 1e-30  # of a compensation: below it nothing is left to scale by


class Device:
    """A memory device: all conductances in microsiemens, all times in seconds after writing.

    A device is a frozen dataclass of its options, and registers :func:`array_effect` of itself.

    Attributes:
        g_min, g_max: range of conductance that was measured [uS].
        source: where its figures stand.
    """

    g_min: ClassVar[float] = 0.0
    g_max: ClassVar[float]
    source: ClassVar[str]

    @abstractmethod
    def programming_sigma(self, g: Values) -> Values:
        """Standard deviation [uS] of what a write to the target ``g`` [uS] leaves."""

    def written(self, g: Values, rng: np.random.Generator, scale: float = 1.0) -> Values:
        """Conductances [uS] after a write to ``g``; none is negative."""
        return np.maximum(g + scale * self.programming_sigma(g) * rng.standard_normal(g.shape), 0.0)

    def check_time(self, time: float) -> None:
        """Refuse times at which nothing was published.

        Raises:
            SpikingError: naming the times that are allowed.
        """

    @abstractmethod
    def aged(
        self, g: Values, target: Values, time: float, rng: np.random.Generator, drift: float, read: float
    ) -> Values:
        """Conductances [uS] as they are read ``time`` [s] after they were written as ``g``.

        ``drift, read``: scales of the drift and of the noise of reading. What is drawn for the drift does not
        depend on ``time``, so that one seed is one chip at all times.
        """


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How an array is used.

    Attributes:
        time: since it was written [s].
        mapping: ``"pair"`` or ``"reference"`` (:class:`Cells`).
        compensation: ``"none"``; ``"global"``: one factor per connection, the mean absolute weight as written
            over that as read (Joshi et al. 2020, Nature Communications 11:2473); ``"column"``: per target.
        programming, drift, read: scales of the three errors; 0 leaves one out.
    """

    time: float = 0.0
    mapping: str = "pair"
    compensation: str = "none"
    programming: float = 1.0
    drift: float = 1.0
    read: float = 1.0

    def __post_init__(self) -> None:
        check.number("time", self.time, 0, unit="s")
        check.choice("compensation", self.compensation, COMPENSATIONS)
        for name in ("programming", "drift", "read"):
            check.number(name, getattr(self, name), 0, todo="1 is as published, 0 leaves it out")


def through(device: Device, how: Reading, c: Connection, w: Values, rng: np.random.Generator) -> Values:
    """The weights ``w`` of connection ``c`` as an array of ``device`` gives them back."""
    top = float(np.max(np.abs(w), initial=0.0))
    if top == 0.0:
        return w
    cells = Cells(mapping=how.mapping, g_min=device.g_min, g_max=device.g_max, top=top)
    targets = cells.conductances(w)
    written = tuple(device.written(g, rng, how.programming) for g in targets)
    now = tuple(
        device.aged(g, target, how.time, rng, how.drift, how.read)
        for g, target in zip(written, targets, strict=True)
    )
    exact = how.programming == how.drift == how.read == 0
    made = w.copy() if exact else cells.weights(now)
    return np.asarray(made * _factor(c, cells.weights(written), made, how.compensation))


def _factor(c: Connection, then: Values, now: Values, compensation: str) -> Any:
    if compensation == "none":
        return 1.0
    if compensation == "global":
        return float(np.abs(then).mean() / max(np.abs(now).mean(), LEAST_READING))
    column, size = targets_of(c).ravel(), c.weight.shape[1]
    before, after = (np.bincount(column, np.abs(v).ravel(), size) for v in (then, now))
    return np.where(after > 0, before / np.maximum(after, LEAST_READING), 1.0)[targets_of(c)]


def array_effect(name: str, kind: type[Device]) -> None:
    """Register the effect ``name``: the weights of a network in arrays of the device ``kind``."""
    options = {f.name for f in fields(kind)}  # type: ignore[arg-type]

    def effect(
        network: Network, rng: np.random.Generator, *, only: Sequence[str] | None = None, **how: Any
    ) -> Network:
        own = {k: how.pop(k) for k in list(how) if k in options}
        device = kind(**own)
        reading = check.configured(Reading, None, how, f"the effect {name!r}", (*own, "only"))
        device.check_time(reading.time)
        return on_weights(network, lambda c, w: through(device, reading, c, w, rng), only)

    effect.__doc__ = f"{(kind.__doc__ or name).splitlines()[0]} Options: those of :class:`Reading`, and only."
    EFFECTS.register(name)(typed(effect))
