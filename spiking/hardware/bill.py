"""The bill of one inference: lines of count times price, and everything that is read off them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from spiking.core.errors import unknown
from spiking.core.frozen.html import table
from spiking.core.numbers import si, si_range
from spiking.hardware.quantity import NAN, ZERO, Interval, Number, Quantity

TERMS: Mapping[str, str] = {
    "compute": "arithmetic, and whole events where a chip states no parts",
    "weight_memory": "reading weights",
    "state_memory": "state of the units, running sums, lists of active sources",
    "addressing": "finding the weights",
    "routing": "messages between layers and cores",
    "io": "encoding, and what crosses the edge of the chip",
    "learning": "weight changes",
    "system": "power of a whole board while it works",
    "clock": "clock, in the cycles in which it runs",
    "static": "leakage and idle power over the latency",
    "idle": "what the time between two inferences costs, at a stated duty cycle",
}
TOTALS: Mapping[str, str] = {
    "compute": "arithmetic only",
    "dynamic": "everything but static power and idle time",
    "total": "dynamic, static at the stated latency, and idle at the stated duty cycle",
}

STANDING = ("static", "idle")  # paid whether anything happens or not
SCOPE_TERMS: Mapping[str, Callable[[str], bool]] = {  # which terms each total holds
    "compute": lambda term: term == "compute",
    "dynamic": lambda term: term not in STANDING,
    "total": lambda term: True,
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """``count`` times ``price`` in one term of a layer; ``energy`` [J] is NaN where it is unknown."""

    layer: str
    operation: str
    term: str
    count: Number
    price: Quantity
    constant: str
    energy: Interval


@dataclass(frozen=True, kw_only=True, repr=False)
class Bill:
    """What one inference costs on one chip: estimated, not measured.

    Attributes:
        lines: one per (layer, operation, term, constant).
        latency: time from an input to its answer [s]; in a batch, of the whole batch.
        service: time of the device that one inference takes [s], over which it pays static power; None: the
            latency. In a batch it is a share of it.
        needs: what the chip lacks to run the network; if not empty, every total is NaN.
        unpriced: what happened but has no published price; if not empty, totals are lower bounds.
        offers: the totals this chip can state (an all-in constant allows ``"total"`` only).
        stated: terms in which the chip states a price; None reads them off the lines.
        used: share of the cores of the chips the network occupies; static power is charged for whole chips.
        warnings: sentences on constants used outside the place they were measured at.
    """

    chip: str
    network: str
    lines: tuple[Line, ...]
    latency: Interval
    service: Interval | None = None
    needs: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    offers: tuple[str, ...] = ("compute", "dynamic", "total")
    used: float | None = None
    stated: tuple[str, ...] | None = None
    node_nm: float | None = None
    vdd: float | None = None
    model: str = "components"

    @property
    def runs_here(self) -> bool:
        """True if the chip can run the network."""
        return not self.needs

    @property
    def lower_bound(self) -> bool:
        """True if something that happened has no known price."""
        return bool(self.unpriced)

    @property
    def priced(self) -> bool:
        """True if the chip states at least one price."""
        return self._states("total")

    def _states(self, which: str) -> bool:
        """True if the chip states a price in that total, whether or not it was paid here."""
        known = [line.term for line in self.lines if line.price.known] if self.stated is None else self.stated
        return any(map(SCOPE_TERMS[which], known))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources of every price used."""
        return tuple(sorted({s for line in self.lines for s in line.price.sources}))

    def _sum(self, lines: Iterable[Line]) -> Interval:
        energies = [line.energy for line in lines if line.price.known]
        if not energies:
            return ZERO
        return reduce(lambda a, b: a + b, energies)

    def total(self, which: str = "total") -> Interval:
        """Return energy per inference [J]: ``"compute"``, ``"dynamic"`` or ``"total"``.

        NaN where the network cannot run here, where the chip cannot separate that part, and where
        no price at all is published.
        """
        if which not in TOTALS:
            raise unknown("total", which, TOTALS)
        if self.needs or which not in self.offers:
            return NAN
        lines = [line for line in self.lines if SCOPE_TERMS[which](line.term)]
        if lines and not self._states(which):
            return NAN
        return self._sum(lines)

    @property
    def occupied(self) -> Interval:
        """Time of the device that one inference takes [s]: from its start to the start of the next."""
        return self.latency if self.service is None else self.service

    def throughput(self) -> Interval:
        """Return the most inferences per second [1/s], back to back.

        One copy of the network, and no pipelining: an inference (or a batch) starts when the one before is
        over, so it is the inverse of :attr:`occupied`. Layers that work side by side within a step are in the
        latency already. A device that holds several copies, or starts an inference before the last is out,
        does more. NaN where the network cannot run here or no time is published.
        """
        if self.needs:
            return NAN
        time = self.occupied
        return Interval(_inverse(time.high), _inverse(time.nominal), _inverse(time.low))

    def energy_delay(self) -> Interval:
        """Return the energy-delay product [J s]: the total times the latency (Gonzalez & Horowitz 1996).

        Of two designs of the same energy it prefers the faster one (IEEE J. Solid-State Circuits 31:1277). A
        lower bound where the total is one; NaN where the total or the latency is not known.
        """
        total = self.total()
        return total * self.latency if np.all(np.asarray(self.latency.nominal) > 0) else NAN

    def share(self) -> Interval:
        """Return the total [J] with static power charged for the used cores only (the total without them)."""
        total = self.total()
        if self.used is None or self.used >= 1:
            return total
        static = self._sum(line for line in self.lines if line.term in STANDING)
        rest = self._sum(line for line in self.lines if line.term not in STANDING)
        return total if np.any(np.isnan(total.nominal)) else rest + static * self.used

    def _group(self, key: str) -> dict[str, Interval]:
        names = list(dict.fromkeys(getattr(line, key) for line in self.lines if line.price.known))
        return {n: self._sum(line for line in self.lines if getattr(line, key) == n) for n in names}

    def by_term(self) -> dict[str, Interval]:
        """Energy [J] of each term."""
        return self._group("term")

    def by_layer(self) -> dict[str, Interval]:
        """Energy [J] of each layer; ``chip`` holds what belongs to no layer."""
        return self._group("layer")

    def by_constant(self) -> dict[str, Interval]:
        """Energy [J] of each price."""
        return self._group("constant")

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines as plain data: counts per inference, price in its unit, energy in J (means)."""
        return [
            {
                "layer": line.layer,
                "term": line.term,
                "operation": line.operation,
                "count": float(np.mean(line.count)),
                "price": None if line.price.value is None else float(np.mean(line.price.value)),
                "unit": line.price.unit,
                "kind": line.price.kind,
                "source": line.price.source,
                "where": line.price.where,
                "energy_J": _plain(line.energy.nominal),
                "energy_low_J": _plain(line.energy.low),
                "energy_high_J": _plain(line.energy.high),
            }
            for line in self.lines
        ]

    def footer(self) -> str:
        """One line under every table and figure: model, node, voltage, and the word estimated."""
        place = [f"{self.node_nm:g} nm" if self.node_nm else "", f"{self.vdd:g} V" if self.vdd else ""]
        parts = [self.chip, f"model {self.model}", *(p for p in place if p), "estimated, not measured"]
        if self.lower_bound:
            parts.append("LOWER BOUND: no published price for " + ", ".join(self.unpriced))
        return "; ".join(parts)

    def __repr__(self) -> str:
        """One line: what, where, and the total with its range."""
        return f"Bill({self.network!r} on {self.chip}: {self._in_words()})"

    def _repr_html_(self) -> str:
        """The terms as a table, for notebooks."""
        spans = [("total", self.total().mean()), *((t, e.mean()) for t, e in self.by_term().items())]
        rows = [(t.replace("_", " "), si(float(e.nominal), "J"), _ends(e)) for t, e in spans]
        title = f"{self.network} on {self.chip}: {self._in_words()}"
        return table(title, ("term", "energy", "low to high"), rows, note=self.footer())

    def _in_words(self) -> str:
        if self.needs:
            return f"cannot run, needs {'; '.join(self.needs)}"
        t = self.total().mean()
        words = si_range(float(t.low), float(t.nominal), float(t.high), "J")
        if words == "-":
            return "no published price"
        return f"{'at least ' if self.lower_bound else ''}{words} per inference, estimated"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        totals = {which: _span(self.total(which)) for which in TOTALS}
        return {
            "chip": self.chip,
            "network": self.network,
            "runs_here": self.runs_here,
            "needs": list(self.needs),
            "unpriced": list(self.unpriced),
            "warnings": list(self.warnings),
            "lower_bound": self.lower_bound,
            "energy_J": totals,
            "used_share_of_cores": self.used,
            "latency_s": _span(self.latency),
            "throughput_per_s": _span(self.throughput()),
            "energy_delay_Js": _span(self.energy_delay()),
            "lines": self.rows(),
            "sources": list(self.sources),
            "footer": self.footer(),
        }


def _plain(x: Number) -> float | None:
    value = float(np.mean(x))
    return value if np.isfinite(value) else None


def _span(x: Interval) -> dict[str, float | None]:
    """Means of the three ends as JSON has them: what is not known is null."""
    return {"low": _plain(x.low), "nominal": _plain(x.nominal), "high": _plain(x.high)}


def _inverse(time: Number) -> Number:
    """1 / time; NaN where nothing takes any time, for no rate follows from that."""
    t = np.asarray(time, np.float64)
    rate = np.divide(1.0, t, out=np.full(t.shape, np.nan), where=t > 0)
    return rate if rate.ndim else float(rate)


def _ends(e: Interval) -> str:
    return "-" if np.isnan(e.nominal) else f"{si(float(e.low), 'J')} to {si(float(e.high), 'J')}"
