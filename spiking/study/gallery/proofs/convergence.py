"""Do perceptrons, and spiking neurons, provably learn? Novikoff's bound, tried on ten thousand tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spiking import LIF, Connection, Direct, Input, Network, Output, Population, SpikeCount, run
from spiking.core.neurons.base import Unit
from spiking.study.figures.style import BLACK, BLUE, GREY, VERMILLION
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.numbers import panels

THEOREM = "Novikoff 1962, Symp. Math. Theory of Automata 12:615"
POINTS, WIDTHS, MARGINS = 16, (2, 3, 5, 8), (0.05, 0.5)
THRESHOLD, STEPS = 1.0, 4
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tasks:
    """Separable tasks: patterns ``[tasks, points, width]`` of length 1 at most, labels +1 or -1."""

    x: Floats
    y: Floats
    bound: Floats  # (R / gamma)^2 of each task, with the margin of the rule that made the labels

    @classmethod
    def drawn(cls, rng: np.random.Generator, tasks: int, width: int) -> Tasks:
        """Draw points on a sphere that a random plane through the origin separates, none too close to it."""
        teacher = rng.normal(size=(tasks, 1, width))
        teacher /= np.linalg.norm(teacher, axis=-1, keepdims=True)
        x = rng.normal(size=(tasks, POINTS, width))
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
        side = (x * teacher).sum(-1, keepdims=True)
        margin = MARGINS[0] * (MARGINS[1] / MARGINS[0]) ** rng.random((tasks, 1, 1))
        x = x + teacher * np.sign(side) * np.maximum(margin - np.abs(side), 0)  # pushed off the plane
        return cls.of(x, np.sign(side[..., 0]), teacher[:, 0])

    @classmethod
    def orthogonal(cls, width: int) -> Tasks:
        """The task that needs every mistake the bound allows: unit vectors, all of one class."""
        x = np.eye(width)[None]
        return cls.of(x, np.ones((1, width)), np.full((1, width), width**-0.5))

    @classmethod
    def of(cls, x: Floats, y: Floats, rule: Floats) -> Tasks:
        """Work out the bound from the largest pattern and the smallest distance to the ``rule``'s plane."""
        margin = (y * np.einsum("tpw,tw->tp", x, rule)).min(axis=1)
        largest = np.linalg.norm(x, axis=-1).max(axis=1)
        return cls(x, y, (largest / margin) ** 2)


class LinearUnits:
    """One linear threshold unit per task: it answers yes where ``w x > 0``."""

    def __call__(self, w: Floats, x: Floats) -> NDArray[np.bool_]:
        """Answers ``[tasks]`` to one pattern each ``[tasks, width]``."""
        return np.asarray((w * x).sum(axis=1) > 0)


class SpikingUnits:
    """One LIF unit per task, in one network: it answers yes where it spikes.

    Inputs are constant currents. A last input, always on, carries exactly the current that lifts the unit to
    its threshold, so that a spike is a positive weighted sum.
    """

    def __init__(self, unit: Unit, tasks: int, width: int) -> None:
        self.tasks, self.width = tasks, width
        size = (width + 1) * tasks
        self.rows = np.arange(size)
        self.columns = np.repeat(np.arange(tasks), width + 1)
        lift = self._lift(unit)
        self.ground = np.full((tasks, 1), lift)
        weight = sp.csr_array((np.ones(size), (self.rows, self.columns)), shape=(size, tasks))
        self.network = Network(
            inputs=[Input(size=size, encoder=Direct())],
            populations=[Population(name="output", size=tasks, unit=unit)],
            connections=[Connection(source="input", target="output", weight=weight)],
            output=Output(population="output", decoder=SpikeCount()),
            steps=STEPS,
        )

    @staticmethod
    def _lift(unit: Any) -> float:
        """The current that holds the membrane at its threshold at the last step, its highest."""
        decay = float(unit.decay(unit.tau_mem, 1e-3))
        return float(unit.v_threshold) / sum(decay**k for k in range(STEPS))

    def __call__(self, w: Floats, x: Floats) -> NDArray[np.bool_]:
        """Answers ``[tasks]`` to one pattern each ``[tasks, width]``."""
        full = np.concatenate([w, self.ground], axis=1).ravel()
        weight = sp.csr_array((full, (self.rows, self.columns)), shape=(len(full), self.tasks))
        network = self.network.with_parameters([weight], [None])
        shown = np.concatenate([x, np.ones((self.tasks, 1))], axis=1).reshape(1, -1)
        return np.asarray(run(network, shown, precision="float64", engine="event").scores[0] > 0)


def learn(tasks: Tasks, answer: Any) -> NDArray[np.int64]:
    """Show all patterns in turn until none is answered wrongly; return the mistakes of each task.

    The rule is the perceptron's, and driven by spikes where the unit is one: a spike that should not have
    been takes the pattern off the weights, one that is missing adds it.
    """
    w = np.zeros(tasks.x[:, 0].shape)
    mistakes = np.zeros(len(w), np.int64)
    most = int(tasks.bound.max()) + 2  # rounds: each but the last has a mistake
    for _ in range(most):
        before = mistakes.sum()
        for k in range(tasks.x.shape[1]):
            wrong = answer(w, tasks.x[:, k]) != (tasks.y[:, k] > 0)
            w += change(tasks.x[:, k], tasks.y[:, k], wrong)
            mistakes += wrong
        if mistakes.sum() == before:
            return mistakes
    return mistakes


