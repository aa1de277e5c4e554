"""Random networks against the slow twin: ``python -m benchmarks.random_networks [500] [100] [--json FILE]``.

The first number counts networks (spikes and membranes, four engines, three batch sizes, 1 to 3 threads; and
that a sample has the same bits in batches of three sizes), the second gradients (three engines). The
twin is ``tests/naive.py``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from benchmarks.robustness.record import record
from tests.random_networks import case, check_batches, check_gradient, check_spikes

BATCHES = (None, 1, 3)
ENGINES = ("reference", "event", "dense", "auto")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", type=int, nargs="?", default=500)
    parser.add_argument("gradients", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=1000, help="number of the first network")
    parser.add_argument("--json", help="file for the result")
    given = parser.parse_args()
    begin, first = time.perf_counter(), given.seed
    wrong: list[str] = []
    for seed in range(first, first + max(given.networks, given.gradients)):
        jobs = [(case(seed), check) for check in (spikes, batches) if seed < first + given.networks]
        jobs += [(case(seed, smooth=True), check) for check in (slopes,) if seed < first + given.gradients]
        for one, check in jobs:
            try:
                check(one)
            except Exception as error:  # any difference or failure counts
                what = f"{type(error).__name__}: {str(error)[:300]}"
                wrong.append(f"{one.network.name}, {check.__name__}: {what}")
                print(wrong[-1], flush=True)
    seconds = time.perf_counter() - begin
    counts = {"networks": given.networks, "gradients": given.gradients}
    print(f"{counts} in {seconds:.0f} s: {len(wrong)} differ from the twin")
    record(given.json, seed=first, seconds=seconds, found={**counts, "differ": wrong})
    sys.exit(bool(wrong))


def spikes(one):
    want = None
    for k, engine in enumerate(ENGINES):
        os.environ["SPIKING_THREADS"] = str(1 + k % 3)
        for batch_size in BATCHES:
            want = check_spikes(one, engine, batch_size, want)


def batches(one):
    os.environ["SPIKING_THREADS"] = str(1 + one.seed % 3)
    for engine in ("event", "auto"):
        check_batches(one, engine, BATCHES)


def slopes(one):
    for k, engine in enumerate(ENGINES[:3]):
        os.environ["SPIKING_THREADS"] = str(1 + k)
        check_gradient(one, engine)


if __name__ == "__main__":
    main()
