"""Learning one thing after another: who forgets, what helps, and what it means to be asked with a hint."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spiking import Dataset, load, run
from spiking.hardware.quantity import Interval as Joules
from spiking.learn.stdp import label_stdp, learn_stdp, stdp_network
from spiking.learn.stdp.network import DURATION, EXCITATORY, freeze, paced
from spiking.learn.stdp.samples import default_rate
from spiking.study.figures.style import BLACK, BLUE, GREY, ORANGE
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.joules import sentence, stdp_joules, training_joules
from spiking.study.gallery.learning.course import BATCH, KEPT, TASKS, Course, right
from spiking.study.gallery.machines import MACHINES
from spiking.study.gallery.numbers import panels, share_interval

VEN = "van de Ven, Tuytelaars & Tolias 2022, Nat. Mach. Intell. 4:1185, Table 2"
KIRKPATRICK = "Kirkpatrick et al. 2017, PNAS 114:3521"
WAYS, HINTS = ("none", "EWC", "replay"), ("class", "task")
PUBLISHED = {  # percent right, and where a run agrees
    ("none", "class"): (19.89, 15, 25), ("EWC", "class"): (20.64, 10, 25),
    ("replay", "class"): (88.79, 86.8, 90.8), ("EWC", "task"): (97, 95, 100),
    ("replay", "task"): (98.5, 95, 100),
}  # fmt: skip


def by_stdp(data: Dataset, asked: Asked, tests: int) -> tuple[dict[str, float], Joules]:
    """Percent right of a network that learned by STDP, task after task; labels are those of the kept ones."""
    each = asked.either(2000, 20)
    neurons = asked.either(400, 20)
    unit = paced(EXCITATORY, neurons=neurons, images=each * len(TASKS), duration=DURATION)
    net = stdp_network(
        data.x_train.shape[1], neurons=neurons, unit=unit, rate=default_rate(data.x_train), seed=asked.seed
    )
    kept: list[int] = []
    joules = Joules(0, 0, 0)
    for number, digits in enumerate(TASKS):
        rng = asked.rng(3, number)
        new = rng.permutation(np.flatnonzero(np.isin(data.y_train, digits)))[:each]
        net = learn_stdp(net, data.x_train[new], seed=asked.seed)
        joules = joules + stdp_joules(freeze(net), data.x_train[new])
        for digit in digits:
            kept += rng.choice(np.flatnonzero(data.y_train == digit), KEPT, replace=False).tolist()
    frozen = label_stdp(net, data.x_train[kept], data.y_train[kept], seed=asked.seed)
    scores = run(frozen, data.x_test[:tests]).scores
    return {hint: right(scores, data.y_test[:tests], hint) for hint in HINTS}, joules


def investigate(asked: Asked) -> Finding:
    """Teach the five tasks one after another, to every machine in every way."""
    data = load("mnist")
    tests, updates, fisher, units = asked.either((10_000, 250, 200, 256), (200, 4, 10, 16))
    rows: list[dict[str, Any]] = []
    energies = {}
    jobs = [(m, w, h) for m in MACHINES for w in WAYS for h in HINTS]
    for i, (machine, way, hint) in enumerate(jobs):
        asked.tell("learn task after task", i, len(jobs) + 1, "courses")
        start = MACHINES[machine]((data.x_train.shape[1], units, 10), asked.seed)
        course = Course(start, data, way, hint, updates, fisher, asked.seed)
        for number in range(len(TASKS)):
            course.learn(number)
        rows.append({"machine": machine, "way": way, "hint": hint, "accuracy": course.accuracy(tests)})
        if (way, hint) == ("replay", "class"):
            seen = len(TASKS) * updates * BATCH
            energies[machine] = training_joules(course.network, data.x_train, seen=seen, batch_size=BATCH)
    asked.tell("learn task after task", len(jobs), len(jobs) + 1, "courses")
    found, energies["STDP"] = by_stdp(data, asked, tests)
    rows += [{"machine": "STDP", "way": "none", "hint": h, "accuracy": a} for h, a in found.items()]
    return judged([r | {"tested": tests} for r in rows], sentence(energies, "of learning the five tasks"))


def judged(rows: list[dict[str, Any]], energy: str) -> Finding:
    """Hold every machine and way against the published table."""
    got = {(r["machine"], r["way"], r["hint"]): r["accuracy"] for r in rows}
    tested = rows[0]["tested"]
    checks = []
    for machine in MACHINES:
        for (way, hint), (value, low, high) in PUBLISHED.items():
            measured = got[machine, way, hint]
            checks.append(
                Check(
                    what=f"{machine}, {way}, {hint}-incremental: right [%]",
                    expected=f"{value:g} ({low} to {high})",
                    low=low, high=high, measured=measured, interval=share_interval(measured, tested),
                    source=VEN,
                )
            )  # fmt: skip

    def said(way: str, hint: str) -> str:
        return " and ".join(f"{got[m, way, hint]:.1f} % ({m})" for m in MACHINES)

    sentences = (
        f"After five pairs of digits, learned one after another, {said('none', 'class')} of all digits are "
        f"read right, and with elastic weights {said('EWC', 'class')}: what was learned first is forgotten.",
        f"With a hint which pair it is, elastic weights get {said('EWC', 'task')}, and plain gradients "
        f"{said('none', 'task')}: it is the hint that tells, so the two questions must not be confused.",
        f"{KEPT} samples kept of each digit and shown again bring {said('replay', 'class')} without a hint; "
        f"STDP, which keeps them for its labels only, reaches {got['STDP', 'none', 'class']:.1f} %.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Percent right of each way, without and with the hint."""
    title = "What is forgotten depends on how one is asked"
    figure, axes = panels(2, height=2.8, title=title, sharey=True)
    rows: Any = finding.rows
    looks = {"MLP": (BLACK, "s", 0.2), "spiking network": (BLUE, "o", 0.0), "STDP": (ORANGE, "^", -0.2)}
    names = {"none": "nothing done", "EWC": "elastic weights", "replay": "replay"}
    for ax, hint in zip(axes, HINTS, strict=True):
        for machine, (colour, marker, shift) in looks.items():
            mine = [r for r in rows if r["machine"] == machine and r["hint"] == hint]
            at = [shift - WAYS.index(r["way"]) for r in mine]
            ax.plot([r["accuracy"] for r in mine], at, marker, color=colour, ms=6, label=machine)
        own = [(w, v) for (w, h), (v, _, _) in PUBLISHED.items() if h == hint]
        ax.plot(
            [v for _, v in own], [-WAYS.index(w) for w, _ in own], "D", mfc="none", color=GREY, ms=9,
            label="published (MLP)",
        )  # fmt: skip
        ax.set(
            xlim=(0, 103),
            xlabel="Test accuracy [%]",
            title=f"asked {'without' if hint == 'class' else 'with'} hint",
        )
        ax.set_yticks([-k for k in range(len(WAYS))], [names[w] for w in WAYS])
        ax.set_ylim(-len(WAYS) + 0.5, 0.5)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


EXPERIMENTS.register("continual")(
    Experiment(
        name="continual",
        order=11,
        question="Can a network learn one thing after another?",
        theory="Gradients forget: asked for any of ten digits a network knows the last two only, elastic "
        "weights or not; asked between the two of a pair it knows nearly all. Replay of a "
        "few kept samples helps.",
        source=f"{VEN}; {KIRKPATRICK}",
        data=("mnist",),
        run=investigate,
        draw=draw,
    )
)