def change(x: Floats, y: Floats, wrong: NDArray[np.bool_]) -> Floats:
    """Change of the weights ``[tasks, width]`` after the answers to ``x`` that were ``wrong``."""
    return np.asarray((wrong * y)[:, None] * x)


def investigate(asked: Asked) -> Finding:
    """Learn random tasks with both kinds of unit, and the tight one."""
    unit = LIF(tau_mem=20e-3, v_threshold=THRESHOLD)
    each = {"perceptron": asked.either(2500, 250), "LIF unit": asked.either(250, 10)}
    rows: list[dict[str, Any]] = []
    for i, width in enumerate(WIDTHS):
        asked.tell("random tasks", i, len(WIDTHS), "widths")
        for kind, number in each.items():
            tasks = Tasks.drawn(asked.rng(i), number, width)
            answer = LinearUnits() if kind == "perceptron" else SpikingUnits(unit, number, width)
            found = learn(tasks, answer)
            rows += [
                {"unit": kind, "set": "random", "width": width, "mistakes": m, "bound": b}
                for m, b in zip(found.tolist(), tasks.bound.tolist(), strict=True)
            ]
    tight = Tasks.orthogonal(20)
    kinds: dict[str, Any] = {"perceptron": LinearUnits(), "LIF unit": SpikingUnits(unit, 1, 20)}
    for kind, answer in kinds.items():
        m = int(learn(tight, answer)[0])
        rows.append({"unit": kind, "set": "orthogonal", "width": 20, "mistakes": m, "bound": tight.bound[0]})
    return judged(rows)


def judged(rows: list[dict[str, Any]]) -> Finding:
    """Compare with the bound: how often it is broken, and how close the tight task comes."""
    said, checks = {}, []
    for kind in ("perceptron", "LIF unit"):
        mine = [r for r in rows if r["unit"] == kind]
        drawn = [r for r in mine if r["set"] == "random"]
        broken = sum(r["mistakes"] > r["bound"] * (1 + 1e-9) for r in drawn)
        closest = max(r["mistakes"] / r["bound"] for r in drawn)
        reached = next(r["mistakes"] / r["bound"] for r in mine if r["set"] == "orthogonal")
        said[kind] = (len(drawn), broken, closest, reached)
        what = f"{kind}: tasks of {len(drawn)} with more mistakes than (R/gamma)^2"
        checks.append(Check(what=what, expected="0", low=0, high=0, measured=float(broken), source=THEOREM))
        checks.append(
            Check(
                what=f"{kind}: share of the bound that orthogonal patterns reach",
                expected="1 (>= 0.99)",
                low=0.99,
                high=1 + 1e-9,
                measured=reached,
                source=THEOREM,
            )
        )
    p, s = said["perceptron"], said["LIF unit"]
    sentences = (
        f"In {p[0]} random separable tasks a perceptron never made more mistakes than (R/gamma)^2 allows"
        if p[1] == 0
        else f"In {p[1]} of {p[0]} random separable tasks a perceptron made more mistakes than (R/gamma)^2",
        f"The same rule driven by the spikes of a LIF unit broke the bound in {s[1]} of {s[0]} tasks; "
        f"the closest random task used {100 * max(p[2], s[2]):.0f} % of it.",
        f"Twenty orthogonal patterns use {100 * p[3]:.0f} % of the bound with the perceptron and "
        f"{100 * s[3]:.0f} % with the LIF unit, so it cannot be improved.",
    )
    return Finding(sentences=(sentences[0] + ".", *sentences[1:]), rows=rows, checks=checks)


def draw(finding: Finding) -> Figure:
    """Mistakes of every task against its bound."""
    figure, (ax,) = panels(1, height=3.4, title="No task breaks the bound, and orthogonal patterns reach it")
    table = finding.table
    looks = {"perceptron": (BLACK, "s", 6), "LIF unit": (BLUE, "o", 10)}
    for kind, (colour, marker, size) in looks.items():
        t = table[(table["unit"] == kind) & (table["set"] == "random")]
        ax.scatter(
            t["bound"], t["mistakes"].clip(lower=0.7), s=size, c=colour, marker=marker, alpha=0.35, lw=0,
            label=f"{kind}, {len(t)} random tasks",
        )  # fmt: skip
    tight = table[table["set"] == "orthogonal"]
    ax.scatter(
        tight["bound"],
        tight["mistakes"],
        s=90,
        c=VERMILLION,
        marker="*",
        zorder=4,
        label="orthogonal patterns",
    )
    ends = np.array([1, table["bound"].max() * 1.2])
    ax.plot(ends, ends, color=GREY, lw=1.5)
    ax.fill_between(ends, ends, ends[1] * 3, color=GREY, alpha=0.15, lw=0)
    ax.text(1.3, 2.2, "forbidden by the theorem", color="#333333", rotation=35, rotation_mode="anchor")
    ax.set(
        xscale="log", yscale="log", xlim=ends, ylim=(0.6, ends[1] * 2),
        xlabel="Bound $(R/\\gamma)^2$ on the number of mistakes", ylabel="Mistakes until all is learned",
    )  # fmt: skip
    ax.legend(loc="upper left")
    return figure


EXPERIMENTS.register("convergence")(
    Experiment(
        name="convergence",
        order=1,
        question="Does a unit that learns from its mistakes ever stop making them?",
        theory="Where a plane separates two classes with margin gamma, a perceptron makes at most "
        "(R/gamma)^2 mistakes, R being the length of the largest pattern. A LIF unit that corrects "
        "missing and superfluous spikes is the same machine.",
        source=THEOREM,
        run=investigate,
        draw=draw,
    )
)
