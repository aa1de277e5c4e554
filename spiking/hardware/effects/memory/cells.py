"""Weights as conductances: differential pairs, or single cells against a reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spiking.core import check
from spiking.hardware.effects.weights import Values

MAPPINGS = ("pair", "reference")


@dataclass(frozen=True, kw_only=True)
class Cells:
    """How the weights of one array lie between two conductances.

    Attributes:
        mapping: ``"pair"``: ``w = W (g+ - g-) / (g_max - g_min)``, one of the two cells at ``g_min``;
            ``"reference"``: one cell, ``w = 2 W (g - g_mid) / (g_max - g_min)``, against a fixed conductance
            ``g_mid`` halfway.
        g_min, g_max: least and largest conductance [uS].
        top: ``W``, the weight that takes the whole range; larger ones are clipped.
    """

    mapping: str
    g_min: float
    g_max: float
    top: float

    def __post_init__(self) -> None:
        check.choice("mapping", self.mapping, MAPPINGS)

    @property
    def window(self) -> float:
        """Range of conductance [uS]."""
        return self.g_max - self.g_min

    def conductances(self, w: Values) -> tuple[Values, ...]:
        """The target of every cell [uS]: one array ``[like w]``, or two."""
        share = np.clip(w / self.top, -1.0, 1.0)
        if self.mapping == "reference":
            return (self.g_min + self.window * (share + 1.0) / 2.0,)
        return tuple(self.g_min + self.window * np.maximum(s * share, 0.0) for s in (1.0, -1.0))

    def weights(self, g: tuple[Values, ...]) -> Values:
        """The weights that cells of conductances ``g`` [uS] make."""
        if self.mapping == "reference":
            return 2.0 * self.top * (g[0] - (self.g_min + self.g_max) / 2.0) / self.window
        return self.top * (g[0] - g[1]) / self.window
