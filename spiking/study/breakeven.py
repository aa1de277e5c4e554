"""Break-even against every form of the MLP, and over the steps for the map."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.hardware.chip import Chip
from spiking.hardware.verdict.breakeven import FORMS, BreakEven, breakeven

STEPS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
SCOPES = ("compute", "dynamic", "total")
MAP_DRAWS = 400  # draws of the constants at each of the steps of the map


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A spiking and a conventional layer of one size.

    Attributes:
        steps: of the spiking layer; ``fan_in``: inputs of both; ``units``: of both.
        weight_bits: width of the spiking layer's weights [bit].
        active: share of the MLP's inputs that are not zero.
        scope: ``"compute"``, ``"dynamic"`` or ``"total"`` energy.

    Raises:
        SpikingError: a value out of range.
    """

    steps: int = 10
    fan_in: int = 784
    units: int = 128
    weight_bits: int = 8
    active: float = 0.5
    scope: str = "total"

    def __post_init__(self) -> None:
        for name in ("steps", "fan_in", "units"):
            check.whole(name.replace("_", "-"), getattr(self, name), 1, 10**9)
        check.whole("weight-bits", self.weight_bits, 1, 32)
        check.number("active", self.active, 0, 1)
        check.choice("scope", self.scope, SCOPES)


def breakevens(chip: Chip | str, pair: Pair, *, samples: int = 2000) -> list[BreakEven]:
    """Return the break-even against each form of the MLP (:data:`FORMS`), with ``samples`` draws."""
    return [
        breakeven(
            chip,
            form=form,
            steps=pair.steps,
            fan_in=pair.fan_in,
            units=pair.units,
            weight_bits=pair.weight_bits,
            active=pair.active,
            which=pair.scope,
            samples=samples,
        )
        for form in FORMS
    ]


def curves(chip: Chip | str, pair: Pair) -> dict[str, NDArray[np.float64]]:
    """Return ``[steps, 3]`` (low, nominal, high spikes per synapse) over :data:`STEPS`, by form."""
    rows = [breakevens(chip, replace(pair, steps=steps), samples=MAP_DRAWS) for steps in STEPS]
    spans = np.array(
        [[[s.low, s.nominal, s.high] for s in (b.spikes_per_synapse for b in row)] for row in rows]
    )
    return {form: spans[:, k] for k, form in enumerate(FORMS)}
