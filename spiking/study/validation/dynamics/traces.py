"""The LIF neuron of the NIR paper in twelve simulators: spike steps published, traces where stored.

Pedersen et al. 2024, Nature Communications 15:8122, ``paper/01_lif`` (BSD-3): tau 2.5 ms, R 1,
threshold 0.1, dt 0.1 ms, 1 000 steps, an input of 1 for one step at each of 34 steps.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.errors import SpikingError, require
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
LAVA = "lif_lava_cpu_fixed"
STEPS = 1000


def raster() -> Any:
    """Return the input, ``[1000]``."""
    x = np.zeros(STEPS)
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


def usual_places() -> list[Path]:
    """Where the traces are looked for: ``$SPIKING_DATA/lif-traces``, then the user's data folder."""
    named = os.environ.get("SPIKING_DATA")
    data = Path(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"))
    first = [Path(named) / "lif-traces"] if named else []
    return [*first, data / "spikejoule" / "lif-traces"]


def traces_folder(named: Path | None) -> Path | None:
    """Return the folder that was named, or the first usual place that exists; None if there is none.

    Raises:
        SpikingError: the folder that was named does not hold the traces.
    """
    if named is None:
        return next((p for p in usual_places() if p.is_dir()), None)
    lost = [f"{file}.csv" for file in (*STORED.values(), LAVA) if not (named / f"{file}.csv").is_file()]
    require(
        not lost,
        f"the folder {str(named)!r} lacks {', '.join(lost)}; give the folder of the NIR paper's traces, or "
        "leave it out",
    )
    return named


def _trace(path: Path) -> Any:
    """Return ``[1000, 3]``: input, potential and spike of each step."""
    try:
        table = np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise SpikingError(f"{path} is no table of numbers ({error}); copy it again") from None
    good = table.shape == (STEPS, 3) and bool(np.all(np.isfinite(table)))
    require(good, f"{path} has the shape {list(table.shape)}; {STEPS} rows of 3 finite numbers are needed")
    return table


def stored_traces(folder: Path) -> list[Row]:
    """Potential and spikes of each stored trace, up to the amplitude scale of the file."""
    rows = []
    for name, file in STORED.items():
        trace = _trace(folder / f"{file}.csv")
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
    trace = _trace(folder / f"{LAVA}.csv")
    v, s = neuron(LoihiLIF(decay_u=4095, decay_v=163, v_threshold=25), trace[:, 0], dt=DT, weight=10)
    wrong = np.sum((_after_reset(v, s) != trace[:, 1]) | (s != trace[:, 2]))
    rows.append(
        row("D10", f"{LAVA}: steps of 1000 that differ in a bit", SOURCE, "stored trace",
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
