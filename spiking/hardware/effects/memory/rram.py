"""Resistive memory: what its writes leave, at the times that were published.

No drift exponent is published for these cells: the spread around the target is, at one time or at a few. Two
fits of one figure (Wan et al. 2022, Extended Data Fig. 3) disagree, by a factor of 1.8 at 1 uS; both are
here, as a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.polynomial.polynomial import polyval

from spiking.core.errors import SpikingError
from spiking.hardware.effects.memory.array import Device, array_effect
from spiking.hardware.effects.weights import Values

DAY = 86400.0  # s
CROSSSIM = "coefficients as in CrossSim, simulator/devices/custom"


class Spread(Device):
    """A cell that lies around its target with a spread that a polynomial in the target gives.

    Attributes:
        sigmas: coefficients of the spread [uS] by time [s], in ``g / unit``, lowest power first.
        unit: conductance the polynomial counts in [uS].
    """

    sigmas: ClassVar[dict[float, tuple[float, ...]]]
    unit: ClassVar[float] = 1.0

    def sigma(self, g: Values, time: float) -> Values:
        """Standard deviation [uS] around the target ``g`` [uS], ``time`` [s] after the write."""
        return np.maximum(polyval(g / self.unit, self.sigmas[time]), 0.0)

    def programming_sigma(self, g: Values) -> Values:
        """The spread at the first time that was published."""
        return self.sigma(g, min(self.sigmas))

    def check_time(self, time: float) -> None:
        """Only the times that were published."""
        if time not in (0.0, *self.sigmas):
            known = ", ".join(f"{t:g}" for t in self.sigmas)
            raise SpikingError(
                f"time is {time:g} s; the spread of this device is published at {known} s alone "
                "(0: as written)"
            )

    def aged(
        self, g: Values, target: Values, time: float, rng: np.random.Generator, drift: float, read: float
    ) -> Values:
        """After the first time a new draw around the target, scaled by ``drift``; no read noise is known."""
        z = rng.standard_normal(g.shape)
        if time <= min(self.sigmas) or drift == 0:
            return g
        return np.maximum(target + drift * self.sigma(target, time) * z, 0.0)


@dataclass(frozen=True, kw_only=True)
class WanAihwkit(Spread):
    """Resistive memory of Wan et al. (2022), in the fit of aihwkit: at 1 s, one and two days."""

    g_max: ClassVar[float] = 40.0
    unit: ClassVar[float] = 40.0
    sigmas: ClassVar[dict[float, tuple[float, ...]]] = {
        1.0: (0.348, 16.030, -43.853, 45.393, -16.815),
        DAY: (0.701, 22.086, -50.773, 47.095, -16.458),
        2 * DAY: (0.782, 20.274, -43.507, 37.062, -11.934),
    }
    source: ClassVar[str] = (
        "Wan et al. 2022, Nature 608:504, doi:10.1038/s41586-022-04992-8; coefficients as in aihwkit, "
        "inference/noise/reram.py, at the 40 uS they were fitted to"
    )


@dataclass(frozen=True, kw_only=True)
class WanCrossSim(Spread):
    """Resistive memory of Wan et al. (2022), in the fit of CrossSim: at 1 s."""

    g_max: ClassVar[float] = 39.26
    sigmas: ClassVar[dict[float, tuple[float, ...]]] = {1.0: (1.053, 2.374e-1, -1.167e-2, 1.536e-4)}
    source: ClassVar[str] = (
        f"Wan et al. 2022, Nature 608:504, doi:10.1038/s41586-022-04992-8; {CROSSSIM}/RRAM_Wan.py"
    )


@dataclass(frozen=True, kw_only=True)
class Milo(Spread):
    """Resistive memory of Milo et al. (2021), 50 to 225 uS, written by the algorithm IGVVA-100."""

    g_min: ClassVar[float] = 50.0
    g_max: ClassVar[float] = 225.0
    sigmas: ClassVar[dict[float, tuple[float, ...]]] = {0.0: (4.782321, -0.009107)}
    source: ClassVar[str] = (
        f"Milo et al. 2021, IRPS, doi:10.1109/IRPS46558.2021.9405119; {CROSSSIM}/RRAM_Milo.py"
    )


@dataclass(frozen=True, kw_only=True)
class Joshi(Spread):
    """Phase-change memory of Joshi et al. (2020) as written, 27 s after it: 0.25 to 25 uS, no drift."""

    g_min: ClassVar[float] = 0.25
    g_max: ClassVar[float] = 25.0
    sigmas: ClassVar[dict[float, tuple[float, ...]]] = {0.0: (0.28638599, 0.07585724, -0.00178767)}
    source: ClassVar[str] = (
        "Joshi et al. 2020, Nature Communications 11:2473, doi:10.1038/s41467-020-16108-9, Fig. 3b; "
        f"{CROSSSIM}/PCM_Joshi.py"
    )


array_effect("rram-wan-aihwkit", WanAihwkit)
array_effect("rram-wan-crosssim", WanCrossSim)
array_effect("rram-milo", Milo)
array_effect("pcm-joshi", Joshi)
