"""Figures for reading and for print, drawn from a comparison or from its rows.

Every function returns a matplotlib ``Figure``; ``figure.savefig("name.pdf")`` or :func:`save` writes it.
Energies are estimates, and each figure says so.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spiking.study.figures.energy import breakeven_map, waterfall
    from spiking.study.figures.public import accuracy_energy, across_chips, energy_terms, learning_curves
    from spiking.study.figures.raster import spike_raster
    from spiking.study.figures.receptive_fields import receptive_fields
    from spiking.study.figures.rows.draw import draw, rows_of
    from spiking.study.figures.rows.effects import parallel, parts, rate, tornado
    from spiking.study.figures.rows.front import front
    from spiking.study.figures.rows.heatmap import heatmap
    from spiking.study.figures.rows.pace import pace
    from spiking.study.figures.rows.spread import cloud, degradation, yield_curve
    from spiking.study.figures.style import save

HOME = {
    "front": "rows.front",
    "heatmap": "rows.heatmap",
    "degradation": "rows.spread",
    "yield_curve": "rows.spread",
    "cloud": "rows.spread",
    "tornado": "rows.effects",
    "parts": "rows.effects",
    "rate": "rows.effects",
    "pace": "rows.pace",
    "parallel": "rows.effects",
    "draw": "rows.draw",
    "rows_of": "rows.draw",
    "accuracy_energy": "public",
    "across_chips": "public",
    "energy_terms": "public",
    "learning_curves": "public",
    "spike_raster": "raster",
    "receptive_fields": "receptive_fields",
    "waterfall": "energy",
    "breakeven_map": "energy",
    "save": "style",
}
__all__ = [
    "accuracy_energy",
    "across_chips",
    "breakeven_map",
    "cloud",
    "degradation",
    "draw",
    "energy_terms",
    "front",
    "heatmap",
    "learning_curves",
    "pace",
    "parallel",
    "parts",
    "rate",
    "receptive_fields",
    "rows_of",
    "save",
    "spike_raster",
    "tornado",
    "waterfall",
    "yield_curve",
]


def __getattr__(name: str) -> Any:
    """Load a figure, and matplotlib with it, when it is first asked for."""
    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
