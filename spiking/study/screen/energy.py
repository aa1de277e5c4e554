"""What ``spiking energy``, ``breakeven`` and ``validate energy`` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from spiking.core.numbers import percent, si, si_range, significant
from spiking.hardware.bill import Bill
from spiking.hardware.verdict.breakeven import BreakEven
from spiking.hardware.verdict.thresholds import PUBLISHED
from spiking.study.evaluate import Evaluation
from spiking.study.results.findings import times
from spiking.study.validation.energy import Target, in_words, sound
from spiking.study.validation.energy.page import allowed
from spiking.study.versus import Versus


def priced(found: Evaluation) -> None:
    """Print one network on its chips: totals, terms by layer, warnings, and the published models."""
    console = Console()
    warnings(found)
    accuracy = "" if found.accuracy is None else f", accuracy {percent(found.accuracy)}"
    of = f" (mean of {found.samples} inferences{accuracy})" if found.samples else ""
    _say(console, f"{found.counts.name}{of}")
    totals(console, found.bills)
    for bill in found.bills.values():
        if bill.runs_here and bill.lines:
            _terms(console, bill)
        for sentence in bill.warnings:
            _say(console, f"  ! {bill.chip}: {sentence}")
    if found.estimates:
        table = Table("published model", "energy", "leaves out, or why not", box=SIMPLE_HEAD)
        for name, e in found.estimates.items():
            table.add_row(name, si(float(np.mean(e.total)), "J"), e.note)
        console.print(table, markup=False)
    for bill in found.bills.values():
        if bill.runs_here:
            _say(console, bill.footer())


def warnings(found: Evaluation) -> None:
    """Print on stderr what a reader must know before the numbers."""
    errors = Console(stderr=True)
    for sentence in found.warnings:
        _say(errors, f"spiking: WARNING: {sentence}")


def totals(console: Console, bills: Mapping[str, Bill]) -> None:
    """Print the chips, the least energy first; then those that state no energy, and those that cannot run."""
    priced = {n: b for n, b in bills.items() if b.runs_here and _known(b)}
    table = Table("chip", "compute only", "dynamic", "total", "latency", box=SIMPLE_HEAD)
    speed = Table("chip", "inferences, one after the other", "energy x delay", box=SIMPLE_HEAD)
    for chip, bill in sorted(priced.items(), key=lambda item: float(item[1].total().mean().nominal)):
        cells = [_energy(bill, which) for which in ("compute", "dynamic", "total")]
        table.add_row(chip, *cells, si(float(np.mean(bill.latency.nominal)), "s"))
        rate, product = (float(np.mean(x.nominal)) for x in (bill.throughput(), bill.energy_delay()))
        speed.add_row(chip, si(rate, "/s"), _bound(bill, si(product, "J s")))
    if priced:
        console.print(table)
        console.print(speed)
    for chip, bill in bills.items():
        if not bill.runs_here:
            _say(console, f"{chip} cannot run it: it needs {'; '.join(bill.needs)}")
        elif chip not in priced:
            _say(console, f"{chip} can run it; no energy of it is published, its file states limits only")


def _known(bill: Bill) -> bool:
    """Whether any price of the bill is known; a chip that states limits only has none."""
    return bool(any(line.price.known for line in bill.lines) and float(bill.total().mean().nominal) > 0)


def _energy(bill: Bill, which: str) -> str:
    if not bill.priced:
        return "no published energy"
    t = bill.total(which).mean()
    text = si_range(float(t.low), float(t.nominal), float(t.high), "J")
    return _bound(bill, text)


def _bound(bill: Bill, text: str) -> str:
    return text if text == "-" or not bill.lower_bound else f"at least {text}"


def _terms(console: Console, bill: Bill) -> None:
    terms = list(bill.by_term())
    layers = list(dict.fromkeys(line.layer for line in bill.lines))
    table = Table(bill.chip, *(t.replace("_", " ") for t in terms), box=SIMPLE_HEAD)
    for layer in layers:
        cells = []
        for term in terms:
            parts = [x for x in bill.lines if x.layer == layer and x.term == term and x.price.known]
            cells.append(si(float(np.mean(sum(x.energy.nominal for x in parts))), "J") if parts else "")
        table.add_row(layer, *cells)
    by = bill.by_term()
    table.add_section()
    table.add_row("all", *(si(float(np.mean(by[t].nominal)), "J") for t in terms))
    console.print(table)


def versus(found: Sequence[Versus]) -> None:
    """Print per chip: the ratio with its range and verdict, the odds, and the constants that matter."""
    console = Console()
    for v in found:
        r = v.ratio
        _say(
            console,
            f"{r.chip}: the SNN costs {times(r)} what the MLP does. Verdict: {r.verdict}, {r.reason}.",
        )
        if None not in v.accuracies:
            snn, mlp = (percent(float(a or 0.0)) for a in v.accuracies)
            _say(console, f"  accuracy: SNN {snn}, MLP {mlp}")
        if v.odds is not None:
            q, draws = v.odds.quantiles, len(v.odds.ratio)
            _say(
                console,
                f"  in {percent(v.odds.share)} of {draws} scenarios of the constants the SNN costs less "
                f"(ratio {significant(float(q.low))} to {significant(float(q.high))} in 90 % of them)",
            )
        flips = [s for s in v.constants if s.flips]
        for s in flips or list(v.constants[:1]):
            ends = f"{significant(s.at_low)} at its low, {significant(s.at_high)} at its high end"
            word = "flips the winner" if s.flips else "moves it most, and flips nothing"
            _say(console, f"  {s.constant} alone {word}: ratio {ends}")
        _say(console, "  estimated, not measured")


def breakeven(found: Sequence[BreakEven]) -> None:
    """Print the break-even against each form of the MLP, beside the published ones."""
    console = Console()
    first = found[0]
    table = Table(
        "MLP", "spikes per synapse per inference", "spikes per neuron and step", "chip", box=SIMPLE_HEAD
    )
    for b in found:
        s, r = b.spikes_per_synapse, b.spikes_per_neuron_step
        if float(s.nominal) <= 0:
            table.add_row(b.form, "none: the MLP always costs less", "", b.chip)
            continue
        table.add_row(
            b.form,
            f"{significant(float(s.nominal))} ({significant(float(s.low))} to {significant(float(s.high))})",
            f"{percent(float(r.nominal))} ({percent(float(r.low))} to {percent(float(r.high))})",
            b.chip,
        )
    console.print(table)
    _say(console, f"Below it the spiking layer costs less, above it the MLP ({first.steps} steps).")
    _say(console, "Published:")
    for name, (low, high, unit) in PUBLISHED.items():
        _say(console, f"  {name}: {low:g}" + (f" to {high:g}" if high > low else "") + f" {unit}")
    _say(console, "estimated, not measured")


def validation(rows: Sequence[Target]) -> bool:
    """Print every target; return whether all checks and negatives pass (predictions may fail)."""
    console = Console()
    table = Table("id", "target", "published", "ours", "error", "allowed", "what it is", box=SIMPLE_HEAD)
    for row in rows:
        failed = "outside its band" if row["kind"] == "prediction" else "FAILED"
        table.add_row(
            row["id"],
            f"{row['item']} [{row['source']}]",
            "-" if row["expected"] is None else _number(row["expected"], row["unit"]),
            _number(row["got"], row["unit"]),
            "-" if row["error"] is None else f"{100 * row['error']:+.2g} %",
            allowed(row),
            row["kind"] if row["passed"] else f"{row['kind']}, {failed}",
        )
    console.print(table, markup=False)
    rest = [row for row in rows if row["kind"] != "prediction"]
    _say(
        console,
        f"{in_words(rows)}; {sum(r['passed'] for r in rest)} of {len(rest)} checks and negatives pass",
    )
    return sound(rows)


def _number(value: float, unit: str) -> str:
    return f"{value:.6g}" + ("" if unit == "1" else f" {unit}")


def _say(console: Console, text: Any) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)
