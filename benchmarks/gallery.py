"""Run experiments of the gallery with five seeds and keep every check, with its interval over the seeds.

``python benchmarks/gallery.py xor double-descent`` adds to ``benchmarks/results/gallery.json``; without names
all are run.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from spiking.core.files import write_json
from spiking.study.gallery import EXPERIMENTS, experiment_names
from spiking.study.gallery.experiment import Asked, mean_interval
from spiking.study.record.manifest import machine, versions

SEEDS = range(5)
RESULTS = Path(__file__).parent / "results" / "gallery.json"


def over_seeds(name):
    start = time.perf_counter()
    found = []
    for seed in SEEDS:
        with threadpool_limits(1, user_api="blas"):
            found.append(EXPERIMENTS[name].run(Asked(seed=seed)))
    checks = []
    for same in zip(*(f.checks for f in found), strict=True):
        mean, interval = mean_interval([c.measured for c in same])
        checks.append(
            same[0].to_dict()
            | {"measured": mean, "interval": interval, "each": [c.measured for c in same]}
            | {"agrees": sum(c.agrees for c in same)}
        )
    return {
        "command": f"python benchmarks/gallery.py {name}",
        "seeds": list(SEEDS),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine(),
        "versions": versions(),
        "checks": checks,
    }


if __name__ == "__main__":
    for name in sys.argv[1:] or experiment_names():
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        write_json(RESULTS, kept | {name: over_seeds(name)})
        print(name, "done", flush=True)
