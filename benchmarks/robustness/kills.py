"""``kill -9`` at random moments and at the swap: nothing lost, nothing half-written, nothing left over.

    python -m benchmarks.robustness.kills [--rounds 20] [--seed 0] [--json FILE]

Each round kills ``spiking compare --quick`` over an earlier result (at a random time, or as soon as the new
folder is being flushed to the disk before its swap), ``spiking train mlp`` and ``spiking chips add``. After
each, the earlier result must be whole, old or new; then the same command runs to its end and no leftover may
remain.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.robustness.record import record

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "spiking"]
COMPARE = ["compare", "--quick", "--contenders", "mlp", "--chips", "generic-45nm", "--out", "out"]
TRAIN = ["train", "mlp", "--hidden", "16", "--epochs", "40", "--patience", "40", "--out", "out"]


def environment(place: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "SPIKING_CHIPS": str(place / "chips")}


def start(arguments: list[str], place: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=place, env=environment(place), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def finish(arguments: list[str], place: Path) -> str:
    """Run to the end; return what it complains of."""
    done = subprocess.run(
        [*PROGRAM, *arguments], cwd=place, env=environment(place), capture_output=True, text=True
    )
    return "" if done.returncode == 0 else f"the next run ended with {done.returncode}: {done.stderr[-300:]}"


def kill(process: subprocess.Popen[bytes], delay: float, at: Path | None = None) -> None:
    """Kill after ``delay`` s; with ``at``: after the first ``manifest.json`` was written aside in there."""
    if at is not None:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if any(at.glob(".*.spiking/new/manifest.json")):
                break
            time.sleep(0.001)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()


def left_over(place: Path) -> list[str]:
    return [str(p.relative_to(place)) for p in place.rglob(".*.spiking")]


def whole(out: Path) -> str:
    """What is missing from a run folder."""
    try:
        json.loads((out / "manifest.json").read_text())
        json.loads((out / "rows.json").read_text())
        parts = ("report.md", "rows.csv", "bills.json", "models", "figures")
        missing = [name for name in parts if not (out / name).exists()]
    except (OSError, ValueError) as error:
        return f"lost or half-written: {error}"
    return f"lacks {missing}" if missing else ""


def comparison(earlier: Path, place: Path, chance: random.Random, longest: float) -> list[str]:
    shutil.copytree(earlier, place / "out")
    at_swap = chance.random() < 0.6
    delay = chance.uniform(0, 0.08) if at_swap else chance.uniform(0, longest)
    kill(start(COMPARE, place), delay, place if at_swap else None)
    # a sweep by any writer, here the check of another run, may be needed where the system cannot exchange
    wrong = [whole(place / "out")]
    wrong.append(finish(COMPARE, place))
    wrong.append(whole(place / "out"))
    return [w for w in wrong if w] + left_over(place)


def training(place: Path, chance: random.Random, longest: float) -> list[str]:
    kill(start(TRAIN, place), chance.uniform(0.5, longest))
    resume = [*TRAIN, "--resume"] if (place / "out" / "checkpoint.npz").exists() else TRAIN
    return [w for w in [finish(resume, place)] if w] + left_over(place)


def chip(place: Path, chance: random.Random) -> list[str]:
    text = (ROOT / "spiking" / "hardware" / "chips" / "generic-45nm.toml").read_text()
    (place / "mine.toml").write_text(text.replace('name = "generic-45nm"', 'name = "mine"', 1))
    kill(start(["chips", "add", "mine.toml"], place), chance.uniform(0.1, 0.8))
    wrong = [finish(["chips"], place), finish(["chips", "add", "mine.toml"], place)]
    return [w for w in wrong if w] + left_over(place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--longest", type=float, default=5.0, help="longest delay [s]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file for the result")
    given = parser.parse_args()
    chance, start_time = random.Random(given.seed), time.monotonic()
    kills: Counter[str] = Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        first = Path(name)
        problem = finish(COMPARE, first)
        if problem:
            sys.exit(problem)
        for k in range(given.rounds):
            for what in ("compare", "train", "chips add"):
                with tempfile.TemporaryDirectory() as folder:
                    place = Path(folder)
                    if what == "compare":
                        wrong = comparison(first / "out", place, chance, given.longest)
                    elif what == "train":
                        wrong = training(place, chance, given.longest)
                    else:
                        wrong = chip(place, chance)
                kills[what] += 1
                if wrong:
                    failures.append(f"round {k}, {what}: {'; '.join(wrong)}")
                    print(failures[-1], flush=True)
    print(f"{kills.total()} kills, {len(failures)} wrong")
    found = {"kills": kills.total(), "of": dict(kills), "wrong": failures}
    record(given.json, seed=given.seed, seconds=time.monotonic() - start_time, found=found)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
