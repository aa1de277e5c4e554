"""What accuracy does STDP reach on MNIST, beside Diehl & Cook (2015), and what does its learning cost?

    python benchmarks/stdp_accuracy.py --data-path FOLDER [--neurons 100 400] [--seeds 3] [--json F]

One pass over the training images; all 10 000 test images; labels from ``--label-images`` training images.
The interval is Student's 95 % over seeds. The energy prices each synaptic update of learning at the 120 pJ
that Davies et al. (2018, IEEE Micro 38:82, Table 2) give for a pairwise STDP update on Loihi: learning
alone, without neuron updates and spikes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

from spiking.study.manifest import machine, versions
from spiking.study.train_stdp import train_stdp

PUBLISHED = {100: 0.829, 400: 0.870, 1600: 0.919, 6400: 0.950}
LOIHI_UPDATE = 120e-12  # [J]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--data-path", type=Path)
    parser.add_argument("--neurons", type=int, nargs="+", default=[100, 400])
    parser.add_argument("--images", type=int)
    parser.add_argument("--label-images", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--paper", action="store_true", help="the paper's own mode instead of one winner")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    results = []
    for n in args.neurons:
        with tempfile.TemporaryDirectory() as folder:
            done = train_stdp(
                data=args.data, data_path=args.data_path, out=Path(folder) / "run", neurons=n,
                images=args.images, seeds=args.seeds, label_images=args.label_images, batch=args.batch,
                paper=args.paper,
            )  # fmt: skip
        for method, rows in done.rows.groupby("labelling"):
            a = rows["accuracy"].to_numpy()
            half = stats.t.ppf(0.975, len(a) - 1) * a.std(ddof=1) / np.sqrt(len(a)) if len(a) > 1 else np.nan
            row = {
                "neurons": n, "labelling": method, "accuracy": float(a.mean()), "half_interval": float(half),
                "seeds": len(a), "published": PUBLISHED.get(n), "images": int(rows["images"].iloc[0]),
                "learning_seconds": float(rows["seconds"].mean()),
                "learning_updates_J": float(rows["plastic_updates"].mean()) * LOIHI_UPDATE,
            }  # fmt: skip
            results.append(row)
            print(
                f"{n:5d} {method:13s} {row['accuracy']:.2%} +- {half:.2%}  "
                f"published {PUBLISHED.get(n, np.nan):.1%}"
                f"  {row['learning_seconds']:.0f} s  {row['learning_updates_J']:.3g} J of updates",
                flush=True,
            )
    if args.json:
        facts = {"rows": results, "machine": machine(), "versions": versions()}
        args.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
