"""The LIF neuron of the NIR paper in twelve simulators: spike steps published, traces where stored.

Pedersen et al. 2024, Nature Communications 15:8122, ``paper/01_lif`` (BSD-3): tau 2.5 ms, R 1,
threshold 0.1, dt 0.1 ms, 1 000 steps, an input of 1 for one step at each of 34 steps.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.neurons import LoihiLIF
from spiking.study.validation.dynamics.rows import lif, neuron, row, steps_of
from spiking.study.validation.energy.run import Row

SOURCE = "NIR paper (Pedersen et al. 2024), paper/01_lif"
DT, TAU, THRESHOLD = 1e-4, 2.5e-3, 0.1
INPUT = [60, 220, 270, 310, 320, 350, 370, 400, 410, *range(430, 531, 10), *range(670, 781, 10), 840, 850]
LATE = [461, 511, 711, 761]
GRID = [460, 510, 710, 760]
SUBTRACTED = [450, 500, 710, 760]
PUBLISHED = {
    "event": GRID, "nengo": GRID, "norse": GRID, "snntorch-nir": GRID, "spinnaker2": GRID,
    "lava": LATE, "spyx": LATE, "rockpool": SUBTRACTED, "sinabs": SUBTRACTED, "sinabs-single": SUBTRACTED,
}  # fmt: skip
STORED = {"event": "lif_exact", "nengo": "lif_nengo", "norse": "lif_norse"}


def raster() -> Any:
    """Return the input, ``[1000]``."""
    x = np.zeros(1000)
    x[INPUT] = 1
    return x


def spike_steps() -> list[Row]:
    """Each profile spikes at the published steps."""
    rows = []
    for name, published in PUBLISHED.items():
        _, spikes, unit = _run(name)
        got = [k + unit.discretisation.spike_delay for k in steps_of(spikes)]
        wrong = len(set(got) ^ set(published))
        rows.append(
            row("D9", f"{name}: steps with another spike than published", SOURCE, "published spikes",
                expected=0, got=wrong, tolerance=0.0, note=" ".join(map(str, published)))
        )  # fmt: skip
    return rows


def _run(name: str) -> tuple[Any, Any, Any]:
    unit = lif(name, tau_mem=TAU, v_threshold=THRESHOLD)
    weight = DT / TAU if unit.discretisation.input_scale == "raw" else 1.0
    v, s = neuron(unit, raster(), dt=DT, weight=weight)
    return v, s, unit


def data_folder() -> Path | None:
    """Folder of the stored traces: ``$SPIKING_DATA/lif-traces``."""
    places = [os.environ.get("SPIKING_DATA")]
    for place in places:
        if place and (Path(place) / "lif-traces").is_dir():
            return Path(place) / "lif-traces"
    return None


def stored_traces(folder: Path) -> list[Row]:
    """Potential and spikes of each stored trace, up to the amplitude scale of the file."""
    rows = []
    for name, file in STORED.items():
        trace = np.loadtxt(folder / f"{file}.csv", delimiter=",")
        v, s, unit = _run(name)
        v = _after_reset(v, s, crossing=unit.discretisation.crossing)
        scale = float(v @ trace[:, 1] / (v @ v))
        rms = float(np.sqrt(np.mean((scale * v - trace[:, 1]) ** 2) / np.mean(trace[:, 1] ** 2)))
        rows.append(
            row("D10", f"{file}: relative RMS of the potential", SOURCE, "stored trace",
                expected=0.0, got=rms, tolerance=1e-7, note=f"amplitude scale of the file {scale:.8g}")
        )  # fmt: skip
        rows.append(
            row("D10", f"{file}: steps with another spike", SOURCE, "stored trace",
                expected=0, got=float(np.sum((s > 0) != (trace[:, 2] > 0))), tolerance=0.0)
        )  # fmt: skip
    trace = np.loadtxt(folder / "lif_lava_cpu_fixed.csv", delimiter=",")
    v, s = neuron(LoihiLIF(decay_u=4095, decay_v=163, v_threshold=25), trace[:, 0], dt=DT, weight=10)
    wrong = np.sum((_after_reset(v, s) != trace[:, 1]) | (s != trace[:, 2]))
    rows.append(
        row("D10", "lif_lava_cpu_fixed: steps of 1000 that differ in a bit", SOURCE, "stored trace",
            expected=0, got=float(wrong), tolerance=0.0)
    )  # fmt: skip
    return rows


def _after_reset(v: Any, s: Any, *, crossing: bool = False) -> Any:
    """Potential at the end of the step, as the files have it."""
    after = v.copy()
    fired = s > 0
    x = raster()[fired]
    after[fired] = x - x * (v[fired] - x) / (THRESHOLD - x) if crossing else 0.0
    return after
