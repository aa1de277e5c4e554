"""``report.md`` of a comparison over several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from spiking.core.numbers import si
from spiking.study.figures.style import label
from spiking.study.report.escape import escaped
from spiking.study.results.findings import delay_words, rate_words
from spiking.study.results.seeds import accuracy_words, energy_words, ratio_words


def render_seeds(
    found: pd.DataFrame, rows: pd.DataFrame, answer: Sequence[str], *, data: str, manifest: Mapping[str, Any]
) -> str:
    """Return the report as Markdown.

    Args:
        found: one row per contender and chip (:func:`spiking.study.results.seeds.over`).
        rows: of every seed. answer: the lead, sentence by sentence.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("spiking.study.report", "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=escaped,  # names of chips, data and networks are other people's text
    )
    return environment.get_template("seeds.md.j2").render(
        title=f"MLP or spiking network? {data}, {int(found['seeds'].iloc[0])} seeds",
        quick=manifest["configuration"]["quick"],
        answer=answer,
        rows=[_row(r) for _, r in found.iterrows()],
        seeds=[_seed(str(seed), part) for seed, part in rows.groupby("seed")],
        version=manifest["versions"]["spikejoule"],
        written=manifest["written"],
    )


def _row(r: pd.Series) -> dict[str, str]:
    return {
        "model": label(r["model"]),
        "chip": r["chip"],
        "accuracy": accuracy_words(r),
        "energy": energy_words(r),
        "ratio": ratio_words(r),
        "latency": si(r["latency_s"], "s"),
        "throughput": rate_words(r),
        "delay": delay_words(r),
    }


def _seed(seed: str, part: pd.DataFrame) -> dict[str, Any]:
    designs = [f"{label(r['model'])} on {r['chip']}: {r['design']}" for _, r in part.iterrows()]
    return {"seed": seed, "designs": [d for d in designs if not d.endswith("as shipped")]}
