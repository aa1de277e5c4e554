"""Phase-change memory with power-law drift: doped GST of one million devices, and the Hermes chip."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.polynomial.polynomial import polyval

from spiking.hardware.effects.memory.array import Device, array_effect
from spiking.hardware.effects.weights import Values

LEAST = 1e-7  # relative conductance below which the logarithms of the fits are not followed


class PhaseChange(Device):
    """A cell whose conductance drifts: ``g(t) = g (t / t_0)^-nu``, with 1/f noise on top.

    ``nu`` is drawn for each cell; ``t`` counts from ``t_0`` [s], the first reading of the fit. The noise of
    reading is ``|g(t)| Q sqrt(ln((t + t_read) / (2 t_read)))``, with ``t_read`` [s] the length of a reading.
    """

    t_0: ClassVar[float]
    t_read: ClassVar[float]
    programming: ClassVar[tuple[float, ...]]  # of sigma [uS] in g / g_max, lowest power first

    def programming_sigma(self, g: Values) -> Values:
        """The polynomial of the fit."""
        return np.maximum(polyval(g / self.g_max, self.programming), 0.0)

    @abstractmethod
    def exponent(self, share: Values) -> tuple[Values, Values]:
        """Mean and standard deviation of ``nu`` at ``share = g / g_max``."""

    @abstractmethod
    def flicker(self, share: Values) -> Values:
        """Strength ``Q`` of the 1/f noise at ``share = g / g_max``."""

    def aged(
        self, g: Values, target: Values, time: float, rng: np.random.Generator, drift: float, read: float
    ) -> Values:
        """Drift from ``t_0`` to ``t_0 + time``, then one reading."""
        mean, sigma = self.exponent(np.maximum(target / self.g_max, LEAST))
        nu = drift * np.abs(mean + sigma * rng.standard_normal(g.shape))
        z = rng.standard_normal(g.shape)
        later = g * ((time + self.t_0) / self.t_0) ** -nu
        spread = self.flicker(np.maximum(g / self.g_max, LEAST)) * self.reading(time)
        return np.maximum(later * (1.0 + read * spread * z), 0.0)

    def reading(self, time: float) -> float:
        """Growth of the 1/f noise since the write, ``time`` [s] after the first reading."""
        return float(np.sqrt(np.log((time + self.t_0 + self.t_read) / (2.0 * self.t_read))))


@dataclass(frozen=True, kw_only=True)
class Nandakumar(PhaseChange):
    """Phase-change memory of doped Ge2Sb2Te5, fitted to one million devices (Nandakumar et al. 2019)."""

    g_max: ClassVar[float] = 25.0
    t_0: ClassVar[float] = 20.0
    t_read: ClassVar[float] = 250e-9
    programming: ClassVar[tuple[float, ...]] = (0.26348, 1.9650, -1.1731)
    source: ClassVar[str] = (
        "Nandakumar et al. 2019, ICECS, doi:10.1109/ICECS46596.2019.8964852; coefficients as in aihwkit, "
        "inference/noise/pcm.py"
    )

    def exponent(self, share: Values) -> tuple[Values, Values]:
        """Both fall with the logarithm of the conductance, between ends."""
        log = np.log(share)
        mean = np.clip(-0.0155 * log + 0.0244, 0.049, 0.1)
        return mean, np.clip(-0.0125 * log - 0.0059, 0.008, 0.045)

    def flicker(self, share: Values) -> Values:
        """``0.0088 / share^0.65``, at most 0.2."""
        return np.minimum(0.0088 / np.maximum(share**0.65, 1e-3), 0.2)


class Hermes(PhaseChange):
    """Phase-change memory of the 14 nm Hermes chip."""

    t_read: ClassVar[float] = 512e-9
    source: ClassVar[str] = (
        "Le Gallo et al. 2023, Nature Electronics, doi:10.1038/s41928-023-01010-1; Vasilopoulos et al. 2023, "
        "IEEE TED; coefficients as in aihwkit, inference/noise/hermes.py"
    )

    def exponent_mean(self, share: Values) -> Values:
        """Mean of ``nu``; the same for one and for two devices."""
        low = np.clip(-0.0387 * np.log(share) - 0.0182, 0.072, 0.13)
        return np.where(share < 0.0945, low, polyval(share, (0.0736, -0.0126, -0.0436)))


@dataclass(frozen=True, kw_only=True)
class HermesOne(Hermes):
    """Phase-change memory of the 14 nm Hermes chip, one device per conductance (Le Gallo et al. 2023)."""

    g_max: ClassVar[float] = 10.35
    t_0: ClassVar[float] = 200.0
    programming: ClassVar[tuple[float, ...]] = (0.15781817, 2.32443916, -2.16310839, 0.68841818)

    def exponent(self, share: Values) -> tuple[Values, Values]:
        """As fitted, in two branches."""
        low = np.clip(-0.0120 * np.log(share) - 0.0023, 0.0124, 0.04)
        return self.exponent_mean(share), np.where(
            share < 0.3039, low, polyval(share, (0.0104, 0.0116, -0.0165))
        )

    def flicker(self, share: Values) -> Values:
        """As fitted, in two branches."""
        low = np.clip(-0.0078 * np.log(share) + 0.0038, 0.0179, 0.04)
        return np.where(share < 0.1591, low, polyval(share, (0.0088, 0.0768, -0.1352, 0.0664)))


@dataclass(frozen=True, kw_only=True)
class HermesTwo(Hermes):
    """Phase-change memory of the 14 nm Hermes chip, two devices a conductance (Vasilopoulos et al. 2023)."""

    g_max: ClassVar[float] = 20.7
    t_0: ClassVar[float] = 300.0
    programming: ClassVar[tuple[float, ...]] = (0.16603222, 4.71806468, -8.48101252, 4.68961419)

    def exponent(self, share: Values) -> tuple[Values, Values]:
        """As fitted, in two branches."""
        low = np.clip(-0.0117 * np.log(share) - 0.0057, 0.0091, 0.04)
        return self.exponent_mean(share), np.where(
            share < 0.3055, low, polyval(share, (0.0073, 0.0093, -0.0118))
        )

    def flicker(self, share: Values) -> Values:
        """As fitted, in two branches."""
        low = np.clip(-0.0117 * np.log(share) - 0.0069, 0.015, 0.04)
        return np.where(share < 0.16, low, polyval(share, (0.0123, 0.0211, -0.0280, 0.0069)))


array_effect("pcm", Nandakumar)
array_effect("pcm-hermes-1", HermesOne)
array_effect("pcm-hermes-2", HermesTwo)
