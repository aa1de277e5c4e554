"""How much does one unit remember? Counted by Cover, computed by Gardner, measured here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import linprog, nnls
from scipy.stats import binom

from spiking import LIF, Connection, Direct, Input, Network, Output, Population, SpikeCount, run
from spiking.core.neurons.discretisation import Discretisation
from spiking.study.figures.style import BLACK, BLUE, GREY, ORANGE, VERMILLION
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, Interval
from spiking.study.gallery.numbers import crossing, panels

COVER = "Cover 1965, IEEE Trans. Electron. Comput. EC-14:326"
GARDNER = "Gardner 1988, J. Phys. A 21:257, eq. for alpha_c(kappa)"
AMIT = "Amit, Wong & Campbell 1989, J. Phys. A 22:2039; Brunel et al. 2004, Neuron 43:745"
# with signs given, p patterns and n axes are p + n planes, so that Cover's count has half of them at p = n
MARGINS = (0.5, 1.0, 2.0)
LOADS = np.array([0.86, 0.93, 1.0, 1.07, 1.14])  # around the capacity that theory gives
Floats = NDArray[np.float64]


def cover(p: int, n: int) -> float:
    """Share of the labellings of ``p`` points in ``n`` dimensions that a plane through 0 makes."""
    return float(binom.cdf(n - 1, p - 1, 0.5))


def gardner(margin: float) -> float:
    """Patterns per synapse at margin ``kappa``: ``1 / int_{-kappa}^inf Dt (t + kappa)^2``."""
    inner = quad(lambda t: np.exp(-t * t / 2) / np.sqrt(2 * np.pi) * (t + margin) ** 2, -margin, np.inf)[0]
    return float(1 / inner)


def widest(z: Floats) -> Floats | None:
    """Weights of the widest margin on patterns times labels ``z`` ``[p, n]``, or None where none separate.

    The shortest ``w`` with ``z w >= 1`` by least distance programming (Lawson & Hanson 1974, ch. 23).
    """
    p, n = z.shape
    goal = np.zeros(n + 1)
    goal[-1] = 1
    factors, left = nnls(np.vstack([z.T, np.ones(p)]), goal, maxiter=60 * p)
    if left < 1e-7:
        return None
    residual = np.vstack([z.T, np.ones(p)]) @ factors - goal
    return np.asarray(residual[:n] / -residual[n])


def separable(z: Floats) -> bool:
    """Whether a plane through 0 has all patterns on the side of their labels."""
    return widest(z) is not None


def positive(z: Floats) -> bool:
    """Whether weights that are all positive (excitatory synapses alone) do."""
    p, n = z.shape
    return bool(linprog(np.zeros(n), A_ub=-z, b_ub=-np.ones(p), bounds=(0, None)).status == 0)


def with_margin(kappa: float) -> Callable[[Floats], bool]:
    """Whether a plane does with every pattern at least ``kappa`` from it (in inputs of one synapse)."""

    def test(z: Floats) -> bool:
        w = widest(z)
        return w is not None and bool(1 / np.linalg.norm(w) >= kappa)

    return test


def spiking_unit(z: Floats, x: Floats, y: Floats) -> bool:
    """Whether a LIF unit can answer ``x`` ``[p, n]`` with a spike where ``y`` is 1 and silence elsewhere.

    It gets the best weights there are, scaled to its threshold; a constant current holds it there.
    """
    w = widest(z)
    if w is None:
        return False
    steps, held = 3, Discretisation(input_scale="one_minus_beta")
    unit = LIF(tau_mem=1e-3, v_threshold=1.0, discretisation=held)
    reach = 1 - np.exp(-steps)  # of a constant current, at the last step
    net = Network(
        inputs=[Input(size=len(w), encoder=Direct())],
        populations=[Population(name="output", size=1, unit=unit, bias=np.array([1.0 / reach]))],
        connections=[Connection(source="input", target="output", weight=w[:, None])],
        output=Output(population="output", decoder=SpikeCount()),
        steps=steps,
    )
    return bool(np.all((run(net, x, precision="float64").scores[:, 0] > 0) == (y > 0)))


def measure(
    test: Callable[..., bool], n: int, centre: float, trials: int, rng: np.random.Generator, **how: Any
) -> list[dict[str, Any]]:
    """Try random patterns and labels at loads around ``centre`` patterns per synapse."""
    rows = []
    for load in LOADS:
        p = max(round(centre * load * n), 2)
        good = 0
        for _ in range(trials):
            x, y = rng.normal(size=(p, n)), rng.choice([-1.0, 1.0], p)
            z = y[:, None] * x
            good += test(z, x, y) if test is spiking_unit else test(z)
        rows.append({"n": n, "p": p, "right": good, "trials": trials, **how})
    return rows


def investigate(asked: Asked) -> Finding:
    """Find where half of all random tasks can be learned, for each kind of unit."""
    n = asked.either(100, 24)
    many, some = asked.either(240, 60), asked.either(60, 30)
    jobs: list[tuple[str, Callable[..., bool], int, float, int, float]] = [
        ("perceptron", separable, n, 2.0, many, 0.0),
        ("LIF unit", spiking_unit, n, 2.0, some, 0.0),
        *((f"margin {k:g}", with_margin(k), asked.either(200, 40), gardner(k), some, k) for k in MARGINS),
        *((f"positive, n = {m}", positive, m, 1.0, some, 0.0) for m in asked.either((25, 50, 100), (20, 40))),
    ]
    rows: list[dict[str, Any]] = []
    for i, (unit, test, width, centre, trials, kappa) in enumerate(jobs):
        asked.tell("tasks at five loads", i, len(jobs), "kinds of unit")
        rows += measure(test, width, centre, trials, asked.rng(i), unit=unit, margin=kappa)
    return judged(rows)


def judged(rows: list[dict[str, Any]]) -> Finding:
    """Read the capacities off the rows and compare them with theory."""
    found = {}
    for unit in dict.fromkeys(r["unit"] for r in rows):
        mine = [r for r in rows if r["unit"] == unit]
        load = [r["p"] / r["n"] for r in mine]
        found[unit] = crossing(load, [r["right"] for r in mine], [r["trials"] for r in mine])
    checks = [_check("perceptron", found, 2.0, 0.03, COVER), _check("LIF unit", found, 2.0, 0.05, COVER)]
    for kappa in MARGINS:
        alpha = gardner(kappa)
        checks.append(_check(f"margin {kappa:g}", found, alpha, 0.03 * alpha, GARDNER))
    bounded = [u for u in found if u.startswith("positive")]
    widths = [next(r["n"] for r in rows if r["unit"] == u) for u in bounded]
    limit, ends = extrapolated(np.array(widths), [found[u] for u in bounded])
    found["positive weights, n to infinity"] = (limit, ends)
    checks.append(_check("positive weights, n to infinity", found, 1.0, 0.05, AMIT))
    mid = [r for r in rows if r["unit"] == "perceptron"]
    worst = max(abs(r["right"] / r["trials"] - cover(r["p"], r["n"])) for r in mid)
    p, s, m = (found[u][0] for u in ("perceptron", "LIF unit", "margin 1"))
    sentences = (
        f"Half of all random labellings can be learned up to {p:.3f} patterns per synapse by a "
        f"perceptron and {s:.2f} by a LIF unit; Cover's count says 2, and is never more than "
        f"{100 * worst:.0f} points off.",
        f"Asking for a margin of 1 leaves {m:.3f} patterns per synapse, where Gardner's integral says "
        f"{gardner(1.0):.3f}.",
        f"Synapses that must all be positive, as Dale's law has it, leave {limit:.2f} patterns per "
        "synapse: half of the memory is the price of a sign.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks)


def extrapolated(
    widths: NDArray[np.integer], found: Sequence[tuple[float, Interval]]
) -> tuple[float, Interval]:
    """Fit a line in ``1/n`` to capacities with intervals; return its value at 0 with its own interval."""
    half = np.array([(high - low) / 2 for _, (low, high) in found])
    design = np.column_stack([np.ones(len(widths)), 1 / widths]) / half[:, None]
    spread = np.linalg.inv(design.T @ design)
    limit = float((spread @ design.T @ (np.array([c for c, _ in found]) / half))[0])
    return limit, (limit - float(spread[0, 0] ** 0.5), limit + float(spread[0, 0] ** 0.5))


def _check(
    unit: str, found: dict[str, tuple[float, Interval]], alpha: float, room: float, source: str
) -> Check:
    measured, interval = found[unit]
    return Check(
        what=f"{unit}: patterns per synapse that half of all labellings allow",
        expected=f"{alpha:.3f} +- {room:.2g}",
        low=alpha - room,
        high=alpha + room,
        measured=measured,
        interval=interval,
        source=source,
    )


def draw(finding: Finding) -> Figure:
    """Share of labellings learned against the load, with Cover's law; and capacity against the margin."""
    figure, (left, right) = panels(
        2, height=3.0, title="A unit remembers two patterns per synapse, fewer with a margin"
    )
    t = finding.table
    n = int(t[t["unit"] == "perceptron"]["n"].iloc[0])
    load = np.arange(1, int(2.6 * n)) / n
    left.plot(load, [100 * cover(int(a * n), n) for a in load], color=GREY, label="Cover's law, all signs")
    left.plot(
        load,
        [100 * cover(int(a * n) + n, n) for a in load],
        color=GREY,
        ls="--",
        label="positive weights only",
    )
    last = [u for u in t["unit"].unique() if u.startswith("positive")][-1]
    for unit, colour, marker in (("perceptron", BLACK, "s"), ("LIF unit", BLUE, "o"), (last, ORANGE, "^")):
        mine = t[t["unit"] == unit]
        name = "positive weights" if unit == last else unit
        left.plot(
            mine["p"] / mine["n"],
            100 * mine["right"] / mine["trials"],
            marker,
            color=colour,
            ms=5,
            label=name,
        )
    left.set(xlabel="Patterns per synapse", ylabel="Random labellings learned [%]", xlim=(0, 5.2))
    left.legend(loc="upper right")
    kappa = np.linspace(0, 2.2, 60)
    right.plot(kappa, [gardner(k) for k in kappa], color=GREY, label="Gardner's integral")
    for c in finding.checks:
        if c.what.startswith("margin"):
            k = float(c.what.split(":")[0].split()[1])
            right.plot(k, c.measured, "s", color=VERMILLION, ms=6)
    right.plot(0, finding.checks[0].measured, "s", color=VERMILLION, ms=6, label="measured")
    right.set(xlabel="Margin asked for", ylabel="Patterns per synapse", ylim=(0, 2.2))
    right.legend()
    return figure


EXPERIMENTS.register("capacity")(
    Experiment(
        name="capacity",
        order=3,
        question="How many patterns can one unit remember?",
        theory="A plane through the origin realises 2^(1-p) sum_k C(p-1, k) of the labellings of p "
        "points in n dimensions: half of them at p = 2n. With a margin kappa the capacity is Gardner's "
        "integral, and with the signs of all synapses given it is 1.",
        source=f"{COVER}; {GARDNER}; {AMIT}",
        run=investigate,
        draw=draw,
    )
)
