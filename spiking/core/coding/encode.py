"""Encoders: how values in [0, 1] enter a network, as data plus the reference algorithm.

Every random draw is a counter-based hash of (seed, sample, step, feature), so a spike does not
depend on the batch it was drawn in, on the engine or on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.base import ENCODERS, Encoder
from spiking.core.errors import require
from spiking.core.neurons.base import LARGEST

MIX_A = np.uint64(0xBF58476D1CE4E5B9)  # splitmix64 (Steele, Lea & Flood 2014, OOPSLA)
MIX_B = np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of splitmix64: a bijection on 64-bit integers that scrambles every bit."""
    z = (z ^ (z >> np.uint64(30))) * MIX_A
    z = (z ^ (z >> np.uint64(27))) * MIX_B
    return z ^ (z >> np.uint64(31))


def counter_uniform(seed: int, samples: int, steps: int, size: int, first: int = 0) -> NDArray[np.uint32]:
    """Return 32 random bits for each (sample, step, feature), ``[samples, steps, size]``.

    ``first`` is the index of the first sample, so that batches of one data set join seamlessly.
    """
    with np.errstate(over="ignore"):
        row = np.arange(first, first + samples, dtype=np.uint64)[:, None] * np.uint64(steps)
        row = row + np.arange(steps, dtype=np.uint64)
        key = mix(row * GOLDEN + mix(np.full(row.shape, seed, dtype=np.uint64) + GOLDEN))
        word = mix(key[..., None] + np.arange(1, size + 1, dtype=np.uint64) * GOLDEN)
    return (word >> np.uint64(32)).astype(np.uint32)


@dataclass(frozen=True, kw_only=True)
class Direct(Encoder):
    """Constant current: the value itself at every step, so the first layer computes MACs.

    Attributes:
        stored: the weighted sum is computed once per inference and kept (True), or computed
            again at every step (False). It changes the count of operations, not the result.
    """

    analog: ClassVar[bool] = True
    gain: float = 1.0
    stored: bool = True

    def __post_init__(self) -> None:
        check.number("gain", self.gain, -LARGEST, LARGEST)
        check.flag("stored", self.stored)

    def draws(self, size: int, steps: int) -> float:
        """Nothing is drawn or compared."""
        return 0.0

    def values(self, size: int, steps: int) -> float:
        """Each value enters once where the weighted sum is kept, else at every step."""
        return float(size * (1 if self.stored else steps))


@dataclass(frozen=True, kw_only=True)
class Poisson(Encoder):
    """Rate code: a spike at each step with probability ``clip(gain * x, 0, 1)`` (Bernoulli)."""

    unit_range: ClassVar[bool] = True
    bernoulli: ClassVar[bool] = True
    gain: float = 1.0

    def __post_init__(self) -> None:
        check.number("gain", self.gain, 0, LARGEST)

    def draws(self, size: int, steps: int) -> float:
        """One random number for each feature and step."""
        return float(size * steps)

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.bool_]:
        """Return ``[samples, steps, features]`` booleans for ``x`` ``[samples, features]``."""
        limit = np.clip(self.gain * np.asarray(x, np.float64), 0.0, 1.0) * 2.0**32
        draws = counter_uniform(seed, x.shape[0], steps, x.shape[1], first)
        return np.asarray(draws.astype(np.float64) < limit[:, None, :])


@dataclass(frozen=True, kw_only=True)
class Latency(Encoder):
    """Time to first spike: one spike at ``tau ln(x / (x - theta))``, none where ``x <= theta``.

    The formula is the charging time of an RC unit to the threshold ``theta``; ``tau`` is in steps.
    With ``linear=True`` the time falls linearly from the last step (x = theta) to the first (x = 1).
    """

    unit_range: ClassVar[bool] = True
    tau: float = 5.0
    theta: float = 0.2
    linear: bool = False

    def __post_init__(self) -> None:
        check.number("tau", self.tau, 0, LARGEST, open_low=True, unit="steps")
        check.number("theta", self.theta, 0, 1, open_high=True)
        check.flag("linear", self.linear)

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.bool_]:
        """Return ``[samples, steps, features]`` booleans with at most one spike per feature."""
        v = np.asarray(x, np.float64)
        fires = v > self.theta
        if self.linear:
            time = (1.0 - v) / max(1.0 - self.theta, 1e-12) * (steps - 1)
        else:
            time = self.tau * np.log(np.where(fires, v, 2.0) / np.where(fires, v - self.theta, 1.0))
        when = np.floor(np.clip(time, 0.0, 1e9)).astype(np.int64)
        hit = np.where(fires & (when < steps), when, -1)
        return np.asarray(hit[:, None, :] == np.arange(steps)[None, :, None])


