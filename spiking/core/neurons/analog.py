"""Units of conventional networks: values, no spikes, no state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, eq=False)
class ReLU:
    """Rectified linear unit, ``y = max(x, 0)``, of a conventional MLP.

    With ``bits`` and ``scale`` the output is quantised to ``scale * {0 .. 2**bits - 1}``.
    """

    spiking: ClassVar[bool] = False
    bits: int | None = None
    scale: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """Identity unit ``y = x``: the logits of a conventional MLP."""

    spiking: ClassVar[bool] = False
