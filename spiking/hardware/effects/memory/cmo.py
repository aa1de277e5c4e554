"""Analog filamentary resistive memory with a conductive metal oxide on HfOx (CMO/HfOx)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.polynomial.polynomial import polyval

from spiking.core.errors import SpikingError
from spiking.hardware.effects.memory.array import Device, array_effect
from spiking.hardware.effects.weights import Values

PROGRAMMING = {0.2: (0.00081107, 0.00106879), 2.0: (0.0112185391, 0.01129027418)}  # [uS], by acceptance [%]
MEAN = -0.08900206  # uS per unit of ln t
SPREAD = (0.41183342, 0.04201137)  # uS, and uS per unit of ln t
READ, READING = 0.0277316483, 1e-6  # uS per decade of conductance; length of a reading [s]


@dataclass(frozen=True, kw_only=True)
class CMO(Device):
    """Resistive memory of conductive metal oxide on HfOx, 9 to 88.19 uS (Falcone et al., IBM Research).

    A write is accepted within ``acceptance`` [%] of its target. Afterwards every conductance shifts by
    ``-0.089 ln t`` uS and spreads by ``0.412 + 0.042 ln t`` uS, whatever it was, ``t`` in seconds from 1 s
    on; a reading adds ``0.0277 log10(g) sqrt(ln((t + t_r) / 2 t_r))`` uS with ``t_r`` = 1 us.
    """

    g_min: ClassVar[float] = 9.0
    g_max: ClassVar[float] = 88.19
    source: ClassVar[str] = (
        "Falcone et al., characterisation of CMO/HfOx ReRAM at IBM Research Europe; coefficients as in "
        "aihwkit, inference/noise/reram.py (ReRamCMONoiseModel), range as in its reram_cmo.py"
    )
    acceptance: float = 0.2

    def __post_init__(self) -> None:
        if self.acceptance not in PROGRAMMING:
            raise SpikingError(
                f"acceptance is {self.acceptance!r} %; published: {' and '.join(map(str, PROGRAMMING))} %"
            )

    def programming_sigma(self, g: Values) -> Values:
        """Linear in the target."""
        return np.asarray(polyval(g, PROGRAMMING[self.acceptance]))

    def check_time(self, time: float) -> None:
        """The fits are in ln t from a second on."""
        if 0 < time < 1:
            raise SpikingError(f"time is {time:g} s; the decay of this device is fitted from 1 s on, or 0")

    def aged(
        self, g: Values, target: Values, time: float, rng: np.random.Generator, drift: float, read: float
    ) -> Values:
        """Shift and spread of the relaxation, then one reading; all within the range of the device."""
        relaxed, noise = rng.standard_normal(g.shape), rng.standard_normal(g.shape)
        if time == 0:
            return g
        log = np.log(time)
        later = g + drift * (MEAN * log + (SPREAD[0] + SPREAD[1] * log) * relaxed)
        grown = np.sqrt(np.log((time + READING) / (2.0 * READING)))
        later = later + read * READ * np.log10(np.maximum(later, 1.0)) * grown * noise
        return np.asarray(np.clip(later, self.g_min, self.g_max))


array_effect("cmo-hfox", CMO)
