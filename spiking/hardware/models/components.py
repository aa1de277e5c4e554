"""The component model: one machine for both kinds of network, priced piece by piece.

The machine reads one 64-bit word of weights per cycle, one row of the weight memory per source that
is not zero, and adds the row's products (analog source) or weights (spiking source) to running sums;
then it updates the units, whose state lies in a memory between steps. A spiking network and a
conventional one differ in their counts and widths only. Terms: README of the docs, "Energy".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spiking.core.counts import Counts, Layer
from spiking.core.quantity import ZERO, Interval, Number, Quantity
from spiking.hardware.bill import Bill, Line
from spiking.hardware.chip import Chip
from spiking.hardware.models import prices
from spiking.hardware.models.common import line, missing, size_of, warnings_of
from spiking.hardware.place import Placement

SETTINGS: Mapping[str, Any] = {
    "sums": "registers",  # running sums of a step: "registers" (one group of units at a time) or "sram"
    "state": "sram",  # state of the units between steps: "sram" or "registers"
    "weights": "sram",  # or "dram"
    "zero_skip": True,  # analog zeros cost nothing (as the absent spikes do)
    "packed": True,  # a word holds as many weights as fit; False reads one weight per access
    "batch": 1,  # inferences of a conventional network that share one read of the weights
    "format": "auto",  # "auto": floating point at 32 bit, integer below; or "int", "float"
    "weight_format": "dense",  # "sparse" stores an index beside each weight
    "update": "stepped",  # every unit at every step; "lazy": only units an event reached
}
CHOICES = {
    "sums": ("registers", "sram"),
    "state": ("sram", "registers"),
    "weights": ("sram", "dram"),
    "format": ("auto", "int", "float"),
    "weight_format": ("dense", "sparse"),
    "update": ("stepped", "lazy"),
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
SUM_BITS = 32  # width of the running sum of products (an int8 product sum needs it)
WORD_BITS = 64.0


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


@dataclass(frozen=True)
class Work:
    """What one layer did, in the units of this machine (per inference)."""

    layer: Layer
    macs: Number  # products summed
    sums: Number  # synaptic additions
    extra: Number  # additions of a bias or of a stored sum
    updates: Number  # unit updates
    fired: Number
    activations: Number
    rows: Number  # rows of the weight memory read, one per source that is not zero
    words: Number  # weight memory accesses
    floating: bool
    index_bits: float

    @property
    def entry_bits(self) -> float:
        """Width of an entry in the list of active sources: its index, and its value if analog."""
        return self.index_bits + (self.layer.input_bits if self.layer.analog_input else 0)


def work_of(counts: Counts, layer: Layer, chip: Chip) -> Work:
    """Derive the machine's work from the counts of one layer."""
    s = chip.settings
    macs = counts[layer.name, "macs_effective" if s["zero_skip"] else "macs_dense"]
    sums = counts[layer.name, "synaptic_events"]
    fired = counts[layer.name, "updates_fired"]
    updates = fired + counts[layer.name, "updates_silent"]
    if s["update"] == "lazy" and layer.kind == "spiking":
        updates = np.minimum(updates, sums + macs + fired)  # an upper bound: each event reaches another unit
    row = max(layer.row or float(layer.size), 1e-300)
    index = float(np.ceil(np.log2(max(layer.size, 2))))
    width = layer.weight_bits + (index if s["weight_format"] == "sparse" else 0.0)
    rows = (sums + macs) / row
    per_row = np.ceil(max(row * width / WORD_BITS, 1e-12)) if s["packed"] else row
    return Work(
        layer=layer,
        macs=macs,
        sums=sums,
        extra=np.maximum(counts[layer.name, "accumulates"] - sums, 0.0),
        updates=updates,
        fired=fired,
        activations=counts[layer.name, "activations"],
        rows=rows,
        words=rows * per_row,
        floating=s["format"] == "float" or (s["format"] == "auto" and layer.weight_bits >= 32),
        index_bits=index,
    )


