"""How many milliseconds does STDP learning take per image, beside Brian2 and BindsNET?

    python benchmarks/stdp_speed.py [--neurons 100 400 1600] [--images 500] [--brian numpy cython cpp]
        [--python PEERS_INTERPRETER] [--json F]

Learning is on, one thread everywhere, 784 inputs, 350 ms, random pictures as bright as MNIST's. ``fast``
is direct inhibition with one winner per step and each image from rest; ``paper`` has explicit inhibitory
neurons, no winner limit and state that flows on, as Brian2 runs it: the same network, the same 700 steps of
0.5 ms. Brian2's time is that of its main loop alone, without building and compiling; its C++ standalone
program cannot stop to normalise weights between images and is not asked to. BindsNET (in an
interpreter that has it) runs its own model in 350 steps of 1 ms, half as many. Ratios are those of
processor time, since everything runs on one thread and the machine may be busy.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from speed.brian_stdp import cost_per_image

from spiking.core.coding.encode import Poisson
from spiking.learn.stdp import learn_stdp
from spiking.learn.stdp.network import stdp_network
from spiking.study.record.manifest import machine, versions

RATE = 63.75  # [Hz] of a white pixel
BINDSNET = Path(__file__).parent / "speed" / "bindsnet_peer.py"


def pictures(count: int, brightness: float = 1.0) -> np.ndarray:
    """Random smooth blobs: about 19 % of the pixels lit, mean 0.13 like MNIST."""
    rng = np.random.default_rng(0)
    row = np.arange(28)
    x = np.zeros((count, 28, 28), np.float32)
    for _ in range(4):
        a, b = rng.uniform(6, 22, (2, count, 1, 1))
        x += np.exp(-((row[None, :, None] - a) ** 2 + (row[None, None, :] - b) ** 2) / 8)
    x = np.where(x > 0.2, x, 0).reshape(count, -1)
    return np.clip(x * brightness * 102.5 / x.sum(axis=1).mean(), 0, 1).astype(np.float32)


def ours(neurons: int, x: np.ndarray, paper: bool = False, rate: float = RATE) -> dict[str, float]:
    """Milliseconds per image of learning on one thread, compilation apart, and spikes per image."""
    options: dict[str, Any] = {"lateral": "explicit", "winners": None} if paper else {}
    network = stdp_network(784, neurons=neurons, rate=rate, **options)
    protocol: dict[str, Any] = {"carry": True, "min_spikes": 0} if paper else {"min_spikes": 0}
    learn_stdp(network, x[:2], **protocol)
    start, cpu = time.perf_counter(), time.process_time()
    learned = learn_stdp(network, x, **protocol)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    facts = learned.metadata["stdp"]
    return {
        "ms": 1e3 * wall / len(x), "cpu_ms": 1e3 * cpu / len(x), "spikes": facts["spikes"] / len(x),
        "input_spikes": facts["input_spikes"] / len(x),
    }  # fmt: skip


def bindsnet(python: str, neurons: int, x: np.ndarray, images: int) -> dict[str, Any]:
    """What ``speed/bindsnet_peer.py`` found, or why it found nothing."""
    with tempfile.TemporaryDirectory() as folder:
        raster = Path(folder) / "raster.npy"
        np.save(raster, Poisson(gain=RATE * 1e-3).spikes(x[:images], 350, 0, 0).astype(np.uint8))
        done = subprocess.run(
            [python, str(BINDSNET), str(raster), str(neurons), str(images)], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if done.returncode:
        return {"missing": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def compare(n: int, x: np.ndarray, args: argparse.Namespace) -> dict[str, Any]:
    """One row: ours in both modes, every peer, and how many times longer each peer takes than ``fast``."""
    fast, paper = ours(n, x), ours(n, x, paper=True)
    row: dict[str, Any] = {
        "neurons": n, "fast_ms": fast["ms"], "fast_cpu_ms": fast["cpu_ms"], "paper_ms": paper["ms"],
        "paper_cpu_ms": paper["cpu_ms"], "fast_spikes": fast["spikes"], "paper_spikes": paper["spikes"],
    }  # fmt: skip
    peers: dict[str, tuple[float, float]] = {}
    for target in args.brian:
        cost = cost_per_image(n, x, target, args.brian_images * (10 if target == "cpp" else 1))
        peers[f"brian2_{target}"], row[f"brian2_{target}_spikes"] = (cost.wall, cost.cpu), cost.spikes
    if args.python:
        found = bindsnet(args.python, n, x, args.bindsnet_images)
        if "missing" in found:
            row["bindsnet_missing"] = found["missing"]
        else:
            peers["bindsnet"] = found["seconds"], found["cpu_seconds"]
            row["bindsnet_versions"] = found["versions"]
    for name, (wall, cpu) in peers.items():
        row[f"{name}_ms"], row[f"{name}_cpu_ms"] = 1e3 * wall, 1e3 * cpu
        row[f"{name}_over_fast"] = 1e3 * cpu / fast["cpu_ms"]
        row[f"{name}_over_paper"] = 1e3 * cpu / paper["cpu_ms"]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, nargs="+", default=[100, 400, 1600])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--brian", nargs="*", default=["numpy", "cython", "cpp"])
    parser.add_argument("--brian-images", type=int, default=3)
    parser.add_argument("--python", help="interpreter that has bindsnet")
    parser.add_argument("--bindsnet-images", type=int, default=5)
    parser.add_argument("--brightness", type=float, nargs="+", default=[0.5, 1.0, 2.0, 4.0])
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    x, rows, rates = pictures(args.images), [], []
    for n in args.neurons:
        rows.append(compare(n, x, args))
        print("  ".join(f"{k} {v:.4g}" for k, v in rows[-1].items() if isinstance(v, float)), flush=True)
    for n in args.neurons:  # cost grows with spikes
        for factor in args.brightness:
            found = ours(n, x, rate=RATE * factor)
            rate = found["input_spikes"] / 0.35
            rates.append(
                {"neurons": n, "input_spikes_per_s": rate, "images_per_s": 1e3 / found["ms"], **found}
            )
            print(
                f"{n} neurons, {rate:.0f} input spikes/s: {rates[-1]['images_per_s']:.0f} images/s",
                flush=True,
            )
    if args.json:
        said = ["PEERS_INTERPRETER" if word == args.python else word for word in sys.argv[1:]]
        facts = {
            "command": " ".join([Path(sys.argv[0]).name, *said]), "threads": 1, "rows": rows,
            "rates": rates, "machine": machine(), "versions": {**versions(), "brian2": version("brian2")},
        }  # fmt: skip
        args.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
