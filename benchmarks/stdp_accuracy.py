"""What accuracy does STDP reach on MNIST, beside Diehl & Cook (2015), and what does its learning cost?

    python benchmarks/stdp_accuracy.py --data-path FOLDER [--neurons 100 400] [--seeds 3] [--json F]

One pass over the training images; all 10 000 test images; labels from ``--label-images`` training images.
The interval is Student's 95 % over seeds. The energy prices each synaptic update of learning at the 120 pJ
that Davies et al. (2018, IEEE Micro 38:82, Table 2) give for a pairwise STDP update on Loihi: learning
alone, without neuron updates and spikes.

``--json F`` is written after every seed and read at the start: runs that stand in it with the same settings
are not repeated, others are added, so a table can grow over several commands (each run holds its own).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from spiking.learn.stdp.label import LABELLINGS
from spiking.study.record.manifest import machine, versions
from spiking.study.train.stdp import train_stdp

PUBLISHED = {100: 0.829, 400: 0.870, 1600: 0.919, 6400: 0.950}
LOIHI_UPDATE = 120e-12  # [J]
SETTINGS = ("data", "neurons", "images", "label_images", "batch", "paper")


def one_run(settings: dict[str, Any], seed: int, data_path: Path | None) -> dict[str, Any]:
    """Train and test one network; what it took and what it reached under every labelling."""
    with tempfile.TemporaryDirectory() as folder:
        done = train_stdp(data_path=data_path, out=Path(folder) / "run", seed=seed, **settings)
    rows = done.rows.set_index("labelling")
    said = ["FOLDER" if data_path and word == str(data_path) else word for word in sys.argv[1:]]
    first = rows.iloc[0]
    return {
        **settings,
        "images": int(first["images"]),
        "seed": seed,
        "accuracy": {name: float(rows.loc[name, "accuracy"]) for name in LABELLINGS},
        "learning_seconds": float(first["seconds"]),
        "learning_cpu_seconds": float(first["cpu_seconds"]),
        "spikes_per_inference": float(first["spikes_per_inference"]),
        "plastic_updates": int(first["plastic_updates"]),
        "command": " ".join([Path(sys.argv[0]).name, *said]),
        "machine": machine(),
        "versions": versions(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per group of runs that differ in nothing but the seed, and labelling."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for run in runs:
        groups.setdefault(tuple(run[name] for name in SETTINGS), []).append(run)
    rows = []
    for key, members in groups.items():
        for method in LABELLINGS:
            a = np.array([m["accuracy"][method] for m in members])
            half = stats.t.ppf(0.975, len(a) - 1) * a.std(ddof=1) / np.sqrt(len(a)) if len(a) > 1 else None
            settings = dict(zip(SETTINGS, key, strict=True))
            cost = {
                f"mean_{name}": float(np.mean([m[name] for m in members]))
                for name in ("learning_seconds", "learning_cpu_seconds", "spikes_per_inference")
            }
            updates = float(np.mean([m["plastic_updates"] for m in members]))
            rows.append(
                {
                    **settings, "labelling": method, "accuracy": float(a.mean()),
                    "half_interval": None if half is None else float(half), "seeds": len(a),
                    "published": PUBLISHED.get(settings["neurons"]), **cost,
                    "learning_updates_J": updates * LOIHI_UPDATE,
                }
            )  # fmt: skip
    return rows


def show(row: dict[str, Any]) -> None:
    half = "one seed" if row["half_interval"] is None else f"+- {row['half_interval']:.2%}"
    kind = "paper" if row["paper"] else f"batch {row['batch']}" if row["batch"] > 1 else ""
    print(
        f"{row['neurons']:5d} {row['images']:6d} images {kind:8s} {row['labelling']:13s} "
        f"{row['accuracy']:.2%} {half}  published {row['published'] or np.nan:.1%}  "
        f"{row['mean_learning_seconds']:.0f} s ({row['mean_learning_cpu_seconds']:.0f} s of processor)  "
        f"{row['learning_updates_J']:.3g} J of updates",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--data-path", type=Path)
    parser.add_argument("--neurons", type=int, nargs="+", default=[100, 400])
    parser.add_argument("--images", type=int)
    parser.add_argument("--label-images", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--batch", type=int, nargs="+", default=[1])
    parser.add_argument("--paper", action="store_true", help="the paper's own mode instead of one winner")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    runs: list[dict[str, Any]] = []
    if args.json and args.json.exists():
        runs = json.loads(args.json.read_text(encoding="utf-8"))["runs"]
    for n in args.neurons:
        for batch in args.batch:
            settings = {
                "data": args.data, "neurons": n, "images": args.images, "label_images": args.label_images,
                "batch": batch, "paper": args.paper,
            }  # fmt: skip
            for seed in range(args.seed, args.seed + args.seeds):
                wanted = {**settings, "images": args.images or 60_000, "seed": seed}
                if any(all(run[k] == v for k, v in wanted.items()) for run in runs):
                    continue
                runs.append(one_run(settings, seed, args.data_path))
                if args.json:
                    facts = {"rows": summary(runs), "runs": runs}
                    args.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
                for row in summary(runs[-1:]):
                    show(row)
    for row in summary(runs):
        show(row)


if __name__ == "__main__":
    main()
