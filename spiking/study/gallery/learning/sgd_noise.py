"""Does it help that learning is noisy? Small batches, spikes that are lost, synapses that deviate."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spiking import Network, fit, load, run
from spiking.learn.gradient.hardware_aware.robust import Robust
from spiking.study.figures.style import BLACK, BLUE, GREY, WIDTH
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, Interval, mean_interval
from spiking.study.gallery.joules import sentence, training_joules
from spiking.study.gallery.machines import MACHINES
from spiking.study.gallery.numbers import panels

KESKAR = "Keskar et al. 2017, ICLR, arXiv:1609.04836"
DROPOUT = "Srivastava et al. 2014, JMLR 15:1929"
MURRAY = "Murray & Edwards 1994, IEEE Trans. Neural Netw. 5:792"
TRAINED, SIZES = 300, (64, 128, 10)  # samples to learn from, few enough to learn by heart; units
SMALL = 8  # samples of a small batch; a large one holds them all
NOISES: dict[str, dict[str, Any]] = {  # what is added to large batches
    "lost signals": {"dropout": 0.3},
    "deviating weights": {"robust": Robust(noise=0.1)},
}
SOURCES = {"small batches": KESKAR, "lost signals": DROPOUT, "deviating weights": MURRAY}
WORDS = {
    "small batches": f"batches of {SMALL}",
    "lost signals": "30 % of the hidden units silenced",
    "deviating weights": "weights 10 % off",
}


def ways(asked: Asked) -> dict[str, dict[str, Any]]:
    """Options of the training, without noise first; large batches pass more often, to make up for updates."""
    many = asked.either(600, 60)
    large = {"batch_size": TRAINED, "epochs": many}
    small = {"batch_size": SMALL, "epochs": many // 10}
    return {"none": large, "small batches": small} | {name: large | noise for name, noise in NOISES.items()}


def learn(machine: str, way: dict[str, Any], data: Any, seed: int) -> tuple[Network, float, float]:
    """Train once; return the network, its accuracy on samples it never saw and the loss on its own."""
    x, y = data
    order = np.random.default_rng(seed).permutation(len(x))
    mine, others = order[:TRAINED], order[TRAINED:]
    slope: dict[str, Any] = {} if machine == "MLP" else {"slope": 10.0}
    start = MACHINES[machine](SIZES, seed)
    done = fit(start, x[mine], y[mine], learning_rate=1e-3, seed=seed, **slope, **way)
    return done.network, 100 * run(done.network, x[others]).accuracy(y[others]), done.history[-1]["loss"]


def investigate(asked: Asked) -> Finding:
    """Train on few samples with and without noise, from the same weights on the same samples."""
    digits = load("digits")
    data = np.concatenate([digits.x_train, digits.x_test]), np.concatenate([digits.y_train, digits.y_test])
    repeats = asked.either(6, 2)
    rows: list[dict[str, Any]] = []
    energies = {}
    for i, machine in enumerate(MACHINES):
        for j, (name, way) in enumerate(ways(asked).items()):
            asked.tell("train with every kind of noise", 4 * i + j, 8, "kinds")
            for again in range(repeats):
                net, accuracy, loss = learn(machine, way, data, 1000 * asked.seed + again)
                rows.append({
                    "machine": machine, "noise": name, "again": again, "accuracy": accuracy, "loss": loss,
                })  # fmt: skip
            if name in ("none", "small batches"):
                batch = "one large batch" if name == "none" else "small batches"
                energies[f"{machine} by {batch}"] = training_joules(
                    net, data[0], seen=way["epochs"] * TRAINED, batch_size=way["batch_size"]
                )
    return judged(rows, sentence(energies, "of one training"))


def gain(rows: list[dict[str, Any]], machine: str, noise: str) -> tuple[float, Interval]:
    """Points of accuracy won by ``noise``, pairs of the same samples and first weights; 95 % interval."""
    at = {
        kind: [r["accuracy"] for r in rows if r["machine"] == machine and r["noise"] == kind]
        for kind in ("none", noise)
    }
    return mean_interval(np.subtract(at[noise], at["none"]))


def judged(rows: list[dict[str, Any]], energy: str) -> Finding:
    """Every kind of noise must help, on both machines, and all must have learned their samples."""
    got = {(m, n): gain(rows, m, n) for m in MACHINES for n in SOURCES}
    checks = [
        Check(
            what=f"{machine}: points of accuracy won by {WORDS[noise]}",
            expected="> 0", low=0, measured=points, interval=interval, source=SOURCES[noise],
        )
        for (machine, noise), (points, interval) in got.items()
    ]  # fmt: skip
    checks.append(
        Check(
            what="loss on the samples learned from, without added noise, worst",
            expected="near 0: nobody stopped early",
            low=0,
            high=0.1,
            measured=max(r["loss"] for r in rows if r["noise"] in ("none", "small batches")),
            source=KESKAR,
        )
    )

    def said(noise: str) -> str:
        return " and ".join(
            f"{mean:+.2f} ({low:+.2f} to {high:+.2f}) points for the {m}"
            for m, (mean, (low, high)) in ((m, got[m, noise]) for m in MACHINES)
        )

    sentences = (
        f"Learning {TRAINED} digits in batches of {SMALL} instead of all at once wins "
        f"{said('small batches')} on digits never seen.",
        f"Noise put in on purpose, {WORDS['lost signals']} in each pass, wins {said('lost signals')}.",
        f"That of an imprecise chip while it learns, {WORDS['deviating weights']}, drawn anew for every "
        f"batch, wins {said('deviating weights')}.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Points won by each kind of noise, each pair and the mean with its interval."""
    title = "What noise while learning wins on samples never seen"
    figure, (ax,) = panels(1, height=2.8, width=WIDTH, title=title)
    rows: Any = finding.rows
    looks = {"MLP": (BLACK, "s", 0.12), "spiking network": (BLUE, "o", -0.12)}
    for machine, (colour, marker, shift) in looks.items():
        for k, noise in enumerate(SOURCES):
            at = {n: [r["accuracy"] for r in rows if r["machine"] == machine and r["noise"] == n]
                  for n in ("none", noise)}  # fmt: skip
            won = np.subtract(at[noise], at["none"])
            mean, (low, high) = gain(rows, machine, noise)
            ax.plot(won, np.full(len(won), -k + shift), "|", color=colour, alpha=0.5, ms=7)
            ax.errorbar(
                mean, -k + shift, xerr=[[mean - low], [high - mean]], fmt=marker, color=colour, capsize=3,
                ms=5, label=machine if k == 0 else None,
            )  # fmt: skip
    ax.axvline(0, color=GREY, lw=1)
    ax.set_yticks([-k for k in range(len(SOURCES))], [WORDS[n] for n in SOURCES])
    ax.set_ylim(-len(SOURCES) + 0.5, 0.5)
    ax.grid(False, axis="y")
    ax.set_xlabel("Points of test accuracy won over one large batch")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


EXPERIMENTS.register("sgd-noise")(
    Experiment(
        name="sgd-noise",
        order=9,
        question="Is the noise of learning, and of a chip, only a nuisance?",
        theory="Gradients of small batches are noisy, and networks that learn from them generalise better "
        "than those that see all samples at once; noise on units and weights regularises too.",
        source=f"{KESKAR}; {DROPOUT}; {MURRAY}",
        run=investigate,
        draw=draw,
    )
)
