"""The component model: one machine for both kinds of network, priced piece by piece.

The machine reads one 64-bit word of weights per cycle, one row of the weight memory per source that
is not zero, and adds the row's products (analog source) or weights (spiking source) to running sums;
then it updates the units, whose state lies in a memory between steps. A spiking network and a
conventional one differ in their counts and widths only. Terms: README of the docs, "Energy".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from spiking.core.counts import Counts
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.place import Placement
from spiking.hardware.models import charges, prices
from spiking.hardware.models.common import line, missing, warnings_of
from spiking.hardware.quantity import Interval, Number, some

SETTINGS: Mapping[str, Any] = {
    "sums": "registers",  # running sums of a step: "registers" (one group of units at a time) or "sram"
    "state": "sram",  # state of the units between steps: "sram" or "registers"
    "weights": "sram",  # or "dram"
    "zero_skip": True,  # analog zeros cost nothing (as the absent spikes do)
    "packed": True,  # a word holds as many weights as fit; False reads one weight per access
    "batch": 1,  # inferences of a conventional network that share one read of the weights
    "format": "auto",  # "auto": floating point at 32 bit, integer below; or "int", "float"
    "weight_format": "dense",  # "sparse" stores an index beside each weight
    "clock": "gated",  # the clock runs for the cycles of work; "free": over the whole latency
    "update": "stepped",  # every unit at every step; "lazy": only units an event reached
    "decay": "either",  # by "product" with a fraction of 12 bits, by "shift-add"; "either": a band over both
    "parameters": "per-step",  # biases and thresholds are read in every update; "once": kept in registers
    "input": "events",  # what crosses the pins: events; "values": raw values, encoded on the chip
}
RAW_BITS = 8  # of a raw value that crosses the pins, where the network states no narrower one
CHOICES = {
    "sums": ("registers", "sram"),
    "state": ("sram", "registers"),
    "weights": ("sram", "dram"),
    "format": ("auto", "int", "float"),
    "weight_format": ("dense", "sparse"),
    "update": ("stepped", "lazy"),
    "clock": ("gated", "free"),
    "decay": ("either", "product", "shift-add"),
    "parameters": ("per-step", "once"),
    "input": ("events", "values"),
}
REQUIRED: Mapping[str, str] = {
    **{f"add_int_{b}": "energy" for b in (8, 16, 32)},
    **{f"mul_int_{b}": "energy" for b in (8, 32)},
    **{f"{op}_float_{b}": "energy" for op in ("add", "mul") for b in (16, 32)},
    **dict.fromkeys(prices.CAPACITIES, "energy"),
    "dram": "energy",
    "bank": "data",
    "register": "energy/data",
    "hop": "energy/data",
    "pin": "energy/data",
    "draw": "energy",
    "leakage": "power/data",
    "clock_tree": "energy/cycles",
    "clock": "frequency",
}


def problems(chip: Chip) -> Iterator[tuple[str, str]]:
    """Yield what the file lacks: constants, dimensions, settings."""
    for name, dimension in REQUIRED.items():
        c = chip.get(name)
        if c is None:
            yield f"constants.{name}", f"is missing; the component model needs it ({dimension})"
        elif c.dimension != dimension:
            yield f"constants.{name}.unit", f"is {c.unit!r}, a {c.dimension}; an {dimension} is needed"
        elif not c.known:
            yield f"constants.{name}.kind", "is 'unknown'; the component model needs a value with a band"
    energies = [c for c in chip.constants.values() if c.dimension.startswith("energy")]
    if energies and not any(np.any(c.si.high) for c in energies):
        yield "constants", "every energy is 0; a price nobody knows is kind = 'unknown', not 0"
    for key, allowed in CHOICES.items():
        if chip.settings[key] not in allowed:
            yield f"settings.{key}", f"is {chip.settings[key]!r}; allowed: {', '.join(allowed)}"
    if chip.settings["batch"] < 1:
        yield "settings.batch", f"is {chip.settings['batch']!r}; at least 1 is needed"


def price(
    counts: Counts, chip: Chip, latency: Interval | None = None, placement: Placement | None = None
) -> Bill:
    """Return the bill of ``counts`` on ``chip``; ``latency`` [s] defaults to the estimated one."""
    work = [charges.work_of(counts, layer, chip) for layer in counts.layers if layer.kind != "input"]
    share = 1.0 if counts.spiking else 1.0 / chip.settings["batch"]
    cycles = sum((_cycles(w, share) for w in work), start=np.float64(0.0))
    busy = Interval.exact(cycles) / chip["clock"].si
    together = 1.0 if counts.spiking else float(chip.settings["batch"])
    time = busy if latency is None else latency / together
    spill = _spill(counts, chip)
    lines = [made for w in work for made in charges.lines(w, chip, share, spill)]
    lines += list(_io(counts, chip))
    lines += list(_static(counts, chip, cycles, time))
    return Bill(
        chip=chip.name,
        network=counts.name,
        lines=tuple(made for made in lines if some(made.count)),
        latency=time if together == 1 else time * together,
        service=None if together == 1 else time,
        needs=tuple(missing(counts, chip)),
        warnings=(*warnings_of(counts, chip, time, busy), *_spilled(spill, chip)),
        node_nm=chip.node_nm,
        vdd=chip.vdd,
        model="components",
    )


def _spill(counts: Counts, chip: Chip) -> float:
    """Share of the weights that the memory on the chip cannot hold."""
    limit = chip.get("on_chip")
    if limit is None or chip.settings["weights"] == "dram":
        return 0.0
    bits = sum(charges.stored_bits(x, chip) for x in counts.layers if x.kind != "input")
    return max(0.0, 1.0 - float(np.mean(limit.si.nominal)) / bits) if bits else 0.0


def _spilled(spill: float, chip: Chip) -> tuple[str, ...]:
    if not spill:
        return ()
    held = float(np.mean(chip["on_chip"].si.nominal)) / 8 / 1024**2
    return (
        f"{spill:.0%} of the weights do not fit the {held:g} MiB on the chip and are read from DRAM; "
        "fewer weights, fewer bits or several chips avoid that",
    )


def _cycles(w: charges.Work, share: float) -> Number:
    """One weight word a cycle; unit updates and activations one state word of 64 bit a cycle."""
    lanes = max(prices.WORD // max(w.layer.state_bits, 1), 1.0)
    words = max(w.layer.state_words / max(w.layer.size, 1), 1.0)
    return w.words * share + (w.updates * words + w.activations + w.extra) / lanes


def _io(counts: Counts, chip: Chip) -> Iterator[Line]:
    for layer in counts.layers:
        draws = counts[layer.name, "encoder_draws"]
        if layer.kind == "input" and some(draws):
            yield line(layer.name, "encoder_draws", "io", draws, chip["draw"], "draw")
        address = float(np.ceil(np.log2(max(layer.size, 2))))
        raw = layer.kind == "input" and chip.settings["input"] == "values"
        values = layer.kind == "input" and (raw or (layer.name, "spikes") not in counts.table)
        bits = (
            float(min(layer.value_bits, RAW_BITS) if raw else layer.value_bits)
            if layer.kind == "analog" or values
            else address
        )
        for operation in ("input_events", "output_events"):
            crossing = counts[layer.name, operation]
            if raw and operation == "input_events":
                crossing = float(layer.size)
            if some(crossing):
                pin = prices.combine(chip, [(bits, "pin")], f"{bits:g} bit across the edge of the chip")
                yield line(layer.name, operation, "io", crossing, pin, "pin")


def _static(counts: Counts, chip: Chip, cycles: Number, time: Interval) -> Iterator[Line]:
    bits = sum(charges.memory_bits(x, chip) for x in counts.layers if x.kind != "input")
    leak, tree = chip["leakage"], chip["clock_tree"]
    yield replace(line("chip", "sram_bits", "static", bits, leak, "leakage"), energy=leak.si * time * bits)
    running = chip["clock"].si * time if chip.settings["clock"] == "free" else Interval.exact(cycles)
    made = line("chip", "cycles", "clock", running.nominal, tree, "clock_tree")
    yield replace(made, energy=tree.si * running)
