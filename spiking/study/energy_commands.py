"""The bodies of ``spiking energy``, ``breakeven`` and ``validate energy``."""

from __future__ import annotations

import json as json_format
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.errors import SpikingError, require
from spiking.hardware import add_chip, chip_names
from spiking.hardware.published import MODELS
from spiking.hardware.verdict.breakeven import FORMS, BreakEven
from spiking.hardware.verdict.breakeven import breakeven as break_even
from spiking.study.energy import price_model
from spiking.study.screen import energy as energy_show
from spiking.study.validation.energy import validate_energy as run_targets
from spiking.study.versus import versus

STEPS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)


def energy(
    model: Path,
    chips: Sequence[str],
    *,
    models: Sequence[str],
    settings: Mapping[str, Any],
    files: Mapping[str, Path | None],
    against: Path | None = None,
    draws: int = 0,
    **options: Any,
) -> None:
    """Price, print, compare with the network ``against``, and write the files asked for."""
    chips = chip_names() if list(chips) == ["all"] else chips
    models = list(MODELS) if list(models) == ["all"] else models
    found = price_model(model, chips, models=models, settings=settings, **options)
    energy_show.priced(found)
    data = found.to_dict()
    if against is not None:
        require(
            not settings, "--against compares with each chip's own settings; leave --state and --sums out"
        )
        other = price_model(against, chips, **options)
        beside = versus(found, other, draws=draws, latency=options.get("latency"))
        energy_show.versus(beside)
        data |= {"against": other.to_dict(), "comparison": [v.to_dict() for v in beside]}
    if files["json"]:
        _write(files["json"], data)
    if files["bibtex"]:
        from spiking.study.report.citations import bibtex

        used = [key for bill in found.bills.values() if bill.runs_here for key in bill.sources]
        used += [key.strip() for e in found.estimates.values() for key in e.source.split(",")]
        _text(files["bibtex"], bibtex(used))
    if files["figure"]:
        from spiking.study.figures.energy import waterfall
        from spiking.study.figures.style import save

        for chip, bill in found.bills.items():
            if bill.runs_here and float(np.mean(bill.total().nominal)) > 0:
                _tell(save(waterfall(bill), files["figure"], f"waterfall-{chip}"))


def add(file: Path) -> None:
    """Check a chip file, copy it to the user's folder, and say so."""
    chip = add_chip(file)
    print(f"{chip.name} is known from now on: {chip.title}")


def breakeven(chip: str, *, files: Mapping[str, Path | None], **options: Any) -> None:
    """Compute against every form of the MLP, print, and write the files asked for."""
    found = [break_even(chip, form=form, **options) for form in FORMS]
    energy_show.breakeven(found)
    if files["json"]:
        _write(files["json"], [asdict(b) for b in found])
    if files["figure"]:
        from spiking.study.figures.energy import breakeven_map
        from spiking.study.figures.style import save

        curves = {form: _curve(chip, form, options) for form in FORMS}
        footer = f"{chip}, {options['fan_in']} inputs, {options['units']} units, {options['which']} energy"
        _tell(save(breakeven_map(STEPS, curves, footer=footer), files["figure"], f"breakeven-{chip}"))


def _curve(chip: str, form: str, options: Mapping[str, Any]) -> Any:
    values: list[BreakEven] = [
        break_even(chip, form=form, **{**options, "steps": steps, "samples": 400}) for steps in STEPS
    ]
    spans = [b.spikes_per_synapse for b in values]
    return np.array([[s.low, s.nominal, s.high] for s in spans])


def validate_energy(*, json: Path | None, page: Path | None) -> bool:
    """Run the targets, print them, write the files asked for; return whether all pass."""
    rows = run_targets()
    good = energy_show.validation(rows)
    if json:
        _write(json, rows)
    if page:
        from spiking.study.validation.energy.page import write_page

        _tell(write_page(page, rows))
    return good


def _write(path: Path, data: Any) -> None:
    _text(path, json_format.dumps(data, indent=1) + "\n")


def _text(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SpikingError(f"{path} cannot be written ({error.strerror}); name another file") from None
    _tell([path])


def _tell(paths: Sequence[Path]) -> None:
    for path in paths:
        print(f"wrote {path}")
