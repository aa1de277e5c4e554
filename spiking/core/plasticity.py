"""Learning rules of a plastic connection, as data. Times in seconds, weights as in the connection."""

from __future__ import annotations

from dataclasses import dataclass

from spiking.core.errors import require, unknown

PAIRINGS = ("all", "nearest")


@dataclass(frozen=True, kw_only=True)
class STDP:
    """Trace-based spike-timing-dependent plasticity, from pairs to triplets.

    Every presynaptic spike raises the trace ``x``, every postsynaptic one the traces ``y`` and
    ``y2``; they decay with ``tau_plus``, ``tau_minus`` and ``tau_y``. Then

    - at a presynaptic spike ``w -= w**mu_minus * a_minus * y``;
    - at a postsynaptic spike ``w += (w_max - w)**mu_plus * (x - x_target) * (a_plus + a_triplet * y2)``,
      with ``y2`` as it was before this spike;

    and ``w`` is clipped to ``[w_min, w_max]``. ``a_triplet = 0`` is the pair rule (Song, Miller &
    Abbott 2000); ``a_plus = 0`` leaves the triplet term (Pfister & Gerstner 2006, minimal model),
    which is what Diehl & Cook's published code uses; ``a_minus = 0`` with ``x_target > 0`` is the
    post-triggered rule of their paper; ``mu > 0`` are soft bounds (Guetig et al. 2003).

    Attributes:
        a_plus, a_minus, a_triplet: size of a weight change.
        tau_plus, tau_minus, tau_y: time constants of ``x``, ``y``, ``y2`` [s].
        x_target: value of ``x`` at which a postsynaptic spike leaves the weight alone.
        mu_plus, mu_minus: exponents of the weight dependence; 0 means hard bounds.
        w_min, w_max: bounds of the weight.
        pairing: ``"all"`` adds 1 to a trace at each spike (all-to-all), ``"nearest"`` sets it to 1.
        norm: sum of a unit's incoming weights, restored before each sample; None leaves them.
    """

    a_plus: float = 0.0
    a_minus: float = 1e-4
    a_triplet: float = 1e-2
    tau_plus: float = 20e-3
    tau_minus: float = 20e-3
    tau_y: float = 40e-3
    x_target: float = 0.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0
    w_min: float = 0.0
    w_max: float = 1.0
    pairing: str = "nearest"
    norm: float | None = None

    def __post_init__(self) -> None:
        if self.pairing not in PAIRINGS:
            raise unknown("pairing", self.pairing, PAIRINGS)
        for name in ("tau_plus", "tau_minus", "tau_y"):
            value = getattr(self, name)
            require(value > 0, f"{name} is {value!r} s; a trace needs a positive time constant")
        require(
            self.w_max > self.w_min,
            f"w_max is {self.w_max!r} and w_min {self.w_min!r}; w_max must be the larger",
        )
        require(
            self.norm is None or self.norm > 0,
            f"norm is {self.norm!r}; allowed: a positive sum of incoming weights, or None",
        )
