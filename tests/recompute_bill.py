"""The bill of a fully connected network on the generic 45 nm machine, worked out again from its weights.

Nothing of ``spiking.hardware`` is used: prices, widths and rules are written down here a second time, from
the published points and the description of the machine in ``docs/energy.md``. The spikes come from the
simulator, the events from the spikes and the weights that are not zero.

    python tests/recompute_bill.py RUN_FOLDER    # compares with bills.json of a finished comparison
"""

from __future__ import annotations

import json
import sys
from math import ceil, log2, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from spiking.bridges.nir import load as load_network
from spiking.simulate import run

CHIP = "generic-45nm"
PJ = 1e-12
ADD = ((8, 0.03), (16, 0.05), (32, 0.1))  # bit, pJ: Horowitz 2014
MULTIPLY = ((64, 0.2), (1024, 3.1))  # cells of an array multiplier, pJ
READ = ((8, 10.0), (32, 20.0), (1024, 100.0))  # KiB, pJ of a word of 64 bit
BANK, SMALLEST = 32.0, 1.0  # KiB
REGISTER, HOP, PIN, DRAW = 0.009, 0.1, 2.0, 0.3  # pJ/bit, and of a random number
LEAKAGE, CLOCK, TREE = 100e-12, 400e6, 4.8  # W/bit, Hz, pJ/cycle
TEST_SEED = 104_729


def _line(x: float, points: tuple[tuple[float, float], ...]) -> float:
    """Straight lines between the points, through the origin below the first, on beyond the last."""
    if x < points[0][0]:
        return points[0][1] * x / points[0][0]
    k = max(i for i in range(len(points) - 1) if points[i][0] <= x)
    (a, low), (b, high) = points[k], points[k + 1]
    return low + (high - low) * (x - a) / (b - a)


def add(bits: float) -> float:
    """An addition [pJ]."""
    return _line(bits, ADD)


def multiply(a: float, b: float) -> float:
    """A multiplication [pJ]."""
    return _line(a * b, MULTIPLY)


def access(bits: float, width: float) -> float:
    """``width`` bits of a memory of ``bits`` [pJ]; the price follows the length of its wires."""
    kib = max(min(bits / 8192, BANK), SMALLEST)
    roots = tuple((sqrt(size), price) for size, price in READ)
    return _line(sqrt(kib), roots) * width / 64


def index(units: float) -> int:
    """Width of the index of one of ``units`` [bit]."""
    return ceil(log2(max(units, 2)))


def recompute(network: Any, x: Any, design: dict[str, Any], seed: int) -> float:
    """Return the total [J] of a mean inference of ``network`` on samples ``x`` in a ``design``."""
    trace = run(network, x, seed=seed)
    picojoules = cycles = bits = 0.0
    spiking = any(p.unit.spiking for p in network.populations)
    for i in network.inputs:
        picojoules += _entering(network, i, trace, design)
    for p in network.populations:
        energy, busy, stored = _layer(network, p, trace, design, spiking)
        picojoules, cycles, bits = picojoules + energy, cycles + busy, bits + stored
    return picojoules * PJ + cycles * TREE * PJ + bits * LEAKAGE * cycles / CLOCK


def _entering(network: Any, i: Any, trace: Any, design: dict[str, Any]) -> float:
    """Drawing random numbers, and crossing the pins."""
    draws = DRAW * i.encoder.draws(i.size, network.steps)
    if design["input"] == "values" and any(p.unit.spiking for p in network.populations):
        return float(draws + PIN * i.size * min(i.bits, 8))
    if i.encoder.analog:
        return float(draws + PIN * i.bits * i.encoder.values(i.size, network.steps))
    return float(draws + PIN * index(i.size) * np.mean(trace.spikes[i.name].sum(axis=1)))