@dataclass(frozen=True, kw_only=True)
class Delta(Encoder):
    """Delta modulation: a spike where a value rose by ``threshold`` since the last step.

    For a static image the signal is presented row after row of time: feature values are scanned
    as a ramp from 0 to ``x`` over the steps, so a value crosses ``floor(x / threshold)`` levels.
    For a stream ``[samples, steps, features]`` the difference between steps is used (snnTorch).
    """

    unit_range: ClassVar[bool] = True
    takes_streams: ClassVar[bool] = True
    threshold: float = 0.1

    def __post_init__(self) -> None:
        check.number("threshold", self.threshold, 1e-9, LARGEST)

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.bool_]:
        """Return ``[samples, steps, features]`` booleans."""
        v = np.asarray(x, np.float64)
        if v.ndim == 2:
            v = v[:, None, :] * (np.arange(1, steps + 1) / steps)[None, :, None]
            level = np.floor(v / self.threshold + 1e-9)
            return np.asarray(np.diff(level, axis=1, prepend=0.0) > 0)
        require(v.shape[1] == steps, f"a stream of {v.shape[1]} steps came, the network has {steps}")
        return np.asarray(np.diff(v, axis=1, prepend=0.0) >= self.threshold)


@dataclass(frozen=True, kw_only=True)
class Events(Encoder):
    """The input already is a raster ``[samples, steps, features]`` of spikes."""

    raster_only: ClassVar[bool] = True

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.bool_]:
        """Return the raster itself, checked for its shape."""
        require(
            x.ndim == 3 and x.shape[1] == steps,
            f"a raster [samples, {steps}, features] is needed, {list(x.shape)} came",
        )
        return np.asarray(np.asarray(x) != 0)


@dataclass(frozen=True, kw_only=True)
class Opening(Encoder):
    """The first steps of another code: what an inference that is read early has seen.

    Attributes:
        of: the encoder whose spikes they are.
        whole: steps of the whole code; the network has at most as many.
    """

    takes_streams: ClassVar[bool] = True
    of: Encoder
    whole: int

    def __post_init__(self) -> None:
        require(
            isinstance(self.of, Encoder) and not self.of.analog,
            f"of is {self.of!r}; allowed: an encoder that makes spikes (a current is the same at every step)",
        )
        check.whole("whole", self.whole, 1)

    def draws(self, size: int, steps: int) -> float:
        """Those of the code it opens, for the steps that were taken."""
        return self.of.draws(size, steps)

    def spikes(self, x: NDArray[np.floating], steps: int, seed: int = 0, first: int = 0) -> NDArray[np.bool_]:
        """Return the first ``steps`` steps ``[samples, steps, features]`` of the whole code."""
        require(steps <= self.whole, f"{steps} steps are more than the {self.whole} of the whole code")
        if x.ndim == 3 and not self.of.takes_streams:
            return np.asarray(np.asarray(x)[:, :steps] != 0)
        return np.asarray(self.of.spikes(x, self.whole, seed, first)[:, :steps])

    def check(self, x: NDArray[np.floating], name: str) -> None:
        """As the code it opens."""
        self.of.check(x, name)


for _name, _kind in {
    "direct": Direct,
    "poisson": Poisson,
    "latency": Latency,
    "delta": Delta,
    "events": Events,
}.items():
    ENCODERS.register(_name)(_kind)
