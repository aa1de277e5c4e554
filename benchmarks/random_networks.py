"""Random networks against the slow twin, as many as asked: ``python -m benchmarks.random_networks 500 100``.

The first number counts networks (spikes and membranes, four engines, three batch sizes, 1 to 3 threads), the
second gradients (three engines). The twin is ``tests/naive.py``.
"""

from __future__ import annotations

import os
import sys
import time

from tests.random_networks import case, check_gradient, check_spikes

BATCHES = (None, 1, 3)
ENGINES = ("reference", "event", "dense", "auto")


def main(networks: int, gradients: int, first: int = 1000) -> int:
    start, wrong = time.perf_counter(), 0
    for seed in range(first, first + max(networks, gradients)):
        jobs = [(case(seed), check) for check in (spikes,) if seed < first + networks]
        jobs += [(case(seed, smooth=True), check) for check in (slopes,) if seed < first + gradients]
        for one, check in jobs:
            try:
                check(one)
            except Exception as error:  # any difference or failure counts
                wrong += 1
                print(f"{one.network.name}, {check.__name__}: {type(error).__name__}: {str(error)[:300]}")
    seconds = time.perf_counter() - start
    print(f"{networks} networks and {gradients} gradients in {seconds:.0f} s: {wrong} differ from the twin")
    return 1 if wrong else 0


def spikes(one):
    want = None
    for k, engine in enumerate(ENGINES):
        os.environ["SPIKING_THREADS"] = str(1 + k % 3)
        for batch_size in BATCHES:
            want = check_spikes(one, engine, batch_size, want)


def slopes(one):
    for k, engine in enumerate(ENGINES[:3]):
        os.environ["SPIKING_THREADS"] = str(1 + k)
        check_gradient(one, engine)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:4] or ("500", "100"))))
