"""What does integer state cost in accuracy? Digits and MNIST, networks as ``spiking compare`` trains them.

    python benchmarks/fixed_point.py [--data digits,mnist] [--seeds 3] [--json FILE]

Each network is trained once per seed, its weights quantised to 8 bit, and run on every test sample with
floating-point state and with integer state of 24, 16, 12 and 10 bit, decays by product and by shift-add,
biases per step and folded. Ranges of the potentials come from training samples (as in ``compare``). A loss is
the accuracy with floating-point state less that with integers, in points, of the same weights on the same
samples; its interval is paired, sample by sample. Goals: 16 bit within 0.3 points,
12 bit within 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.files import write_json
from spiking.data.load import load
from spiking.hardware.design import Design
from spiking.hardware.verdict.accuracy import paired
from spiking.simulate import run
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import CALIBRATION, Task
from spiking.study.designs.deploy import TEST_SEED
from spiking.study.designs.explore import potentials
from spiking.study.record.manifest import machine, versions

GOALS = {16: 0.3, 12: 1.0}  # bits, most points lost
WIDTHS, DECAYS, BIASES = (24, 16, 12, 10), ("product", "shift-add"), ("per-step", "folded")
SPIKING = ("surrogate", "converted")


def measure(name: str, seed: int) -> Iterator[dict[str, Any]]:
    """Yield a row per contender and design."""
    data = load(name, seed=seed)
    line = [CONTENDERS[n] for n in ("mlp", *SPIKING)]
    task = Task.of(data, settings_for(name, line), seed)
    trained: dict[str, Any] = {}
    for contender in line:
        trained[contender.name] = contender.train(task.given(trained, task.watch))
    for model in SPIKING:
        original, known = trained[model].original, task.x[:CALIBRATION]
        peaks = potentials(original, known, seed)
        exact = _right(Design(state_bits=None).network(original), data, seed)
        for bits, decay, bias in product(WIDTHS, DECAYS, BIASES):
            design = Design(state_bits=bits, decay=decay, bias=bias)
            right = _right(design.network(original, peaks=peaks), data, seed)
            pair = paired(exact, right)
            yield {
                "data": name, "model": model, "seed": seed, "state_bits": bits, "decay": decay, "bias": bias,
                "test_samples": len(right), "accuracy_float": 100 * float(exact.mean()),
                "accuracy": 100 * float(right.mean()), "lost": 100 * pair.difference,
                "lost_low": 100 * pair.low, "lost_high": 100 * pair.high,
            }  # fmt: skip


def _right(network: Any, data: Any, seed: int) -> np.ndarray:
    trace = run(network, data.x_test, seed=seed + TEST_SEED)
    return np.asarray(trace.predictions == data.y_test)


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean and the worst loss of each width, over seeds and ways to decay and to add biases."""
    out = []
    for name, model, bits in dict.fromkeys((r["data"], r["model"], r["state_bits"]) for r in rows):
        mine = [r for r in rows if (r["data"], r["model"], r["state_bits"]) == (name, model, bits)]
        plain = [r["lost"] for r in mine if (r["decay"], r["bias"]) == ("product", "per-step")]
        losses = [r["lost"] for r in mine]
        goal = GOALS.get(bits)
        made = {"data": name, "model": model, "state_bits": bits, "mean_lost": float(np.mean(losses))}
        made |= {"customary_mean_lost": float(np.mean(plain)), "most_lost": float(np.max(losses))}
        out.append(made | {"goal": goal, "met": None if goal is None else made["most_lost"] <= goal})
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="digits,mnist")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json")
    args = parser.parse_args()
    clock, used, rows = time.perf_counter(), time.process_time(), []
    for name in args.data.split(","):
        for seed in range(args.seeds):
            rows += measure(name, seed)
            print(f"{name} seed {seed}: done after {time.process_time() - used:.0f} s", flush=True)
    found = summary(rows)
    heads = f"{'lost: mean':>12}{'customary':>11}{'most':>7}{'goal':>7}"
    print(f"{'data':8}{'model':12}{'bits':>5}{heads}")
    for s in found:
        goal = "-" if s["goal"] is None else f"{s['goal']:.1f} {'met' if s['met'] else 'MISSED'}"
        print(
            f"{s['data']:8}{s['model']:12}{s['state_bits']:5}{s['mean_lost']:12.2f}"
            f"{s['customary_mean_lost']:11.2f}{s['most_lost']:7.2f}  {goal}"
        )
    if args.json:
        words = [Path(a).name if Path(a).exists() else a for a in sys.argv[1:]]
        about = {
            "command": " ".join(["python benchmarks/fixed_point.py", *words]),
            "seeds": list(range(args.seeds)),
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - clock),
            "processor_seconds": round(time.process_time() - used),
        }
        write_json(
            args.json, {**about, "summary": found, "rows": rows, "machine": machine(), "versions": versions()}
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
