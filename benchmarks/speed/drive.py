"""The parent's side: start one process per contender, ask them in turn, put their answers together."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]


class Process:
    """A contender in a process of its own; ``ask`` sends a command and waits for the answer."""

    def __init__(self, name: str, python: str, folder: Path, threads: int, paths: list[Path]) -> None:
        self.name = name
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONWARNINGS": "ignore"}
        self.errors = (folder / f"{name}.err").open("w+")
        self.child = subprocess.Popen(
            [python, "-m", "speed.worker", name, str(folder), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=env,
        )

    def read(self) -> dict[str, Any]:
        """The next answer."""
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        if not line:
            self.child.wait()
            self.errors.seek(0)
            tail = "".join(self.errors.readlines()[-12:])
            raise SystemExit(f"{self.name} ended (status {self.child.returncode}):\n{tail}")
        return dict(json.loads(line))

    def ask(self, command: str) -> dict[str, Any]:
        assert self.child.stdin is not None
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        return self.read()

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.communicate("quit\n")
        self.errors.close()


def interleaved(
    names: list[str], ours: set[str], python: str, folder: Path, threads: int, turns: int, root: Path
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Measure all contenders; return ``{name: measurements}`` and ``{name: why it is missing}``.

    Processes start one after the other. Then each is asked for one timed step per round, so that
    what else runs on the machine strikes all of them alike.
    """
    running: list[Process] = []
    found: dict[str, dict[str, Any]] = {}
    missing: dict[str, str] = {}
    try:
        for name in names:
            own = name in ours
            paths = [HERE, root] if own else [HERE]
            process = Process(name, sys.executable if own else python, folder, threads, paths)
            running.append(process)
            hello = process.read()
            if "missing" in hello:
                missing[name] = hello["missing"]
                running.pop().close()
                continue
            found[name] = {"versions": hello["versions"], "dynamics": hello["dynamics"]}
        for process in running:
            found[process.name] |= process.ask("check") | process.ask("memory")
        times: dict[str, list[float]] = {process.name: [] for process in running}
        busy: dict[str, list[float]] = {process.name: [] for process in running}
        for _ in range(turns):
            for process in running:
                time.sleep(0.02)  # lets the last one's threads stop spinning
                answer = process.ask("turn")
                times[process.name].append(answer["ms"])
                busy[process.name].append(answer["cpu_ms"])
        for name, taken in times.items():
            cpu = statistics.median(busy[name])
            found[name] |= {"ms": statistics.median(taken), "fastest": min(taken), "cpu_ms": cpu}
        for process in running:
            if process.name == "spiking":
                found["spiking"]["limits"] = process.ask("limits")
    finally:
        for process in running:
            process.close()
    return found, missing
