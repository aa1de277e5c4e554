"""Why expand into many units? Distances and separability in high dimension, with random spiking features."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spiking import LIF, Direct, Linear, Network, ReLU, SpikeCount, run
from spiking.study.figures.style import BLACK, BLUE, GREY, VERMILLION
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.capacity.capacity import COVER, cover, separable
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, mean_interval
from spiking.study.gallery.numbers import crossing, panels

CHI = "chi-squared law of squared distances of Gaussian points: coefficient of variation sqrt(2 / n)"
WIDTH, STEPS = 10, 100  # of a pattern; of an inference
LOADS = np.array([1.4, 1.7, 2.0, 2.3, 2.6])  # patterns per random feature


def distances(n: int, points: int, rng: np.random.Generator) -> tuple[float, float]:
    """Spread of squared distances over their mean, and contrast ``(farthest - nearest) / nearest``."""
    x, query = rng.normal(size=(points, n)), rng.normal(size=(points, n))
    squared = ((x - query) ** 2).sum(axis=1)  # independent pairs
    seen = np.sqrt(((x - query[0]) ** 2).sum(axis=1))
    return float(squared.std(ddof=1) / squared.mean()), float((seen.max() - seen.min()) / seen.min())


def expanded(x: NDArray[np.floating], units: int, spiking: bool, seed: int) -> NDArray[np.float64]:
    """Spike counts of random LIF units, or values of ReLU units, ``[patterns, units]``, for ``x``."""
    rng = np.random.default_rng(seed)
    if spiking:
        net = Network.dense(
            [x.shape[1], units],
            hidden=LIF(),
            readout=LIF(tau_mem=20e-3),
            encoder=Direct(),
            decoder=SpikeCount(),
            steps=STEPS,
            seed=seed,
        )
        bias = rng.uniform(0.1, 0.5, units)  # so that every unit spikes for some patterns
    else:
        net = Network.dense([x.shape[1], units], hidden=ReLU(), readout=Linear(), seed=seed)
        bias = rng.uniform(-1, 1, units)
    net = net.with_parameters([(0.5 if spiking else 2.0) * c.weight for c in net.connections], [bias])
    scores = np.asarray(run(net, x, precision="float64").scores, np.float64)
    return scores if spiking else np.maximum(scores, 0)


def half_point(patterns: int, trials: int, asked: Asked, spiking: bool) -> tuple[list[dict[str, Any]], Any]:
    """Try random labellings of random patterns; return rows and the load at which half are separated."""
    rows = []
    for j, load in enumerate(LOADS):
        units = round(patterns / load)
        good = 0
        for trial in range(trials):
            rng = asked.rng(7, j, trial)
            x = rng.normal(size=(patterns, WIDTH))
            features = expanded(x, units, spiking, int(rng.integers(2**31)))
            features = features / (np.linalg.norm(features, axis=1, keepdims=True) + 1e-12)
            good += separable(rng.choice([-1.0, 1.0], patterns)[:, None] * features)
        rows.append({
            "panel": "expansion", "unit": "LIF" if spiking else "ReLU",
            "patterns": patterns, "features": units, "right": good, "trials": trials,
        })  # fmt: skip
    load = [r["patterns"] / r["features"] for r in rows]
    return rows, crossing(load, [r["right"] for r in rows], [r["trials"] for r in rows])


def investigate(asked: Asked) -> Finding:
    """Measure distances, then expand patterns into ever more random units."""
    rows: list[dict[str, Any]] = []
    for i, n in enumerate(2 ** np.arange(1, asked.either(12, 9))):
        asked.tell("distances", i, 11, "dimensions")
        for again in range(5):
            spread, contrast = distances(int(n), asked.either(4000, 2000), asked.rng(1, i, again))
            rows.append({"panel": "distance", "n": int(n), "spread": spread, "contrast": contrast})
    points = {}
    size: tuple[int, int] = asked.either((120, 40), (40, 25))
    for spiking in (True, False):
        asked.tell("random expansions", int(not spiking), 2, "kinds of unit")
        more, points["LIF" if spiking else "ReLU"] = half_point(*size, asked, spiking)
        rows += more
    scaled = [r["spread"] / np.sqrt(2 / r["n"]) for r in rows if r["panel"] == "distance"]
    law = mean_interval(scaled)
    first, last = (
        np.mean([r["contrast"] for r in rows if r["panel"] == "distance" and r["n"] == n])
        for n in (2, max(r["n"] for r in rows if r["panel"] == "distance"))
    )
    widest = max(r["n"] for r in rows if r["panel"] == "distance")
    checks = [
        Check(
            what="spread of squared distances over sqrt(2 / n), all n",
            expected="1 +- 0.03", low=0.97, high=1.03, measured=law[0], interval=law[1], source=CHI,
        ),
        *(
            Check(
                what=f"patterns per random {unit} feature that half of all labellings allow",
                expected="2 +- 0.15", low=1.85, high=2.15, measured=at, interval=interval, source=COVER,
            )
            for unit, (at, interval) in points.items()
        ),
    ]  # fmt: skip
    sentences = (
        f"In {widest} dimensions the farthest of many random points is only {100 * last:.0f} % farther "
        f"than the nearest (in 2 dimensions {first:.0f} times); the spread falls as sqrt(2/n) "
        f"({law[0]:.3f} of it).",
        "The spike counts of random LIF units separate half of all labellings of random patterns with "
        "one unit for "
        f"every {points['LIF'][0]:.2f} patterns; Cover's law says 2, and ReLU units measure "
        f"{points['ReLU'][0]:.2f}.",
        f"So patterns of {WIDTH} numbers, which a readout of their own could hardly separate, become "
        "separable by chance alone where there are units enough: nothing in the expansion was learned.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks)


def draw(finding: Finding) -> Figure:
    """Spread of distances against dimension; labellings separated against the size of the expansion."""
    title = "In many dimensions all is equally far, and almost all can be separated"
    figure, (left, right) = panels(2, height=3.0, title=title)
    t: Any = finding.table
    d = t[t["panel"] == "distance"].groupby("n")[["spread", "contrast"]].mean()
    left.plot(d.index, np.sqrt(2 / d.index), color=GREY, label="theory, $\\sqrt{2/n}$")
    left.plot(d.index, d["spread"], "s", color=BLACK, ms=5, label="spread of squared distances")
    left.plot(d.index, d["contrast"], "^", color=VERMILLION, ms=5, label="(farthest - nearest) / nearest")
    left.set(xscale="log", yscale="log", xlabel="Dimensions n", ylabel="Share of the mean, or of the nearest")
    left.legend()
    e = t[t["panel"] == "expansion"]
    patterns = int(e["patterns"].iloc[0])
    sizes = np.arange(int(0.3 * patterns), int(0.85 * patterns))
    share = sizes / patterns
    right.plot(share, [100 * cover(patterns, int(n)) for n in sizes], color=GREY, label="Cover's law")
    for unit, colour, marker in (("LIF", BLUE, "o"), ("ReLU", BLACK, "s")):
        mine = e[e["unit"] == unit]
        right.plot(
            mine["features"] / patterns, 100 * mine["right"] / mine["trials"], marker, color=colour, ms=6,
            label=f"random {unit} units",
        )  # fmt: skip
    right.set(xlabel="Random units per pattern", ylabel="Random labellings separated [%]")
    right.legend(loc="lower right")
    return figure


EXPERIMENTS.register("high-dimension")(
    Experiment(
        name="high-dimension",
        order=7,
        question="Why do networks, and brains, expand what they know into so many units?",
        theory="In n dimensions distances of random points differ by a share of sqrt(2/n) only; and a random "
        "nonlinear expansion into N units lets a plane make half of all labellings of 2N patterns.",
        source=f"{COVER}; {CHI}",
        run=investigate,
        draw=draw,
    )
)
