"""Signals at random moments: every one must end the command with its code, one sentence, and nothing lost.

    python -m benchmarks.robustness.signals [--rounds 10] [--seed 0] [--json FILE]

A round sends SIGINT, SIGTERM and SIGHUP to ``spiking compare --quick`` and ``spiking train mlp``, started as
``spiking`` and as ``python -m spiking``, warm and with an empty cache of compiled code, each after a random
time. A process that a signal ends before Python has run a line of the package is counted as well: shells
report it as 128 + signal, which is what is promised; in the first hundredths of a second Python itself may
end with a traceback of its own, before there is anything of ours to prevent it.
"""

from __future__ import annotations

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

from benchmarks.robustness.record import options, record

ROOT = Path(__file__).resolve().parents[2]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS = {
    "compare": [
        "compare",
        "--quick",
        "--contenders",
        "mlp,surrogate",
        "--chips",
        "generic-45nm",
        "--out",
        "out",
    ],
    "train": ["train", "mlp", "--hidden", "32", "--epochs", "30", "--out", "out"],
}
WAYS = {
    "spiking": [
        sys.executable,
        "-c",
        "from spiking.cli import main; main()",
    ],  # what the console script holds
    "python -m spiking": [sys.executable, "-m", "spiking"],
}


def environment(place: Path, cold: bool) -> dict[str, str]:
    given = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    if cold:
        given |= {"XDG_CACHE_HOME": str(place / "cache"), "NUMBA_CACHE_DIR": str(place / "cache" / "numba")}
    return given


def listening() -> None:
    """Undo what ``nohup`` or a shell in the background had this process ignore."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def one(
    command: str, way: str, number: signal.Signals, delay: float, cold: bool, earlier: Path | None
) -> tuple[str, list[str]]:
    """Send one signal; return how it ended and what was wrong."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        work = place / "work"
        work.mkdir()
        if earlier is not None:
            shutil.copytree(earlier, work / "out")
        before = contents(work)
        process = subprocess.Popen(
            [*WAYS[way], *COMMANDS[command]],
            cwd=work, env=environment(place, cold), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=listening,
        )  # fmt: skip
        time.sleep(delay)
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "did not end", ["did not end in 120 s"]
        after = contents(work)
        return judge(process.returncode, number, out, err, before, after, earlier is not None)


def judge(
    code: int, number: int, out: str, err: str, before: dict[str, bytes], after: dict[str, bytes], kept: bool
) -> tuple[str, list[str]]:
    """How it ended, and what was wrong with that."""
    said = [line for line in err.splitlines() if line.startswith("spiking: ")]
    wrong = []
    if code == 0:
        return "had ended before", []
    if code == -number:
        how = "before the package was there"
    elif code == 128 + number:
        how = "stopped"
        if len(said) != 1 or "interrupted" not in said[0]:
            wrong.append(f"said {said or err[-300:]!r}")
        if "Traceback" in err:
            wrong.append(f"traceback: {err[-600:]}")
    elif code == 1 and number == signal.SIGINT and "Failed to import the site module" in err:
        how = "Python itself was still starting"  # it says so in a traceback of its own, and ends with 1
    else:
        return "another code", [f"exit code {code}: {err[-600:]}"]
    if kept and after != before and "written already" not in err:
        wrong.append("the earlier result changed")
    left = [name for name in after if ".spiking" in name or name.endswith((".part", ".partial"))]
    if left:
        wrong.append(f"left over: {left}")
    return how, wrong


def earlier_result(place: Path) -> Path:
    """A finished comparison to be kept."""
    subprocess.run(
        [*WAYS["python -m spiking"], *COMMANDS["compare"]],
        cwd=place, env=environment(place, False), check=True, capture_output=True,
    )  # fmt: skip
    return place / "out"


def main() -> None:
    parser = options(__doc__, rounds=(10, "of twelve signals"), longest=(8.0, "longest delay [s]"))
    given = parser.parse_args()
    chance, start_time = random.Random(given.seed), time.monotonic()
    ends: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        earlier = earlier_result(Path(name))
        for _ in range(given.rounds):
            for command in COMMANDS:
                for way in WAYS:
                    for number in SIGNALS:
                        cold = chance.random() < 0.3
                        # half of them in the first second, while modules are imported
                        delay = chance.uniform(0, 1 if chance.random() < 0.5 else given.longest)
                        how, wrong = one(
                            command, way, number, delay, cold, earlier if command == "compare" else None
                        )
                        ends[how] += 1
                        sent.update([command, way, number.name, "cold" if cold else "warm"])
                        if wrong:
                            case = f"{command}, {way}, {number.name}, {delay:.3f} s, cold {cold}"
                            failures.append(f"{case}: {'; '.join(wrong)}")
                            print(failures[-1], flush=True)
    print(f"{ends.total()} signals, {len(failures)} wrong: {dict(ends)}")
    found = {"signals": ends.total(), "of": dict(sent), "ends": dict(ends), "wrong": failures}
    record(given.json, seed=given.seed, seconds=time.monotonic() - start_time, found=found)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
