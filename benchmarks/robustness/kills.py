"""``kill -9`` at random moments and at the swap: nothing lost, nothing half-written, nothing left over.

    python -m benchmarks.robustness.kills [--rounds 20] [--seed 0] [--json FILE]

Each round kills ``spiking compare --quick`` over an earlier result, ``spiking train mlp`` and ``spiking chips
add``: at a random time of a run, or as soon as it writes what is to take its place (a new folder that is
flushed to the disk before its swap, a file aside). After each kill what was there before must be whole, old
or new. After one to three kills in the same folder the command runs to its end, and no leftover may remain.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.robustness.record import options, record

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "spiking"]


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


def kill(process: subprocess.Popen[bytes], delay: float, written: Callable[[], bool] | None = None) -> None:
    """Kill after ``delay`` s, counted from when ``written`` holds where that is given."""
    if written is not None:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline and not written():
            time.sleep(0.0002)
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


def comparison(place: Path) -> list[str]:
    """What is wrong with the comparison of before."""
    return [wrong] if (wrong := whole(place / "out")) else []


def training(place: Path) -> list[str]:
    """What is wrong with the checkpoint, where there is one."""
    path = place / "out" / "checkpoint.npz"
    try:
        if path.exists() and zipfile.ZipFile(path).testzip() is None:
            return []
    except (OSError, zipfile.BadZipFile) as error:
        return [f"half-written: {error}"]
    return [f"half-written: {path.name}"] if path.exists() else []


def chips(place: Path) -> list[str]:
    """Which chips of the registry are damaged."""
    wrong = []
    for path in (place / "chips").glob("*.toml"):
        try:
            tomllib.loads(path.read_text())
        except (OSError, ValueError) as error:
            wrong.append(f"half-written: {path.name}: {error}")
    return wrong


class Victim(NamedTuple):
    """A command, what finds damage in its results, and what must be there after its end.

    ``aside``: what it writes before that takes its place; ``moment`` [s]: how long it lies there, about.
    ``checkpoint``: what a killed run goes on from. ``swap``: it replaces a folder that is there already.
    """

    arguments: list[str]
    damage: Callable[[Path], list[str]]
    result: str
    aside: str
    moment: float
    checkpoint: str | None = None
    swap: bool = False

    def command(self, place: Path) -> list[str]:
        """Its arguments, going on where there is something to go on from."""
        there = self.checkpoint is not None and (place / self.checkpoint).exists()
        return [*self.arguments, "--resume"] if there else self.arguments


OUT = ["--out", "out"]
VICTIMS = {
    "compare": Victim(
        ["compare", "--quick", "--contenders", "mlp", "--chips", "generic-45nm", "--design", "shipped", *OUT],
        comparison,
        "out/report.md",
        ".*.spiking/new/manifest.json",
        0.08,
        swap=True,
    ),
    "train": Victim(
        ["train", "mlp", "--hidden", "16", "--epochs", "40", "--patience", "40", *OUT],
        training,
        "out/manifest.json",
        "out/.checkpoint*.spiking",
        0.003,
        checkpoint="out/checkpoint.npz",
    ),
    "chips add": Victim(
        ["chips", "add", "mine.toml"], chips, "chips/mine.toml", "chips/.*.spiking", moment=0.003
    ),
}


class Attack:
    """One command, killed again and again in folders of its own."""

    def __init__(self, victim: Victim, folder: Path, chance: random.Random) -> None:
        self.victim, self.folder, self.chance = victim, folder, chance
        self.left, self.kills = 0, 0  # kills until the command may end; kills so far
        self.asides = 0  # kills in the middle of writing, which left something aside
        self.place = self._place("first")
        begin = time.monotonic()
        problem = finish(victim.arguments, self.place)
        self.longest = time.monotonic() - begin
        if problem:
            sys.exit(problem)
        if not victim.swap:
            self.place = self._place("0")

    def _place(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir(parents=True)
        text = (ROOT / "spiking" / "hardware" / "chips" / "generic-45nm.toml").read_text()
        (place / "mine.toml").write_text(text.replace('name = "generic-45nm"', 'name = "mine"', 1))
        return place

    def kill(self, last: bool) -> list[str]:
        """Kill once; where enough were killed in this folder, or with ``last``, run to the end as well."""
        victim, place, chance = self.victim, self.place, self.chance
        self.left = self.left or chance.randint(1, 3)
        arguments = victim.command(place)
        process = start(arguments, place)
        if chance.random() < 0.6:
            kill(process, chance.uniform(0, victim.moment), lambda: any(place.glob(victim.aside)))
        else:
            kill(process, chance.uniform(0, self.longest))
        self.left, self.kills = self.left - 1, self.kills + 1
        self.asides += bool(left_over(place))
        wrong = victim.damage(place)
        if len(victim.command(place)) < len(arguments):
            wrong.append(f"{victim.checkpoint} is lost")
        if self.left == 0 or last or wrong:
            self.left = 0
            wrong.append(finish(victim.command(place), place))
            wrong += [*victim.damage(place), *left_over(place)]
            wrong.append("" if (place / victim.result).exists() else f"{victim.result} is missing")
            if not victim.swap:  # a comparison goes on over the one that is there
                self.place = self._place(str(self.kills))
        return [w for w in wrong if w]


def main() -> None:
    given = options(__doc__, rounds=(20, "of three kills")).parse_args()
    chance, start_time = random.Random(given.seed), time.monotonic()
    kills: Counter[str] = Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        attacks = {what: Attack(v, Path(name) / what, chance) for what, v in VICTIMS.items()}
        for k in range(given.rounds):
            for what, attack in attacks.items():
                wrong = attack.kill(k + 1 == given.rounds)
                kills[what] += 1
                if wrong:
                    failures.append(f"round {k}, {what}: {'; '.join(wrong)}")
                    print(failures[-1], flush=True)
            print(f"round {k + 1} of {given.rounds}, {len(failures)} wrong", flush=True)
    asides = {what: attack.asides for what, attack in attacks.items()}
    print(f"{kills.total()} kills, {len(failures)} wrong; in the middle of writing: {asides}")
    found = {"kills": kills.total(), "of": dict(kills), "in the middle of writing": asides, "wrong": failures}
    record(given.json, seed=given.seed, seconds=time.monotonic() - start_time, found=found)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
