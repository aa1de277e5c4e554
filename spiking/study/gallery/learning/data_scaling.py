"""What do more data buy? The error falls as a power of their number; what that costs in joules."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import t as student

from spiking import Network, fit, load, run
from spiking.core.numbers import si
from spiking.hardware.quantity import Interval as Joules
from spiking.learn.gradient import Optimiser
from spiking.study.figures.style import BLACK, BLUE
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, Interval
from spiking.study.gallery.joules import sentence, training_joules
from spiking.study.gallery.machines import MACHINES
from spiking.study.gallery.numbers import panels, share_interval

MEIR = "Meir et al. 2020, Sci. Rep. 10:19628 (p about 0.5 on MNIST)"
HESTNESS = "Hestness et al. 2017, arXiv:1712.00409 (0.07 to 0.35 in practice)"
LEAST, MOST = 0.07, 0.5  # exponents others measured
SIZES, BATCH, RATE = (784, 64, 10), 64, 3e-3
TRIALS = 2  # subsets drawn of each size


def learn(machine: str, data: Any, samples: int, seed: int, passes: int, updates: int) -> tuple[Network, int]:
    """Train on ``samples`` drawn at random; return the network and how many samples it saw.

    They are passed at least ``passes`` times and until there were ``updates``. Where training ends early,
    the error says how long it lasted, not how many samples there were.
    """
    x, y = data.x_train, data.y_train
    mine = np.random.default_rng(seed).permutation(len(x))[:samples]
    epochs = max(passes, round(updates * BATCH / samples))
    slope: dict[str, Any] = {} if machine == "MLP" else {"slope": 10.0}
    rule = Optimiser(learning_rate=RATE, schedule="cosine")
    net = fit(
        MACHINES[machine](SIZES, seed), x[mine], y[mine], epochs=epochs, batch_size=BATCH, optimiser=rule,
        seed=seed, **slope,
    ).network  # fmt: skip
    return net, epochs * samples


def investigate(asked: Asked) -> Finding:
    """Learn from ever more samples, and from most of them at last."""
    data = load("mnist")
    tests = asked.either(len(data.y_test), 1000)
    x, y = data.x_test[:tests], data.y_test[:tests]
    sizes = asked.either((800, 1600, 3200, 6400, 12800), (200, 800))
    most = asked.either(len(data.x_train), 1600)
    passes, updates = asked.either((12, 1000), (2, 40))
    rows: list[dict[str, Any]] = []
    jobs = [(n, again) for n in sizes for again in range(asked.either(TRIALS, 2))] + [(most, 0)]
    for i, machine in enumerate(MACHINES):
        for j, (samples, again) in enumerate(jobs):
            asked.tell("learn from ever more samples", i * len(jobs) + j, 2 * len(jobs), "trainings")
            net, seen = learn(machine, data, samples, 1000 * asked.seed + again, passes, updates)
            error = 100 * (1 - run(net, x).accuracy(y))
            joules = training_joules(net, data.x_train[:200], seen=seen, batch_size=BATCH)
            rows.append({
                "machine": machine, "samples": samples, "again": again, "error": error,
                "joules": float(joules.nominal), "joules_low": float(joules.low),
                "joules_high": float(joules.high), "held": samples == most, "tested": tests,
            })  # fmt: skip
    return judged(rows)


def power_law(samples: Any, error: Any, at: float) -> tuple[float, Interval, float, Interval]:
    """Fit ``error = c samples^-p``; return ``p`` and what is to be expected ``at``, with 95 % intervals.

    Least squares on logarithms; the second interval is that of one new measurement.
    """
    x, y = np.log(np.asarray(samples, float)), np.log(np.asarray(error, float))
    n, mid = len(x), x.mean()
    spread = ((x - mid) ** 2).sum()
    slope = float(((x - mid) * y).sum() / spread)
    rest = y - y.mean() - slope * (x - mid)
    scale = np.sqrt((rest**2).sum() / (n - 2)) * student.ppf(0.975, n - 2)
    half = float(scale / np.sqrt(spread))
    new = float(y.mean() + slope * (np.log(at) - mid))
    room = float(scale * np.sqrt(1 + 1 / n + (np.log(at) - mid) ** 2 / spread))
    return -slope, (-slope - half, -slope + half), np.exp(new), (np.exp(new - room), np.exp(new + room))


def judged(rows: list[dict[str, Any]]) -> Finding:
    """Fit the law to the smaller sets and let it foretell the largest."""
    checks, law, price = [], {}, {}
    for machine in MACHINES:
        mine = [r for r in rows if r["machine"] == machine]
        known, last = [r for r in mine if not r["held"]], next(r for r in mine if r["held"])
        law[machine] = found = power_law(
            [r["samples"] for r in known], [r["error"] for r in known], last["samples"]
        )
        price[machine] = prices(known, last)
        checks += [
            Check(
                what=f"{machine}: exponent p of error = c D^-p",
                expected=f"{LEAST} to {MOST}", low=LEAST, high=MOST, measured=found[0], interval=found[1],
                source=f"{MEIR}; {HESTNESS}",
            ),
            Check(
                what=f"{machine}: test error after {last['samples']} samples [%]",
                expected=f"{found[2]:.2f} ({found[3][0]:.2f} to {found[3][1]:.2f}) by the law of fewer",
                low=found[3][0], high=found[3][1], measured=last["error"],
                interval=share_interval(last["error"], last["tested"]), source=HESTNESS,
            ),
        ]  # fmt: skip
    most = max(r["samples"] for r in rows)
    fitted = max(r["samples"] for r in rows if not r["held"])
    (a, b), last = MACHINES, {r["machine"]: r for r in rows if r["held"]}
    sentences = (
        f"The test error falls as the number of samples to the power -{law[a][0]:.2f} for the {a} and "
        f"-{law[b][0]:.2f} for the {b}: ten times the samples leave {100 * 10 ** -law[a][0]:.0f} % of it.",
        f"The law of up to {fitted} samples foretells an error of {law[a][2]:.2f} % and {law[b][2]:.2f} % "
        f"after {most}; measured are {last[a]['error']:.2f} % and {last[b]['error']:.2f} %.",
        f"From {fitted} to {most} samples a point of accuracy costs {si(price[a][1], 'J')} of training for "
        f"the {a} and {si(price[b][1], 'J')} for the {b}; up to {fitted} it cost {si(price[a][0], 'J')} and "
        f"{si(price[b][0], 'J')}.",
    )
    spans = {m: Joules(r["joules_low"], r["joules"], r["joules_high"]) for m, r in last.items()}
    return Finding(
        sentences=sentences,
        rows=rows,
        checks=checks,
        energy=sentence(spans, f"of training on {most} samples"),
    )


def prices(known: list[dict[str, Any]], last: dict[str, Any]) -> tuple[float, float]:
    """Joules for each point of accuracy, from the least to the most samples fitted, and from there on."""
    sizes = [r["samples"] for r in known]
    ends = [
        [float(np.mean([r[what] for r in known if r["samples"] == n])) for what in ("joules", "error")]
        for n in (min(sizes), max(sizes))
    ] + [[last["joules"], last["error"]]]
    first, then = ((b[0] - a[0]) / (a[1] - b[1]) for a, b in pairwise(ends))
    return first, then


def draw(finding: Finding) -> Figure:
    """Error against the number of samples with the law; error against the joules of training."""
    title = "The error falls as a power of the number of samples; joules rise with it"
    figure, (left, right) = panels(2, height=3.0, title=title, sharey=True)
    t: Any = finding.table
    for (machine, mine), colour, marker in zip(
        t.groupby("machine", sort=False), (BLACK, BLUE), ("s", "o"), strict=True
    ):
        known, last = mine[~mine["held"]], mine[mine["held"]]
        grid = np.geomspace(known["samples"].min(), last["samples"].max(), 30)
        fits = [power_law(known["samples"], known["error"], at) for at in grid]
        left.plot(grid, [f[2] for f in fits], color=colour, lw=1)
        left.fill_between(grid, *np.array([f[3] for f in fits]).T, color=colour, alpha=0.12, lw=0)
        for ax, x in ((left, "samples"), (right, "joules")):
            ax.plot(known[x], known["error"], marker, color=colour, ms=4, ls="", label=machine)
            ax.plot(last[x], last["error"], marker, color=colour, mfc="white", ms=7, ls="", mew=1.5)
    left.plot([], [], "o", color="#333333", mfc="white", ms=7, mew=1.5, label="foretold, then measured")
    left.set(xscale="log", yscale="log", xlabel="Samples learned from", ylabel="Test error [%]")
    ticks = [v for v in (2, 3, 5, 10, 20, 30) if t["error"].min() * 0.8 < v < t["error"].max() * 1.2]
    left.set_yticks(ticks, [str(v) for v in ticks])
    left.minorticks_off()
    right.set(xscale="log", xlabel="Energy of training [J], estimated")
    least, most = t["joules"].min() * 0.8, t["joules"].max() * 1.25
    right.set_xlim(least, most)
    marks = [v for v in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0) if least < v < most]
    right.set_xticks(marks, [f"{v:g}" for v in marks])
    right.minorticks_off()
    left.legend(loc="lower left")
    return figure


EXPERIMENTS.register("data-scaling")(
    Experiment(
        name="data-scaling",
        order=10,
        question="What do more data buy, and what do they cost?",
        theory="The error falls as a power D^-p of the number of samples, with p of 0.07 to 0.5, so that its "
        "value at many samples can be foretold from few.",
        source=f"{MEIR}; {HESTNESS}",
        data=("mnist",),
        run=investigate,
        draw=draw,
    )
)
