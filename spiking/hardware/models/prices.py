"""Prices of the component model: any width and any capacity from the few published points.

Every price is a *linear* combination of published constants, so a bill stays linear in each of them:

* addition: linear in the width between the published widths, proportional below the smallest;
* multiplication: linear in the product of the widths (an array multiplier has that many cells);
  through Horowitz's 8-bit point this predicts 3.2 pJ at 32 bit, where he gives 3.1;
* memory: linear in the square root of the capacity (the length of its wires); through the points at
  8 KiB and 32 KiB this predicts 86 pJ at 1 MiB, where Horowitz gives 100.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from spiking.hardware.chip import Chip
from spiking.hardware.quantity import Interval, Number, Quantity

WORD = 64.0  # bit; the memory prices are for a word of this width
KIB = 8192.0  # bit
CAPACITIES = {"read_8k": 8.0, "read_32k": 32.0, "read_1m": 1024.0}  # KiB


def weights_between(x: Number, points: Sequence[float]) -> list[Number]:
    """Return weights w_i with ``sum(w_i E_i)`` linear between ``points``, proportional below the first
    and continued above the last."""
    if isinstance(x, np.ndarray) and x.ndim > 0:
        hats = np.eye(len(points))
        inside = [np.interp(x, points, hat) for hat in hats]
        inside[0] = np.where(x < points[0], x / points[0], inside[0])
        over = np.maximum(x - points[-1], 0.0) / (points[-1] - points[-2])
        inside[-2], inside[-1] = inside[-2] - over, inside[-1] + over
        return list(inside)
    return _weights_at(float(x), points)


def _weights_at(x: float, points: Sequence[float]) -> list[Number]:
    weights: list[Number] = [0.0] * len(points)
    if x < points[0]:
        weights[0] = x / points[0]
        return weights
    i = min(bisect_right(points, x) - 1, len(points) - 2)
    t = (x - points[i]) / (points[i + 1] - points[i])
    weights[i], weights[i + 1] = 1.0 - t, t
    return weights


def combine(chip: Chip, parts: Sequence[tuple[Number, str]], note: str) -> Quantity:
    """Return ``sum(weight * constant)`` in pJ as a derived quantity; exact points keep their own kind."""
    used = [(w, chip[name]) for w, name in parts if isinstance(w, np.ndarray) or w != 0]
    if len(used) == 1 and not isinstance(used[0][0], np.ndarray) and used[0][0] == 1:
        return used[0][1]
    total: Interval = reduce(lambda a, b: a + b, (c.si * w for w, c in used)) * 1e12
    return Quantity(
        value=total.nominal,
        low=total.low,
        high=total.high,
        unit="pJ",
        kind="derived",
        source=", ".join(dict.fromkeys(s for _, c in used for s in c.sources)),
        where="; ".join(dict.fromkeys(c.where for _, c in used if c.where)),
        note=note,
        node_nm=chip.node_nm,
        vdd=chip.vdd,
    )


def add_parts(bits: Number, floating: bool) -> list[tuple[Number, str]]:
    """Weights of the published additions for one of ``bits``."""
    widths = (16, 32) if floating else (8, 16, 32)
    name = "add_float" if floating else "add_int"
    return [(w, f"{name}_{b}") for w, b in zip(weights_between(bits, widths), widths, strict=True)]


def multiply_parts(a: Number, b: Number, floating: bool) -> list[tuple[Number, str]]:
    """Weights of the published multiplications for one of ``a`` by ``b`` bits."""
    widths = (16, 32) if floating else (8, 32)
    name = "mul_float" if floating else "mul_int"
    cells = [float(w * w) for w in widths]
    product = a * b
    return [(w, f"{name}_{n}") for w, n in zip(weights_between(product, cells), widths, strict=True)]


def read_parts(bits: Number, smallest: Number = KIB * CAPACITIES["read_8k"]) -> list[tuple[Number, str]]:
    """Weights of the published memories for a word of a memory of ``bits``, at least ``smallest`` [bit]."""
    points = [float(np.sqrt(k)) for k in CAPACITIES.values()]
    x = np.sqrt(np.maximum(bits, smallest) / KIB)
    return list(zip(weights_between(x, points), CAPACITIES, strict=True))


def scaled(parts: Sequence[tuple[Number, str]], factor: Number) -> list[tuple[Number, str]]:
    """Multiply every weight."""
    return [(w * factor, name) for w, name in parts]


def memory(chip: Chip, capacity_bits: float, width_bits: Number, note: str) -> Quantity:
    """Return the price of accessing ``width_bits`` of a memory of ``capacity_bits``.

    A large memory is built of banks, and none is smaller than the smallest macro (``smallest``, 8 KiB where
    the chip states none); the nominal sizes and their ends give the band.
    """
    bank, macro = chip["bank"].si, chip.get("smallest")
    small = Interval.exact(KIB * CAPACITIES["read_8k"]) if macro is None else macro.si
    share = np.asarray(width_bits) / WORD if isinstance(width_bits, np.ndarray) else width_bits / WORD

    def access(size: Number, floor: Number) -> Quantity:
        held = np.minimum(capacity_bits, size) if isinstance(size, np.ndarray) else min(capacity_bits, size)
        return combine(chip, scaled(read_parts(held, floor), share), note)

    nominal = access(bank.nominal, small.nominal)
    if bank.sharp and small.sharp:
        return nominal
    sizes = [(bank.low, small.nominal), (bank.high, small.nominal)]
    sizes += [(bank.nominal, small.low), (bank.nominal, small.high)]
    ends = [nominal.si, *(access(size, floor).si for size, floor in sizes)]
    return replace(
        nominal,
        value=nominal.si.nominal * 1e12,
        low=reduce(np.minimum, (x for e in ends for x in (e.low, e.high))) * 1e12,
        high=reduce(np.maximum, (x for e in ends for x in (e.low, e.high))) * 1e12,
        unit="pJ",
        kind="derived",
        source=", ".join(dict.fromkeys(s for c in (nominal, chip["bank"], macro) if c for s in c.sources)),
        note=note,
    )
