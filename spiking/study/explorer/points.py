"""The designs that a page shows, and what each of them would do without a single spike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spiking.core.counts import Counts
from spiking.hardware.chip import Chip
from spiking.study.designs.choose import Point as Tried
from spiking.study.results.outcome import Evaluated
from spiking.study.results.rows import activity, wilson

BUILT, VALIDATED = "built", "tried"  # tested on test samples; tried on validation samples
MOST_TRIED = 400  # points of the designs that were tried, the best variants first
FOLLOWS = ("synaptic_events", "updates_fired", "spikes", "messages", "hops_x", "hops_y")


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """A network as it is built for a chip, with what it did and how well.

    Attributes:
        model: the contender; words: its design in words.
        chip: set to the design. counts: means per inference.
        accuracy, low, high: fractions; the interval is 95 %.
        stage: ``"built"`` (accuracy on test samples) or ``"tried"`` (on validation samples).
    """

    model: str
    chip: Chip
    counts: Counts
    accuracy: float
    low: float
    high: float
    words: str = ""
    stage: str = BUILT

    @property
    def rate(self) -> float:
        """Spikes per spiking neuron (inputs too) and inference; NaN for a conventional network."""
        return activity(self.counts)["spikes_per_neuron_step"] * self.counts.steps


def points_of(evaluated: Sequence[Evaluated]) -> list[Point]:
    """The points of a comparison: every network as built on each chip, then the designs that were tried."""
    return [*_built(evaluated), *_tried(evaluated)]


def _built(evaluated: Sequence[Evaluated]) -> Iterator[Point]:
    for e in evaluated:
        for d in e.deployed.values():
            low, high = wilson(int(d.right.sum()), len(d.right))
            words = "as shipped" if d.design is None else d.design.words(spiking=d.network.spiking)
            yield Point(
                model=e.model, chip=d.chip, counts=d.counts, words=words,
                accuracy=float(d.right.mean()), low=low, high=high,
            )  # fmt: skip


def _tried(evaluated: Sequence[Evaluated]) -> Iterator[Point]:
    """Of each network that was simulated, the cheapest of the designs that answer alike."""
    for e in evaluated:
        for d in e.deployed.values():
            if d.chosen is None:
                continue
            best: dict[int, Tried] = {}
            for p in sorted(d.chosen.points, key=lambda p: p.energy):
                best.setdefault(id(p.option), p)
            for p in sorted(best.values(), key=lambda p: (-p.accuracy, p.energy))[:MOST_TRIED]:
                yield Point(
                    model=e.model, chip=p.design.chip(d.chip, spiking=p.option.network.spiking),
                    counts=p.option.counts.mean(), accuracy=p.accuracy, low=p.accuracy, high=p.accuracy,
                    words=p.design.words(spiking=p.option.network.spiking), stage=VALIDATED,
                )  # fmt: skip


def silent(counts: Counts) -> Counts:
    """The same network in an inference in which no unit and no input spikes.

    What is left is paid whether anything happens or not; everything above it is taken to grow in proportion
    to the spikes.
    """
    table = dict(counts.table)
    for layer in counts.layers:
        name = layer.name
        fired, events = counts[name, "updates_fired"], counts[name, "synaptic_events"]
        for operation in FOLLOWS:
            if (name, operation) in table:
                table[name, operation] = 0.0
        if (name, "updates_silent") in table:
            table[name, "updates_silent"] = counts[name, "updates_silent"] + fired
        for operation in ("accumulates", "weight_reads"):
            if (name, operation) in table:
                table[name, operation] = max(float(table[name, operation]) - float(events), 0.0)
        if layer.kind == "spiking" and (name, "output_events") in table:
            table[name, "output_events"] = 0.0
        if layer.kind == "input" and (name, "spikes") in table:
            drawn = float(counts[name, "input_events"]) - float(counts[name, "spikes"])
            table[name, "input_events"] = max(drawn, 0.0)
    return replace(counts, table=table)
