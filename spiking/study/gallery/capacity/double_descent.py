"""Why do models with far too many parameters generalise? The second descent, with spiking features too."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spiking.study.figures.style import BLACK, BLUE, GREEN, GREY
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.capacity.high_dimension import expanded
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.numbers import panels

BELKIN = "Belkin et al. 2019, PNAS 116:15849"
RIDGE = "Nakkiran et al. 2021, ICLR, Optimal regularization can mitigate double descent"
WIDTH, NOISE = 10, 0.5  # features of a sample; standard deviation of the label noise
RATIOS = (0.1, 0.25, 0.5, 0.7, 0.85, 0.93, 1.0, 1.08, 1.2, 1.5, 2, 4, 8)
RIDGES = 10.0 ** np.arange(-6, 4)
Floats = NDArray[np.float64]


def task(samples: int, noise: float, rng: np.random.Generator, rule: Floats) -> tuple[Floats, Floats]:
    """Draw samples and the values of a smooth rule, with noise."""
    x = rng.normal(size=(samples, WIDTH))
    return x, np.tanh(x @ rule) + noise * rng.normal(size=samples)


class LeastNorm:
    """The shortest weights that fit best, for features ``[samples, units]``; one decomposition for all."""

    def __init__(self, features: Floats) -> None:
        u, s, vt = np.linalg.svd(features, full_matrices=False)
        keep = s > s[0] * 1e-10
        self.u, self.s, self.vt = u[:, keep], s[keep], vt[keep]

    def __call__(self, y: Floats, ridge: float = 0.0) -> Floats:
        """Weights for targets ``y``; ``ridge`` penalises their square."""
        return np.asarray(self.vt.T @ (self.s / (self.s**2 + ridge) * (self.u.T @ y)))


def investigate(asked: Asked) -> Finding:
    """Fit ever wider random networks by their readout alone, to the last digit."""
    n, repeats = asked.either((80, 5), (40, 3))
    rows: list[dict[str, Any]] = []
    for again in range(repeats):
        asked.tell("widen the network", again, repeats, "data sets")
        rng = asked.rng(again)
        rule = rng.normal(size=WIDTH) / np.sqrt(WIDTH)
        sets = [task(n, NOISE, rng, rule), task(n, NOISE, rng, rule), task(400, 0.0, rng, rule)]
        clean = np.tanh(sets[0][0] @ rule)
        points = np.vstack([x for x, _ in sets])
        for spiking in (False, True):
            wide = expanded(points, round(max(RATIOS) * n), spiking, 1000 * asked.seed + again)
            wide = wide / np.sqrt(np.mean(wide**2))
            for ratio in RATIOS:
                f = wide[:, : round(ratio * n)] / np.sqrt(ratio * n)
                fit, held, test = LeastNorm(f[:n]), f[n : 2 * n], f[2 * n :]
                y, y_held, y_test = (values for _, values in sets)
                plain, quiet = (float(np.mean((test @ w - y_test) ** 2)) for w in (fit(y), fit(clean)))
                held_error = [float(np.mean((held @ fit(y, r) - y_held) ** 2)) for r in RIDGES]
                tuned = fit(y, RIDGES[int(np.argmin(held_error))])
                ridged = float(np.mean((test @ tuned - y_test) ** 2))
                rows.append({
                    "unit": "LIF" if spiking else "ReLU", "features": f.shape[1], "ratio": ratio,
                    "again": again, "error": plain, "ridge": ridged, "noiseless": quiet,
                })  # fmt: skip
    return judged(rows, n)


def judged(rows: list[dict[str, Any]], n: int) -> Finding:
    """Where the peak lies, how high it is, and what is left of it with a tuned ridge."""
    said: dict[str, dict[str, float]] = {}
    checks = []
    for unit in ("ReLU", "LIF"):
        at = {q: [r for r in rows if r["unit"] == unit and r["ratio"] == q] for q in RATIOS}
        curve = {q: float(np.median([r["error"] for r in mine])) for q, mine in at.items()}
        tuned = {q: float(np.median([r["ridge"] for r in mine])) for q, mine in at.items()}
        quiet = {q: float(np.median([r["noiseless"] for r in mine])) for q, mine in at.items()}
        peak = max(curve, key=lambda q: curve[q])
        said[unit] = {
            "peak": peak,
            "height": curve[peak] / min(curve.values()),
            "bump": max(tuned[b] / tuned[a] for a, b in pairwise(RATIOS[3:])),
            "wide": curve[RATIOS[-1]],
            "narrow": min(v for q, v in curve.items() if q < 1),
            "noise": curve[1.0] / quiet[1.0],
        }
        got = said[unit]
        checks += [
            Check(
                what=f"{unit} features per training sample at the peak of the test error",
                expected="1 +- 0.1", low=0.9, high=1.1, measured=peak, source=BELKIN,
            ),
            Check(
                what=f"{unit}: test error at the peak over the least",
                expected="> 10", low=10, measured=got["height"], source=BELKIN,
            ),
            Check(
                what=f"{unit}: largest rise of the error from one width to the next with a tuned ridge",
                expected="none: 1 (<= 1.15)", low=0, high=1.15, measured=got["bump"], source=RIDGE,
            ),
            Check(
                what=f"{unit}: peak with label noise over the peak without",
                expected="> 2: noise drives "
                "it", low=2, measured=got["noise"], source="Mei & Montanari 2022, CPAM 75:667",
            ),
        ]  # fmt: skip
    a, b = said["ReLU"], said["LIF"]
    sentences = (
        f"The test error of random ReLU features peaks at {a['peak']:g} features per training sample, "
        f"{a['height']:.0f} "
        f"times above its least, and random LIF features do the same at {b['peak']:g} "
        f"({b['height']:.0f} times).",
        f"Beyond the peak it falls again: {RATIOS[-1]} features per sample end at {a['wide']:.2f} (ReLU) and "
        f"{b['wide']:.2f} (LIF), where the best narrow models reach {a['narrow']:.2f} and {b['narrow']:.2f}.",
        "A ridge tuned on held-out samples removes the peak (largest rise "
        f"{100 * (max(a['bump'], b['bump']) - 1):.0f} %), and label noise makes it {a['noise']:.0f} "
        f"(ReLU) and {b['noise']:.0f} (LIF) times as high.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks)


def draw(finding: Finding) -> Figure:
    """Test error against the number of features, without and with a tuned ridge."""
    title = "The error peaks where the model just fits, and falls again beyond"
    figure, axes = panels(2, height=3.0, title=title, sharey=True)
    t: Any = finding.table
    for ax, unit, colour, marker in zip(axes, ("ReLU", "LIF"), (BLACK, BLUE), ("s", "o"), strict=True):
        mine = t[t["unit"] == unit].groupby("ratio")[["error", "ridge", "noiseless"]].median()
        ax.plot(
            mine.index, mine["error"], marker=marker, color=colour, ms=4, label="fits the training samples"
        )
        ax.plot(mine.index, mine["noiseless"], ":", color=GREY, label="the same without label noise")
        ax.plot(mine.index, mine["ridge"], "--", marker="^", color=GREEN, ms=4, label="ridge tuned on others")
        ax.axvline(1, color=GREY, lw=0.8)
        ax.set(
            xscale="log", yscale="log", xlabel="Features per training sample", title=f"random {unit} units"
        )
        ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes[0].set_ylabel("Squared error on the test samples")
    axes[0].legend(loc="lower left")
    axes[0].set_ylim(bottom=2e-3)
    return figure


EXPERIMENTS.register("double-descent")(
    Experiment(
        name="double-descent",
        order=8,
        question="Why do models with far more parameters than samples generalise?",
        theory="The test error of the shortest weights that fit peaks where features equal samples and "
        "falls again beyond; label noise drives the peak, and a tuned ridge removes it.",
        source=f"{BELKIN}; {RIDGE}",
        run=investigate,
        draw=draw,
    )
)
