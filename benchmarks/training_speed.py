"""How long does a training step take here and in other libraries, on the same spikes and dynamics?

    python benchmarks/training_speed.py [--quick] [--json FILE] [--python PEERS_INTERPRETER]

Real MNIST images; ours draws the spikes from them in each step, the peers get them ready made. One
process per contender, asked in turn; medians. Every contender's first loss must agree with ours. Peers run as
they are and compiled by ``torch.compile``; the one that is slower stands in brackets.
On a busy machine threads that wait for each other lose their turns: with ``--threads 1`` the processor
time of a step ("cpu ms") says how much work it is, whatever else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from speed.case import Case, save
from speed.drive import interleaved

import spiking
from spiking.core.coding.encode import Poisson
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.data.load import load
from spiking.learn.fit import fit

TOLERANCE = 1e-3  # relative difference of the first loss
OURS = {
    "plain": "spiking",
    "delayed": "spiking, delayed reset",
    "euler": "spiking, Euler",
    "mlp": "spiking, MLP",
}
COMPILED = ", compiled"  # by torch.compile; the better of the two counts. JAX is always compiled
TORCH = ["snnTorch", "SpikingJelly", "Norse", "PyTorch MLP"]
PEERS = [*TORCH, *(name + COMPILED for name in TORCH), "JAX"]
SMALL, LARGE = (784, 512, 10), (784, 1024, 1024, 10)


def cases(quick: bool) -> list[Case]:
    common = {"task": "training", "steps": 25, "batch": 128, "batches": 4}
    sparse = {**common, "code": "poisson", "gain": 0.25}
    full = {**common, "code": "poisson", "gain": 1.0}
    direct = {**common, "code": "direct", "gain": 1.0, "steps": 10}
    inference = {"task": "inference", "code": "poisson", "steps": 25, "sizes": SMALL}
    size = {"batch": 250, "batches": 4 if quick else 40}
    chosen = [
        Case(name="training, p = x/4", sizes=SMALL, **sparse),
        Case(name="training, p = x", sizes=SMALL, **full),
        Case(name="training, direct current", sizes=SMALL, **direct),
        Case(name=f"inference, {size['batch'] * size['batches']} images", gain=0.25, **inference, **size),
    ]
    if not quick:
        chosen.insert(2, Case(name="training, p = x/4", sizes=LARGE, **sparse))
        chosen.insert(3, Case(name="training, p = x", sizes=LARGE, **full))
        chosen.append(Case(name=f"inference, {250 * 40} images, p = x", gain=1.0, **inference, **size))
    return chosen


def write_case(case: Case, data: Any, folder: Path) -> None:
    """Draw images, spikes and weights of ``case`` and save them for the processes."""
    n = case.batch * case.batches
    x, y = (data.x_train, data.y_train) if case.task == "training" else (data.x_test, data.y_test)
    images = x[:n].reshape(case.batches, case.batch, -1)
    labels = y[:n].reshape(case.batches, case.batch)
    spikes = None
    if case.code == "poisson":
        encoder = Poisson(gain=case.gain)
        spikes = [encoder.spikes(b, case.steps, case.seed, k * case.batch) for k, b in enumerate(images)]
    tau = -1e-3 / np.log(case.beta)
    encode = {"encoder": Poisson(gain=case.gain)} if case.code == "poisson" else {}
    unit = {"hidden": LIF(tau_mem=tau), "readout": LI(tau_mem=tau)}
    net = Network.dense(case.sizes, **unit, **encode, steps=case.steps, seed=case.seed)
    if case.task == "inference":  # as many spikes as a trained network has
        net = fit(net, data.x_train[:6400], data.y_train[:6400], epochs=1, slope=case.slope).network
    save(folder, case, [c.weight for c in net.connections], images, labels, spikes)


def rows_of(case: Case, found: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per contender, compared with ours under the same dynamics."""
    density = found["spiking"]["limits"]["density"]
    rows = []
    for name, m in found.items():
        ours = found[OURS[m["dynamics"]]]
        rows.append(
            {
                "task": case.name,
                "network": case.network,
                "density": round(density, 4),
                "engine": name,
                "dynamics": m["dynamics"],
                "ms_per_step": round(m["ms"], 3),
                "ms_fastest": round(m["fastest"], 3),
                "cpu_ms": round(m["cpu_ms"], 3),
                "cpu_ratio": round(m["cpu_ms"] / ours["cpu_ms"], 2),
                "peak_MB": round(m["MB"], 1),
                "ratio_to_ours": round(m["ms"] / ours["ms"], 2),
                "memory_ratio": round(m["MB"] / max(ours["MB"], 0.1), 2),
                "first_loss": m["losses"][0],
                "loss_difference": abs(m["losses"][0] / ours["losses"][0] - 1),
                "third_loss_difference": abs(m["losses"][2] / ours["losses"][2] - 1),
            }
        )
    for row in rows:
        family = [
            r for r in rows if r["engine"].removesuffix(COMPILED) == row["engine"].removesuffix(COMPILED)
        ]
        row["counts"] = row is min(family, key=lambda r: r["ms_per_step"])
    return rows


