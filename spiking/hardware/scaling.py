"""Scaling to another node: one law for logic, a table for memory, each marked for what it is.

Logic follows Stillmaker & Baas (2017): energy of a chain of inverters ``f(V) = a V^2 + b V + c`` per node.
Memories and wires do not: small SRAM fell from 10 to 7.5 pJ between 45 and 7 nm while logic fell tenfold.
At 7 nm the law for logic is about four times below the table of Jouppi et al. (2021).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from spiking.core.check import number
from spiking.core.errors import require, unknown
from spiking.core.typed import typed
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.registry import load_chip

# Table of coefficients a, b, c (Stillmaker & Baas 2017); HP high performance, LP low power
LOGIC: Mapping[str, tuple[float, float, float]] = {
    "130": (7.171, -6.709, 2.904),
    "90": (4.762, -4.781, 2.092),
    "65": (3.755, -4.398, 1.975),
    "HP45": (1.018, -0.3107, 0.1539),
    "LP45": (1.103, -0.362, 0.2767),
    "HP32": (0.8367, -0.4341, 0.1701),
    "LP32": (0.9559, -0.7823, 0.471),
    "HP20": (0.373, -0.1582, 0.04104),
    "LP20": (0.2632, -0.14, 0.06841),
    "HP16": (0.2958, -0.1241, 0.03024),
    "LP16": (0.2139, -0.1187, 0.05639),
    "HP14": (0.2363, -0.09675, 0.02239),
    "LP14": (0.1556, -0.06472, 0.03066),
    "HP10": (0.2068, -0.09311, 0.02375),
    "LP10": (0.1261, -0.0518, 0.02769),
    "HP7": (0.1776, -0.09097, 0.02447),
    "LP7": (0.09365, -0.03409, 0.02043),
}
MEMORY = ("read_8k", "read_32k", "read_1m", "dram", "register")
# wires, pads, leakage, sizes and choices follow neither law
UNSCALED = ("hop", "pin", "leakage", "clock", "bank", "smallest", "on_chip", "retention")


@typed
def logic_energy(node: str, vdd: float) -> float:
    """Return ``f(V)`` of Stillmaker & Baas for ``node`` (``"HP45"``, ``"65"``, ...) or nm between two rows.

    A bare number that is no row (28, 22) is interpolated between its high-performance neighbours, in the
    logarithm of node and energy.
    """
    vdd = number("vdd", vdd, 0.2, 1.5, unit="V", todo="the fits hold in that range only")
    node = str(node)
    if node in LOGIC:
        a, b, c = LOGIC[node]
        return a * vdd**2 + b * vdd + c
    try:
        size = float(node)
    except ValueError:
        raise unknown("node", node, LOGIC, "or a size in nm between 7 and 130") from None
    rows = {float(n.removeprefix("HP")): n for n in LOGIC if not n.startswith("LP")}
    sizes = sorted(rows)
    require(
        bool(sizes[0] <= size <= sizes[-1]), f"node {node} nm is outside {sizes[0]:g} to {sizes[-1]:g} nm"
    )
    logs = [np.log(logic_energy(rows[s], vdd)) for s in sizes]
    return float(np.exp(np.interp(np.log(size), np.log(sizes), logs)))


@typed
def logic_factor(source: tuple[str, float], target: tuple[str, float]) -> float:
    """Return energy at ``target`` over energy at ``source``, each ``(node, vdd)``; for logic only.

    Raises:
        SpikingError: no such pair, or what :func:`logic_energy` refuses.
    """
    for name, pair in (("source", source), ("target", target)):
        require(len(pair) == 2, f"{name} is {pair!r}; allowed: a pair (node, vdd)")
    return logic_energy(*target) / logic_energy(*source)


def scale_logic(
    constant: Constant, name: str, source: tuple[str, float], target: tuple[str, float]
) -> Constant:
    """Return ``constant`` times the factor of logic; warns where ``name`` is a memory."""
    if name in MEMORY or name.startswith(("read", "sram", "dram")):
        warnings.warn(
            f"{name!r} is a memory: the law of logic understates it at small nodes; use the memory table",
            stacklevel=2,
        )
    return _times(constant, logic_factor(source, target), target, "logic scaled after Stillmaker & Baas 2017")


def _times(c: Constant, factor: float, target: tuple[str, float], note: str) -> Constant:
    if c.value is None or c.low is None or c.high is None:
        return c
    return replace(
        c,
        value=c.value * factor,
        low=c.low * factor,
        high=c.high * factor,
        kind="derived",
        source=f"{c.source}, stillmaker2017",
        note=f"{c.note}; {note} (x{factor:.3g})".strip("; "),
        node_nm=_size(target[0]),
        vdd=target[1],
    )


def _size(node: str) -> float:
    """Size [nm] of a node such as ``HP45`` or ``28``."""
    return float(node.removeprefix("HP").removeprefix("LP"))


@typed
def scale_chip(chip: Chip, node: str, vdd: float) -> Chip:
    """Return a component chip at another node: logic by its law, memories between 45 and 7 nm by table.

    Memory energy is interpolated between ``generic-45nm`` and ``generic-7nm`` in the logarithm of the
    node and widened to both ends of that range; wires, pads and leakage stay.

    Raises:
        SpikingError: not a component chip at 45 nm, or a node outside the tables.
    """
    require(chip.model == "components", f"{chip.name!r} is no component chip; only those scale")
    require(chip.node_nm == 45, f"{chip.name!r} is of {chip.node_nm} nm; scaling starts from 45 nm")
    source, target = ("HP45", float(chip.vdd or 0.9)), (node, vdd)
    logic_energy(node, vdd)  # refuses a node or a voltage outside the tables
    size = _size(node)
    small, note = load_chip("generic-7nm"), f"memory interpolated between 45 and 7 nm at {size:g} nm"
    weight = float(np.clip((np.log(45) - np.log(size)) / (np.log(45) - np.log(7)), 0.0, 1.0))
    constants = {}
    for name, c in chip.constants.items():
        if name in MEMORY:
            ratio = float(np.mean(small[name].si.nominal)) / float(np.mean(c.si.nominal))
            scaled = _times(c, ratio**weight, target, note)
            ends = [float(np.mean(x)) for q in (c, scaled) for x in (q.low, q.high) if x is not None]
            constants[name] = replace(
                scaled,
                low=min(ends),
                high=max(ends),
                source=f"{c.source}, jouppi2021",
            )
        elif name in UNSCALED:
            constants[name] = c
        else:
            constants[name] = scale_logic(c, name, source, target)
    return replace(chip, name=f"{chip.name}->{node}", constants=constants, node_nm=size, vdd=vdd)
