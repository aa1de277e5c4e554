"""``kill -9`` of sweeps and their workers at random moments: no row lost, doubled or torn.

    python -m benchmarks.robustness.sweep_kills [--kills 50] [--seed 0] [--json FILE]

A sweep is started again and again in one folder, with one process or two, and killed each time: the sweep
itself or one of its workers. After each kill every record that was done must still be there, word for word.
Every ``--each`` kills the sweep runs to its end, and its rows must be those of the undisturbed one, byte for
byte.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.robustness.record import options, record
from spiking.study.sweep.store.ledger import KINDS, Ledger

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
[base]
data = "small.npz"
quick = true
hidden = 8
budget = 0
[axes]
contender = ["surrogate", "mlp"]
steps = [2, 3, 4, 5]
seed = [0, 1, 2]
weight_bits = [3, 4, 5, 6, 7, 8]
chip = ["generic-45nm", "loihi1"]
every = [0.1, 0.2, 0.3]
"""


def samples(place: Path) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(150) % 3
    x = rng.uniform(0, 0.4, (150, 8))
    x[np.arange(150), y] += 0.6
    np.savez(place / "small.npz", x=x.astype(np.float32), y=y)
    (place / "sweep.toml").write_text(CONFIG)


def start(place: Path, out: str, jobs: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "spiking", "sweep", "sweep.toml", "--out", out, "--jobs", str(jobs)]
    return subprocess.Popen(
        command, cwd=place, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def children(parent: int) -> list[int]:
    """Process numbers of the spawned workers of ``parent``."""
    try:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(p) for p in found if b"spawn_main" in Path(f"/proc/{p}/cmdline").read_bytes()]
    except OSError:
        return []


def records(folder: Path) -> dict[str, dict[str, object]]:
    """Everything in the ledger; raises where a file is torn."""
    ledger = Ledger(folder)
    for kind in KINDS:
        ledger.refresh(kind)
    ledger.claims.close()
    return {kind: dict(ledger.known[kind]) for kind in KINDS}


def kill(place: Path, out: str, chance: random.Random, at_once: bool) -> str:
    """Kill a sweep or one of its workers some time after it has begun to write."""
    jobs = chance.choice([1, 2])
    process = start(place, out, jobs)
    before = sum(map(len, records(place / out).values())) if (place / out).exists() else 0
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline and not at_once:
        if (place / out).exists() and sum(map(len, records(place / out).values())) > before:
            break
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 1.0))
    workers = children(process.pid)
    which = process.pid if not workers or chance.random() < 0.5 else chance.choice(workers)
    if process.poll() is None:
        os.kill(which, signal.SIGKILL)
    if which != process.pid:
        time.sleep(chance.uniform(0, 1.0))  # the sweep starts another worker, and dies as well
        process.kill()
    process.wait()
    return "worker" if which != process.pid else "sweep"


def main() -> None:
    parser = options(__doc__, kills=(50, "in all"), each=(10, "of one folder before the sweep may end"))
    given, begin = parser.parse_args(), time.monotonic()
    chance = random.Random(given.seed)
    wrong: list[str] = []
    done: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        samples(place)
        if start(place, "undisturbed", 1).wait() != 0:
            sys.exit("the undisturbed sweep failed")
        good = (place / "undisturbed" / "rows.csv").read_bytes()
        folder, before = 0, {kind: {} for kind in KINDS}
        for k in range(given.kills):
            out = f"disturbed-{folder}"
            done.append(kill(place, out, chance, at_once=chance.random() < 0.2))
            now = records(place / out) if (place / out).exists() else before
            lost = [kind for kind in KINDS if any(now[kind].get(x) != r for x, r in before[kind].items())]
            wrong += [f"kill {k}: lost {kind}" for kind in lost]
            before = now
            whole = (place / out / "rows.csv").exists()
            if whole or (k + 1) % given.each == 0 or k + 1 == given.kills:
                if start(place, out, 1).wait() != 0:
                    wrong.append(f"kill {k}: the next run failed")
                elif (place / out / "rows.csv").read_bytes() != good:
                    wrong.append(f"kill {k}: rows differ from those of the undisturbed sweep")
                wrong += [f"kill {k}: left over {p}" for p in (place / out).rglob(".*.spiking")]
                folder, before = folder + 1, {kind: {} for kind in KINDS}
    for sentence in wrong:
        print(sentence)
    rows, workers = len(good.splitlines()) - 1, done.count("worker")
    print(f"{len(done)} kills ({workers} of a worker), {folder} sweeps of {rows} rows, {len(wrong)} wrong")
    found = {"kills": len(done), "of a worker": workers, "sweeps": folder, "rows": rows, "wrong": wrong}
    record(given.json, seed=given.seed, seconds=time.monotonic() - begin, found=found)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