def price(
    counts: Counts, chip: Chip, latency: Interval | None = None, placement: Placement | None = None
) -> Bill:
    """Return the bill of ``counts`` on ``chip``; ``latency`` [s] defaults to the estimated one."""
    work = [work_of(counts, layer, chip) for layer in counts.layers if layer.kind != "input"]
    share = 1.0 if counts.spiking else 1.0 / chip.settings["batch"]
    cycles = sum((_cycles(w, share) for w in work), start=np.float64(0.0))
    busy = Interval.exact(cycles) / chip["clock"].si
    time = latency if latency is not None else busy
    lines = [made for w in work for made in _layer_lines(w, chip, share)]
    lines += list(_io(counts, chip))
    lines += list(_static(counts, chip, cycles, time))
    return Bill(
        chip=chip.name,
        network=counts.name,
        lines=tuple(made for made in lines if np.any(made.count)),
        latency=time,
        needs=tuple(missing(counts, chip)),
        warnings=warnings_of(counts, chip, time, busy),
        node_nm=chip.node_nm,
        vdd=chip.vdd,
        model="components",
    )


def _cycles(w: Work, share: float) -> Number:
    """One weight word a cycle; unit updates and activations one state word of 64 bit a cycle."""
    lanes = max(WORD_BITS // max(w.layer.state_bits, 1), 1.0)
    words = max(w.layer.state_words / max(w.layer.size, 1), 1.0)
    return w.words * share + (w.updates * words + w.activations + w.extra) / lanes


def _layer_lines(w: Work, chip: Chip, share: float) -> Iterator[Line]:
    yield from _compute(w, chip)
    yield from _memory(w, chip, share)
    name, s = w.layer.name, chip.settings
    address = prices.combine(chip, prices.add_parts(32, False), "address of a weight word, 32 bit addition")
    yield line(name, "weight words", "addressing", w.words, address, "address")
    bits = w.index_bits if w.layer.kind == "spiking" else float(w.layer.value_bits)
    if w.layer.kind == "analog" and s["zero_skip"]:
        bits += w.index_bits
    sent = w.fired if w.layer.kind == "spiking" else w.activations
    hop = prices.combine(chip, [(bits, "hop")], f"{bits:g} bit to the next layer, one hop")
    yield line(name, "messages", "routing", sent, hop, "hop")


def _compute(w: Work, chip: Chip) -> Iterator[Line]:
    layer, f = w.layer, w.floating
    name, state = layer.name, layer.state_bits if w.layer.kind == "spiking" else SUM_BITS
    kind = "floating point" if f else "integer"

    def add(bits: float, what: str) -> Quantity:
        return prices.combine(chip, prices.add_parts(bits, f), f"{bits:g} bit {kind} addition, {what}")

    product = prices.multiply_parts(layer.weight_bits, layer.input_bits, f)
    mac = prices.combine(
        chip,
        [*product, *prices.add_parts(SUM_BITS, f)],
        f"{layer.weight_bits} x {layer.input_bits} bit {kind} product and {SUM_BITS} bit sum",
    )
    yield line(name, "macs", "compute", w.macs, mac, "mac")
    yield line(name, "synaptic_events", "compute", w.sums, add(state, "synaptic event"), "accumulate")
    yield line(name, "biases", "compute", w.extra, add(state, "bias or stored sum"), "accumulate")
    compare = prices.add_parts(state, f)
    if layer.leaky:
        words = max(layer.state_words / max(layer.size, 1), 1.0)
        leak = prices.scaled(prices.multiply_parts(state, state, f), words)
        full = prices.combine(chip, [*leak, *compare], f"{words:g} decay(s) of {state} bit and a comparison")
        cheap = prices.combine(chip, [*prices.scaled(compare, words), *compare], "")
        update = Quantity(  # lower end: decay by shift and addition, as digital neuron circuits do it
            value=full.si.nominal * 1e12,
            low=np.minimum(cheap.si.low, full.si.low) * 1e12,
            high=full.si.high * 1e12,
            unit="pJ",
            kind="derived",
            source=full.source,
            where=full.where,
            note=full.note + "; lower end: decay by shift and addition",
        )
    else:
        update = prices.combine(chip, compare, f"comparison of {state} bit with the threshold")
    yield line(name, "updates", "compute", w.updates, update, "update")
    yield line(name, "spikes", "compute", w.fired, add(state, "reset"), "reset")
    activation = prices.combine(
        chip,
        [*prices.add_parts(SUM_BITS, f), *_requantise(layer, f)],
        "rectification" + ("" if f else " and requantisation"),
    )
    yield line(name, "activations", "compute", w.activations, activation, "activation")


def _requantise(layer: Layer, floating: bool) -> list[tuple[Number, str]]:
    return [] if floating else prices.multiply_parts(SUM_BITS, layer.value_bits, False)


def _memory(w: Work, chip: Chip, share: float) -> Iterator[Line]:
    layer, s = w.layer, chip.settings
    name = layer.name
    width = layer.weight_bits + (w.index_bits if s["weight_format"] == "sparse" else 0.0)
    stored = layer.stored_weights * width
    if s["weights"] == "dram":
        weights = prices.combine(chip, [(1.0, "dram")], "64 bit word of weights from DRAM")
    else:
        weights = prices.memory(chip, stored, WORD_BITS, f"64 bit word of {stored / 8192:.3g} KiB of weights")
    yield line(name, "weight words", "weight_memory", w.words * share, weights, "weight word")
    state = layer.state_bits if layer.kind == "spiking" else SUM_BITS
    words = layer.state_words / max(layer.size, 1)
    where = f"{state} bit of {layer.size * max(words, 1) * state / 8192:.3g} KiB"

    def access(bits: float, place: str, note: str) -> Quantity:
        if place == "registers":
            return prices.combine(chip, [(bits, "register")], note + " in registers")
        return prices.memory(chip, layer.size * max(words, 1.0) * state, bits, note + " in SRAM")

    kept = access(state, s["state"], f"state word, {where}")
    yield line(name, "state words", "state_memory", 2.0 * w.updates * words, kept, "state word")
    sums = access(state, s["sums"], f"running sum, {state} bit, read or written")
    yield line(name, "running sums", "state_memory", 2.0 * (w.sums + w.macs), sums, "running sum")
    bias = access(state, "sram", f"bias or stored sum, {where}")
    yield line(name, "biases", "state_memory", w.extra, bias, "state word")
    entry = prices.memory(chip, 0.0, w.entry_bits, f"{w.entry_bits:g} bit entry of the list of sources")
    reads = w.words if s["sums"] == "registers" else w.rows
    yield line(name, "source entries", "state_memory", reads, entry, "source entry")
    out_bits = w.index_bits + (layer.value_bits if layer.kind == "analog" else 0)
    out = prices.memory(chip, 0.0, out_bits, f"{out_bits:g} bit entry of the list for the next layer")
    made = w.fired if layer.kind == "spiking" else w.activations
    yield line(name, "target entries", "state_memory", made, out, "source entry")


def _io(counts: Counts, chip: Chip) -> Iterator[Line]:
    for layer in counts.layers:
        if layer.kind == "input":
            draws = counts[layer.name, "encoder_draws"]
            yield line(layer.name, "encoder_draws", "io", draws, chip["draw"], "draw")
        address = float(np.ceil(np.log2(max(layer.size, 2))))
        analog = layer.kind == "analog" or (
            layer.kind == "input" and (layer.name, "spikes") not in counts.table
        )
        bits = float(layer.value_bits) if analog else address
        pin = prices.combine(chip, [(bits, "pin")], f"{bits:g} bit across the edge of the chip")
        for operation in ("input_events", "output_events"):
            yield line(layer.name, operation, "io", counts[layer.name, operation], pin, "pin")


def _static(counts: Counts, chip: Chip, cycles: Number, time: Interval) -> Iterator[Line]:
    bits = size_of(counts, chip).sram_bits
    leak = chip["leakage"]
    made = line("chip", "sram_bits", "static", bits, leak, "leakage")
    yield replace(made, energy=leak.si * time * bits)
    yield line("chip", "cycles", "static", cycles, chip["clock_tree"], "clock_tree")


__all__ = ["SETTINGS", "ZERO", "Work", "price", "problems", "work_of"]
