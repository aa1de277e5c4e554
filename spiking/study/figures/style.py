"""How figures look: Okabe-Ito colours, safe for the colour-blind; markers and hatches for print in grey."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spiking.core.files import write_bytes
from spiking.study.contenders import CONTENDERS

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE, EDGE = "#6B6B6B", "#D9D9D9", "#333333"

SPARE = [(PURPLE, "v"), (ORANGE, "P"), (SKY, "X"), (YELLOW, "h")]

TERMS: dict[str, tuple[str, str]] = {  # colour, hatch; order is the order of stacking
    "compute": (BLUE, ""),
    "weight_memory": (ORANGE, "///"),
    "state_memory": (SKY, "..."),
    "addressing": (YELLOW, "xxx"),
    "routing": (PURPLE, "\\\\\\"),
    "io": (GREEN, "+++"),
    "learning": (BLACK, ""),
    "system": (VERMILLION, "ooo"),
    "clock": (GREY, "|||"),
    "static": (PALE, "---"),
    "idle": ("#F4F4F4", "---..."),
}
SPARE_TERMS = [("#8DB600", "**"), ("#444444", "//")]

WIDTH = 7.1  # [inch], two columns of a journal page

RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "spikejoule",
    "savefig.dpi": 200,
    "figure.dpi": 100,
}


def label(model: str) -> str:
    """Name of a contender for reading; a ready-made network is called as its row."""
    return CONTENDERS[model].label if model in CONTENDERS else model


def look(model: str, others: list[str]) -> tuple[str, str]:
    """``(colour, marker)`` of a contender; those without a fixed look take spare ones in order."""
    if _has_look(model):
        return CONTENDERS[model].colour, CONTENDERS[model].marker
    without = [m for m in others if not _has_look(m)]
    return SPARE[without.index(model) % len(SPARE)]


def _has_look(model: str) -> bool:
    return model in CONTENDERS and bool(CONTENDERS[model].colour and CONTENDERS[model].marker)


def term_look(terms: list[str]) -> dict[str, tuple[str, str]]:
    """``{term: (colour, hatch)}`` in the order of stacking, what is always paid last."""
    last = ("static", "idle")
    known = [t for t in TERMS if t in terms and t not in last]
    other = [t for t in terms if t not in TERMS]
    looks = {t: TERMS[t] for t in known}
    looks |= {t: SPARE_TERMS[i % len(SPARE_TERMS)] for i, t in enumerate(other)}
    return looks | {t: TERMS[t] for t in last if t in terms}


def term_words(term: str) -> str:
    """A term of a bill for reading."""
    return {"io": "input and output"}.get(term, term.replace("_", " "))


@contextmanager
def style() -> Iterator[None]:
    """Apply the look to figures made and saved inside."""
    import matplotlib

    with matplotlib.rc_context(RC):  # type: ignore[arg-type]
        yield


def save(figure: Any, folder: Path, name: str) -> list[Path]:
    """Write ``name.png`` and ``name.svg`` (same bytes for the same figure) and return their paths.

    Raises:
        SpikingError: they cannot be written. Earlier files stay as they were.
    """
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    with style():
        for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
            held = io.BytesIO()
            kind = path.suffix[1:]
            figure.savefig(held, format=kind, bbox_inches="tight", facecolor="white", metadata=metadata)
            write_bytes(path, held.getvalue())
    return paths
