"""Spiking networks against conventional MLPs: accuracy, latency and estimated energy per inference.

The names below are loaded when first used, so that ``import spiking`` stays quick. ``__init__.pyi`` says
the same to type checkers and editors.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = {
    "bridges.nir": ("save", "load as load_network"),
    "core.counts": ("Counts", "count"),
    "core.coding.decode": ("Assigned", "FirstSpike", "Membrane", "SpikeCount"),
    "core.coding.encode": ("Delta", "Direct", "Events", "Latency", "Poisson"),
    "core.errors": ("SpikingError",),
    "core.network": ("Network",),
    "core.parts": ("Connection", "Input", "Output", "Population"),
    "core.progress": ("Progress",),
    "core.neurons": ("ALIF", "LI", "LIF", "ConductanceLIF", "Discretisation", "Linear", "ReLU"),
    "core.trace": ("Trace",),
    "data.dataset": ("Dataset",),
    "data.load": ("load",),
    "hardware": ("Bill", "Chip", "chip_names", "load_chip", "price"),
    "hardware.effects.quantise": ("quantise",),
    "learn.convert": ("convert",),
    "learn.fit": ("FitConfig", "fit"),
    "learn.stdp": ("train_stdp",),
    "simulate": ("run",),
    "study": ("figures as plot",),
    "study.compare": ("compare",),
    "study.contenders.estimators": (
        "ConvertedClassifier", "MLPClassifier", "STDPClassifier", "SpikingClassifier",
    ),
    "study.screen.bars": ("Bars as bars",),
    "study.sweep.sweep": ("sweep",),
}  # fmt: skip
# public name -> (module, name there)
_HOME = {
    entry.split(" as ")[-1]: (f"{__name__}.{module}", entry.split(" as ")[0])
    for module, entries in _WHERE.items()
    for entry in entries
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from spiking.study.record.manifest import versions

        return versions()["spikejoule"]
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, there = _HOME[name]
    home = importlib.import_module(module)
    return getattr(home, there) if hasattr(home, there) else importlib.import_module(f"{module}.{there}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
