"""V13: eight micro-networks placed, timed and priced as SANA-FE does, spike by spike."""

from __future__ import annotations

import numpy as np

from spiking.core.coding.encode import Events
from spiking.core.counts import Counts, count
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.core.trace import Trace
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.place import Placement, route
from spiking.hardware.mesh.timing import step_latency, touched
from spiking.hardware.price import price
from spiking.hardware.registry import load_chip

STEPS, THRESHOLD = 10, 64.0
CASES = {  # sources, targets, weight, tile of the targets, convolution synapse
    "4 to 3, same tile": (4, 3, 30.0, 0, False),
    "4 to 3, one tile north": (4, 3, 30.0, 1, False),
    "4 to 3, one tile east": (4, 3, 30.0, 4, False),
    "4 to 3, weight 0": (4, 3, 0.0, 0, False),
    "4 to 1": (4, 1, 30.0, 0, False),
    "1 to 1, weight 0": (1, 1, 0.0, 0, False),
    "1 to 1, weight 100": (1, 1, 100.0, 0, False),
    "1 to 1, convolution synapse": (1, 1, 100.0, 0, True),
}


def sanafe() -> dict[str, float]:
    """Return energy [nJ] and time [us] of the eight networks."""
    out = {}
    for name, (sources, targets, weight, tile, convolution) in CASES.items():
        chip = load_chip("loihi1-sanafe")
        if convolution:  # arch/loihi.yaml, convolution synapse
            chip = chip.with_values(synapse=24.0, synapse_time=3.1)
        energy, time = _measure(chip, sources, targets, weight, tile)
        out[f"energy, {name}"], out[f"time, {name}"] = energy * 1e9, time * 1e6
    return out


def _measure(chip: Chip, sources: int, targets: int, weight: float, tile: int) -> tuple[float, float]:
    # a synapse of weight 0 is still processed: the smallest float keeps it in the graph
    kept = np.full((sources, targets), weight or np.finfo(np.float64).tiny)
    network = Network(
        inputs=[Input(size=sources, encoder=Events())],
        populations=[Population(name="out", size=targets, unit=LIF())],
        connections=[Connection(source="input", target="out", weight=kept)],
        output=Output(population="out"),
        steps=STEPS,
    )
    placement = Placement(
        chip=chip.name,
        core_of={"input": np.zeros(sources, np.int64), "out": np.ones(targets, np.int64)},
        tiles=np.array([0, tile]),
        mesh_height=4,
        utilisation={},
    )
    raster = {"input": np.ones((1, STEPS, sources)), "out": _fire(sources * weight, targets)}
    trace = Trace(
        samples=1,
        steps=STEPS,
        scores=np.zeros((1, targets)),
        spikes={k: v.sum(axis=1).astype(np.int64) for k, v in raster.items()},
        events={"input->out": np.array([STEPS * sources * targets])},
    )
    counts = route(count(network, trace), network, placement, trace.spikes).mean()
    table = dict(counts.table) | {
        (k, "updates_touched"): float(v[0]) for k, v in touched(network, raster).items()
    }
    bill = price(Counts(layers=counts.layers, table=table, steps=STEPS), chip, placement=placement)
    return float(bill.total("dynamic").nominal), float(step_latency(network, chip, placement, raster).sum())


def _fire(drive: float, targets: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Integrate and fire with input one step late, reset to zero (their LIF model)."""
    out, v = np.zeros((1, STEPS, targets)), 0.0
    for step in range(1, STEPS):
        v += drive
        if v > THRESHOLD:
            out[:, step], v = 1.0, 0.0
    return out
