"""What one layer costs on the component machine: arithmetic, memories, addressing, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from spiking.core.counts import Counts, Layer
from spiking.hardware.bill import Line
from spiking.hardware.chip import Chip
from spiking.hardware.models import prices
from spiking.hardware.models.common import line
from spiking.hardware.quantity import Number, Quantity, some

SUM_BITS = 32  # width of the running sum of products (a sum of 8-bit products needs it)
FRACTION_BITS = 12  # of the factor of a decay by product


@dataclass(frozen=True)
class Charge:
    """One line to be: its price is asked for only where something was counted."""

    operation: str
    term: str
    count: Number
    price: Callable[[], Quantity]
    constant: str


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
    reused: Number  # weights of a shared kernel read from registers instead
    learned: Number  # weights changed by a learning rule
    weight_bits: float  # of a stored weight, with its index in a sparse format
    stored_bits: float  # of the whole weight memory
    floating: bool
    index_bits: float  # of the layer's own units
    source_bits: float  # of the units that connect to it
    sources: float  # units that connect to it
    once: float  # share of the steps in which a parameter is read that is kept over an inference

    @property
    def entry_bits(self) -> float:
        """Width of an entry in the list of active sources: its index, and its value if analog."""
        return self.source_bits + (self.layer.input_bits if self.layer.analog_input else 0)


def index_bits(units: float) -> float:
    """Width of the index of one of ``units``."""
    return float(np.ceil(np.log2(max(units, 2))))


def stored_bits(layer: Layer, chip: Chip) -> float:
    """Bits of the weight memory of a layer: a dense array holds zeros too, a sparse one an index each."""
    if chip.settings["weight_format"] == "sparse":
        return float(layer.stored_weights) * (layer.weight_bits + index_bits(layer.size))
    return float(layer.dense_weights or layer.stored_weights) * layer.weight_bits


def memory_bits(layer: Layer, chip: Chip) -> float:
    """Bits of SRAM of a layer: its weights and the state of its units."""
    return stored_bits(layer, chip) + float(layer.state_words * layer.state_bits)


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
    index = index_bits(layer.size)
    width = layer.weight_bits + (index if s["weight_format"] == "sparse" else 0.0)
    rows = (sums + macs) / row if s["zero_skip"] else sums / row + macs / max(layer.dense_row, row)
    kept = row if s["weight_format"] == "sparse" else max(layer.dense_row, row)
    # a dense array has no index of its zeros: they are read and added like any other weight; a sparse one
    # holds none, whether or not a zero among the values is skipped
    macs = macs * (kept / row if s["zero_skip"] else kept / max(layer.dense_row, row))
    sums = sums * (kept / row)
    per_row = np.ceil(max(kept * width / prices.WORD, 1e-12)) if s["packed"] else kept
    words: Number = rows * per_row
    reused: Number = 0.0
    sources = float(layer.sources or (layer.synapses / row if layer.synapses else layer.size))
    steps = max(counts.steps, 1)
    if 0 < layer.stored_weights < layer.synapses:
        # a kernel shared over positions is fetched once a pass and stays in registers while it slides
        kernel = np.ceil(stored_bits(layer, chip) / prices.WORD) * (steps if layer.kind == "spiking" else 1)
        fetched = np.minimum(words, kernel)
        reused, words = np.where(fetched < words, sums + macs, 0.0), fetched
    return Work(
        layer=layer,
        macs=macs,
        sums=sums,
        extra=np.maximum(counts[layer.name, "accumulates"] - counts[layer.name, "synaptic_events"], 0.0),
        updates=updates,
        fired=fired,
        activations=counts[layer.name, "activations"],
        rows=rows,
        words=words,
        reused=reused,
        learned=counts[layer.name, "plastic_updates"],
        weight_bits=width,
        stored_bits=stored_bits(layer, chip),
        floating=s["format"] == "float" or (s["format"] == "auto" and layer.weight_bits >= 32),
        index_bits=index,
        source_bits=index_bits(sources),
        sources=sources,
        once=1.0 / steps,
    )


def lines(w: Work, chip: Chip, share: float, spill: float = 0.0) -> Iterator[Line]:
    """Yield the lines of one layer.

    ``share`` of the weight reads falls on one inference of a batch; ``spill`` of them go to DRAM.
    """
    memory = (*_weights(w, chip, share, spill), *_state(w, chip))
    for charge in (*_compute(w, chip), *memory, *_messages(w, chip)):
        if some(charge.count):
            name, price = w.layer.name, charge.price()
            yield line(name, charge.operation, charge.term, charge.count, price, charge.constant)


def _state_bits(layer: Layer) -> int:
    return layer.state_bits if layer.kind == "spiking" or layer.state_words else SUM_BITS


def _compute(w: Work, chip: Chip) -> Iterator[Charge]:
    layer, floating, state = w.layer, w.floating, _state_bits(w.layer)
    kind = "floating point" if floating else "integer"

    def add(what: str) -> Callable[[], Quantity]:
        parts = prices.add_parts(state, floating)
        return lambda: prices.combine(chip, parts, f"{state:g} bit {kind} addition, {what}")

    def mac() -> Quantity:
        product = prices.multiply_parts(layer.weight_bits, layer.input_bits, floating)
        widths = f"{layer.weight_bits} x {layer.input_bits} bit {kind} product and {SUM_BITS} bit sum"
        return prices.combine(chip, [*product, *prices.add_parts(SUM_BITS, floating)], widths)

    def activation() -> Quantity:
        requantise = [] if floating else prices.multiply_parts(SUM_BITS, layer.value_bits, False)
        note = "rectification" + ("" if floating else " and requantisation")
        return prices.combine(chip, [*prices.add_parts(SUM_BITS, floating), *requantise], note)

    yield Charge("macs", "compute", w.macs, mac, "mac")
    yield Charge("synaptic_events", "compute", w.sums, add("synaptic event"), "accumulate")
    yield Charge("biases", "compute", w.extra, add("bias or stored sum"), "accumulate")
    yield Charge("updates", "compute", w.updates, lambda: _update(w, chip, state), "update")
    yield Charge("spikes", "compute", w.fired, add("reset"), "reset")
    yield Charge("activations", "compute", w.activations, activation, "activation")


def _update(w: Work, chip: Chip, state: int) -> Quantity:
    """Decay of each state word and a comparison; the setting ``decay`` says how it is computed."""
    compare = prices.add_parts(state, w.floating)
    if not w.layer.leaky:
        return prices.combine(chip, compare, f"comparison of {state} bit with the threshold")
    words = max(w.layer.state_words / max(w.layer.size, 1), 1.0)
    how = chip.settings["decay"]
    if how == "shift-add":  # v - (v >> a) +- (v >> b): two additions for each state word
        note = f"{words:g} decay(s) of {state} bit by two shifts and additions, and a comparison"
        return prices.combine(chip, prices.scaled(compare, 1.0 + 2.0 * words), note)
    factor = FRACTION_BITS if how == "product" and not w.floating else state
    leak = prices.scaled(prices.multiply_parts(state, factor, w.floating), words)
    full = prices.combine(
        chip, [*leak, *compare], f"{words:g} decay(s) of {state} by {factor} bit and a comparison"
    )
    if how == "product":
        return full
    cheap = prices.combine(chip, prices.scaled(compare, 1.0 + words), "").si.low
    return Quantity(
        value=full.si.nominal * 1e12,
        low=np.minimum(cheap, full.si.low) * 1e12,
        high=full.si.high * 1e12,
        unit="pJ",
        kind="derived",
        source=full.source,
        where=full.where,
        note=full.note + "; lower end: decay by shift and addition",
    )


def _weights(w: Work, chip: Chip, share: float, spill: float) -> Iterator[Charge]:
    """Reads of weights: from the memory on the chip, from DRAM, from registers where a kernel is shared."""
    layer, stored = w.layer, w.stored_bits

    def on_chip() -> Quantity:
        return prices.memory(chip, stored, prices.WORD, f"64 bit word of {stored / 8192:.3g} KiB of weights")

    def off_chip() -> Quantity:
        return prices.combine(chip, [(1.0, "dram")], "64 bit word of weights from DRAM")

    def kept() -> Quantity:
        note = f"weight of {w.weight_bits:g} bit of a shared kernel, kept in registers"
        return prices.combine(chip, [(w.weight_bits, "register")], note)

    away = 1.0 if chip.settings["weights"] == "dram" else spill
    yield Charge("weight words", "weight_memory", w.words * (share * (1.0 - away)), on_chip, "weight word")
    yield Charge("weight words from DRAM", "weight_memory", w.words * (share * away), off_chip, "DRAM word")
    yield Charge("kernel weights", "weight_memory", w.reused, kept, "kernel weight")

    def change() -> Quantity:
        """A weight change: read and write the weight, read a trace, multiply and add."""
        state = _state_bits(layer)
        held = layer.size * max(layer.state_words / max(layer.size, 1), 1.0) * state
        memories = (*prices.read_parts(stored), *prices.read_parts(stored))
        moved = prices.scaled(memories, w.weight_bits / prices.WORD)
        trace = prices.scaled(prices.read_parts(held), state / prices.WORD)
        rule = [*prices.multiply_parts(state, state, w.floating), *prices.add_parts(state, w.floating)]
        note = f"weight of {w.weight_bits:g} bit read and written, trace of {state} bit, product and sum"
        return prices.combine(chip, [*moved, *trace, *rule], note)

    yield Charge("plastic_updates", "learning", w.learned, change, "weight change")


def _state(w: Work, chip: Chip) -> Iterator[Charge]:
    """State of the units, their parameters, running sums, and the lists of active sources."""
    layer, s, state = w.layer, chip.settings, _state_bits(w.layer)
    words = layer.state_words / max(layer.size, 1)
    capacity = layer.size * max(words, 1.0) * state

    def access(place: str, what: str) -> Callable[[], Quantity]:
        if place == "registers":
            return lambda: prices.combine(chip, [(state, "register")], f"{what} of {state} bit in registers")
        note = f"{what} of {state} bit in {capacity / 8192:.3g} KiB of SRAM"
        return lambda: prices.memory(chip, capacity, state, note)

    def entry(units: float, bits: float, what: str) -> Callable[[], Quantity]:
        held = f"{bits:g} bit entry of the list of {what}"
        return lambda: prices.memory(chip, units * bits, bits, held)

    term, made = "state_memory", w.fired if layer.kind == "spiking" else w.activations
    read = 1.0 if s["parameters"] == "per-step" else w.once
    yield Charge("state words", term, 2.0 * w.updates * words, access(s["state"], "state word"), "state word")
    yield Charge(
        "running sums", term, 2.0 * (w.sums + w.macs), access(s["sums"], "running sum"), "running sum"
    )
    yield Charge("biases", term, w.extra * read, access("sram", "bias or stored sum"), "state word")
    own = w.updates * (layer.parameter_words * read)
    yield Charge("unit parameters", term, own, access("sram", "threshold or decay of a unit"), "state word")
    entries = w.words if s["sums"] == "registers" else w.rows
    yield Charge("source entries", term, entries, entry(w.sources, w.entry_bits, "sources"), "source entry")
    bits = w.index_bits + (layer.value_bits if layer.kind == "analog" else 0)
    listed = entry(layer.size, bits, "the next layer's sources")
    yield Charge("target entries", term, made, listed, "source entry")


def _messages(w: Work, chip: Chip) -> Iterator[Charge]:
    def address() -> Quantity:
        return prices.combine(chip, prices.add_parts(32, False), "address of a weight word, 32 bit addition")

    spiking = w.layer.kind == "spiking"
    values = 0.0 if spiking else float(w.layer.value_bits)
    bits = values + (w.index_bits if spiking or chip.settings["zero_skip"] else 0.0)
    sent = w.fired if spiking else w.activations
    yield Charge("weight words", "addressing", w.words, address, "address")
    note = f"{bits:g} bit to the next layer, one hop"
    yield Charge("messages", "routing", sent, lambda: prices.combine(chip, [(bits, "hop")], note), "hop")
