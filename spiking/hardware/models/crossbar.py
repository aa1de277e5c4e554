"""The crossbar model: weights as conductances in arrays that multiply in place, for both kinds of network.

A layer's weights fill arrays of ``rows x columns`` cells; a weight takes as many columns as its bits
need. A pass drives the rows of the active sources and converts every column of the arrays once: a spike
is one pass of one bit, an analog value takes ``bits / bits_per_pass`` passes. A pass costs its
conversions however few rows are active, so sparse spikes save cells and drivers, and conversions only in
steps without any spike. Units are digital and keep their state beside the arrays (Shafiee et al. 2016,
ISCA, for the organisation).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spiking.core.counts import Counts, Layer
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.place import Placement
from spiking.hardware.models.common import line, missing, warnings_of
from spiking.hardware.quantity import ZERO, Interval, Number, some

SETTINGS: Mapping[str, Any] = {"bits_per_pass": 1}  # bits of an analog value driven in one pass
REQUIRED: Mapping[str, str] = {
    "cell": "energy",  # one cell of an active row, one pass
    "driver": "energy",  # one active row of one array, one pass
    "adc": "energy",  # conversion of one column
    "shift_add": "energy",  # one converted value added to a running sum
    "update": "energy",  # update of a unit, or activation
    "state": "energy/data",  # one bit of state read or written
    "link": "energy/data",  # one bit to the next layer
    "pin": "energy/data",  # one bit across the edge of the chip
    "draw": "energy",  # one random number or comparison of the encoder
    "write": "energy",  # programming of one weight
    "array_static": "power",  # of one array
    "read_time": "time",  # of one pass
    "rows": "number",
    "columns": "number",
    "cell_bits": "number",
}
MAY_BE_UNKNOWN = ("write", "array_static", "draw", "pin")


def problems(chip: Chip) -> Iterator[tuple[str, str]]:
    """Yield what the file lacks: constants, dimensions, known values."""
    for name, dimension in REQUIRED.items():
        c = chip.get(name)
        if c is None:
            yield f"constants.{name}", f"is missing; the crossbar model needs it ({dimension})"
        elif c.dimension != dimension:
            yield f"constants.{name}.unit", f"is {c.unit!r}, a {c.dimension}; an {dimension} is needed"
        elif not c.known and name not in MAY_BE_UNKNOWN:
            yield f"constants.{name}.kind", "is 'unknown'; the crossbar model needs a value with a band"
    for name in chip.constants:
        if name not in REQUIRED:
            yield f"constants.{name}", f"is not used by the crossbar model; it uses {', '.join(REQUIRED)}"
    if not 1 <= chip.settings["bits_per_pass"] <= 32:
        yield "settings.bits_per_pass", f"is {chip.settings['bits_per_pass']!r}; allowed: 1 to 32"


@dataclass(frozen=True)
class Mapped:
    """One layer on its arrays."""

    layer: Layer
    columns: float  # of cells, over all arrays side by side
    across: float  # arrays side by side
    down: float  # arrays below each other
    pulses: Number  # rows driven, summed over passes
    passes: Number  # in which at least one row is driven

    @property
    def arrays(self) -> float:
        """Arrays of the layer."""
        return self.across * self.down


def mapped(counts: Counts, layer: Layer, chip: Chip) -> Mapped:
    """Lay a layer out and count its passes per inference."""
    rows, columns, cell = (float(np.mean(chip[k].si.nominal)) for k in ("rows", "columns", "cell_bits"))
    row = max(layer.row or float(layer.size), 1e-300)
    sources = float(layer.sources) or max(layer.synapses / row, 1.0)
    wide = layer.size * float(np.ceil(layer.weight_bits / cell))
    bits = float(np.ceil(layer.input_bits / chip.settings["bits_per_pass"]))
    spikes = counts[layer.name, "synaptic_events"] / row
    values = counts[layer.name, "macs_effective"] / row
    vectors = np.ceil(values / sources)  # how often the whole input was presented
    return Mapped(
        layer=layer,
        columns=wide,
        across=float(np.ceil(wide / columns)),
        down=float(np.ceil(sources / rows)),
        pulses=spikes + values * bits,
        passes=np.minimum(spikes, counts.steps) + vectors * bits,
    )


def price(
    counts: Counts, chip: Chip, latency: Interval | None = None, placement: Placement | None = None
) -> Bill:
    """Return the bill of ``counts`` on ``chip``; ``latency`` [s] defaults to one read time per pass."""
    layers = [mapped(counts, layer, chip) for layer in counts.layers if layer.kind != "input"]
    passes = sum((m.passes for m in layers), start=np.float64(0.0))
    spiking = counts.steps * len(layers) if counts.spiking else 0
    busy = chip["read_time"].si * np.maximum(passes, spiking)
    time = latency if latency is not None else busy
    lines = [made for m in layers for made in (*_arrays(counts, m, chip), *_units(counts, m, chip))]
    lines += [*_edge(counts, chip), *_static(layers, chip, time)]
    kept = tuple(made for made in lines if some(made.count))
    unpriced = [x.price.note or x.constant for x in kept if not x.price.known]
    return Bill(
        chip=chip.name,
        network=counts.name,
        lines=kept,
        latency=time,
        needs=tuple(missing(counts, chip)),
        unpriced=tuple(dict.fromkeys(unpriced)),
        warnings=warnings_of(counts, chip, time, busy),
        stated=("compute", "state_memory", "routing"),
        node_nm=chip.node_nm,
        vdd=chip.vdd,
        model="crossbar",
    )


def _arrays(counts: Counts, m: Mapped, chip: Chip) -> Iterator[Line]:
    name = m.layer.name
    conversions = m.passes * m.columns * m.down
    stored = np.maximum(counts[name, "accumulates"] - counts[name, "synaptic_events"], 0.0)
    yield line(name, "cells", "compute", m.pulses * m.columns, chip["cell"], "cell")
    yield line(name, "row drivers", "compute", m.pulses * m.across, chip["driver"], "driver")
    yield line(name, "conversions", "compute", conversions, chip["adc"], "adc")
    yield line(name, "running sums", "compute", conversions + stored, chip["shift_add"], "shift_add")
    yield line(name, "plastic_updates", "learning", counts[name, "plastic_updates"], chip["write"], "write")


def _units(counts: Counts, m: Mapped, chip: Chip) -> Iterator[Line]:
    layer, name = m.layer, m.layer.name
    fired = counts[name, "updates_fired"]
    updates = fired + counts[name, "updates_silent"]
    bits = layer.state_bits * max(layer.state_words / max(layer.size, 1), 1.0)
    yield line(name, "updates", "compute", updates, chip["update"], "update")
    yield line(name, "activations", "compute", counts[name, "activations"], chip["update"], "update")
    yield line(name, "state words", "state_memory", 2.0 * updates, chip["state"], "state", bits)
    index = float(np.ceil(np.log2(max(layer.size, 2))))
    sent, width = (
        (fired, index) if layer.kind == "spiking" else (counts[name, "activations"], layer.value_bits)
    )
    yield line(name, "messages", "routing", sent, chip["link"], "link", float(width))


def _edge(counts: Counts, chip: Chip) -> Iterator[Line]:
    for layer in counts.layers:
        yield line(
            layer.name, "encoder_draws", "io", counts[layer.name, "encoder_draws"], chip["draw"], "draw"
        )
        values = layer.kind == "input" and (layer.name, "spikes") not in counts.table
        index = float(np.ceil(np.log2(max(layer.size, 2))))
        width = float(layer.value_bits) if layer.kind == "analog" or values else index
        for operation in ("input_events", "output_events"):
            crossing = counts[layer.name, operation]
            yield line(layer.name, operation, "io", crossing, chip["pin"], "pin", width)


def _static(layers: list[Mapped], chip: Chip, time: Interval) -> Iterator[Line]:
    arrays = sum(m.arrays for m in layers)
    static = chip["array_static"]
    made = line("chip", "arrays", "static", arrays, static, "array_static")
    yield replace(made, energy=static.si * time * arrays) if static.known else replace(made, energy=ZERO)
