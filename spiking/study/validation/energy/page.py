"""The page of the docs that shows how far the estimate is from published values, written from the targets."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from spiking.core.files import write_text
from spiking.study.report.citations import citation
from spiking.study.validation.energy import Row, validate_energy

TEMPLATE = "template.md"
TITLES = {
    "prediction": "Predictions of measurements",
    "check": "Checks of arithmetic, constants and published models",
    "negative": "Estimates that must fall short",
}


def page(rows: Sequence[Row] | None = None) -> str:
    """Return the page as Markdown."""
    rows = validate_energy() if rows is None else rows
    tables = []
    for kind, title in TITLES.items():
        tables += [f"\n## {title}\n", "| id | target | published | ours | error | allowed | source |"]
        tables.append("|---|---|---|---|---|---|---|")
        tables += [_line(r) for r in rows if r["kind"] == kind]
    used = sorted({s.strip() for r in rows for s in r["source"].split(",")})
    template = (files("spiking.study.validation.energy") / TEMPLATE).read_text(encoding="utf-8")
    return template.format(
        passed=sum(r["passed"] for r in rows),
        number=len(rows),
        tables="\n".join(tables),
        sources="\n".join(f"- `{key}`: {citation(key)}" for key in used),
    )


def _line(r: Row) -> str:
    allowed = r["tolerance"]
    unit = "" if r["unit"] == "1" else f" {r['unit']}"
    expected = "-" if r["expected"] is None else f"{r['expected']:.5g}{unit}"
    error = "-" if r["error"] is None else f"{100 * r['error'] + 0.0:+.1f} %".replace("-0.0", "+0.0")
    span = f"{allowed[0]:g} to {allowed[1]:g}{unit}" if isinstance(allowed, list) else f"{100 * allowed:g} %"
    note = f" ({r['note']})" if r["note"] else ""
    passed = "" if r["passed"] else " **FAILED**"
    where = f"{r['source']}: {r['where']}" if r["where"] else r["source"]
    cells = (r["id"], r["item"] + note, expected, f"{r['got']:.5g}{unit}{passed}", error, span, where)
    return "| " + " | ".join(cells) + " |"


def write_page(folder: Path, rows: Sequence[Row] | None = None) -> list[Path]:
    """Write ``validation-energy.md`` and its figure into ``folder`` and return the paths."""
    from spiking.study.figures.energy import predicted_against_published
    from spiking.study.figures.style import save

    rows = validate_energy() if rows is None else rows
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "validation-energy.md"
    write_text(text, page(rows))
    return [text, *save(predicted_against_published(rows), folder / "figures", "validation-energy")]
