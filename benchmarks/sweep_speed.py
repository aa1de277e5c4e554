"""How fast are sweeps? Overhead of a point, resuming 10 000, a million prices and their front, Dask workers.

    python benchmarks/sweep_speed.py [--json FILE] [--dask]

- *overhead*: what a point costs beside its own evaluation and price (plan, claims, ledger, table): the time
  of a sweep of small tests less that of the same tests and prices called directly. Files are flushed.
- *resuming*: a sweep of 10 000 points is started again when it is finished, and when all points are done but
  its files are not written. Imports are not counted.
- *prices*: a million points that differ in two constants of a chip: planned, priced, and as a table of rows;
  then the front of energy and latency over them, and that of two and three random objectives.
- *Dask* (``--dask``): the same trainings by one and by two local workers, after each has trained once.

Results of the last run, on a machine busy with other work (hence ``--cpu``; Dask was not timed there):
``benchmarks/results/sweep_speed.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from spiking.study.record.manifest import machine, versions
from spiking.study.sweep.compute import Bench
from spiking.study.sweep.front import front
from spiking.study.sweep.run import Sweep, worker
from spiking.study.sweep.store.ledger import Ledger
from spiking.study.sweep.workers.local import work_here

clock = time.perf_counter  # with --cpu: seconds of this process alone, for a machine busy with other work
SAMPLES, FEATURES, CLASSES = 120, 8, 3


def samples() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    y = np.arange(SAMPLES) % CLASSES
    x = rng.uniform(0, 0.4, (SAMPLES, FEATURES))
    x[np.arange(SAMPLES), y] += 0.6
    return x.astype(np.float32), y


BASE = {"data": samples(), "quick": True, "hidden": 8, "budget": 0}


def run(config: dict[str, Any], out: Path, work: Any = work_here) -> tuple[float, Any, Sweep]:
    start = clock()
    made = Sweep.of(config, out)
    rows = made.run(work, lambda _: None)
    return clock() - start, rows, made


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds by :data:`clock`, and the result."""
    start = clock()
    found = work()
    return clock() - start, found


def overhead(place: Path, points: int) -> dict[str, float]:
    """Tests of one small network by ``instance`` of a weak effect: each point has its own evaluation."""
    axes = {"contender": ["surrogate"], "chip": ["generic-45nm"], "instance": list(range(points))}
    config = {"base": BASE | {"steps": 2, "effect": [{"name": "quantise", "weight_bits": 8}]}, "axes": axes}
    run({**config, "axes": {**axes, "instance": [0]}}, place / "warm")
    seconds, rows, made = run(config, place / "overhead")
    assert (rows["error"] == "").all()
    assert len(rows) == points
    bench = Bench(made.plan.objects)
    ledger = Ledger(made.folder)
    ledger.refresh("trainings")

    def directly() -> None:
        for group in made.plan.groups:
            spec = made.plan.evaluations[group.evaluation]
            key = spec["training"]
            record = bench.evaluate(spec, made.plan.trainings[key], partial(ledger.training, key))
            bench.rows(group, record)

    own, _ = timed(directly)
    return {
        "points": points,
        "sweep_s": seconds,
        "tests_and_prices_alone_s": own,
        "overhead_ms_per_point": (seconds - own) / points * 1e3,
    }


def resuming(place: Path, points: int) -> dict[str, float]:
    """Points of one network by its duty cycle, each a row of the ledger."""
    every = (1e-3 * (1 + np.arange(points))).tolist()
    axes = {"contender": ["mlp"], "chip": ["generic-45nm"], "every": every}
    config = {"base": BASE | {"weight_bits": 8}, "axes": axes}
    seconds, rows, _ = run(config, place / "resumed")
    finished, again, _ = run(config, place / "resumed")
    (place / "resumed" / "manifest.json").unlink()  # as if the process had died before the last file
    left, third, _ = run(config, place / "resumed")
    assert len(rows) == len(again) == len(third) == points
    return {
        "resumed_points": points,
        "first_s": seconds,
        "resume_finished_s": finished,
        "resume_with_all_points_done_s": left,
    }


def prices(place: Path, points: int) -> dict[str, float]:
    """Two constants of a chip vary: one training, one test, a million prices."""
    side = round(points**0.5)
    span = {"low": 0.001, "high": 1.0, "count": side, "log": True}
    axes = {
        "contender": ["surrogate"], "chip": ["generic-45nm"], "chip.add_int_32": span, "chip.read_8k": span,
    }  # fmt: skip
    config = {"base": BASE | {"steps": 4, "weight_bits": 8}, "axes": axes}
    planning, made = timed(lambda: Sweep.of(config, place / "prices"))
    ledger = Ledger(made.folder)
    made.begin(ledger)
    work_here(made.plan, ledger, lambda _: None)
    (group,) = made.plan.groups
    record = ledger.known["evaluations"][group.evaluation]
    bench = Bench(made.plan.objects)
    pricing, columns = timed(lambda: bench.rows(group, record))
    from spiking.study.sweep.table import table

    rows_s, rows = timed(lambda: table(made.plan, ledger))
    assert len(rows) == side * side
    values = np.stack([columns["energy_J"], np.broadcast_to(columns["latency_s"], side * side)], axis=1)
    two, _ = timed(lambda: front(values))
    spread = np.random.default_rng(0).random((side * side, 3))
    pair, _ = timed(lambda: front(spread[:, :2].copy()))
    three, inside = timed(lambda: front(spread))
    return {
        "price_points": side * side,
        "plan_s": planning,
        "price_s": pricing,
        "table_s": rows_s,
        "front_energy_latency_s": two,
        "front_of_two_random_s": pair,
        "front_of_three_random_s": three,
        "points_in_front_of_three": int(inside.sum()),
    }


def note(times: list[float], event: Any) -> None:
    """Remember when a point was finished."""
    if event.done > len(times):
        times.append(time.perf_counter())


def dask(place: Path, trainings: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for workers in (1, 2):
        axes = {"contender": ["surrogate"], "chip": ["generic-45nm"], "seed": list(range(trainings))}
        base = {"data": "digits", "steps": 8, "hidden": 128, "epochs": 6, "weight_bits": 8}
        os.environ.update(dict.fromkeys(("SPIKING_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
        first = time.perf_counter()
        times: list[float] = []
        made = Sweep.of({"base": base, "axes": axes}, place / f"dask-{workers}")
        made.run(worker(workers, "local", made.folder), partial(note, times))
        found[f"dask_{workers}_whole_s"] = time.perf_counter() - first
        # workers start and load kernels before the first points are in; what follows is the rate
        head = 2
        found[f"dask_{workers}_points_per_s"] = (trainings - head) / (times[trainings - 1] - times[head - 1])
    found["dask_two_over_one"] = found["dask_2_points_per_s"] / found["dask_1_points_per_s"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json")
    parser.add_argument("--points", type=int, default=1000, help="of the overhead")
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--cpu", action="store_true", help="count seconds of this process, not of the wall")
    arguments = parser.parse_args()
    if arguments.cpu:
        global clock
        clock = time.process_time
    found: dict[str, Any] = {"clock": "process" if arguments.cpu else "wall"}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        found |= prices(place, 1_000_000)
        found |= overhead(place, arguments.points)
        found |= resuming(place, 10_000)
        if arguments.dask:
            found |= dask(place, 12)
    found["load_average"] = os.getloadavg()[0]
    found |= {"machine": machine(), "versions": versions()}
    for key, value in found.items():
        print(f"{key:28} {value:.4g}" if isinstance(value, float) else f"{key:28} {value}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