def show(case: Case, rows: list[dict[str, Any]], limits: dict[str, Any], ms: float) -> None:
    what = "images, all" if case.task == "inference" else "step"
    print(f"\n{case.name}: {case.network}, T = {case.steps}, density {limits['density']:.2%}")
    units = ", ".join(f"{k} {v:.2%}" for k, v in limits["spikes_per_unit_step"].items())
    print(f"  spikes per unit and step: {units}")
    heads = (
        ("fastest", 9),
        ("x ours", 8),
        ("cpu ms", 9),
        ("x ours", 8),
        ("MB", 8),
        ("loss off by", 13),
        ("3rd", 9),
    )
    print(f"  {'engine':<24}{'ms a ' + what:>16}" + "".join(f"{h:>{n}}" for h, n in heads))
    for r in rows:
        name = r["engine"] if r["counts"] else f"({r['engine']})"
        print(
            f"  {name:<24}{r['ms_per_step']:>16.2f}{r['ms_fastest']:>9.2f}{r['ratio_to_ours']:>8.2f}"
            f"{r['cpu_ms']:>9.2f}{r['cpu_ratio']:>8.2f}{r['peak_MB']:>8.1f}{r['loss_difference']:>13.1e}{r['third_loss_difference']:>9.1e}"
        )
    bandwidth = limits["bytes"] / limits["bandwidth"] * 1e3
    arithmetic = limits["operations"] / limits["rate"] * 1e3
    print(
        f"  ours: {limits['bytes'] / 1e6:.1f} MB of weight rows at {limits['bandwidth'] / 1e9:.0f} GB/s take "
        f"{bandwidth:.2f} ms: {bandwidth / ms:.0%} of the bandwidth limit; "
        f"{limits['operations'] / 1e9:.2f} G operations at {limits['rate'] / 1e9:.0f} GFLOP/s take "
        f"{arithmetic:.2f} ms: {arithmetic / ms:.0%} of the arithmetic limit"
    )


def machine() -> dict[str, Any]:
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next(
            (s.split(":")[1].strip() for s in info.read_text().splitlines() if "model name" in s), ""
        )
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path, help="write the rows, versions and machine to this file")
    parser.add_argument("--quick", action="store_true", help="fewer cases and turns, to see that it works")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--threads", type=int, default=2, help="threads of every contender")
    parser.add_argument("--turns", type=int, help="timed steps of each contender (median of these)")
    parser.add_argument("--only", help="cases whose name holds this text")
    said = parser.parse_args()
    turns = said.turns or (7 if said.quick else 21)
    data, root = load("mnist"), Path(spiking.__file__).parents[1]
    rows: list[dict[str, Any]] = []
    versions = {"python": platform.python_version(), "spiking": str(getattr(spiking, "__version__", ""))}
    limits: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    here = machine()
    print(f"{here['cpu']}, {here['cores']} cores, {said.threads} threads each, load {here['load']:.1f}")
    print("peers get their spikes ready made; ours includes drawing them from the images")
    for case in cases(said.quick):
        if said.only and said.only not in case.name:
            continue
        names = [n for n in [*OURS.values(), *PEERS] if case.task == "training" or "MLP" not in n]
        rounds = turns if case.task == "training" else max(3, turns // 4)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_case(case, data, folder)
            found, missing = interleaved(
                [n for n in names if n not in skipped], set(OURS.values()), said.python, folder,
                said.threads, rounds, root,
            )  # fmt: skip
        for peer, why in missing.items():
            print(f"  {peer} is left out: {why}")
        skipped |= missing
        made = rows_of(case, found)
        rows += made
        limits.append({"task": case.name, "network": case.network, **found["spiking"]["limits"]})
        show(case, made, found["spiking"]["limits"], found["spiking"]["ms"])
        for m in found.values():
            versions |= m["versions"]
    here["load_at_end"] = os.getloadavg()[0]
    if said.json:
        command = " ".join(["python", *(Path(a).name if "/" in a else a for a in sys.argv)])
        facts = {"command": command, "date": time.strftime("%Y-%m-%d"), "seed": Case.seed, "turns": turns}
        facts |= {"threads": said.threads, "machine": here, "versions": versions, "skipped": skipped}
        whole = {"rows": rows, "limits": limits, **facts}
        said.json.write_text(json.dumps(whole, indent=1) + "\n")
    wrong = [r for r in rows if not r["loss_difference"] <= TOLERANCE]
    for r in wrong:
        print(
            f"ERROR: {r['engine']} in {r['task']} ({r['network']}): its first loss {r['first_loss']:.6f} "
            f"is off ours by {r['loss_difference']:.1e}, more than {TOLERANCE}; not the same network",
            file=sys.stderr,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
