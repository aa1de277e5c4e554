"""What the models share: what happened, what is missing, how big the network is on the chip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spiking.core.counts import OPERATIONS, Counts, Layer
from spiking.hardware.bill import Line
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.place import Placement
from spiking.hardware.quantity import Interval, Number, Quantity, some

# sizes, not work (the work is counted elsewhere), and details only a placed network has
NEVER_CHARGED = ("dense_events", "macs_dense", "steps", "updates_touched", "messages", "hops_x", "hops_y")
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
    used: float | None = None  # share of the cores of those chips


def size_of(counts: Counts, chip: Chip, placement: Placement | None = None) -> Size:
    """Return the cores, chips and memory bits; one core where the file states no limit."""
    per_chip = chip.get("cores_per_chip")
    units = [layer for layer in counts.layers if layer.kind != "input"]
    cores = (
        sum((cores_of(layer, chip) for layer in units), start=0.0) if placement is None else placement.cores
    )
    chips = 1.0 if per_chip is None else np.ceil(cores / per_chip.si.nominal)
    bits = sum(x.stored_weights * x.weight_bits + x.state_words * x.state_bits for x in units)
    cores, chips = max(cores, 1.0), max(chips, 1.0)
    used = None if per_chip is None else float(cores / (chips * per_chip.si.nominal))
    return Size(cores, chips, float(bits), float(sum(x.size for x in units)), used)


def cores_of(layer: Layer, chip: Chip) -> float:
    """Cores one layer needs by number of units."""
    per_core = chip.get("neurons_per_core")
    return 1.0 if per_core is None else float(np.ceil(layer.size / per_core.si.nominal))


def happened(counts: Counts, layer: str, operation: str) -> bool:
    """True if the operation took place at least once."""
    value = counts.table.get((layer, operation))
    return value is not None and some(value)


def all_happened(counts: Counts) -> Iterator[tuple[Layer, str]]:
    """Yield every (layer, operation) that took place and is work."""
    for layer in counts.layers:
        for operation in OPERATIONS:
            if operation not in NEVER_CHARGED and happened(counts, layer.name, operation):
                yield layer, operation


def missing(counts: Counts, chip: Chip) -> list[str]:
    """What the chip would have to be or to hold, and is or does not."""
    needed = "spiking" if counts.spiking else "analog"
    if needed not in chip.runs:
        return [
            f"a device that runs {'spiking' if needed == 'spiking' else 'conventional (analog)'} networks"
        ]
    return list(_walls(counts, chip))


def _walls(counts: Counts, chip: Chip) -> Iterator[str]:
    """Hard limits that the counts alone show to be exceeded (placement knows the rest)."""
    fan_in, inputs, outputs = chip.get("fan_in"), chip.get("inputs"), chip.get("outputs")
    for layer in counts.layers:
        most = max(layer.fan_in_max, layer.fan_in)
        if fan_in is not None and most > fan_in.si.nominal:
            yield f"a fan-in of {most:g} in {layer.name!r} (allowed {fan_in.si.nominal:g})"
        if inputs is not None and layer.kind == "input" and layer.size > inputs.si.nominal:
            yield f"{layer.size} inputs (allowed {inputs.si.nominal:g})"
    last = counts.layers[-1]
    if outputs is not None and last.size > outputs.si.nominal:
        yield f"{last.size} outputs (allowed {outputs.si.nominal:g})"


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


def warnings_of(counts: Counts, chip: Chip, latency: Interval, busy: Interval) -> tuple[str, ...]:
    """Sentences a reader of the bill must see."""
    return (
        *_short(latency, busy),
        *_wide(counts, chip),
        *_mixed(chip),
        *_activity(counts, chip, latency),
        *_part(counts, chip),
    )


def _part(counts: Counts, chip: Chip) -> Iterator[str]:
    """A small network on a large chip pays for all of it; what its share would be stands beside."""
    size = size_of(counts, chip)
    static = [c for c in chip.constants.values() if c.per == "chips" and c.term == "static" and c.known]
    if size.used is None or size.used > 0.5 or not static:
        return
    total = float(np.mean(sum(c.si.nominal for c in static))) * float(size.chips)
    cores = float(size.chips) * float(np.mean(chip["cores_per_chip"].si.nominal))
    yield (
        f"{counts.name} on {chip.name} uses {size.cores:g} of {cores:g} cores and is charged all of the "
        f"static power ({total * 1e3:.3g} mW); its share would be {total * size.used * 1e3:.2g} mW"
    )


def _short(latency: Interval, busy: Interval) -> Iterator[str]:
    if bool(np.any(np.asarray(latency.nominal) < np.asarray(busy.low) * (1 - 1e-9))):
        given, needed = float(np.min(latency.nominal)), float(np.max(busy.low))
        yield f"the stated latency of {given:.3g} s is shorter than the {needed:.3g} s the work takes"


def _wide(counts: Counts, chip: Chip) -> Iterator[str]:
    limit = chip.get("weight_bits")
    widest = max((x.weight_bits for x in counts.layers if x.kind != "input"), default=0)
    if limit is not None and widest > limit.si.nominal:
        yield (
            f"the network has weights of {widest} bit, {chip.name} stores {limit.si.nominal:g}: priced as if "
            f"quantised; accuracy may fall (quantise(network, weight_bits={limit.si.nominal:g}))"
        )


def _mixed(chip: Chip) -> Iterator[str]:
    for name, c in chip.constants.items():
        if not c.dimension.startswith(("energy", "power")) or not c.known:
            continue
        if c.vdd is not None and chip.vdd is not None and c.vdd != chip.vdd:
            yield f"{name!r} holds at {c.vdd:g} V, {chip.name} at {chip.vdd:g} V: voltages are mixed"
        if c.node_nm is not None and chip.node_nm is not None and not 0.8 < c.node_nm / chip.node_nm < 1.25:
            yield f"{name!r} is of {c.node_nm:g} nm, {chip.name} of {chip.node_nm:g} nm: nodes are mixed"


def _activity(counts: Counts, chip: Chip, latency: Interval) -> Iterator[str]:
    """An all-in constant holds at the activity it was measured at, and nowhere else."""
    for name, c in chip.constants.items():
        if c.dimension != "frequency" or not c.per:
            continue
        with np.errstate(divide="ignore"):
            ratio = float(np.mean(counts.total(c.per) / np.asarray(latency.nominal) / c.si.nominal))
        if not 1 / 1.5 <= ratio <= 1.5:
            points = [k.activity_point for k in chip.constants.values() if k.activity_point]
            yield (
                f"{chip.name}: {c.per} per second are {ratio:.3g} times those of {name!r} "
                f"({'; '.join(points)}); an all-in constant does not hold there"
            )
