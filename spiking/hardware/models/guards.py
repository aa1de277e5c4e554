"""Guards: a chip file may not charge one thing twice, nor call the unknown zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from spiking.hardware.chip import Chip, Constant

CHARGES = ("energy", "power", "energy/cycles")  # dimensions that make lines of a bill


def guard(chip: Chip) -> Iterator[tuple[str, str]]:
    """Yield ``(key, sentence)`` for a chip without prices, and for everything charged twice."""
    priced = {n: c for n, c in chip.constants.items() if c.per and c.dimension in CHARGES}
    if not priced:
        yield "constants", "no constant has an energy or a power with 'per'; the chip could price nothing"
    if priced and all(c.known and not np.any(c.si.high) for c in priced.values()):
        yield "constants", "every energy is 0; a price nobody knows is kind = 'unknown', not 0"
    for name, c in priced.items():
        if not c.term:
            yield f"constants.{name}.term", "is missing; name the term of the bill this price belongs to"
        others = [n for n, d in priced.items() if n != name and d.known]
        if c.scope == "all_in" and others:
            other = others[0]
            yield f"constants.{name}", f"scope all_in already contains everything; remove {other!r} or it"
    yield from _twice(priced)


def _twice(priced: Mapping[str, Constant]) -> Iterator[tuple[str, str]]:
    for name, c in priced.items():
        for other, d in priced.items():
            if name == other or (c.layers and d.layers and not set(c.layers) & set(d.layers)):
                continue
            if d.per in c.covers:
                yield (
                    f"constants.{name}.covers",
                    f"contains {d.per!r}, which {other!r} charges again; drop one of the two",
                )
            if name < other and c.group and c.group == d.group and c.per == d.per:
                yield (
                    f"constants.{name}.per",
                    f"{name!r} and {other!r} are levels of one quantity ({c.group}) and both charge "
                    f"{c.per!r}; an event pays one of them, never both",
                )
