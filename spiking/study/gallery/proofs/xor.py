"""What can one unit not do? XOR, parity, and the codes that let one spiking neuron through."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import linprog

from spiking import (
    LIF,
    Connection,
    Direct,
    Events,
    Input,
    Linear,
    Network,
    Output,
    Population,
    ReLU,
    SpikeCount,
    run,
)
from spiking.core.coding.base import Encoder
from spiking.core.neurons.base import Unit
from spiking.study.figures.style import BLUE, GREY, ORANGE
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.numbers import panels

BOOK = "Minsky & Papert 1969, Perceptrons"
PATTERNS = np.array(list(product((0.0, 1.0), repeat=2)))  # 00, 01, 10, 11
XOR = np.array([0, 1, 1, 0], bool)
STEPS, LATE = 20, 12  # of a pattern; when a late spike comes
EARLY = 1
CODES = {  # how a value 0 or 1 becomes spikes of a line, [steps]
    "rate": "no spikes or a spike every other step",
    "one spike or none": "silence or a spike at the start",
    "early or late": "a spike at the start or later",
    "current": "a constant current of 0 or 1",
}


def encode(code: str) -> NDArray[np.float64]:
    """Return the four patterns as rasters ``[4, steps, 2]`` (as values ``[4, 2]`` for a current)."""
    if code == "current":
        return PATTERNS
    raster = np.zeros((4, STEPS, 2))
    for i, j in product(range(4), range(2)):
        one = PATTERNS[i, j] > 0
        if code == "rate" and one:
            raster[i, EARLY::2, j] = 1
        elif code == "one spike or none" and one:
            raster[i, EARLY, j] = 1
        elif code == "early or late":
            raster[i, LATE if one else EARLY, j] = 1
    return raster


def one_layer(weight: NDArray[np.floating], bias: NDArray[np.floating], unit: Unit, analog: bool) -> Network:
    """Return ``[n, units]`` weights into units that are all read, each a machine of its own."""
    encoder: Encoder = Direct() if analog else Events()
    return Network(
        inputs=[Input(size=len(weight), encoder=encoder)],
        populations=[Population(name="output", size=weight.shape[1], unit=unit, bias=bias)],
        connections=[Connection(source="input", target="output", weight=weight)],
        output=Output(population="output", decoder=SpikeCount()),
        steps=STEPS,
    )


def best_single_unit(code: str, fine: int) -> tuple[float, int]:
    """Share of the four patterns that the best of ``fine**2 x 3`` single LIF units gets right under ``code``.

    Every pair of weights on a grid with three biases is a unit; any threshold on its number of spikes may
    stand for "yes", and so may its opposite. Also returns how many units reach it.
    """
    axis = np.linspace(-2, 2, fine)
    grid = np.array(list(product(axis, axis, (-0.1, 0.0, 0.1))))
    net = one_layer(
        grid[:, :2].T.copy(), grid[:, 2].copy(), LIF(tau_mem=4e-3, reset="zero"), code == "current"
    )
    counts = np.asarray(run(net, encode(code), precision="float64").scores)  # [4, units]
    right = np.full(len(grid), 0.0)
    for least in np.unique(counts):
        said = counts >= least
        hit = (said == XOR[:, None]).mean(axis=0)
        right = np.maximum(right, np.maximum(hit, 1 - hit))
    return float(right.max()), int((right == right.max()).sum())


def certificate() -> tuple[bool, float]:
    """Whether no plane separates XOR, proved; and the largest share of patterns that one gets right.

    Farkas: weights with ``y (w x + b) >= 1`` exist unless some ``lambda >= 0``, not all 0, has
    ``sum lambda y (x, 1) = 0``. A linear programme finds it, and multiplying out proves it.
    """
    z = np.where(XOR, 1, -1)[:, None] * np.column_stack([PATTERNS, np.ones(4)])
    dual = linprog(np.zeros(4), A_eq=np.vstack([z.T, np.ones(4)]), b_eq=[0, 0, 0, 1], bounds=(0, None))
    factors: Any = dual.x
    proved = bool(dual.status == 0 and np.all(factors >= 0) and np.abs(factors @ z).max() < 1e-12)
    best = 0
    for kept in product((False, True), repeat=4):
        rows = z[list(kept)]
        free = linprog(np.zeros(3), A_ub=-rows, b_ub=-np.ones(len(rows)), bounds=(None, None))
        best = max(best, len(rows) if free.status == 0 else 0)
    return proved, best / 4


def parity_network(n: int, spiking: bool) -> Network:
    """Return one hidden layer that answers whether an odd number of ``n`` inputs is on.

    ReLU: the zig-zag of the number of inputs ``k``, ``k + 2 sum_j (-1)^j max(k - j, 0)``, is 0, 1, 0, 1, ...
    LIF: hidden unit ``j`` spikes once where at least ``j`` inputs do; the output adds them with alternating
    signs and spikes where 1 is left.
    """
    ones = np.ones((n, 1))
    if not spiking:
        hidden = Population(name="hidden", size=n, unit=ReLU(), bias=-np.arange(n, dtype=float))
        out = np.array([[1.0 if j == 0 else 2.0 * (-1) ** j] for j in range(n)])
        last = Population(name="output", size=1, unit=Linear(), bias=np.array([0.0]))
        encoder: Encoder = Direct()
    else:
        unit = LIF(tau_mem=4e-3, reset="zero", v_threshold=0.5)
        hidden = Population(
            name="hidden",
            size=n,
            unit=LIF(tau_mem=4e-3, reset="zero", v_threshold=np.arange(n, dtype=np.float64) + 0.5),
        )
        out = np.array([[(-1.0) ** j] for j in range(n)])
        last = Population(name="output", size=1, unit=unit)
        encoder = Events()
    return Network(
        inputs=[Input(size=n, encoder=encoder)],
        populations=[hidden, last],
        connections=[
            Connection(source="input", target="hidden", weight=ones @ np.ones((1, n))),
            Connection(source="hidden", target="output", weight=out),
        ],
        output=Output(population="output", **({"decoder": SpikeCount()} if spiking else {})),
        steps=3 if spiking else 1,
    )


def parity_right(n: int, spiking: bool) -> float:
    """Share of all ``2^n`` patterns that the network answers right."""
    x = np.array(list(product((0.0, 1.0), repeat=n)))
    shown = np.stack([x, 0 * x, 0 * x], axis=1) if spiking else x
    scores = run(parity_network(n, spiking), shown, precision="float64").scores[:, 0]
    return float(np.mean((scores > 0.5) == (x.sum(axis=1) % 2 == 1)))


def investigate(asked: Asked) -> Finding:
    """Prove, search, build."""
    proved, linear = certificate()
    rows: list[dict[str, Any]] = [{"machine": "linear unit", "what": "XOR", "n": 2, "right": linear}]
    singles: dict[str, float] = {}
    for code in CODES:
        asked.tell("single LIF units", len(singles), len(CODES), "codes")
        singles[code], units = best_single_unit(code, asked.either(81, 41))
        rows.append(
            {"machine": f"LIF unit, {code}", "what": "XOR", "n": 2, "right": singles[code], "units": units}
        )
    most = asked.either(10, 8)
    for spiking, n in product((False, True), range(2, most + 1)):
        machine = "LIF network" if spiking else "ReLU network"
        rows.append({"machine": machine, "what": "parity", "n": n, "right": parity_right(n, spiking)})
    deep = min(r["right"] for r in rows if r["what"] == "parity")
    blind = max(singles[c] for c in ("rate", "one spike or none", "current"))
    checks = [
        Check(
            what="no plane separates XOR: the certificate holds (1: yes)",
            expected="1", low=1, high=1, measured=float(proved), source=BOOK,
        ),
        Check(
            what="XOR patterns that the best linear unit gets right",
            expected="3 of 4", low=0.75, high=0.75, measured=linear, source=BOOK,
        ),
        Check(
            what="XOR patterns that the best LIF unit gets right where 1 means more spikes",
            expected="3 of 4", low=0.75, high=0.75, measured=blind,
            source="its spikes only become more with its input, so that it is a linear unit here",
        ),
        Check(
            what="the same where 1 means a later spike",
            expected="4 of 4", low=1, high=1, measured=singles["early or late"],
            source="Maass 1997, Neural Netw. 10:1659: coincidence needs one spiking neuron",
        ),
        Check(
            what=f"parity of 2 to {most} inputs by one hidden layer, worst share of patterns right",
            expected="1", low=1, high=1, measured=deep, source=f"{BOOK}; construction",
        ),
    ]  # fmt: skip
    sentences = (
        f"A linear programme proves that no single linear unit gets more than {100 * linear:.0f} % of "
        "XOR right, and "
        "none of the LIF units tried does where a 1 means more spikes or more current "
        f"({100 * blind:.0f} %).",
        f"Where a 1 means a later spike, one LIF unit gets {100 * singles['early or late']:.0f} %: its "
        "leak makes it see whether two spikes coincide, which no weighted sum does.",
        f"One hidden layer of n units gets parity of n = 2 to {most} inputs right for {100 * deep:.0f} "
        "% of all patterns, with ReLU units and with LIF units that spike at most once.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks)


def draw(finding: Finding) -> Figure:
    """Best share of XOR patterns right, machine by machine."""
    figure, (ax,) = panels(1, height=2.6, title="One unit fails at XOR, unless spike times carry the values")
    t = finding.table
    bars = t[t["what"] == "XOR"][["machine", "right"]].to_numpy().tolist()
    for machine in ("ReLU network", "LIF network"):
        worst = t[(t["machine"] == machine)]["right"].min()
        bars.append([f"one hidden layer, {machine.split()[0]} units", worst])
    for i, (_, right) in enumerate(bars):
        ax.barh(
            i,
            100 * right,
            color=BLUE if right == 1 else ORANGE,
            hatch="" if right == 1 else "///",
            ec="white",
        )
        ax.text(100 * right + 1, i, f"{100 * right:.0f} %", va="center")
    ax.set_yticks(range(len(bars)), [name for name, _ in bars])
    ax.invert_yaxis()
    ax.axvline(75, color=GREY, ls="--", lw=1)
    ax.set(xlim=(0, 112), xlabel="Patterns right [%] (dashed: what a plane can do)")
    ax.grid(False, axis="y")
    return figure


EXPERIMENTS.register("xor")(
    Experiment(
        name="xor",
        order=2,
        question="What can a single unit not learn, and which spike code lets it through?",
        theory="A linear unit gets at most three of the four XOR patterns right; one hidden layer "
        "solves XOR and parity. A leaky unit that gets its values as spike times is no linear unit: it "
        "detects coincidence.",
        source=BOOK,
        run=investigate,
        draw=draw,
    )
)
