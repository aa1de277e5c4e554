"""A spiking network against a conventional one on one chip each: ratio, verdict, odds, what flips it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spiking.core.errors import require
from spiking.hardware.verdict import decide
from spiking.hardware.verdict.ratio import Ratio
from spiking.hardware.verdict.uncertainty import Comparison, Sensitivity, monte_carlo, sensitivity
from spiking.study.evaluate import Evaluation


@dataclass(frozen=True, kw_only=True)
class Versus:
    """The comparison on one pair of chips.

    Attributes:
        ratio: energy of the SNN over that of the MLP, over the bands of the constants.
        odds: Monte Carlo over the same bands; None where no draws were asked for.
        constants: each constant alone at its ends, widest swing first.
        accuracies: of the SNN and the MLP, where networks and not counts came.
    """

    ratio: Ratio
    odds: Comparison | None
    constants: Sequence[Sensitivity]
    accuracies: tuple[float | None, float | None]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        r, odds = self.ratio, self.odds
        return {
            "chip": r.chip,
            "ratio": {"low": r.low, "nominal": r.nominal, "high": r.high},
            "verdict": r.verdict,
            "snn_lacks": list(r.snn_lacks),
            "mlp_lacks": list(r.mlp_lacks),
            "share_of_scenarios_snn_costs_less": None if odds is None else odds.share,
            "draws": None if odds is None else len(odds.ratio),
            "accuracy_snn": self.accuracies[0],
            "accuracy_mlp": self.accuracies[1],
            "sensitivity": [vars(s) | {"flips": s.flips, "swing": s.swing} for s in self.constants],
        }


def versus(snn: Evaluation, mlp: Evaluation, *, draws: int = 0, seed: int = 0) -> list[Versus]:
    """Compare on every chip that runs and prices both, each with its settings.

    Args:
        draws: draws of the constants for the odds; 0 gives none.

    Raises:
        SpikingError: the first is no spiking network, the second is one, or no chip runs both.
    """
    require(snn.counts.spiking, f"{snn.counts.name!r} does not spike; name the spiking network first")
    require(not mlp.counts.spiking, f"{mlp.counts.name!r} spikes; --against takes a conventional network")
    out = []
    for chip, bill in snn.bills.items():
        ratio = decide.ratio(bill, mlp.bills.get(chip), model=snn.counts.name)
        if ratio is None:
            continue
        device = snn.devices[chip]
        odds = None
        if draws:
            odds = monte_carlo(snn.counts, mlp.counts, device, samples=draws, seed=seed, latency=snn.latency)
        rows = sensitivity(snn.counts, mlp.counts, device, latency=snn.latency)
        accuracies = (snn.accuracy, mlp.accuracy)
        out.append(Versus(ratio=ratio, odds=odds, constants=rows, accuracies=accuracies))
    require(len(out) > 0, "no chip runs and prices both networks; name a component chip, e.g. generic-45nm")
    return out
