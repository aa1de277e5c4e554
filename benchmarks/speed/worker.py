"""One contender in its own process: reads commands as JSON lines, answers each with one JSON line.

``python -m speed.worker NAME FOLDER THREADS``. Commands: ``check`` (losses of the first steps),
``turn`` (steps to warm caches and threads, then timed ones), ``memory``, ``limits``, ``quit``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SETTLE = 0.2  # [s] in which the threads of the contender before stop spinning for work
WARM, TIMED = 2, 3  # steps of a turn: to find caches and threads as training does, and measured
# contender: (module, class, arguments)
CONTENDERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "spiking": ("ours", "Spiking", {"dynamics": "plain"}),
    "spiking, delayed reset": ("ours", "Spiking", {"dynamics": "delayed"}),
    "spiking, Euler": ("ours", "Spiking", {"dynamics": "euler"}),
    "spiking, MLP": ("ours", "Spiking", {"dynamics": "mlp"}),
    "snnTorch": ("torch_peers", "SnnTorch", {}),
    "SpikingJelly": ("torch_peers", "SpikingJelly", {}),
    "Norse": ("torch_peers", "Norse", {}),
    "snnTorch, compiled": ("torch_peers", "SnnTorch", {"compiled": True}),
    "SpikingJelly, compiled": ("torch_peers", "SpikingJelly", {"compiled": True}),
    "Norse, compiled": ("torch_peers", "Norse", {"compiled": True}),
    "PyTorch MLP, compiled": ("torch_peers", "Mlp", {"compiled": True}),
    "JAX": ("jax_peer", "Jax", {}),
    "PyTorch MLP": ("torch_peers", "Mlp", {}),
}


def main(name: str, folder: str, threads: int) -> None:
    allowed = sorted(os.sched_getaffinity(0))[:threads]
    os.sched_setaffinity(0, allowed)  # before any library counts the cores
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "SPIKING_THREADS"):
        os.environ[variable] = str(threads)
    pipe = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not reach the pipe

    def say(**answer: Any) -> None:
        pipe.write(json.dumps(answer) + "\n")

    try:
        from speed import memory
        from speed.case import Inputs

        module, cls, options = CONTENDERS[name]
        inputs = Inputs(Path(folder))
        make = getattr(importlib.import_module(f"speed.{module}"), cls)
        tiny = make(inputs.tiny(), threads, **options)
    except ImportError as error:
        say(missing=f"{type(error).__name__}: {error}")
        return
    tiny.load()
    tiny.build()
    tiny.once(0)  # libraries load and compile, so that their memory does not count as the network's
    tiny.once(0)
    del tiny
    made = make(inputs, threads, **options)
    made.load()
    memory.settle()
    before = memory.resident()
    made.build()
    say(ready=True, versions=made.versions(), dynamics=made.dynamics)
    count, training = inputs.case.batches, inputs.case.task == "training"
    done = 0

    def check() -> dict[str, Any]:
        nonlocal done
        losses = [made.once(k % count if training else 0) for k in range(3)]
        done += 3
        return {"losses": losses}

    def turn() -> dict[str, Any]:
        nonlocal done
        time.sleep(SETTLE)
        if not training:
            busy = time.process_time()
            seconds, loss = made.all_images()
            return {"ms": 1e3 * seconds, "cpu_ms": 1e3 * (time.process_time() - busy), "loss": loss}
        for k in range(WARM):
            made.once((done + k) % count)
        start, busy = time.perf_counter(), time.process_time()
        for k in range(WARM, WARM + TIMED):
            made.once((done + k) % count)
        seconds = (time.perf_counter() - start) / TIMED
        busy = (time.process_time() - busy) / TIMED
        done += WARM + TIMED
        return {"ms": 1e3 * seconds, "cpu_ms": 1e3 * busy}

    def peak() -> dict[str, Any]:
        memory.settle()
        memory.reset_peak()
        made.once(0)
        return {"MB": memory.peak() - before}

    commands: dict[str, Callable[[], dict[str, Any]]] = {
        "check": check,
        "turn": turn,
        "memory": peak,
        "limits": lambda: made.limits(),
    }
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        say(**commands[line.strip()]())


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
