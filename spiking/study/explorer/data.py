"""What a page holds: chips with their constants, the forms of all bills, and the designs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from spiking.core.counts import Counts
from spiking.core.errors import require
from spiking.hardware.bill import Bill
from spiking.hardware.chip import Chip
from spiking.hardware.duty import SLEEP, WAKE
from spiking.hardware.price import price
from spiking.hardware.quantity import parse_unit
from spiking.hardware.registry import load_chip
from spiking.hardware.scaling import scale_chip
from spiking.study.explorer.form import Form, form_of
from spiking.study.explorer.packing import packed, packed_table
from spiking.study.explorer.points import Point, silent
from spiking.study.figures.style import label, look
from spiking.study.report.citations import citation

FORMAT = 1
NODES = {
    "28": 0.9,
    "7": None,
}  # nm -> supply [V] of the law of scaling; None: the published table of that node
MOST_SILENT = 2000  # designs up to which each carries what it would cost without spikes
Key = tuple[str, Any]  # part of a form, and what the number belongs to


def collect(
    points: Sequence[Point], *, title: str, note: str = "", every: float | None = None
) -> dict[str, Any]:
    """Return everything a page needs as plain data.

    Args:
        points: designs; those that cannot run on their chip, or have no price there, are left out.
        title: of the page. note: where the numbers come from. every: time between inferences [s].

    Raises:
        SpikingError: none of the designs runs anywhere at a price.
    """
    lacks = _lacks(points)
    kept = [p for p in points if (id(p.counts), id(p.chip)) in lacks]
    require(
        bool(kept), "none of these designs runs on one of the chips at a published price; name other chips"
    )
    chips = {p.chip.name: p.chip for p in kept}
    names = list(chips)
    tables = {name: _Table() for name in names}
    forms, quiet = [], []
    for p in kept:
        table = tables[p.chip.name]
        forms.append(table.add(p.counts, p.chip))
        needed = p.counts.spiking and len(kept) <= MOST_SILENT
        quiet.append(table.add(silent(p.counts), p.chip) if needed else -1)
    made = [_chip(chips[name], tables[name]) for name in names]
    return {
        "format": FORMAT,
        "title": title,
        "note": note,
        "every": every,
        "chips": made,
        "sources": _sources(made),
        "models": _models(kept),
        "points": _points(kept, names, forms, quiet, lacks),
    }


def _lacks(points: Sequence[Point]) -> dict[tuple[int, int], str]:
    """What each bill lacks, by counts and chip; those that cannot run or be priced are left out."""
    distinct = {(id(p.counts), id(p.chip)): p for p in points}
    bills = {key: price(p.counts, p.chip) for key, p in distinct.items()}
    return {key: "; ".join(bill.unpriced) for key, bill in bills.items() if _priced(bill)}


def _priced(bill: Bill) -> bool:
    return bill.runs_here and float(np.mean(bill.total().nominal)) > 0


def priceable(point: Point) -> bool:
    """True if the network runs on its chip and something there has a price."""
    return _priced(price(point.counts, point.chip))


class _Table:
    """The forms of one chip, each once."""

    def __init__(self) -> None:
        self.forms: list[Form] = []
        self.place: dict[Any, int] = {}
        self.seen: dict[tuple[int, int], int] = {}
        self.kept: list[Any] = []  # so that no identity is used twice

    def add(self, counts: Counts, chip: Chip) -> int:
        key = (id(counts), id(chip))
        if key not in self.seen:
            form = form_of(counts, chip)
            flat = (tuple(sorted(_flat(form).items(), key=repr)), form.batch, form.timed)
            self.seen[key] = self.place.setdefault(flat, len(self.forms))
            self.kept.append((counts, chip))
            if self.seen[key] == len(self.forms):
                self.forms.append(form)
        return self.seen[key]


def _flat(form: Form) -> dict[Key, float]:
    """The numbers of a form by part: e(nergy), s(hared), p(ower), f(ixed), h (fixed and shared), l(ayers)."""
    out: dict[Key, float] = {("e", k): v for k, v in form.energy.items()}
    out |= {("s", k): v for k, v in form.shared.items()}
    out |= {("p", k): v for k, v in form.power.items()}
    out |= {("f", k): v for k, v in form.fixed.items()}
    out |= {("h", k): v for k, v in form.fixed_shared.items()}
    out |= {("l", (i, k)): v for i, layer in enumerate(form.layers) for k, v in layer.items()}
    return out


def _chip(chip: Chip, table: _Table) -> dict[str, Any]:
    rows = [_flat(form) for form in table.forms]
    keys = sorted({key for row in rows for key in row}, key=repr)
    used = _used(keys, chip)
    place = {name: i for i, name in enumerate(used)}
    columns = [np.array([row.get(key, 0.0) for row in rows]) for key in keys]
    heads = []
    for part, of in keys:
        number, product = of if part in "espl" else ("", of)
        factors = [[place[name], exponent] for name, exponent in product]
        heads.append([part, number, factors])
    return {
        "name": chip.name,
        "title": chip.title,
        "node": chip.node_nm,
        "model": chip.model,
        "constants": [_constant(chip, name) for name in used],
        "nodes": _nodes(chip, used),
        "sleep": place.get(SLEEP, -1),
        "wake": place.get(WAKE, -1),
        "rows": len(rows),
        "heads": heads,
        "columns": packed_table(columns),
        "batch": packed([form.batch for form in table.forms]),
        "timed": packed([float(form.timed) for form in table.forms]),
    }


def _used(keys: Iterable[Key], chip: Chip) -> list[str]:
    names = {name for part, of in keys for name, _ in (of[1] if part in "espl" else of)}
    return [n for n, c in chip.constants.items() if n in names or (n in (SLEEP, WAKE) and c.known)]


def _constant(chip: Chip, name: str) -> dict[str, Any]:
    c = chip[name]
    value, low, high = (float(np.mean(x)) for x in (c.value, c.low, c.high) if x is not None)
    words = {"name": name, "value": value, "low": low, "high": high, "unit": c.unit, "kind": c.kind}
    words |= {"factor": parse_unit(c.unit)[1], "source": c.source, "where": c.where}
    return words | ({"note": c.note} if c.note else {})


def _nodes(chip: Chip, used: Sequence[str]) -> dict[str, Any]:
    """Prices of a machine of 45 nm at other nodes: logic and memory scaled, or the table of that node."""
    if chip.model != "components" or chip.node_nm != 45:
        return {}
    found = {}
    for node, vdd in NODES.items():
        other = load_chip(f"generic-{node}nm") if vdd is None else scale_chip(chip, node, vdd)
        words = (
            f"as published for {node} nm ({other.name})"
            if vdd is None
            else f"logic scaled to {node} nm after Stillmaker & Baas 2017, memory between the published nodes"
        )
        values = [float(np.mean(other[name].value)) for name in used]  # type: ignore[arg-type]
        bands = [[float(np.mean(x)) for x in (other[n].low, other[n].high)] for n in used]  # type: ignore[arg-type]
        found[node] = {"values": values, "bands": bands, "words": words}
    return found


def _sources(chips: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    keys = {k.strip() for chip in chips for c in chip["constants"] for k in c["source"].split(",")}
    return {key: citation(key) for key in sorted(keys) if citation(key)}


def _models(points: Sequence[Point]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(p.model for p in points))
    spiking = {p.model: p.counts.spiking for p in points}
    looks = {name: look(name, names) for name in names}
    return [
        {"name": n, "label": label(n), "colour": looks[n][0], "marker": looks[n][1], "spiking": spiking[n]}
        for n in names
    ]


def _points(
    points: Sequence[Point],
    chips: Sequence[str],
    forms: Sequence[int],
    quiet: Sequence[int],
    lacking: Mapping[tuple[int, int], str],
) -> dict[str, Any]:
    models = list(dict.fromkeys(p.model for p in points))
    lacks = [lacking[id(p.counts), id(p.chip)] for p in points]
    columns: dict[str, Sequence[float]] = {
        "chip": [chips.index(p.chip.name) for p in points],
        "model": [models.index(p.model) for p in points],
        "form": forms,
        "silent": quiet,
        "accuracy": [p.accuracy for p in points],
        "low": [p.low for p in points],
        "high": [p.high for p in points],
        "built": [float(p.stage == "built") for p in points],
        "rate": [p.rate if p.counts.spiking else -1.0 for p in points],
    }
    out: dict[str, Any] = {name: packed(values) for name, values in columns.items()}
    for name, words in (("words", [p.words for p in points]), ("lacks", lacks)):
        distinct = list(dict.fromkeys(words))
        place = {word: i for i, word in enumerate(distinct)}
        out[name] = {"words": distinct, "at": packed([place[w] for w in words])}
    return out | {"number": len(points)}
