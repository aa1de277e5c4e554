"""A number that knows where it comes from: value, unit, band, source, place in the source, kind, scope."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require, unknown

Number = float | NDArray[np.float64]

PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
BASES = {
    "J": ("energy", 1.0),
    "W": ("power", 1.0),
    "s": ("time", 1.0),
    "Hz": ("frequency", 1.0),
    "bit": ("data", 1.0),
    "B": ("data", 8.0),
    "KiB": ("data", 8.0 * 1024),
    "MiB": ("data", 8.0 * 1024**2),
    "V": ("voltage", 1.0),
    "cycle": ("cycles", 1.0),
    "1": ("number", 1.0),
}
SYNONYMS = {"power/frequency": "energy/cycles", "power/power": "number"}
KINDS = {
    "primary": "read in the primary source",
    "secondary": "read in a transcription that cites the primary source",
    "derived": "computed from sourced values",
    "measured": "measured by this project",
    "simulated": "output of another simulator",
    "recall": "remembered, not read; check before use",
    "assumption": "chosen by this project, with a band",
    "unknown": "nobody has published it",
}
SCOPES = {
    "component": "one piece of work (an addition, a memory access)",
    "event": "one event with everything that belongs to it (a synaptic operation with its weight fetch)",
    "all_in": "everything divided by the number of events at one activity; may not be added to anything",
    "system": "power of a whole board at the wall or the rail",
    "limit": "a capacity or a size, no energy",
}


@lru_cache
def parse_unit(unit: str) -> tuple[str, float]:
    """Return ``(dimension, factor to SI)`` of a unit such as ``pJ``, ``fJ/bit``, ``uW/MHz`` or ``KiB``."""
    dimensions, factor = [], 1.0
    for i, part in enumerate(unit.split("/")):
        for base, (dimension, scale) in BASES.items():
            prefix = part.removesuffix(base)
            if part.endswith(base) and prefix in PREFIXES:
                dimensions.append(dimension)
                factor *= (PREFIXES[prefix] * scale) ** (1 if i == 0 else -1)
                break
        else:
            raise SpikingError(
                f"unit {unit[:40]!r} is unknown; use a prefix ({' '.join(p for p in PREFIXES if p)}) and one "
                f"of {', '.join(BASES)}, or a quotient such as pJ/bit"
            )
    joined = "/".join(dimensions)
    return SYNONYMS.get(joined, joined), factor


@dataclass(frozen=True, slots=True, repr=False)
class Interval:
    """``low <= nominal <= high``: floats or arrays that broadcast. Both factors of a product are >= 0."""

    low: Number
    nominal: Number
    high: Number

    @property
    def sharp(self) -> bool:
        """True if the three ends are one object, so that they need computing once only."""
        return self.low is self.nominal and self.high is self.nominal

    def __add__(self, other: Interval) -> Interval:
        """Add end by end (bounds stay bounds)."""
        if self.sharp and other.sharp:
            return Interval.exact(self.nominal + other.nominal)
        return Interval(self.low + other.low, self.nominal + other.nominal, self.high + other.high)

    def __mul__(self, other: Interval | Number) -> Interval:
        """Multiply by a non-negative number or interval."""
        if not isinstance(other, Interval):
            other = Interval(other, other, other)
        if self.sharp and other.sharp:
            return Interval.exact(self.nominal * other.nominal)
        return Interval(self.low * other.low, self.nominal * other.nominal, self.high * other.high)

    __rmul__ = __mul__

    def __truediv__(self, other: Interval | Number) -> Interval:
        """Divide by a positive number or interval; the widest range results."""
        if not isinstance(other, Interval):
            other = Interval(other, other, other)
        if self.sharp and other.sharp:
            return Interval.exact(self.nominal / other.nominal)
        return Interval(self.low / other.high, self.nominal / other.nominal, self.high / other.low)

    def __repr__(self) -> str:
        """``Interval(2.31 (1.2 to 4))``; arrays by their shape and mean."""
        shape = np.shape(self.nominal)
        m = self.mean() if shape else self
        ends = f"{m.nominal:.4g} ({m.low:.4g} to {m.high:.4g})"
        return f"Interval({f'shape {shape}, mean ' if shape else ''}{ends})"

    def _repr_html_(self) -> str:
        """The interval in one line, for notebooks."""
        return f"<code>{self!r}</code>"

    def mean(self) -> Interval:
        """Average arrays to floats."""
        return Interval(*(float(np.mean(x)) for x in (self.low, self.nominal, self.high)))

    @classmethod
    def exact(cls, value: Number) -> Interval:
        """An interval of no width."""
        return cls(value, value, value)


def some(x: Number) -> bool:
    """True if any value is not 0 (the quick way for a single number)."""
    return x != 0 if isinstance(x, (float, int)) else bool(np.any(x))


ZERO = Interval(0.0, 0.0, 0.0)
NAN = Interval(float("nan"), float("nan"), float("nan"))


def _finite(x: object) -> bool:
    if isinstance(x, (float, int)) and not isinstance(x, bool):  # the usual case, kept fast
        return math.isfinite(x) and x >= 0
    a = np.asarray(x)
    numbers = isinstance(x, int | float | np.number | np.ndarray) and a.dtype.kind in "iuf" and a.size > 0
    return numbers and bool(np.all(np.isfinite(a))) and bool(np.all(a >= 0))


def _ordered(a: Number | None, b: Number | None) -> bool:
    return a is None or b is None or a is b or bool(np.all(a <= b))


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A sourced value.

    Attributes:
        value, low, high: in ``unit``; floats or arrays. ``value`` is None where ``kind`` is ``"unknown"``.
        source: key(s) into ``hardware/sources.toml``, separated by commas; ``where``: table, figure, page.
        kind: how the value is known (:data:`KINDS`); ``scope``: what it includes (:data:`SCOPES`).
        note: anything a reader must know.
        node_nm, vdd: process node [nm] and supply [V] it holds for; ``activity_point``: the workload.
    """

    value: Number | None = None
    unit: str
    low: Number | None = None
    high: Number | None = None
    source: str
    where: str = ""
    kind: str = "primary"
    scope: str = "component"
    note: str = ""
    node_nm: float | None = None
    vdd: float | None = None
    activity_point: str = ""

    def __post_init__(self) -> None:
        for name in ("unit", "source", "where", "kind", "scope", "note", "activity_point"):
            check.text(name, getattr(self, name))
        for name in ("node_nm", "vdd"):
            if getattr(self, name) is not None:
                check.number(name, getattr(self, name), 0, open_low=True)
        parse_unit(self.unit)
        if self.kind not in KINDS:
            raise unknown("kind", self.kind, KINDS)
        if self.scope not in SCOPES:
            raise unknown("scope", self.scope, SCOPES)
        require(
            bool(self.source.strip()), "source is missing; name a key of the bibliography, or 'this project'"
        )
        if self.kind == "unknown":
            require(self.value is None, f"value is {self.value!r} but kind is 'unknown'; drop one of the two")
            return
        require(self.value is not None, "value is missing; give a number, or kind = 'unknown'")
        for name in ("value", "low", "high"):
            x = getattr(self, name)
            if x is None:
                object.__setattr__(self, name, self.value)
            elif (x is not self.value or name == "value") and not _finite(x):
                raise SpikingError(f"{name} is {repr(x)[:80]}; a finite number of at least 0 is needed")
        if not _ordered(self.low, self.high):
            raise SpikingError(f"low is {self.low!r}, above high = {self.high!r}; exchange the two")
        if not (_ordered(self.low, self.value) and _ordered(self.value, self.high)):
            raise SpikingError(
                f"value is {self.value!r}, outside low = {self.low!r} to high = {self.high!r}; widen the band"
            )

    @property
    def dimension(self) -> str:
        """``energy``, ``power``, ``time``, ``energy/data``, ..."""
        return parse_unit(self.unit)[0]

    @property
    def known(self) -> bool:
        """False where nobody has published the value."""
        return self.value is not None

    @cached_property
    def si(self) -> Interval:
        """Low, nominal and high in SI units (data in bit); NaN where unknown."""
        if self.value is None or self.low is None or self.high is None:
            return NAN
        return Interval(self.low, self.value, self.high) * parse_unit(self.unit)[1]

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys into the bibliography."""
        return tuple(s.strip() for s in self.source.split(","))

    def at(self, value: Number) -> Self:
        """Return a copy with an exact ``value`` (same unit, no band); arrays sweep."""
        return replace(self, value=value, low=value, high=value)
