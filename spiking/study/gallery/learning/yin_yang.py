"""What does a hidden layer that learns buy? The ladder of the Yin-Yang task, with a spiking rung."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from spiking import LI, LIF, Dataset, Direct, Linear, Membrane, Network, ReLU, fit, load, run
from spiking.learn.gradient import Optimiser
from spiking.study.figures.style import BLACK, BLUE, GREY, ORANGE, SKY
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.joules import sentence, training_joules
from spiking.study.gallery.numbers import panels, share_interval

KRIENER = "Kriener, Goeltz & Petrovici 2022, arXiv:2102.08211, and the README of the data set"
PROP = "a rung above the MLP's, as EventProp's 98.1 % (Wunderlich & Pehle 2021, Sci. Rep. 11:12829)"
PUBLISHED = {"shallow": (63.8, 1.0), "frozen": (85.5, 5.8), "MLP 4-30-3": (97.6, 1.5)}
LEAST = 97.5  # of the spiking network [%]
HIDDEN, STEPS = 120, 8


def machines(seed: int) -> dict[str, Network]:
    """Return the untrained networks that learn all their weights."""
    return {
        "shallow": Network.dense([4, 3], hidden=ReLU(), readout=Linear(), seed=seed),
        "MLP 4-30-3": Network.dense([4, 30, 3], hidden=ReLU(), readout=Linear(), seed=seed),
        f"LIF 4-{HIDDEN}-3": Network.dense(
            [4, HIDDEN, 3],
            hidden=LIF(tau_mem=20e-3),
            readout=LI(tau_mem=20e-3),
            encoder=Direct(),
            decoder=Membrane(over="mean"),
            steps=STEPS,
            seed=seed,
        ),
    }


def train(net: Network, x: Any, y: Any, asked: Asked, epochs: int) -> Network:
    """Train with Adam and a rate that falls to zero."""
    rule = Optimiser(learning_rate=1e-2, schedule="cosine")
    options: dict[str, Any] = {"slope": 5.0} if net.spiking else {}
    return fit(net, x, y, epochs=epochs, batch_size=50, optimiser=rule, seed=asked.seed, **options).network


def hidden_values(net: Network, x: Any) -> Any:
    """Values of the hidden layer, ``[samples, units]``."""
    return run(net, x, record=["v"]).v["hidden1"][:, 0]


def frozen_accuracy(data: Dataset, asked: Asked, epochs: int) -> float:
    """Train a readout on a hidden layer of 30 random ReLU units that stays as it was drawn."""
    net = machines(asked.seed)["MLP 4-30-3"]
    top = Network.dense([30, 3], hidden=ReLU(), readout=Linear(), seed=asked.seed)
    top = train(top, hidden_values(net, data.x_train), data.y_train, asked, epochs)
    return run(top, hidden_values(net, data.x_test)).accuracy(data.y_test)


def investigate(asked: Asked) -> Finding:
    """Climb the ladder: no hidden layer, a frozen one, a trained one, a spiking one."""
    data = load("yinyang")
    epochs = {
        "shallow": asked.either(40, 5),
        "frozen": asked.either(60, 40),
        "MLP 4-30-3": asked.either(120, 5),
        f"LIF 4-{HIDDEN}-3": asked.either(30, 2),
    }
    rows: list[dict[str, Any]] = []
    energies = {}
    for i, (name, passes) in enumerate(epochs.items()):
        asked.tell("climb the ladder", i, len(epochs), "rungs")
        if name == "frozen":
            accuracy = frozen_accuracy(data, asked, passes)
        else:
            net = train(machines(asked.seed)[name], data.x_train, data.y_train, asked, passes)
            accuracy = run(net, data.x_test).accuracy(data.y_test)
            if name != "shallow":
                seen = passes * len(data.x_train)
                energies[name] = training_joules(net, data.x_train, seen=seen, batch_size=50)
        rows.append(
            {"machine": name, "accuracy": 100 * accuracy, "samples": len(data.y_test), "epochs": passes}
        )
    return judged(rows, sentence(energies, "of the training"))


def judged(rows: list[dict[str, Any]], energy: str) -> Finding:
    """Hold every rung against the published one."""
    got = {r["machine"]: r["accuracy"] for r in rows}
    checks = []
    for r in rows:
        name, interval = r["machine"], share_interval(r["accuracy"], r["samples"])
        if name in PUBLISHED:
            mean, spread = PUBLISHED[name]
            low, high, expected, source = mean - spread, mean + spread, f"{mean} +- {spread}", KRIENER
        else:
            low, high, expected, source = LEAST, 100.0, f">= {LEAST}", PROP
        checks.append(
            Check(
                what=f"{name}: test accuracy [%]",
                expected=expected,
                low=low,
                high=high,
                measured=r["accuracy"],
                interval=interval,
                source=source,
            )
        )
    last = rows[-1]["machine"]
    sentences = (
        f"Without a hidden layer {got['shallow']:.1f} % of the points are classified right, with 30 "
        f"random hidden units that never learn {got['frozen']:.1f} %, and with 30 that learn "
        f"{got['MLP 4-30-3']:.1f} %.",
        f"The hidden layer itself is worth {got['frozen'] - got['shallow']:.1f} points, teaching it by "
        f"back-propagation another {got['MLP 4-30-3'] - got['frozen']:.1f}.",
        f"A spiking network of {HIDDEN} LIF units and {STEPS} steps, taught by surrogate gradients, "
        f"reaches {got[last]:.1f} %.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """The rungs, with what was published."""
    title = "Each rung of the ladder needs more of the network to learn"
    figure, (ax,) = panels(1, height=2.6, title=title)
    t: Any = finding.table
    hatches = ("", "///", "", "...")
    for i, (colour, hatch) in enumerate(zip((SKY, ORANGE, BLACK, BLUE), hatches, strict=True)):
        name, value = t["machine"][i], t["accuracy"][i]
        ax.barh(i, value, color=colour, hatch=hatch, ec="white", height=0.65)
        ax.text(103, i, f"{value:.1f} %", va="center")
        if name in PUBLISHED:
            mean, spread = PUBLISHED[name]
            ax.errorbar(mean, i, xerr=spread, fmt="D", color="white", mec=GREY, ecolor=GREY, ms=5, capsize=4)
    ax.errorbar(
        [], [], xerr=[], fmt="D", color="white", mec=GREY, ecolor=GREY, ms=5, label="published, with spread"
    )
    names = [
        "no hidden layer",
        "30 random units, frozen",
        "30 ReLU units that learn",
        f"{HIDDEN} LIF units that learn",
    ]
    ax.set_yticks(range(4), names)
    ax.invert_yaxis()
    ax.axvline(100 / 3, color=GREY, ls=":", lw=1)
    ax.set(xlim=(0, 118), xlabel="Test accuracy [%] (dotted: guessing)")
    ax.set_xticks(range(0, 101, 20))
    ax.grid(False, axis="y")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


EXPERIMENTS.register("yin-yang")(
    Experiment(
        name="yin-yang",
        order=6,
        question="What does it buy to teach a hidden layer?",
        theory="On the Yin-Yang task a shallow network reaches 63.8 %, one with a frozen random hidden "
        "layer 85.5 %, and one taught by back-propagation 97.6 %; spiking networks reach as much.",
        source=KRIENER,
        run=investigate,
        draw=draw,
    )
)
