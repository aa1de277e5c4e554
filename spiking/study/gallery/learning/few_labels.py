"""How far do a few labels reach, where a network looked at many samples without any before?"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spiking import Network, fit, load, run, train_stdp
from spiking.learn.stdp import responses
from spiking.learn.stdp.label import votes
from spiking.study.figures.style import BLACK, BLUE, GREY, ORANGE
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, Interval, mean_interval
from spiking.study.gallery.joules import sentence, stdp_joules, training_joules
from spiking.study.gallery.machines import MACHINES
from spiking.study.gallery.numbers import panels

LEE = "Lee & Sim 2023: semi-supervised STDP wins 5 / 1 / 3 points at 100 / 400 / 1600 labels of MNIST"
DIEHL = "Diehl & Cook 2015, Front. Comput. Neurosci. 9:99"
PUBLISHED = {10: 5, 40: 1, 160: 3}  # labels of each class: points won
CLASSES, BATCH = 10, 32
STDP = "STDP"


def unsupervised(data: Any, asked: Asked) -> Network:
    """Let a spiking network learn from images without their labels; return it frozen.

    The labels that :func:`~spiking.train_stdp` names its neurons by are not used afterwards.
    """
    images = asked.either(30_000, 200)
    shown = asked.rng(1).permutation(len(data.x_train))[:images]
    return train_stdp(
        data.x_train[shown], data.y_train[shown], neurons=asked.either(400, 20), images=images,
        label_images=200, seed=asked.seed,
    )  # fmt: skip


def drawn(y: NDArray[Any], each: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of ``each`` samples of every class."""
    return np.concatenate([rng.permutation(np.flatnonzero(y == c))[:each] for c in range(CLASSES)])


def supervised(
    machine: str, x: NDArray[Any], y: NDArray[Any], seed: int, updates: int
) -> tuple[Network, int]:
    """Train by gradient on the labelled samples alone; return the network and how many samples it saw."""
    size = min(BATCH, len(x))
    epochs = max(5, round(updates * BATCH / len(x)))
    slope: dict[str, Any] = {} if machine == "MLP" else {"slope": 10.0}
    start = MACHINES[machine]((x.shape[1], 128, CLASSES), seed)
    done = fit(start, x, y, epochs=epochs, batch_size=size, learning_rate=1e-3, seed=seed, **slope)
    return done.network, epochs * len(x)


def investigate(asked: Asked) -> Finding:
    """Label the same samples for all: a network that saw many images, and two that see these alone."""
    data = load("mnist")
    tested, updates = asked.either((2000, 300), (200, 20))
    x, y = data.x_test[:tested], data.y_test[:tested]
    asked.tell("look at images without labels", 0, 1)
    network = unsupervised(data, asked)
    seen = responses(network, x, seed=1)
    energies = {"STDP on images without labels": stdp_joules(network, data.x_train)}
    rows: list[dict[str, Any]] = []
    sizes = asked.either((1, 2, 5, 10, 40, 100, 160), (1, 10))
    for i, each in enumerate(sizes):
        asked.tell("learn from few labels", i, len(sizes), "numbers of labels")
        for again in range(asked.either(5, 2)):
            pick = drawn(data.y_train, each, asked.rng(2, each, again))
            mine, labels = data.x_train[pick], data.y_train[pick]
            weight = votes(responses(network, mine, seed=2), labels, classes=CLASSES)
            got = {STDP: float(np.mean((seen @ weight).argmax(axis=1) == y))}
            for machine in MACHINES:
                trained, passed = supervised(machine, mine, labels, 1000 * asked.seed + again, updates)
                got[machine] = run(trained, x).accuracy(y)
                if each == sizes[-1]:
                    energies[f"{machine} on {len(pick)} labelled ones"] = training_joules(
                        trained, mine, seen=passed, batch_size=BATCH
                    )
            rows += [
                {"each": each, "again": again, "machine": m, "accuracy": 100 * a} for m, a in got.items()
            ]
    return judged(rows, sentence(energies, "of learning"))


