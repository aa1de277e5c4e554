"""``docs/validation-dynamics.md``, written from the rows and from the profiles themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from spiking.core.files import write_text
from spiking.core.neurons import Discretisation
from spiking.core.neurons.profiles import PROFILES
from spiking.study.validation.energy.run import Row

KINDS = {
    "live peer": "Other simulators, run beside ours",
    "stored trace": "Stored traces of the NIR paper",
    "published spikes": "Published spike steps of twelve platforms",
    "golden vector": "Loihi's integers: golden vectors",
    "closed form": "Closed forms",
}

HEAD = """# Dynamics beside other simulators

The same weights mean different things in each simulator, because each turns
`tau dv/dt = -(v - v_leak) + i` into steps in its own way. Here every convention has a name (a
profile) and something that shows it. This page is written by
`spiking validate dynamics --page docs`; {passed} of {number} comparisons pass.

| profile | words that differ from the default | reset | shown by |
|---|---|---|---|
{profiles}

The defaults are {default}. What each word does is written at `Discretisation`.
"""


def page(rows: Sequence[Row]) -> str:
    """Return the page as Markdown."""
    default = Discretisation()
    words = [f.name for f in fields(Discretisation)]
    lines = []
    for name, p in PROFILES.items():
        d = p.discretisation
        differ = [f"`{w}={getattr(d, w)!r}`" for w in words if getattr(d, w) != getattr(default, w)]
        lines.append(f"| `{name}` | {', '.join(differ) or '-'} | {p.reset} | {p.proof} |")
    out = HEAD.format(
        passed=sum(r["passed"] for r in rows),
        number=len(rows),
        profiles="\n".join(lines),
        default=", ".join(f"`{w}={getattr(default, w)!r}`" for w in words),
    )
    for kind, title in KINDS.items():
        mine = [r for r in rows if r["kind"] == kind]
        if mine:
            out += f"\n## {title}\n\n| id | comparison | expected | ours | allowed | source |\n"
            out += "|---|---|---|---|---|---|\n"
            out += "".join(_line(r) for r in mine)
    return out


def _line(r: Row) -> str:
    expected = "-" if r["expected"] is None else f"{r['expected']:.9g}"
    relative = r["expected"] not in (None, 0.0) and r["tolerance"] != 0.0
    allowed = f"{r['tolerance']:g}{' relative' if relative else ''}"
    unit = f" {r['unit']}" if r["unit"] else ""
    note = f" ({r['note']})" if r["note"] else ""
    failed = "" if r["passed"] else " **FAILED**"
    cells = (
        r["id"],
        r["item"] + note,
        expected + unit,
        f"{r['got']:.9g}{unit}{failed}",
        allowed,
        r["source"],
    )
    return "| " + " | ".join(cells) + " |\n"


def write_page(rows: Sequence[Row], folder: Path) -> Path:
    """Write ``validation-dynamics.md`` into ``folder`` and return its path."""
    path = folder / "validation-dynamics.md"
    write_text(path, page(rows))
    return path
