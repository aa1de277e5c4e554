"""``report.md``: the answer first, then the tables, what is missing, figures and sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from spiking.core.numbers import percent, si, si_range, significant
from spiking.hardware.bill import Bill
from spiking.hardware.verdict.ratio import Ratio
from spiking.hardware.verdict.thresholds import THRESHOLDS, Threshold
from spiking.study.figures.rows.pace import paced
from spiking.study.figures.style import label
from spiking.study.report.citations import citation
from spiking.study.report.escape import Markdown, code, escaped
from spiking.study.results.findings import (
    Bills,
    activity_rows,
    delay_words,
    missing,
    rate_words,
    ratios,
    static_share,
    total_words,
)
from spiking.study.results.training import training_table

OWN = Markdown("assumptions with a stated band; `spiking chips show NAME` lists each")


def render(
    rows: pd.DataFrame,
    bills: Bills,
    *,
    manifest: Mapping[str, Any],
    answer: Sequence[str],
    designs: Sequence[Mapping[str, str]],
    training: Sequence[str],
    raster: bool,
) -> str:
    """Return the report as Markdown.

    Args:
        bills: ``(model, chip)`` -> bill of the mean inference.
        answer: the lead, sentence by sentence. designs: rows of the table of designs.
        training: a sentence on each model's training.
        raster: whether a spike raster was drawn.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("spiking.study.report", "templates"),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=escaped,  # names of chips, data and networks are other people's text
    )
    data = manifest["data"]
    return environment.get_template("report.md.j2").render(
        title=f"MLP or spiking network? {data['name']}, {data['test_samples']} test samples",
        quick=manifest["configuration"]["quick"],
        answer=answer,
        designs=designs,
        rows=[_row(r) for _, r in rows.iterrows()],
        paced=bool(paced(rows)),
        static=[s for chip in dict.fromkeys(rows["chip"]) if (s := static_share(rows, chip))],
        ratios=_ratio_rows(ratios(bills)),
        missing=missing(rows, bills),
        activity=activity_rows(rows),
        thresholds=[_threshold(t) for t in THRESHOLDS],
        training=training,
        learning=training_table(rows),
        raster=raster,
        sources=_sources(bills.values()),
        footers=_footers(bills),
        provenance=_provenance(manifest),
    )


def _row(r: pd.Series) -> dict[str, str]:
    low, high = 100 * r["accuracy_low"], 100 * r["accuracy_high"]
    bound = "at least " if r["lower_bound"] else ""
    total = si_range(r["energy_low_J"], r["energy_J"], r["energy_high_J"], "J")
    return {
        "model": label(r["model"]),
        "chip": r["chip"],
        "accuracy": f"{percent(r['accuracy'])} ({low:.1f} to {high:.1f})",
        "total": total_words(r, f"{bound}{total}"),
        "dynamic": si(r["energy_dynamic_J"], "J"),
        "compute": si(r["energy_compute_J"], "J"),
        "latency": si(r["latency_s"], "s"),
        "throughput": rate_words(r),
        "delay": delay_words(r),
        "spikes": "-" if pd.isna(r["spikes_per_inference"]) else significant(r["spikes_per_inference"]),
    }


def _ratio_rows(found: Sequence[Ratio]) -> list[dict[str, str]]:
    table: dict[tuple[str, str], dict[str, str]] = {}
    for r in found:
        empty = {"chip": r.chip, "model": label(r.model), "compute": "-", "dynamic": "-", "total": "-"}
        row = table.setdefault((r.chip, r.model), empty | {"verdict": "-"})
        signs = {"at least": "≥ ", "at most": "≤ ", "unbounded": "? "}
        span = f"{significant(r.nominal)} ({significant(r.low)} to {significant(r.high)})"
        row[r.scope] = signs.get(r.bound, "") + span
        if r.scope == "total":
            row["verdict"] = r.verdict
    return list(table.values())


def _threshold(t: Threshold) -> str:
    return f"{t.name}, printed {t.printed}: {t.words} ({t.source})."


def _sources(bills: Iterable[Bill]) -> list[str]:
    keys = sorted({key for bill in bills for key in bill.sources})
    return [Markdown(f"{code(key)}: {escaped(citation(key)) or OWN}.") for key in keys]


def _footers(bills: Bills) -> list[str]:
    """The footer of each chip, of the bill that has most to say."""
    footers: dict[str, str] = {}
    for (_, chip), bill in bills.items():
        footers[chip] = max(footers.get(chip, ""), bill.footer() if bill.runs_here else "", key=len)
    return [text for text in footers.values() if text]


def _provenance(manifest: Mapping[str, Any]) -> str:
    m, v, d = manifest["machine"], manifest["versions"], manifest["data"]
    return (
        f"spikejoule {v['spikejoule']}, seed {manifest['configuration']['seed']}, data {d['name']} "
        f"(sha256 {d['checksum'][:12]}), {m['cpu']}, {m['cores']} cores, {manifest['written']}."
    )
