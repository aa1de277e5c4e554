"""Spiking networks against conventional MLPs: accuracy, latency and estimated energy per inference.

The names below are loaded when first used, so that ``import spiking`` stays quick.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = {
    "core.counts": ("Counts", "count"),
    "core.coding.decode": ("Assigned", "FirstSpike", "Membrane", "SpikeCount"),
    "core.coding.encode": ("Delta", "Direct", "Events", "Latency", "Poisson"),
    "core.errors": ("SpikingError",),
    "core.network": ("Network",),
    "core.parts": ("Connection", "Input", "Output", "Population"),
    "core.neurons": ("ALIF", "LI", "LIF", "ConductanceLIF", "Discretisation", "Linear", "ReLU"),
    "core.trace": ("Trace",),
    "data.dataset": ("Dataset",),
    "data.load": ("load",),
    "hardware": ("Bill", "Chip", "chip_names", "load_chip", "price"),
    "hardware.effects.quantise": ("quantise",),
    "learn.convert": ("convert",),
    "learn.fit": ("fit",),
    "learn.stdp": ("train_stdp",),
    "simulate": ("run",),
    "study.compare": ("compare",),
}
_HOME = {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
