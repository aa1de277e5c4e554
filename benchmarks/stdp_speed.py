"""How many milliseconds does STDP learning take per image, beside Brian2?

    python benchmarks/stdp_speed.py [--neurons 100 400 1600] [--images 500] [--brian numpy cython] [--json F]

Learning is on, one thread, 784 inputs, 350 ms in steps of 0.5 ms, random pictures as bright as MNIST's.
``fast`` is direct inhibition with one winner per step and each image from rest; ``paper`` has explicit
inhibitory neurons, no winner limit and state that flows on, as Brian2 runs it. Brian2's time is that of
further images alone (building and compiling taken off by a shorter run).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from spiking.bridges.brian.stdp import learn_in_brian
from spiking.learn.stdp import learn_stdp, presentation_order
from spiking.learn.stdp_network import stdp_network
from spiking.study.manifest import machine, versions


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


def ours(neurons: int, x: np.ndarray, paper: bool) -> float:
    """Seconds per image of learning on one thread, compilation apart."""
    options = {"lateral": "explicit", "winners": None} if paper else {}
    network = stdp_network(784, neurons=neurons, **options)
    protocol = {"carry": True, "min_spikes": 0} if paper else {"min_spikes": 0}
    learn_stdp(network, x[:2], **protocol)
    start = time.perf_counter()
    learn_stdp(network, x, **protocol)
    return (time.perf_counter() - start) / len(x)


def brian(neurons: int, x: np.ndarray, target: str, images: int) -> float:
    """Seconds per image of the same learning in Brian2."""
    network = stdp_network(784, neurons=neurons, lateral="explicit", winners=None, precision="float64")
    order = presentation_order(len(x), images + 1, 0)
    encoder = network.inputs[0].encoder
    raster = np.concatenate([encoder.spikes(x[k : k + 1], network.steps, 0, p) for p, k in enumerate(order)])
    took = []
    for part in (raster[:1], raster[:1], raster):  # the first run compiles
        start = time.perf_counter()
        learn_in_brian(network, part, codegen=target)
        took.append(time.perf_counter() - start)
    return (took[2] - took[1]) / images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, nargs="+", default=[100, 400, 1600])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--brian", nargs="*", default=["numpy", "cython"])
    parser.add_argument("--brian-images", type=int, default=3)
    parser.add_argument("--brightness", type=float, nargs="+", default=[0.5, 1.0, 2.0])
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    x, rows = pictures(args.images), []
    for n in args.neurons:
        row = {"neurons": n, "fast_ms": 1e3 * ours(n, x, False), "paper_ms": 1e3 * ours(n, x, True)}
        for target in args.brian:
            row[f"brian2_{target}_ms"] = 1e3 * brian(n, x, target, args.brian_images)
        rows.append(row)
        print("  ".join(f"{k} {v:.4g}" for k, v in row.items()), flush=True)
    rates = []
    for b in args.brightness:  # cost grows with spikes
        bright = pictures(args.images, b)
        rate = 63.75 * float(bright.sum(axis=1).mean())
        rates.append({"input_rate_hz": rate, "images_per_s": 1.0 / ours(args.neurons[0], bright, False)})
        print(
            f"{args.neurons[0]} neurons, {rate:.0f} input spikes/s: {rates[-1]['images_per_s']:.0f} images/s"
        )
    if args.json:
        facts = {"rows": rows, "rates": rates, "machine": machine(), "versions": versions()}
        args.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
