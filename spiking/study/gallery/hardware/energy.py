"""The main comparison: accuracy, energy and latency of all contenders on all chips, in one figure."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spiking import Progress, compare, load, load_network
from spiking.core.numbers import si
from spiking.core.progress import Watch
from spiking.study.figures.style import GREY, label, look
from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding
from spiking.study.gallery.joules import sentence, stdp_joules, training_joules
from spiking.study.gallery.numbers import panels

BAND = 0.15, 1.38  # spikes per synapse and inference at which others found a spiking network to break even
DAMPFHOFFER = "Dampfhoffer et al. 2023, IEEE TETCI 7:731, 0.15 to 1.38 spikes per synapse"
PUBLISHED = {  # pJ per synaptic operation, all included
    "sne": (0.221, "Di Mauro et al. 2022, arXiv:2204.10687"),
    "anp-i": (1.5, "Zhang et al. 2024, IEEE JSSC, doi:10.1109/JSSC.2024.3357045"),
}
COMPONENTS = "generic-45nm"  # the machine that runs both kinds, with a price for every part
MARGIN = 1.0  # points of accuracy that may be lost and still count as none
FEW = ("generic-45nm", "cortex-m4", "loihi1", *PUBLISHED)  # chips of a quick run
BATCH = 32  # of the contenders trained by gradient on the digits


@dataclass
class Seen:
    """A watcher that keeps how many samples each contender learned from, and passes events on."""

    tell: Watch
    samples: dict[str, int] = field(default_factory=dict)

    def __call__(self, event: Progress) -> None:
        """Keep the last number of training samples."""
        if event.stage.startswith("epoch"):
            self.samples[event.who] = max(event.done, self.samples.get(event.who, 0))
        self.tell(event)


def investigate(asked: Asked) -> Finding:
    """Compare the contenders as they are shipped, on every chip."""
    seen = Seen(asked.progress)
    options: dict[str, Any] = {"quick": asked.quick, "design": "shipped", "seed": asked.seed}
    options |= asked.either(
        {"chips": ["all"]}, {"chips": FEW, "contenders": ["mlp", "surrogate", "converted"]}
    )
    with tempfile.TemporaryDirectory() as place:
        found = compare("digits", out=Path(place) / "run", progress=seen, **options)
        nets = {m: load_network(found.path / "models" / f"{m}.nir") for m in found.rows["model"].unique()}
    x = load("digits", seed=asked.seed).x_train
    energies = {
        label(name): training_joules(nets[name], x, seen=number, batch_size=BATCH)
        for name, number in seen.samples.items()
    }
    if "stdp" in nets:
        energies[label("stdp")] = stdp_joules(nets["stdp"], x)
    kept = [
        "model", "chip", "accuracy", "energy_J", "energy_low_J", "energy_high_J", "latency_s",
        "spikes_per_synapse", "synaptic_events", "runs_here", "lower_bound",
    ]  # fmt: skip
    return judged(found.rows[kept].to_dict("records"), sentence(energies, "of the training"))


def contradictions(rows: Any) -> tuple[int, int]:
    """Networks that a published band decides, and how many of them the bill on one machine contradicts."""
    here = rows[rows["chip"] == COMPONENTS].set_index("model")
    ratio = here["energy_J"] / here.loc["mlp", "energy_J"]
    rate = here["spikes_per_synapse"]
    sparse, busy = rate < BAND[0], rate > BAND[1]
    return int((sparse | busy).sum()), int(((sparse & (ratio >= 1)) | (busy & (ratio <= 1))).sum())


def judged(rows: list[Any], energy: str) -> Finding:
    """Hold accuracies, break-even and event prices against what others published."""
    table: Any = pd.DataFrame(rows)
    accuracy = 100 * table.groupby("model")["accuracy"].max()
    spiking = [m for m in accuracy.index if m != "mlp"]
    best = max(spiking, key=lambda m: accuracy[m])
    decided, against = contradictions(table)
    checks = [
        Check(
            what="accuracy the best spiking network loses against the MLP [points]",
            expected=f"<= {MARGIN:g}", high=MARGIN, measured=float(accuracy["mlp"] - accuracy[best]),
            source="Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51; Rueckauer et al. 2017, "
            "Front. Neurosci. 11:682: gradients and conversion keep the accuracy",
        ),
        Check(
            what=f"networks on {COMPONENTS} outside the published break-even whose bill contradicts it",
            expected=f"0 of {decided}", low=0, high=0, measured=against, source=DAMPFHOFFER,
        ),
    ]  # fmt: skip
    for chip, (picojoule, source) in PUBLISHED.items():
        mine = table[(table["chip"] == chip) & table["runs_here"] & (table["energy_J"] > 0)]
        off = mine["energy_J"] / (mine["synaptic_events"] * picojoule * 1e-12)
        checks.append(
            Check(
                what=f"bills on {chip} over synaptic events x {picojoule:g} pJ, farthest from 1",
                expected="1", low=0.999, high=1.001, measured=float(off[(off - 1).abs().idxmax()]),
                source=source,
            )
        )  # fmt: skip
    priced = table[table["runs_here"] & (table["energy_J"] > 0)]
    firm = priced[~priced["lower_bound"]]
    mlp = firm[firm["model"] == "mlp"].sort_values("energy_J").iloc[0]
    first = firm[firm["model"] != "mlp"].sort_values("energy_J").iloc[0]
    busiest = table.loc[table["spikes_per_synapse"].idxmax()]
    sentences = (
        f"On the digits the MLP gets {accuracy['mlp']:.1f} % right and the best spiking network, "
        f"{label(best)}, {accuracy[best]:.1f} %.",
        f"Where every part has a price the MLP takes at least {si(mlp['energy_J'], 'J')} ({mlp['chip']}) and "
        f"a spiking network {si(first['energy_J'], 'J')} ({label(first['model'])}, {first['chip']}); "
        f"{int(priced['lower_bound'].sum())} of {len(priced)} bills are lower bounds, which win nothing.",
        f"What decides is how often a synapse is used: {label(busiest['model'])} sends "
        f"{busiest['spikes_per_synapse']:.1f} spikes through each for one answer, where others break even at "
        f"{BAND[0]} to {BAND[1]}; latencies run from {si(priced['latency_s'].min(), 's')} to "
        f"{si(priced['latency_s'].max(), 's')}.",
    )
    return Finding(sentences=sentences, rows=rows, checks=checks, energy=energy)


def draw(finding: Finding) -> Figure:
    """Accuracy against energy, and latency against energy; open marks are lower bounds."""
    title = "Who answers best, for how little, and how soon: every contender on every chip"
    figure, (left, right) = panels(2, height=3.4, title=title)
    t: Any = finding.table
    t = t[t["runs_here"] & (t["energy_J"] > 0)]
    models = list(dict.fromkeys(t["model"]))
    for model in models:
        colour, marker = look(model, models)
        for bound in (False, True):
            mine = t[(t["model"] == model) & (t["lower_bound"] == bound)]
            how: dict[str, Any] = {"marker": marker, "s": 26, "edgecolors": colour, "linewidths": 1}
            how |= {"facecolors": "white" if bound else colour, "zorder": 2 if bound else 3}
            left.scatter(mine["energy_J"], 100 * mine["accuracy"], **how)
            right.scatter(mine["energy_J"], mine["latency_s"], **how)
        left.scatter([], [], color=colour, marker=marker, s=26, label=label(model))
    left.scatter([], [], facecolors="white", edgecolors=GREY, s=26, label="lower bound")
    ends = 10.0 ** np.array([np.floor(np.log10(t["energy_J"].min())), np.ceil(np.log10(t["energy_J"].max()))])
    for ax in (left, right):
        ax.set(xscale="log", xlim=ends, xlabel="Energy per inference [J], estimated")
    left.set(ylabel="Test accuracy [%]")
    right.set(yscale="log", ylabel="Latency [s]")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=5, handletextpad=0.2)
    return figure


EXPERIMENTS.register("energy")(
    Experiment(
        name="energy",
        order=16,
        question="Which network answers for the least energy, and on which chip?",
        theory="A spiking network saves energy where its synapses are used rarely: others put the "
        "break-even with an MLP at 0.15 to 1.38 spikes per synapse and inference, with their own machines in "
        "mind; accuracy need not be lost.",
        source=DAMPFHOFFER,
        run=investigate,
        draw=draw,
    )
)
