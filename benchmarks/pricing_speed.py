"""How fast is pricing? A million design points; one network on all chips; one design point against SANA-FE.

    python benchmarks/pricing_speed.py [--json FILE] [--points 1000000]

SANA-FE (extra ``peers``) is timed where it is installed: 784-128-10 over 10 steps on its Loihi, its
simulation alone, and with building and mapping the network. Ours prices the counts of such a run; the
simulation that made them is not in it.

Last measured (2 cores of an x86-64 server with a load of 20 beside, Python 3.11, without SANA-FE): a million
design points in 8.3 s by the clock and 1.3 s of the processor; one network on all 33 chips in
40 ms. Before, with less beside (SANA-FE 2.2.9): a million in 1.3 to 2.0 s; one design point on Loihi in
0.36 ms, against 22 ms of SANA-FE's simulation (60 times) and 1.9 s with building (5000 times).
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from spiking.hardware import chip_names, load_chip, price
from spiking.hardware.verdict.uncertainty import sample
from spiking.study.validation.energy.networks import conventional, spiking

SIZES, SPIKES, STEPS = (784, 128, 10), (784.0, 64.0, 5.0), 10


def best(work: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def points(number: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor: constants and counts vary together, in blocks."""
    block = min(10_000, number)
    counts = spiking(SIZES, SPIKES, STEPS, bits=8)
    rng = np.random.default_rng(0)
    start, used = time.perf_counter(), time.process_time()
    for first in range(0, number, block):
        size = min(block, number - first)
        activity = rng.uniform(0.1, 10.0, size)
        busy = replace(counts, table={k: v * activity for k, v in counts.table.items()})
        total = price(busy, sample(load_chip("generic-45nm"), size, seed=first)).total().nominal
        assert total.shape == (size,)
        assert np.all(np.isfinite(total))
    return time.perf_counter() - start, time.process_time() - used


def all_chips() -> None:
    counts = spiking(SIZES, SPIKES, STEPS, bits=8)
    for name in chip_names():
        price(counts, name)


def sanafe_seconds() -> tuple[float, float] | None:
    try:
        import sanafe
    except ImportError:
        return None
    arch = sanafe.load_loihi()
    rng = np.random.default_rng(0)
    weights = [rng.uniform(0, 30, n).tolist() for n in (SIZES[0] * SIZES[1], SIZES[1] * SIZES[2])]
    names = ("input", "hidden", "output")

    def work() -> tuple[float, float]:
        start = time.perf_counter()
        net = sanafe.Network()
        groups = []
        for name, size in zip(names, SIZES, strict=True):
            soma = "" if name == "input" else "loihi_lif"
            groups.append(net.create_neuron_group(name, size, soma_hw_name=soma,
                          default_synapse_hw_name="loihi_dense_synapse",
                          default_dendrite_hw_name="loihi_dendrites",
                          model_attributes={} if name == "input" else {"threshold": 500.0}))  # fmt: skip
        for unit in range(SIZES[0]):
            fires = [unit % STEPS == step for step in range(STEPS)]
            groups[0][unit].set_attributes(
                soma_hw_name=f"loihi_inputs[{unit}]", model_attributes={"spikes": fires}
            )
        for i, group in enumerate(groups):
            for unit in range(SIZES[i]):
                group[unit].map_to_core(arch.tiles[0].cores[i])
        groups[0].connect_neurons_dense(groups[1], {"weight": weights[0]})
        groups[1].connect_neurons_dense(groups[2], {"weight": weights[1]})
        chip = sanafe.SpikingChip(arch)
        chip.load(net)
        ready = time.perf_counter()
        chip.sim(STEPS, timing_model="simple")
        end = time.perf_counter()
        return end - ready, end - start

    runs = [work() for _ in range(3)]
    return min(r[0] for r in runs), min(r[1] for r in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json")
    parser.add_argument("--points", type=int, default=1_000_000)
    arguments = parser.parse_args()
    all_chips()  # files are read once
    counts = spiking(SIZES, SPIKES, STEPS, bits=8)
    ours = best(lambda: price(counts, "loihi1-sanafe"), 50)
    theirs = sanafe_seconds()
    seconds, used = points(arguments.points)
    rows = {
        "design_points": arguments.points,
        "design_points_s": seconds,
        "design_points_processor_s": used,
        "chips": len(chip_names()),
        "one_network_all_chips_s": best(all_chips, 20),
        "one_network_generic_45nm_s": best(lambda: price(counts, "generic-45nm"), 50),
        "mlp_generic_45nm_s": best(lambda: price(conventional(SIZES), "generic-45nm"), 50),
        "one_design_point_loihi_s": ours,
        "sanafe_simulation_s": theirs and theirs[0],
        "sanafe_with_building_s": theirs and theirs[1],
        "times_faster_than_sanafe_simulation": theirs and theirs[0] / ours,
        "machine": platform.processor() or platform.machine(),
        "python": platform.python_version(),
    }
    for key, value in rows.items():
        print(f"{key:32} {value:.4g}" if isinstance(value, float) else f"{key:32} {value}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
