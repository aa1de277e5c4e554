"""Golden vectors of Loihi's fixed-point neuron (unit tests of lava-nc, BSD-3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.core.neurons import LoihiLI, LoihiLIF
from spiking.study.validation.dynamics.rows import lif, neuron, row, steps_of
from spiking.study.validation.energy.run import Row

LAVA = "lava-nc, tests of lava.proc.lif"
PULSE = [1] + [0] * 8


def golden_vectors() -> list[Row]:
    """Current, potential, bias and threshold of the chip, and the floating-point twins."""
    found: list[tuple[str, Any, list[int]]] = []
    v, _ = neuron(LoihiLI(decay_u=2047, decay_v=0), PULSE, dt=1e-3, weight=128)
    found.append(("du = 2047: u", np.diff(v), [8192, 4096, 2048, 1024, 512, 256, 128, 64]))
    v, _ = neuron(LoihiLI(decay_u=0, decay_v=2048), PULSE, dt=1e-3, weight=128)
    found.append(("dv = 2048: v", v[1:], [8192, 12286, 14331, 15351, 15859, 16111, 16235, 16295]))
    _, s = neuron(LoihiLIF(decay_u=0, decay_v=0, v_threshold=8), [0] * 10, dt=1e-3, bias=2 << 6)
    found.append(("bias 2<<6, threshold 8: spikes", steps_of(s), [4, 9]))
    v, _ = neuron(LoihiLI(decay_u=0, decay_v=0), [0], dt=1e-3, bias=4095 << 5)
    found.append(("bias 4095<<5: v", v, [131040]))
    half = 1e-3 / np.log(2)  # halves in one step
    words: dict[str, Any] = {"integrator": "exact", "input_delay": 0, "v_threshold": 1e9}
    unit = lif("lava", tau_mem=np.inf, tau_syn=half, **words)
    v, _ = neuron(unit, [1] + [0] * 7, dt=1e-3, weight=128)
    found.append(("float: u halves", np.diff(v, prepend=0.0), [128, 64, 32, 16, 8, 4, 2, 1]))
    unit = lif("lava", tau_mem=half, **words)
    v, _ = neuron(unit, [0] * 8, dt=1e-3, bias=128)
    found.append(("float: v", v, [128, 192, 224, 240, 248, 252, 254, 255]))
    return [
        row(
            "D11", f"{name}: largest difference", LAVA, "golden vector", expected=0.0, tolerance=1e-9,
            got=float(np.max(np.abs(np.asarray(got, float) - want))) if len(got) == len(want) else np.inf,
            note=" ".join(map(str, want)),
        )
        for name, got, want in found
    ]  # fmt: skip
