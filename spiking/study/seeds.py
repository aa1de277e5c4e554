"""``compare`` over several seeds: a run each, then means with 95 % intervals."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.core.files import write_json, write_text
from spiking.core.progress import Progress, Watch
from spiking.hardware.verdict.accuracy import margin_of
from spiking.study.comparing import Comparing, Comparison
from spiking.study.record.folder import check_out, kind_of
from spiking.study.record.manifest import manifest, versions
from spiking.study.report.seeds import render_seeds
from spiking.study.results.rows import records
from spiking.study.results.seeds import over, seed_sentences

One = Callable[[Comparing, Path, Watch], None]
Identity = Callable[[Comparing], dict[str, Any]]
FOLDER = "seed-*"


def over_seeds(
    one: One, identity: Identity, asked: Comparing, target: Path, data: str, tell: Watch
) -> Comparison:
    """Run every seed that is not there yet, and write what they say together.

    Args:
        one: runs one seed into a folder. identity: what a finished run was asked, and on which data.
        asked: the options, of all seeds. target: the folder of them all. data: its name.

    Raises:
        SpikingError: as :func:`~spiking.study.compare.compare`; seeds that were finished stay.
    """
    check_out(target, marks=(FOLDER,))
    started, parts, facts = time.perf_counter(), [], {}
    for k in range(asked.seed, asked.seed + asked.seeds):
        part, folder = replace(asked, seed=k, seeds=1), target / f"seed-{k}"
        wanted = _plain(identity(part))
        facts = wanted["data"]
        event = Progress(who=f"seed {k}", stage="compare", done=0, total=1, unit="runs")
        tell(event)
        if not _finished(folder, wanted):
            one(part, folder, _called(k, tell))
        rows = pd.read_json(StringIO((folder / "rows.json").read_text(encoding="utf-8")), orient="records")
        parts.append(rows.assign(seed=k))
        tell(replace(event, done=1))
    rows = pd.concat(parts, ignore_index=True)
    found = over(rows)
    said = seed_sentences(found, margin=margin_of(asked.margin))
    configuration = _plain(identity(asked)["configuration"])
    record = manifest(
        configuration=configuration, data=facts, seconds={"total": time.perf_counter() - started}
    )
    write_text(target / "rows.csv", rows.to_csv(index=False))
    write_json(target / "seeds.json", records(found))
    write_text(target / "report.md", render_seeds(found, rows, said, data=data, manifest=record))
    write_json(target / "manifest.json", record)
    return Comparison(path=target, rows=rows, answer=said, bills={}, seeds=found)


def _called(seed: int, tell: Watch) -> Watch:
    return lambda event: tell(replace(event, who=f"seed {seed}{', ' if event.who else ''}{event.who}"))


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """The value as it reads from a JSON file."""
    return dict(json.loads(json.dumps(value, default=str)))


def _finished(folder: Path, wanted: Mapping[str, Any]) -> bool:
    """Whether the same was asked of the same data by the same version, and is there."""
    if kind_of(folder) != "comparison" or not (folder / "rows.json").is_file():
        return False
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    same = {k: v for k, v in found["configuration"].items() if k != "settings"}
    asked = {k: v for k, v in wanted["configuration"].items() if k != "settings"}
    return bool(same == asked and found["data"] == wanted["data"] and found["versions"] == versions())
