"""Learning rules of a plastic connection, as data. Times in seconds, weights as in the connection."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from spiking.core import check
from spiking.core.errors import require, unknown

PAIRINGS = ("all", "nearest", "pre_centred", "restricted")


@dataclass(frozen=True, kw_only=True)
class STDP:
    """Trace-based spike-timing-dependent plasticity, from pairs to triplets.

    Every presynaptic spike raises the traces ``x`` and ``x2``, every postsynaptic one ``y`` and
    ``y2``; they decay with ``tau_plus``, ``tau_x``, ``tau_minus`` and ``tau_y``. Then

    - at a presynaptic spike ``w -= w**mu_minus * y * (a_minus + a_minus_triplet * x2)``,
    - at a postsynaptic spike ``w += (w_max - w)**mu_plus * (x - x_target) * (a_plus + a_plus_triplet * y2)``,

    with the traces as they were before that spike, and ``w`` is clipped to ``[w_min, w_max]``. The pair
    rule has no triplet terms (Song, Miller & Abbott 2000, Nat. Neurosci. 3:919); both triplet terms
    make the rule of Pfister & Gerstner (2006, J. Neurosci. 26:9673); ``a_plus_triplet`` with
    ``a_minus`` is what the published code of Diehl & Cook (2015) uses; ``a_minus = 0`` with
    ``x_target > 0`` is the post-triggered rule of their text; ``mu > 0`` are soft bounds (Guetig et
    al. 2003, J. Neurosci. 23:3697).

    Attributes:
        a_plus, a_minus, a_plus_triplet, a_minus_triplet: size of a weight change.
        tau_plus, tau_minus, tau_x, tau_y: time constants of ``x``, ``y``, ``x2``, ``y2`` [s].
        x_target: value of ``x`` at which a postsynaptic spike leaves the weight alone.
        mu_plus, mu_minus: exponents of the weight dependence; 0 means hard bounds.
        w_min, w_max: bounds of the weight.
        pairing: which spikes meet in ``x`` and ``y`` (Morrison, Diesmann & Gerstner 2008, Biol.
            Cybern. 98:459): ``"all"``; ``"nearest"``: each spike meets the nearest one before it
            (symmetric); ``"pre_centred"``: each presynaptic spike meets the nearest postsynaptic one
            on either side; ``"restricted"``: only immediately neighbouring spikes meet. The slow traces
            ``x2, y2`` add up under ``"all"`` and are set to 1 by a spike otherwise.
        tau_eligibility: with it the rule has three factors: changes gather in an eligibility trace
            with this time constant [s] and become weight at the end of a sample, times the reward.
        punishment: a wrong answer rewards with minus this; a right one with 1.
        norm: sum of a unit's incoming weights, restored before each sample; None leaves them.
    """

    a_plus: float = 0.0
    a_minus: float = 0.0
    a_plus_triplet: float = 0.0
    a_minus_triplet: float = 0.0
    tau_plus: float = 20e-3
    tau_minus: float = 20e-3
    tau_x: float = 40e-3
    tau_y: float = 40e-3
    x_target: float = 0.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0
    w_min: float = 0.0
    w_max: float = 1.0
    pairing: str = "all"
    tau_eligibility: float | None = None
    punishment: float = 1.0
    norm: float | None = None

    def __post_init__(self) -> None:
        check.choice("pairing", self.pairing, PAIRINGS)
        for name in ("tau_plus", "tau_minus", "tau_x", "tau_y", "tau_eligibility"):
            value = getattr(self, name)
            require(
                value is None or _positive(value),
                f"{name} is {value!r} s; a trace needs a positive time constant",
            )
            require(value is not None or name == "tau_eligibility", f"{name} is None; give a time [s]")
        for name in ("mu_plus", "mu_minus"):
            check.number(name, getattr(self, name), 0, todo="0 means hard bounds")
        for name in ("a_plus", "a_minus", "a_plus_triplet", "a_minus_triplet", "x_target", "punishment"):
            check.number(name, getattr(self, name))
        low, high = check.number("w_min", self.w_min), check.number("w_max", self.w_max)
        require(high > low, f"w_max is {self.w_max!r} and w_min {self.w_min!r}; w_max must be the larger")
        require(
            self.norm is None or (_positive(self.norm) and self.norm < math.inf),
            f"norm is {self.norm!r}; allowed: a positive sum of incoming weights, or None",
        )


def _positive(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(value > 0)


RULES: Mapping[str, STDP] = MappingProxyType(
    {
        # the published code of Diehl & Cook (2015): traces 20, 20, 40 ms
        "diehl-cook": STDP(a_minus=1e-4, a_plus_triplet=1e-2, pairing="nearest"),
        "pair": STDP(a_plus=1e-3, a_minus=1e-4, pairing="nearest"),
        "triplet": STDP(a_minus=1e-4, a_plus_triplet=1e-2, a_minus_triplet=1e-5, pairing="all"),
        "soft-bounds": STDP(a_plus=2e-3, a_minus=2e-4, mu_plus=1.0, mu_minus=1.0, pairing="nearest"),
        "post-triggered": STDP(a_plus=1e-2, x_target=0.4, mu_plus=0.2, pairing="nearest"),
        "reward": STDP(a_plus=5e-3, x_target=0.4, pairing="nearest", tau_eligibility=0.5),
    }
)


def rule(name: str) -> STDP:
    """Return the rule called ``name``, or say which there are."""
    if not isinstance(name, str) or name not in RULES:
        raise unknown("learning rule", name, RULES)
    return RULES[name]
