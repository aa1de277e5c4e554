"""What the models share: what happened, what is missing, how big the network is on the chip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spiking.core.counts import OPERATIONS, Counts, Layer
from spiking.core.quantity import Interval, Number, Quantity
from spiking.hardware.bill import Line
from spiking.hardware.chip import Chip

NEVER_CHARGED = ("dense_events", "macs_dense", "steps")  # sizes, not work: the work is counted elsewhere
ADVICE = {
    "macs_effective": "multiply-accumulates on analog values (encode the input as spikes instead)",
    "activations": "analog units",
    "plastic_updates": "on-chip learning",
}


@dataclass(frozen=True)
class Size:
    """Room a network takes on a chip."""

    cores: Number
    chips: Number
    sram_bits: float
    neurons: float


def size_of(counts: Counts, chip: Chip) -> Size:
    """Return the cores, chips and memory bits; one core where the file states no limit."""
    per_core, per_chip = chip.get("neurons_per_core"), chip.get("cores_per_chip")
    units = [layer for layer in counts.layers if layer.kind != "input"]
    cores: Number = 1.0
    if per_core is not None:
        cores = sum(cores_of(layer, chip) for layer in units)
    chips = 1.0 if per_chip is None else np.ceil(cores / per_chip.si.nominal)
    bits = sum(x.stored_weights * x.weight_bits + x.state_words * x.state_bits for x in units)
    return Size(cores, chips, float(bits), float(sum(x.size for x in units)))


def cores_of(layer: Layer, chip: Chip) -> Number:
    """Cores one layer needs by number of units."""
    per_core = chip.get("neurons_per_core")
    return 1.0 if per_core is None else np.ceil(layer.size / per_core.si.nominal)


def happened(counts: Counts, layer: str, operation: str) -> bool:
    """True if the operation took place at least once."""
    value = counts.table.get((layer, operation))
    return value is not None and bool(np.any(value))


def all_happened(counts: Counts) -> Iterator[tuple[Layer, str]]:
    """Yield every (layer, operation) that took place and is work."""
    for layer in counts.layers:
        for operation in OPERATIONS:
            if operation not in NEVER_CHARGED and happened(counts, layer.name, operation):
                yield layer, operation


def missing(counts: Counts, chip: Chip) -> list[str]:
    """Kinds of networks the chip would have to run and does not."""
    needed = "spiking" if counts.spiking else "analog"
    if needed in chip.runs:
        return []
    return [f"a device that runs {'spiking' if needed == 'spiking' else 'conventional (analog)'} networks"]


def line(
    layer: str, operation: str, term: str, count: Number, price: Quantity, constant: str, factor: Number = 1.0
) -> Line:
    """Build a line; ``factor`` turns a price per bit, watt or cycle into joules per count."""
    return Line(
        layer=layer,
        operation=operation,
        term=term,
        count=count,
        price=price,
        constant=constant,
        energy=price.si * (count * factor),
    )


def check_latency(latency: Interval, busy: Interval) -> list[str]:
    """Warn where the stated latency is shorter than the work takes."""
    if bool(np.any(np.asarray(latency.nominal) < np.asarray(busy.low) * (1 - 1e-9))):
        given, needed = float(np.min(latency.nominal)), float(np.max(busy.low))
        return [f"the stated latency of {given:.3g} s is shorter than the {needed:.3g} s the work takes"]
    return []
