"""Can the better technology lose for good? Lock-in by chance, decided by integrate-and-fire units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import brentq

from spiking import LIF, Connection, Events, FirstSpike, Input, Network, Output, Population, run
from spiking.study.figures.style import BLUE, GREY, ORANGE, VERMILLION
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, Interval, mean_interval
from spiking.study.gallery.numbers import panels, share_interval

ARTHUR = "Arthur 1989, Economic Journal 99:116"
FELLER = "Feller 1968, An Introduction to Probability Theory I, ch. XIV (gambler's ruin)"
LEAD = 6  # adopters ahead at which nobody chooses the other technology any more
SHARES = (0.5, 0.52, 0.55, 0.6, 0.7)  # of adopters who are better off with spiking hardware
HEADS = (0, 2, 4)  # adopters that dense hardware is ahead at the start
STEPS = 400


def ruin(share: float, lead: int, head: int) -> float:
    """Chance that the one that ``share`` of adopters prefer locks in, ``head`` behind at the start."""
    start, end = lead - head, 2 * lead
    if share == 0.5:
        return start / end
    odds = (1 - share) / share
    return (1 - odds**start) / (1 - odds**end)


def race(lead: int, head: int) -> Network:
    """Return two integrators that count the lead of either technology; the first to spike has locked in.

    An integrate-and-fire unit without leak adds 1 for each adopter of its technology and takes 1 off for
    each of the other; it starts at its lead and spikes at ``lead`` adopters ahead.
    """
    return Network(
        inputs=[Input(size=2, encoder=Events())],
        populations=[
            Population(
                name="output",
                size=2,
                unit=LIF(
                    tau_mem=math.inf, v_threshold=lead - 0.5, v_start=np.array([-float(head), float(head)])
                ),
            )
        ],
        connections=[
            Connection(source="input", target="output", weight=np.array([[1.0, -1.0], [-1.0, 1.0]]))
        ],
        output=Output(population="output", decoder=FirstSpike()),
        steps=STEPS,
    )


def simulate(share: float, head: int, trials: int, rng: np.random.Generator) -> tuple[float, Any]:
    """Let adopters arrive; return how often spiking hardware locks in [%], and adopters until then."""
    spiking = rng.random((trials, STEPS)) < share
    arrivals = np.stack([spiking, ~spiking], axis=2).astype(np.float32)
    trace = run(race(LEAD, head), arrivals, precision="float64")
    first = trace.first_spike["output"]
    settled = first.min(axis=1) < STEPS
    won = first[:, 0] < first[:, 1]
    return 100 * float(np.mean(won[settled])), first.min(axis=1)[settled] + 1


def needed(lead: int, head: int) -> float:
    """Share of adopters who must be better off with the newcomer for an even chance, ``head`` behind."""
    return 0.5 if head == 0 else float(brentq(lambda p: ruin(p, lead, head) - 0.5, 0.5 + 1e-9, 0.999))


def investigate(asked: Asked) -> Finding:
    """Race the two technologies at every share and every head start."""
    trials = asked.either(4000, 1500)
    rows: list[dict[str, Any]] = []
    for i, head in enumerate(HEADS):
        asked.tell("races", i, len(HEADS), "head starts")
        for j, share in enumerate(SHARES):
            won, times = simulate(share, head, trials, asked.rng(i, j))
            mean, ends = mean_interval(times)
            rows.append({
                "head": head, "share": share, "won": won, "theory": 100 * ruin(share, LEAD, head),
                "trials": trials, "adopters": mean, "adopters_low": ends[0], "adopters_high": ends[1],
            })  # fmt: skip
    return judged(rows)


def judged(rows: list[dict[str, Any]]) -> Finding:
    """Compare with the gambler's ruin."""
    z = [
        (r["won"] - r["theory"])
        / (100 * math.sqrt(max(r["theory"] / 100 * (1 - r["theory"] / 100), 1e-9) / r["trials"]))
        for r in rows
    ]
    even = next(r for r in rows if r["head"] == 0 and r["share"] == 0.5)
    good = next(r for r in rows if r["head"] == 0 and r["share"] == 0.55)
    late = next(r for r in rows if r["head"] == max(HEADS) and r["share"] == 0.55)
    span: Interval = (even["adopters_low"], even["adopters_high"])
    flips = needed(LEAD, max(HEADS))
    checks = [
        Check(
            what="chances of lock-in, all races: root mean square of (measured - theory) / standard error",
            expected="1 (<= "
            "1.6)", low=0, high=1.6, measured=float(np.sqrt(np.mean(np.square(z)))), source=FELLER,
        ),
        Check(
            what="adopters until an even race is settled",
            expected=f"lead^2 = {LEAD**2} +- 5 "
            "%", low=0.95 * LEAD**2, high=1.05 * LEAD**2, measured=even["adopters"],
            interval=span, source=FELLER,
        ),
        Check(
            what="races of equals that lock in all the same [%]",
            expected="100 (one wins for good)", low=99.0, high=101.0,
            measured=100.0 if even["adopters"] < STEPS / 3 else 0.0, source=ARTHUR,
        ),
    ]  # fmt: skip
    low, high = share_interval(late["won"], late["trials"])
    sentences = (
        f"Where each adopter makes a technology better for the next, one of two equals locks in after "
        f"{even['adopters']:.0f} adopters on average (theory: {LEAD**2}), and chance alone says which.",
        f"If 55 % of users would be better off with spiking hardware it wins {good['won']:.0f} % of the "
        f"races from an even start, but only {late['won']:.0f} % ({low:.0f} to {high:.0f}) when dense "
        f"hardware is {max(HEADS)} adopters ahead.",
        f"To flip that choice with an even chance, {100 * flips:.0f} % of users must be better off with "
        "it; or the lead that locks in must grow, by tools that run on both.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks)


def draw(finding: Finding) -> Figure:
    """Chance that spiking hardware wins, against how many are better off with it."""
    title = "A head start locks in, even where most would be better off otherwise"
    figure, (ax,) = panels(1, height=3.2, title=title)
    t: Any = finding.table
    share = np.linspace(0.5, 0.7, 60)
    looks = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (VERMILLION, "^", ":"))
    for head, (colour, marker, line) in zip(HEADS, looks, strict=True):
        mine = t[t["head"] == head]
        ax.plot(100 * share, [100 * ruin(p, LEAD, head) for p in share], line, color=colour)
        name = "even start" if head == 0 else f"dense hardware {head} adopters ahead"
        ax.plot(100 * mine["share"], mine["won"], marker, color=colour, ms=6, label=name)
    ax.plot([], [], color=GREY, label="theory")
    ax.axhline(50, color=GREY, lw=0.8)
    ax.set(
        xlabel="Adopters who would be better off with spiking hardware [%]",
        ylabel="Races it wins [%]", ylim=(0, 103),
    )  # fmt: skip
    ax.legend(loc="lower right")
    return figure


EXPERIMENTS.register("lock-in")(
    Experiment(
        name="lock-in",
        order=15,
        question="Can the better machine lose for good?",
        theory="Where adopters make a technology better for those who follow, its lead is a random walk "
        "between two ends: one of two technologies locks in, not always the better one, with the "
        "chances of the gambler's ruin.",
        source=f"{ARTHUR}; {FELLER}",
        run=investigate,
        draw=draw,
    )
)
