"""What a run was: versions, seed, configuration, data, command, machine and times."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("spikejoule", "numpy", "scipy", "numba", "scikit-learn", "pandas", "matplotlib", "nir")
KINDS = (  # tell run folders apart, and from any other folder
    "comparison", "training", "STDP training", "experiment", "gallery", "sweep",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of Python and of the packages a result depends on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "source tree" if name == "spikejoule" else "not installed"
    return found


def machine() -> dict[str, Any]:
    """Processor model, logical cores this process may use, and platform."""
    return {"cpu": _cpu(), "cores": _cores(), "platform": platform.platform(terse=True)}


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def manifest(
    kind: str = "comparison",
    *,
    configuration: Mapping[str, Any],
    data: Mapping[str, Any],
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """Return the manifest of a run of one of :data:`KINDS` as plain data."""
    return {
        "kind": f"spiking {kind}",
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "configuration": dict(configuration),
        "data": dict(data),
        "versions": versions(),
        "machine": machine(),
        "seconds": {k: round(v, 3) for k, v in seconds.items()},
    }
