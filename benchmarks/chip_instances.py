"""How quickly many chips answer the same input: one pass for all of them beside a loop over ``run``.

    SPIKING_DATA=FOLDER python benchmarks/chip_instances.py [--chips 100] [--samples 10000]

784-512-10 LIF on MNIST, 25 steps, trained for an epoch. Seconds of the wall and of the processor (all
threads): on a machine that others use too the second is what compares. The loop runs over a few chips, and
counts for all.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from spiking import LI, LIF, Network, Poisson, fit, load, run
from spiking.hardware.effects.compose import chip_instance
from spiking.simulate.instances import run_instances

LOOPED = 3  # chips of the loop


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time of ``work()`` [s]."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Measure both, for weights and for thresholds that deviate."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--chips", type=int, default=100)
    ask.add_argument("--samples", type=int, default=10_000)
    how = ask.parse_args()
    data = load("mnist")
    x, train = (np.asarray(v, np.float32) for v in (data.x_test[: how.samples], data.x_train[:10_000]))
    start = Network.dense([784, 512, 10], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=25, seed=0)
    net = fit(start, train, data.y_train[:10_000], epochs=1).network
    for effect in ("weight-mismatch", "threshold-mismatch"):
        chips = [chip_instance(net, [(effect, {"sigma": 0.2})], k) for k in range(how.chips)]
        run_instances(net, chips[:2], x[:300])  # compiles
        run(net, x[:300])
        once = seconds(lambda chips=chips: run_instances(net, chips, x))
        loop = seconds(lambda chips=chips: [run(c, x) for c in chips[:LOOPED]])
        loop = tuple(t * how.chips / LOOPED for t in loop)  # type: ignore[assignment]
        print(
            f"{effect}: {how.chips} chips x {len(x)} images x 25 steps: {once[0]:.1f} s of the wall, "
            f"{once[1]:.1f} s of the processor; the loop {loop[0]:.1f} s and {loop[1]:.1f} s "
            f"({loop[1] / once[1]:.1f} times as much)",
            flush=True,
        )


if __name__ == "__main__":
    main()
