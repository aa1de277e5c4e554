"""Accuracy of chips that deviate, for networks trained without and with noise and an adversary.

As Buechel, Faber & Muir (2022, ICLR) measure it: weights ~ N(w, zeta |w|), many draws, mean and worst;
thresholds that deviate by 20 %, and phase-change memory that drifts. A spiking network and an MLP of one
hidden layer each. The results kept here are those of the default options.

    SPIKING_DATA=FOLDER python benchmarks/robust_training.py --out benchmarks/results/robust_training.csv
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from spiking import LI, LIF, Linear, Network, Poisson, ReLU, fit, load
from spiking.learn.gradient.hardware_aware.robust import Robust
from spiking.study.instances import chip_cloud

TRAININGS = {
    "standard": None,
    "noise": Robust(noise=0.3),
    "noise, thresholds": Robust(noise=0.3, threshold_noise=0.2),
    "noise, adversary": Robust(noise=0.3, beta=0.1, ascents=2),
}
EFFECTS = {
    "weights 0.3": ("weight-mismatch", {"sigma": 0.3}),
    "thresholds 0.2": ("threshold-mismatch", {"sigma": 0.2}),
    "pcm 1 day, compensated": ("pcm", {"time": 86400.0, "compensation": "global"}),
    "pcm 1 year": ("pcm", {"time": 365 * 86400.0}),
    "pcm 1 year, compensated": ("pcm", {"time": 365 * 86400.0, "compensation": "global"}),
}


def start(kind: str, hidden: int, steps: int) -> Network:
    """The untrained network."""
    sizes = [784, hidden, 10]
    if kind == "mlp":
        return Network.dense(sizes, hidden=ReLU(), readout=Linear(), seed=0)
    return Network.dense(sizes, hidden=LIF(), readout=LI(), encoder=Poisson(), steps=steps, seed=0)


def main() -> None:
    """Train, draw chips, write one row per network and effect."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--data", nargs="+", default=["mnist"])
    ask.add_argument("--hidden", type=int, default=128)
    ask.add_argument("--steps", type=int, default=10)
    ask.add_argument("--epochs", type=int, default=5)
    ask.add_argument("--chips", type=int, default=50)
    ask.add_argument("--train", type=int, default=10_000, help="training samples")
    ask.add_argument("--samples", type=int, default=1_000, help="test samples")
    how = ask.parse_args()
    rows: list[dict[str, object]] = []
    for name in how.data:
        data = load(name)
        x, y = np.asarray(data.x_train[: how.train], np.float32), data.y_train[: how.train]
        xt, yt = np.asarray(data.x_test[: how.samples], np.float32), data.y_test[: how.samples]
        for kind in ("snn", "mlp"):
            for training, robust in TRAININGS.items():
                if kind == "mlp" and robust is not None and robust.threshold_noise:
                    continue
                began = time.perf_counter()
                net = fit(start(kind, how.hidden, how.steps), x, y, epochs=how.epochs, robust=robust).network
                trained = time.perf_counter() - began
                for effect, entry in EFFECTS.items():
                    if kind == "mlp" and effect.startswith("thresholds"):
                        continue
                    cloud = chip_cloud(net, [entry], xt, yt, instances=how.chips, chips=())
                    found = cloud.accuracies
                    rows.append(
                        {
                            "data": name, "network": kind, "training": training, "effect": effect,
                            "chips": how.chips, "nominal": cloud.nominal_accuracy, "mean": found.mean,
                            "reached_by_95_percent": found.most, "worst": found.worst,
                            "within_1.5_points": cloud.yield_within(1.5).value,
                            "training_s": round(trained, 1),
                        }
                    )  # fmt: skip
                    pd.DataFrame(rows).round(4).to_csv(how.out, index=False)
                    print(pd.DataFrame(rows[-1:]).to_string(header=len(rows) == 1, index=False), flush=True)


if __name__ == "__main__":
    main()
