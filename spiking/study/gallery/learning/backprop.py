"""Does a made-up derivative teach a network whose real one is zero? Surrogates against exact gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spiking import Dataset, Network, fit, load, run
from spiking.learn.gradient import Differentiator, Surrogate
from spiking.simulate.program import Program
from spiking.study.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, mean_interval
from spiking.study.gallery.joules import sentence, training_joules
from spiking.study.gallery.learning.smooth import loss_and_gradient
from spiking.study.gallery.machines import STEPS, TAU, mlp, spiking
from spiking.study.gallery.numbers import panels

ZENKE = "Zenke & Vogels 2021, Neural Comput. 33:899"
GYGAX = "Gygax & Zenke 2025, Neural Comput. 37:886"
SHAPES = ("fast_sigmoid", "arctan", "triangular", "boxcar")
SCALES = (0.1, 0.5, 2.0, 8.0, 32.0, 128.0)
SIZES, BATCH = (64, 64, 64, 64, 10), 32
DEPTHS, SLOPES = (1, 2, 4), (0.5, 2.0, 8.0, 32.0, 128.0)


def cosine(depth: int, slope: float, data: Dataset, seed: int) -> tuple[float, float]:
    """Cosine of the surrogate gradient with the smooth network's exact one; and with our slow twin's.

    The smooth network has the same weights, and the spike's smooth form of the same slope, both ways.
    """
    net = spiking([64, *[64] * depth, 10], seed, bias=False)
    net = net.with_parameters(
        [1.5 * c.weight for c in net.connections], [None] * (depth + 1)
    )  # so that deep units spike
    x, y = np.asarray(data.x_train[:100], np.float64), data.y_train[:100]
    tells = Differentiator(
        Program(net, np.float64), surrogate=Surrogate(name="arctan", slope=slope, attached=True)
    )
    got = tells(x, y).parameters
    program = tells.program
    ours = np.concatenate([np.ravel(program.part(got, c.name)) for c in net.connections])
    raster = net.inputs[0].encoder.spikes(x, STEPS).astype(np.float64)
    weights = [np.asarray(c.weight, np.float64) for c in net.connections]
    decay = float(np.exp(-1e-3 / TAU))

    def flat(hard: bool) -> Any:
        found = loss_and_gradient(weights, raster, y, decay=decay, slope=slope, hard=hard)[1]
        return np.concatenate([g.ravel() for g in found])

    return _cosine(ours, flat(False)), _cosine(ours, flat(True))


def _cosine(a: Any, b: Any) -> float:
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length > 0 else 0.0


def investigate(asked: Asked) -> Finding:
    """Compare gradients, then train with every shape at every scale."""
    data = load("digits")
    depths, slopes = asked.either((DEPTHS, SLOPES), (DEPTHS[:2], SLOPES[1:4]))
    rows: list[dict[str, Any]] = []
    for depth in depths:
        for slope in slopes:
            near, same = cosine(depth, slope, data, asked.seed)
            rows.append({"panel": "cosine", "depth": depth, "scale": slope, "cosine": near, "twin": same})
    shapes, scales = asked.either((SHAPES, SCALES), (SHAPES[1:3], (0.5, 128.0)))
    trained: Any = None
    for i, shape in enumerate(shapes):
        asked.tell("train with each surrogate", i, len(shapes), "shapes")
        for scale in scales:
            for again in range(asked.either(2, 1)):
                trained, accuracy = learn(shape, scale, data, asked, again)
                rows.append({"panel": "train", "shape": shape, "scale": scale, "accuracy": accuracy})
    dense = fit(
        mlp(SIZES, asked.seed),
        data.x_train,
        data.y_train,
        epochs=epochs(asked),
        batch_size=BATCH,
        learning_rate=2e-3,
        seed=asked.seed,
    ).network
    rows.append({"panel": "mlp", "accuracy": run(dense, data.x_test).accuracy(data.y_test)})
    seen = epochs(asked) * len(data.x_train)
    energies = {
        name: training_joules(net, data.x_train, seen=seen, batch_size=BATCH)
        for name, net in {"MLP": dense, "spiking network": trained}.items()
    }
    return judged(rows, sentence(energies, "of one training"))


def epochs(asked: Asked) -> int:
    """Passes over the digits."""
    return int(asked.either(10, 2))


def learn(shape: str, scale: float, data: Dataset, asked: Asked, again: int) -> tuple[Network, float]:
    """Train once; return the network and its accuracy on the test samples."""
    seed = 1000 * asked.seed + again
    done = fit(
        spiking(SIZES, seed, bias=False),
        data.x_train,
        data.y_train,
        epochs=epochs(asked),
        batch_size=BATCH,
        learning_rate=2e-3,
        surrogate=shape,
        slope=scale,
        seed=seed,
    ).network
    return done, run(done, data.x_test).accuracy(data.y_test)


def judged(rows: list[dict[str, Any]], energy: str) -> Finding:
    """Spread over shapes, each at its best scale; spread over scales; agreement of gradients."""
    train = [r for r in rows if r["panel"] == "train"]
    means: dict[str, dict[float, tuple[float, Any]]] = {}
    for shape in dict.fromkeys(r["shape"] for r in train):
        mine = [r for r in train if r["shape"] == shape]
        means[shape] = {
            s: mean_interval([100 * r["accuracy"] for r in mine if r["scale"] == s])
            for s in sorted({r["scale"] for r in mine})
        }
    best = {shape: max(m for m, _ in at.values()) for shape, at in means.items()}
    falls = {shape: best[shape] - min(m for m, _ in at.values()) for shape, at in means.items()}
    shapes, scales = max(best.values()) - min(best.values()), max(falls.values())
    cosines = [r for r in rows if r["panel"] == "cosine"]
    twin = min(r["twin"] for r in cosines)
    by_depth = {
        d: max(r["cosine"] for r in cosines if r["depth"] == d) for d in {r["depth"] for r in cosines}
    }
    shallow, deep = by_depth[min(by_depth)], by_depth[max(by_depth)]
    dense = next(r["accuracy"] for r in rows if r["panel"] == "mlp")
    checks = [
        Check(
            what="accuracy between the best and the worst shape, each at its best scale [points]",
            expected="<= 0.5", low=0, high=0.5, measured=shapes, source=ZENKE,
        ),
        Check(
            what="accuracy lost between the best and the worst scale of one shape [points]",
            expected=">= 5", low=5, measured=scales, source=ZENKE,
        ),
        Check(
            what="cosine of the package's surrogate gradient with a slow twin's, worst",
            expected="1", low=1 - 1e-6, high=1 + 1e-9, measured=twin, source="same equations, written twice",
        ),
        Check(
            what="cosine with the smooth network's exact gradient: best slope at the least depth less "
            "the greatest",
            expected="> 0: surrogates drift with depth", low=0, measured=shallow - deep, source=GYGAX,
        ),
    ]  # fmt: skip
    sentences = (
        f"At its best scale every surrogate shape reaches {min(best.values()):.1f} to "
        f"{max(best.values()):.1f} % on "
        f"handwritten digits ({100 * dense:.1f} % by an MLP of the same size): {shapes:.1f} points "
        "between shapes.",
        f"The scale matters: the wrong one costs up to {scales:.1f} points.",
        "The direction agrees with the exact gradient of the smoothed network up to a cosine of "
        f"{shallow:.2f} with {min(by_depth)} hidden layer and {deep:.2f} with {max(by_depth)}.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Accuracy against scale for each shape; cosine against slope for each depth."""
    title = "The surrogate's scale matters, its shape hardly does"
    figure, (left, right) = panels(2, height=3.0, title=title)
    t: Any = finding.table
    looks = dict(zip(SHAPES, ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (VERMILLION, "v")), strict=True))
    for shape, mine in t[t["panel"] == "train"].groupby("shape", sort=False):
        mean = 100 * mine.groupby("scale")["accuracy"].mean()
        colour, marker = looks[shape]
        left.plot(mean.index, mean, marker=marker, color=colour, ms=5, label=shape.replace("_", " "))
    dense = 100 * t[t["panel"] == "mlp"]["accuracy"].iloc[0]
    left.axhline(dense, color=BLACK, ls="--", lw=1, label="MLP")
    left.set(xscale="log", xlabel="Scale (slope) of the surrogate", ylabel="Test accuracy [%]")
    left.legend(loc="lower left")
    cosines = t[t["panel"] == "cosine"]
    for (depth, mine), (style, shade) in zip(
        cosines.groupby("depth"), (("-", BLUE), ("--", ORANGE), (":", VERMILLION)), strict=False
    ):
        name = f"{depth:.0f} hidden layer{'s' * (depth > 1)}"
        right.plot(mine["scale"], mine["cosine"], style, marker="o", color=shade, ms=4, label=name)
    right.axhline(1, color=GREY, lw=1)
    right.set(xscale="log", ylim=(-0.05, 1.05), xlabel="Slope", ylabel="Cosine with the exact gradient")
    right.legend(loc="lower left")
    return figure


EXPERIMENTS.register("backprop")(
    Experiment(
        name="backprop",
        order=5,
        question="Does a made-up derivative teach a network whose real one is zero?",
        theory="A spike has no useful derivative; a surrogate takes its place. Learning is robust to "
        "its shape and sensitive to its scale, and it is the exact gradient of a smoothed network only "
        "without depth.",
        source=f"{ZENKE}; {GYGAX}",
        run=investigate,
        draw=draw,
    )
)
