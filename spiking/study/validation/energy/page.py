"""The page of the docs that shows how far the estimate is from published values, written from the targets."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from spiking.core.files import write_text
from spiking.study.report.citations import citation
from spiking.study.validation.energy import Target, in_words, validate_energy

TEMPLATE = "template.md"
KNOWN = {"secondary": "as quoted by another work", "recall": "quoted from memory"}
TITLES = {
    "prediction": "Predictions of measurements",
    "check": "Checks of arithmetic, constants and published models",
    "negative": "Estimates that must fall short",
}


def page(rows: Sequence[Target] | None = None) -> str:
    """Return the page as Markdown."""
    rows = validate_energy() if rows is None else rows
    tables = []
    for kind, title in TITLES.items():
        limit = "our band" if kind == "prediction" else "allowed"
        tables += [f"\n## {title}\n", f"| id | target | published | ours | error | {limit} | source |"]
        tables.append("|---|---|---|---|---|---|---|")
        tables += [_line(r) for r in rows if r["kind"] == kind]
    ours = [r for r in rows if r["kind"] == "prediction"]
    used = sorted({s.strip() for r in rows for s in r["source"].split(",")})
    template = (files("spiking.study.validation.energy") / TEMPLATE).read_text(encoding="utf-8")
    return template.format(
        inside=in_words(ours),
        devices=len({r["device"] for r in ours}),
        failing="\n".join(_failing(r) for r in ours if not r["passed"]),
        passed=sum(r["passed"] for r in rows if r["kind"] != "prediction"),
        number=len(rows) - len(ours),
        tables="\n".join(tables),
        sources="\n".join(f"- `{key}`: {citation(key)}" for key in used),
    )


def _line(r: Target) -> str:
    unit = "" if r["unit"] == "1" else f" {r['unit']}"
    expected = "-" if r["expected"] is None else f"{r['expected']:.5g}{unit}"
    error = "-" if r["error"] is None else f"{100 * r['error'] + 0.0:+.1f} %".replace("-0.0", "+0.0")
    note = f" ({r['note']})" if r["note"] else ""
    passed = "" if r["passed"] else " **outside**" if r["kind"] == "prediction" else " **FAILED**"
    where = f"{r['source']}: {r['where']}" if r["where"] else r["source"]
    where += "" if r["known"] == "primary" else f" ({KNOWN[r['known']]})"
    item = f"{r['device']}: {r['item']}" if r["device"] else r["item"]
    ours = f"{r['got']:.5g}{unit}{passed}"
    return "| " + " | ".join((r["id"], item + note, expected, ours, error, allowed(r), where)) + " |"


def allowed(r: Target) -> str:
    """Return what a row is judged by: a relative error, two ends, or the ends of our own band."""
    unit, limit = "" if r["unit"] == "1" else f" {r['unit']}", r["tolerance"]
    if limit is None:
        return f"{r['low']:.4g} to {r['high']:.4g}{unit}"
    return f"{limit[0]:g} to {limit[1]:g}{unit}" if isinstance(limit, list) else f"{100 * limit:g} %"


def _failing(r: Target) -> str:
    return f"- {r['id']}, {r['item']} ({r['device']}): {r['reason'] or 'the reason is not known'}."


def write_page(folder: Path, rows: Sequence[Target] | None = None) -> list[Path]:
    """Write ``validation-energy.md`` and its figure into ``folder`` and return the paths."""
    from spiking.study.figures.energy import predicted_against_published
    from spiking.study.figures.style import save

    rows = validate_energy() if rows is None else rows
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "validation-energy.md"
    write_text(text, page(rows))
    return [text, *save(predicted_against_published(rows), folder / "figures", "validation-energy")]
