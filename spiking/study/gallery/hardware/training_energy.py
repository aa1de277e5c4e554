"""What does learning cost, and how much of it is for nothing? Skipped rows of the backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spiking import Network, fit, load, run
from spiking.learn.gradient import Differentiator, Surrogate
from spiking.simulate.program import Program
from spiking.study.figures.style import BLACK, BLUE, GREY, ORANGE
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, mean_interval
from spiking.study.gallery.joules import CHIP, training_joules, words
from spiking.study.gallery.machines import mlp, spiking
from spiking.study.gallery.numbers import panels

SPARSE = "Perez-Nieves & Goodman 2021, NeurIPS 34:11795"
SLOPE, BATCH, SIZES = 25.0, 32, (64, 200, 200, 10)
THRESHOLDS = (0.0, 0.01, 0.03, 0.1, 0.3)  # surrogate derivatives below are taken for zero


def kept(net: Network, x: Any, y: Any, threshold: float) -> float:
    """Share of (sample, step, unit) whose surrogate derivative is not below ``threshold``."""
    tells = Differentiator(Program(net, np.float32), surrogate=Surrogate(slope=SLOPE))
    tells(x, y)
    membranes = [v for name, v in tells.membranes() if name != net.output.population]
    slopes = np.concatenate([derivative(v).ravel() for v in membranes])
    return float(np.mean(slopes >= threshold))


def derivative(v: Any) -> Any:
    """The fast-sigmoid surrogate at potential ``v``; the threshold is 1."""
    return 1 / (1 + SLOPE * np.abs(np.asarray(v, np.float64) - 1)) ** 2


def investigate(asked: Asked) -> Finding:
    """Train with ever more of the backward pass left out."""
    data, epochs = load("digits"), asked.either(10, 2)
    thresholds, repeats = asked.either((THRESHOLDS, 3), (THRESHOLDS[::3], 1))
    seen = epochs * len(data.x_train)
    rows: list[dict[str, Any]] = []
    how: dict[str, Any] = {"epochs": epochs, "batch_size": BATCH, "learning_rate": 2e-3}
    for again in range(repeats):
        seed = 1000 * asked.seed + again
        for i, threshold in enumerate(thresholds):
            done = again * len(thresholds) + i
            asked.tell("train with rows skipped", done, repeats * len(thresholds), "trainings")
            surrogate = Surrogate(slope=SLOPE, gradient_threshold=threshold)
            net = fit(
                spiking(SIZES, seed), data.x_train, data.y_train, surrogate=surrogate, seed=seed, **how
            ).network
            active = kept(net, data.x_train[:200], data.y_train[:200], threshold)
            joules = training_joules(net, data.x_train, seen=seen, batch_size=BATCH, active=active)
            rows.append({
                "network": "spiking", "threshold": threshold, "again": again,
                "skipped": 100 * (1 - active),
                "accuracy": 100 * run(net, data.x_test).accuracy(data.y_test),
                "joules": float(joules.nominal),
            })  # fmt: skip
        dense = fit(mlp(SIZES, seed), data.x_train, data.y_train, seed=seed, **how).network
        joules = training_joules(dense, data.x_train, seen=seen, batch_size=BATCH)
        rows.append({
            "network": "MLP", "threshold": 0.0, "again": again, "skipped": 0.0,
            "accuracy": 100 * run(dense, data.x_test).accuracy(data.y_test), "joules": float(joules.nominal),
        })  # fmt: skip
    return judged(rows, words(joules))


def judged(rows: list[dict[str, Any]], dense_words: str) -> Finding:
    """Find the least accuracy given up for 95 % of the rows, and what that saves."""
    spiking = [r for r in rows if r["network"] == "spiking"]
    by = {t: [r for r in spiking if r["threshold"] == t] for t in sorted({r["threshold"] for r in spiking})}
    loss = {t: mean_interval([b["accuracy"] - r["accuracy"] for b, r in zip(by[0.0], mine, strict=True)])
            for t, mine in by.items()}  # fmt: skip
    skipped = {t: float(np.mean([r["skipped"] for r in mine])) for t, mine in by.items()}
    joules = {t: float(np.mean([r["joules"] for r in mine])) for t, mine in by.items()}
    enough = [t for t in by if loss[t][0] <= 0.2]
    best = max(enough, key=lambda t: skipped[t])
    most = min((t for t in by if skipped[t] >= 95), default=max(by))
    saved = 100 * (1 - joules[best] / joules[0.0])
    dense = float(np.mean([r["joules"] for r in rows if r["network"] == "MLP"]))
    checks = [
        Check(
            what="backward rows that can be skipped at 0.2 points of accuracy at most [%]",
            expected=">= 95", low=95, measured=skipped[best], source=SPARSE,
        ),
        Check(
            what="accuracy lost there [points]",
            expected="<= 0.2", high=0.2, measured=loss[best][0], interval=loss[best][1], source=SPARSE,
        ),
    ]  # fmt: skip
    sentences = (
        f"{skipped[best]:.1f} % of the rows of the backward pass can be skipped, those of units far "
        f"from their threshold, for {loss[best][0]:.2f} points of accuracy; skipping {skipped[most]:.1f} % "
        f"costs {loss[most][0]:.2f} points.",
        f"That takes {saved:.0f} % off the joules of the whole training, the forward pass included: to "
        f"{1e3 * joules[best]:.1f} mJ from {1e3 * joules[0.0]:.1f} mJ.",
        f"An MLP of the same size learns for {1e3 * dense:.1f} mJ: with the skipping, learning by "
        f"spikes costs {joules[best] / dense:.1f} times as much, without it {joules[0.0] / dense:.1f} times.",
    )
    energy = (
        f"Energy of the training: spiking {1e3 * joules[best]:.1f} mJ, MLP {dense_words} on {CHIP}, "
        "estimated from counted operations, not measured."
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Accuracy and joules against the share of rows that is skipped."""
    title = "Most of the backward pass can be left out for nothing, nearly all for a price"
    figure, (left, right) = panels(2, height=2.9, title=title)
    t: Any = finding.table
    mean = t[t["network"] == "spiking"].groupby("threshold")[["skipped", "accuracy", "joules"]].mean()
    mlp = t[t["network"] == "MLP"][["accuracy", "joules"]].mean()
    left.plot(mean["skipped"], mean["accuracy"], marker="o", color=BLUE, label="spiking network")
    left.axhline(mlp["accuracy"], color=BLACK, ls="--", lw=1, label="MLP")
    left.axvline(95, color=GREY, ls=":", lw=1)
    left.set(xlabel="Backward rows skipped [%]", ylabel="Test accuracy [%]", ylim=(80, 100))
    left.legend(loc="lower left")
    right.plot(mean["skipped"], 1e3 * mean["joules"], marker="o", color=ORANGE, label="spiking network")
    right.axhline(1e3 * mlp["joules"], color=BLACK, ls="--", lw=1, label="MLP")
    right.set(xlabel="Backward rows skipped [%]", ylabel="Training [mJ], estimated")
    right.set_ylim(bottom=0)
    right.legend(loc="lower left")
    return figure


EXPERIMENTS.register("training-energy")(
    Experiment(
        name="training-energy",
        order=13,
        question="What does learning cost, and how much of it is for nothing?",
        theory="A unit far from its threshold has almost no surrogate derivative: more than 95 % of the "
        "rows of the backward pass can be skipped without loss.",
        source=SPARSE,
        run=investigate,
        draw=draw,
    )
)
