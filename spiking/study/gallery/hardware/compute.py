"""Why GPUs won, and when events would: joules per inference and per training step as the batch grows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spiking import Chip, Counts, Network, count, load_chip, price, run
from spiking.learn.counts import count_training
from spiking.study.figures.style import BLACK, BLUE, GREY, ORANGE
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.machines import mlp, spiking
from spiking.study.gallery.numbers import panels

HOROWITZ = "Horowitz 2014, ISSCC, Fig. 1.1.9 (DRAM 1.3 to 2.6 nJ, 8-bit product 0.2 pJ)"
SHARED = "weights that a batch shares are read once: E(B) = E(inf) + (E(1) - E(inf)) / B"
BATCHES = 2 ** np.arange(0, 13)
SIZES = (784, 512, 10)
MACHINES: dict[
    str, dict[str, Any]
] = {  # all of the same transistors; what differs is the shape of the machine
    "GPU-like": {"weights": "dram", "zero_skip": False},
    "CPU-like": {"weights": "dram", "zero_skip": True, "packed": False},
    "neuromorphic-like": {"weights": "sram", "zero_skip": True},
}


def machine(kind: str, batch: float = 1) -> Chip:
    """Return the generic 45 nm machine in one of the three shapes."""
    chip = load_chip("generic-45nm")
    extra = {} if kind == "neuromorphic-like" else {"batch": batch}
    return replace(chip, settings={**chip.settings, **MACHINES[kind], **extra})


def networks(seed: int) -> dict[str, Network]:
    """Return an MLP and a spiking network of one size, weights as they are drawn; both are 8 bits wide."""
    narrow = {}
    for name, net in {"MLP": mlp(SIZES, seed), "SNN": spiking(SIZES, seed)}.items():
        connections = [replace(c, weight_bits=8) for c in net.connections]
        narrow[name] = net.replace(connections=connections, inputs=[replace(net.inputs[0], bits=8)])
    return narrow


def joules(counts: Counts, chip: Chip) -> float:
    """Estimated energy [J] of one inference or training sample."""
    return float(price(counts, chip).total().mean().nominal)


def investigate(asked: Asked) -> Finding:
    """Count once, price for every batch and every shape of machine."""
    rng = asked.rng()
    x = rng.random((20, SIZES[0])) * (rng.random((20, SIZES[0])) < 0.2)  # a fifth of the pixels is not black
    rows: list[dict[str, Any]] = []
    nets = networks(asked.seed)
    traces = {name: run(net, x) for name, net in nets.items()}
    for i, batch in enumerate(BATCHES.tolist()):
        asked.tell("price every batch", i, len(BATCHES), "batches")
        for kind in MACHINES:
            name = "SNN" if kind == "neuromorphic-like" else "MLP"
            done = count(nets[name], traces[name]).mean()
            taught = count_training(nets[name], traces[name], batch_size=batch).mean()
            once = sum(layer.dense_weights or layer.stored_weights for layer in done.layers)
            rows.append({
                "machine": kind, "network": name, "batch": batch,
                "operations": float(done.total("macs_effective") + done.total("accumulates")),
                "weight_bytes": once / batch if name == "MLP" else float(done.total("weight_reads")),
                "inference_J": joules(done, machine(kind, batch)),
                "training_J": joules(taught, machine(kind, batch)),
            })  # fmt: skip
    return judged(rows)


def curve(rows: list[dict[str, Any]], kind: str, what: str) -> Any:
    """Joules against the batch of one machine."""
    return np.array([r[what] for r in rows if r["machine"] == kind])


def crossover(dense: Any, events: Any) -> float:
    """Batch from which the dense machine is cheaper, by the law of shared weights; inf: none."""
    last, first = dense[-1], dense[0]
    floor = (last * BATCHES[-1] - first) / (BATCHES[-1] - 1)
    return float((first - floor) / (events[0] - floor)) if events[0] > floor else np.inf


def first_below(dense: Any, events: Any) -> float:
    """The first batch at which the dense machine is cheaper; inf: none."""
    below = np.flatnonzero(dense < events)
    return float(BATCHES[below[0]]) if below.size else np.inf


def judged(rows: list[dict[str, Any]]) -> Finding:
    """Hold the curves against the law, and read off which machine wins where."""
    gpu, cpu, event = (curve(rows, k, "inference_J") for k in MACHINES)
    floor = (gpu[-1] * BATCHES[-1] - gpu[0]) / (BATCHES[-1] - 1)
    law = floor + (gpu[0] - floor) / BATCHES
    worst = float(np.max(np.abs(gpu / law - 1)))
    cross = min(crossover(gpu, event), crossover(cpu, event))
    wins = first_below(np.minimum(gpu, cpu), event)
    agreement = 1.0 if np.isinf(wins) and np.isinf(cross) else wins / cross
    taught = {k: curve(rows, k, "training_J") for k in MACHINES}
    train_wins = first_below(np.minimum(taught["GPU-like"], taught["CPU-like"]), taught["neuromorphic-like"])
    share = float(1 - floor / gpu[0])
    checks = [
        Check(
            what="joules against batch: largest distance from the law of shared weights [%]",
            expected="0 (<= 0.1)", low=0, high=0.1, measured=100 * worst, source=SHARED,
        ),
        Check(
            what="first batch (power of two) at which a dense machine is cheaper, over the law's crossing",
            expected="1 to 2, or no crossing in both (1)", low=1, high=2, measured=agreement, source=SHARED,
        ),
        Check(
            what="share of a dense inference at batch 1 that goes into fetching weights [%]",
            expected=">= 90: a fetch costs far more than a product", low=90, high=100, measured=100 * share,
            source=HOROWITZ,
        ),
    ]  # fmt: skip
    sentences = (
        f"At batch 1 the GPU-like machine spends {1e6 * gpu[0]:.1f} uJ on an inference, "
        f"{100 * share:.0f} % of it on "
        f"fetching weights; the event-driven one spends {1e6 * event[0]:.2f} uJ, "
        f"{gpu[0] / event[0]:.0f} times less.",
        (
            f"From a batch of {wins:.0f} on a dense machine is cheaper"
            if np.isfinite(wins)
            else f"No batch up to {BATCHES[-1]} makes a dense machine cheaper"
        )
        + f" ({1e6 * min(gpu[-1], cpu[-1]):.2f} uJ at {BATCHES[-1]}, the better of two): all samples of a "
        "batch "
        "share one fetch, events share nothing.",
        (
            f"In training, too, a dense machine is cheaper from a batch of {train_wins:.0f} on"
            if np.isfinite(train_wins)
            else f"In training no batch up to {BATCHES[-1]} makes a dense machine cheaper"
        )
        + ": who answers one sample at a time would choose events, who has many at once need not.",
    )
    energy = (
        f"Energy of one training sample at batch 1 and {BATCHES[-1]}: "
        + ", ".join(f"{k} {1e6 * v[0]:.1f} and {1e6 * v[-1]:.1f} uJ" for k, v in taught.items())
        + "; three shapes of generic-45nm, estimated, not measured."
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Joules per inference and per training sample against the batch."""
    title = "Batches made dense machines cheap; one sample at a time, events win"
    figure, axes = panels(2, height=3.0, title=title, sharey=True)
    t: Any = finding.table
    looks = {
        "GPU-like": (BLACK, "s", "-"),
        "CPU-like": (ORANGE, "^", "--"),
        "neuromorphic-like": (BLUE, "o", "-"),
    }
    for ax, what, name in zip(
        axes, ("inference_J", "training_J"), ("inference", "training sample"), strict=True
    ):
        for kind, (colour, marker, line) in looks.items():
            mine = t[t["machine"] == kind]
            ax.plot(mine["batch"], 1e6 * mine[what], line, marker=marker, color=colour, ms=4, label=kind)
        ax.set(xscale="log", yscale="log", xlabel="Samples per batch", title=f"one {name}")
        ax.axvline(1, color=GREY, lw=0.5)
    axes[0].set_ylabel("Energy [µJ], estimated")
    axes[0].legend(loc="upper right")
    return figure


EXPERIMENTS.register("compute")(
    Experiment(
        name="compute",
        order=14,
        question="Why did dense machines win, and for whom would events be cheaper?",
        theory="Fetching a weight from DRAM costs thousands of times a product. A batch shares the "
        "fetch, so that joules per sample fall as 1/B to those of the arithmetic; events are paid one "
        "by one.",
        source=f"{HOROWITZ}; {SHARED}",
        run=investigate,
        draw=draw,
    )
)
