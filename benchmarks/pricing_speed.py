"""How fast is pricing? A million design points; one network on all chips; one design point against SANA-FE.

    python benchmarks/pricing_speed.py [--json FILE] [--points 1000000]

SANA-FE (extra ``peers``) is timed where it is installed: building, mapping and simulating 784-128-10 over
10 steps on its Loihi, once per design point, as its users do; ours prices the counts of the same run.
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
from spiking.hardware.uncertainty import sample
from spiking.hardware.validation.networks import conventional, spiking

SIZES, SPIKES, STEPS = (784, 128, 10), (784.0, 64.0, 5.0), 10


def best(work: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def points(number: int) -> float:
    """Constants and counts vary together, in blocks that stay in the cache."""
    block = min(10_000, number)
    counts = spiking(SIZES, SPIKES, STEPS, bits=8)
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    for first in range(0, number, block):
        size = min(block, number - first)
        activity = rng.uniform(0.1, 10.0, size)
        busy = replace(counts, table={k: v * activity for k, v in counts.table.items()})
        total = price(busy, sample(load_chip("generic-45nm"), size, seed=first)).total().nominal
        assert total.shape == (size,)
        assert np.all(np.isfinite(total))
    return time.perf_counter() - start


def all_chips() -> None:
    counts = spiking(SIZES, SPIKES, STEPS, bits=8)
    for name in chip_names():
        price(counts, name)


def sanafe_seconds() -> float | None:
    try:
        import sanafe
    except ImportError:
        return None
    arch = sanafe.load_loihi()
    rng = np.random.default_rng(0)
    weights = [rng.uniform(0, 30, n).tolist() for n in (SIZES[0] * SIZES[1], SIZES[1] * SIZES[2])]
    names = ("input", "hidden", "output")

    def work() -> None:
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
        chip.sim(STEPS, timing_model="simple")

    return best(work, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json")
    parser.add_argument("--points", type=int, default=1_000_000)
    arguments = parser.parse_args()
    all_chips()  # files are read once
    counts = spiking(SIZES, SPIKES, STEPS, bits=8)
    ours = best(lambda: price(counts, "loihi1-sanafe"), 50)
    theirs = sanafe_seconds()
    rows = {
        "design_points": arguments.points,
        "design_points_s": points(arguments.points),
        "chips": len(chip_names()),
        "one_network_all_chips_s": best(all_chips, 20),
        "one_network_generic_45nm_s": best(lambda: price(counts, "generic-45nm"), 50),
        "mlp_generic_45nm_s": best(lambda: price(conventional(SIZES), "generic-45nm"), 50),
        "one_design_point_loihi_s": ours,
        "one_design_point_sanafe_s": theirs,
        "times_faster_than_sanafe": None if theirs is None else theirs / ours,
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