def _layer(
    network: Any, p: Any, trace: Any, design: dict[str, Any], spiking: bool
) -> tuple[float, float, float]:
    """Picojoules, cycles and bits of memory of one population that one connection enters."""
    (c,) = [c for c in network.connections if c.target == p.name]
    weight, steps, unit = np.asarray(c.weight), network.steps, p.unit
    sources, kept = weight.shape[0], np.count_nonzero(weight, axis=1)
    direct = [i for i in network.inputs if i.name == c.source and i.encoder.analog]
    source = None if direct else next((q for q in network.populations if q.name == c.source), None)
    values = bool(direct) or (source is not None and not source.unit.spiking)
    if values:
        active = float(np.mean(trace.events[c.name])) / (steps if direct and steps > 1 else 1)
    else:
        active = float(np.mean(trace.spikes[c.source] @ kept))
    nonzero, dense = int(kept.sum()), design["weight_format"] == "dense"
    per_row = nonzero / sources
    index_bits, width = index(p.size), float(c.weight_bits)
    row = float(p.size) if dense else per_row
    rows = active / per_row
    if not dense:
        width += index_bits
    done = active * row / per_row
    if values and not design["zero_skip"] and not spiking:
        held = weight.size if dense else nonzero
        done, rows = float(held * (1 if direct else steps)), float(sources)
    words = rows * ceil((float(p.size) if dense else row) * width / 64)
    stored = (weight.size if dense else nonzero) * width
    state = p.state_bits if unit.spiking or unit.state_words else 32
    extra = float(p.size * steps) if p.bias is not None and np.any(p.bias) else 0.0
    extra += p.size * steps if direct and steps > 1 else 0.0
    updates = 0.0 if unit.stateless else float(p.size * steps)
    fired = float(np.mean(trace.spikes[p.name].sum(axis=1))) if unit.spiking else 0.0
    answers = float(p.size * steps) if unit.stateless else 0.0
    out = 1 if unit.spiking else unit.value_bits

    into = (direct[0].bits if direct else source.unit.value_bits) if values else 0
    one = multiply(c.weight_bits, into) + add(32) if values else add(state)
    energy = done * one + extra * add(state) + fired * add(state)
    energy += updates * _update(unit, state, design)
    energy += answers * (add(32) + multiply(32, out))
    energy += words * (access(stored, 64) + add(32))  # the word and its address
    energy += 2 * done * state * REGISTER
    capacity = p.size * max(unit.state_words, 1) * state
    stationary = spiking and design["schedule"] == "neuron-stationary"
    held = REGISTER * state if stationary else access(capacity, state)
    energy += 2 * updates * unit.state_words * held
    once = 1 / steps if stationary else 1.0
    energy += (extra + updates * unit.parameter_words) * once * access(capacity, state)
    entry = index(sources) + into
    energy += words * access(sources * entry, entry)
    listed = index_bits + (0 if unit.spiking else out)
    energy += (fired if unit.spiking else answers) * access(p.size * listed, listed)
    skip = spiking or design["zero_skip"]
    message = index_bits if unit.spiking else out + (index_bits if skip else 0)
    energy += (fired if unit.spiking else answers) * message * HOP
    if p.name == network.output.population:
        energy += PIN * (fired * index_bits if unit.spiking else p.size * out)
    lanes = max(64 // p.state_bits, 1)  # whole state words in a word of 64 bit
    cycles = words + (updates * max(unit.state_words, 1) + answers + extra) / lanes
    return energy, cycles, stored + p.size * unit.state_words * p.state_bits


def _update(unit: Any, state: int, design: dict[str, Any]) -> float:
    if not unit.leaky:
        return add(state)
    words = max(unit.state_words, 1)
    if design["state_bits"] is not None and design["decay"] == "shift-add":
        return add(state) * (1 + 2 * words)
    factor = state if design["state_bits"] is None else 12
    return add(state) + words * multiply(state, factor)


def main(folder: Path) -> int:
    """Compare a run on the digits with its own ``bills.json``; return how many bills differ."""
    from spiking.data.load import load

    seed = json.loads((folder / "manifest.json").read_text())["configuration"]["seed"]
    x = load("digits", seed=seed).x_test
    bills = json.loads((folder / "bills.json").read_text())
    wrong = 0
    for row in json.loads((folder / "designs.json").read_text()):
        if row["chip"] != CHIP:
            continue
        network = load_network(folder / "models" / f"{row['model']}.{CHIP}.nir")
        if any(sum(c.target == p.name for c in network.connections) > 1 for p in network.populations):
            print(f"{row['model']}: left out, it has lateral connections")
            continue
        ours = recompute(network, x, row["design"], seed + TEST_SEED)
        (bill,) = [b for b in bills if (b["model"], b["chip"]) == (row["model"], CHIP)]
        theirs = bill["energy_J"]["total"]["nominal"]
        same = abs(ours / theirs - 1) < 1e-9
        wrong += not same
        print(f"{row['model']}: {ours:.12g} J here, {theirs:.12g} J in the bill{'' if same else ' DIFFERS'}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