def accuracies(rows: list[dict[str, Any]], machine: str, each: int) -> NDArray[np.float64]:
    """Accuracies [%] of ``machine`` with ``each`` labels of a class, one for each drawing."""
    return np.array([r["accuracy"] for r in rows if r["machine"] == machine and r["each"] == each])


def gain(rows: list[dict[str, Any]], each: int) -> tuple[float, Interval]:
    """Points that STDP wins over the better of the supervised ones, by pairs of the same labels."""
    best = max((accuracies(rows, m, each) for m in MACHINES), key=np.mean)
    return mean_interval(accuracies(rows, STDP, each) - best)


def judged(rows: list[dict[str, Any]], energy: str) -> Finding:
    """Hold the gains against the published signs."""
    sizes = sorted({r["each"] for r in rows})
    won = {each: gain(rows, each) for each in sizes}
    checks = [
        Check(
            what=f"{CLASSES * each} labels: points STDP wins over the better supervised network",
            expected=f"> 0 (+{PUBLISHED[each]})", low=0, measured=won[each][0], interval=won[each][1],
            source=LEE,
        )
        for each in sizes
        if each in PUBLISHED
    ]  # fmt: skip

    def said(each: int) -> str:
        return ", ".join(f"{accuracies(rows, m, each).mean():.1f} % ({m})" for m in (STDP, *MACHINES))

    least, most = sizes[0], sizes[-1]
    few = min(PUBLISHED)
    spread = [float(np.ptp(accuracies(rows, STDP, each))) for each in (least, most)]
    sentences = (
        f"With {few} labels of each digit {said(few)} of the test images are read right.",
        f"With {least} of each it is {said(least)}; it depends on which images happen to have the labels: "
        f"drawings differ by {spread[0]:.0f} points, at {most} of each by {spread[1]:.1f}.",
        f"With {most} of each it is {said(most)}; STDP wins "
        + ", ".join(f"{won[e][0]:+.1f}" for e in sizes)
        + f" points at {', '.join(map(str, sizes))} labels of each.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Accuracy against labels of a class; points that STDP wins."""
    title = "What images without labels are worth, by the number of labels there are"
    figure, (left, right) = panels(2, height=3.3, title=title)
    rows: Any = finding.rows
    sizes = sorted({r["each"] for r in rows})
    looks = {STDP: (ORANGE, "^"), "MLP": (BLACK, "s"), "spiking network": (BLUE, "o")}
    for machine, (colour, marker) in looks.items():
        means = [accuracies(rows, machine, each).mean() for each in sizes]
        left.plot(sizes, means, marker=marker, color=colour, ms=5, label=machine)
    got = [gain(rows, each) for each in sizes]
    spread = np.array([[m - low, high - m] for m, (low, high) in got]).T
    right.errorbar(
        sizes, [m for m, _ in got], yerr=spread, fmt="^", color=ORANGE, capsize=3, label="won here"
    )
    right.plot(
        list(PUBLISHED), list(PUBLISHED.values()), "D", mfc="white", color=GREY, label="won as published"
    )
    right.axhline(0, color=GREY, lw=1)
    for ax in (left, right):
        ax.set(xscale="log", xlabel="Labels of each class")
        ax.set_xticks(sizes, [str(n) if n != 100 else "" for n in sizes])  # no room beside 160
        ax.minorticks_off()
    left.set_ylabel("Test accuracy [%]")
    right.set_ylabel("Points won by STDP")
    lines = zip(left.get_legend_handles_labels(), right.get_legend_handles_labels(), strict=True)
    figure.legend(*(a + b for a, b in lines), loc="outside lower center", ncols=5)
    return figure


EXPERIMENTS.register("few-labels")(
    Experiment(
        name="few-labels",
        order=12,
        question="Who learns from few labels?",
        theory="A network that learned from many images by STDP, without labels, needs few of them "
        "afterwards: it wins against networks that learn from the labelled images alone.",
        source=f"{LEE}; {DIEHL}",
        data=("mnist",),
        run=investigate,
        draw=draw,
    )
)
