"""The files of a run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.bridges.nir import save as save_nir
from spiking.core.numbers import percent, si
from spiking.data.dataset import Dataset
from spiking.hardware import Bill
from spiking.study.explorer.data import collect, priceable
from spiking.study.explorer.page import page
from spiking.study.explorer.points import points_of
from spiking.study.explorer.read import KEPT, PAGE
from spiking.study.figures.accuracy import accuracy_energy
from spiking.study.figures.chips import across_chips
from spiking.study.figures.headline import best_errors, cheapest_of_each_kind, largest_terms, who_costs_less
from spiking.study.figures.learning import learning_curves
from spiking.study.figures.panels import bounded
from spiking.study.figures.raster import Inference, spike_raster
from spiking.study.figures.rows.front import front
from spiking.study.figures.rows.pace import pace, paced
from spiking.study.figures.style import label, save
from spiking.study.figures.terms import energy_terms
from spiking.study.report.markdown import render
from spiking.study.results.designs import design_rows, design_table, tried_rows
from spiking.study.results.findings import Bills
from spiking.study.results.outcome import Evaluated
from spiking.study.results.rows import frame, records, term_rows


def write_run(
    folder: Path,
    *,
    rows: pd.DataFrame,
    bills: Bills,
    evaluated: Sequence[Evaluated],
    data: Dataset,
    manifest: Mapping[str, Any],
    answer: Sequence[str],
) -> None:
    """Write rows, bills, models, figures, report and manifest into ``folder``."""
    rows.to_csv(folder / "rows.csv", index=False)
    _json(folder / "rows.json", records(rows))
    _json(folder / "bills.json", [_bill(model, bill) for (model, _), bill in bills.items()])
    (folder / "models").mkdir()
    for e in evaluated:
        save_nir(e.trained.network, folder / "models" / f"{e.model}.nir")
        for chip, d in e.deployed.items():
            if d.design is not None:  # as it is built there
                save_nir(d.network, folder / "models" / model_file(e, chip))
    _json(folder / "designs.json", design_rows(evaluated))
    _explorer(folder, evaluated, manifest)
    raster = _figures(folder / "figures", rows, bills, evaluated, data)
    training = [_training(e) for e in evaluated]
    text = render(
        rows,
        bills,
        manifest=manifest,
        answer=answer,
        designs=design_table(evaluated),
        training=training,
        raster=raster,
    )
    (folder / "report.md").write_text(text, encoding="utf-8")
    _json(folder / "manifest.json", manifest)


def _explorer(folder: Path, evaluated: Sequence[Evaluated], manifest: Mapping[str, Any]) -> None:
    """The page that prices every design anew, where one of them has a price."""
    points = points_of(evaluated)
    if not any(priceable(p) for p in points):
        return
    found, asked = manifest["data"], manifest["configuration"]
    title = f"MLP or spiking network? {found['name']}, {found['test_samples']} test samples"
    note = "Quick run: training was cut short; draw no conclusion from its numbers." if asked["quick"] else ""
    data = collect(points, title=title, note=note, every=asked["every"])
    (folder / KEPT).write_text(json.dumps(data, separators=(",", ":"), allow_nan=False), encoding="utf-8")
    (folder / PAGE).write_text(page(data), encoding="utf-8")


def model_file(e: Evaluated, chip: str) -> str:
    """Name of the file with the network as it is built for ``chip``."""
    return f"{e.model}.nir" if e.deployed[chip].design is None else f"{e.model}.{chip}.nir"


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _bill(model: str, bill: Bill) -> dict[str, Any]:
    return {"model": model, **bill.to_dict()}


def _training(e: Evaluated) -> str:
    before, after = e.validation
    if e.trained.network is e.trained.original:
        return f"**{label(e.model)}**: {e.trained.how}; validation accuracy {percent(after)}.{_loihi(e)}"
    return (
        f"**{label(e.model)}**: {e.trained.how}. Trained in {si(e.seconds, 's')}; quantising took its "
        f"validation accuracy from {percent(before)} to {percent(after)}.{_loihi(e)}{e.search}"
    )


def _loihi(e: Evaluated) -> str:
    """What Loihi's integers do to the accuracy, where that was asked."""
    if e.on_loihi is None:
        return ""
    accuracy, reason = e.on_loihi
    if accuracy is None:
        return f" It has no form in Loihi's integers: {reason}."
    return f" In Loihi's integers (8-bit mantissas, 12-bit decays, 24-bit state) it is {percent(accuracy)}."


def _figures(
    folder: Path, rows: pd.DataFrame, bills: Bills, evaluated: Sequence[Evaluated], data: Dataset
) -> bool:
    """Draw every figure; return whether there was a spiking network to draw a raster of."""
    terms = frame(t for (model, chip), bill in bills.items() for t in term_rows(model, chip, bill))
    save(accuracy_energy(rows, title=who_costs_less(rows, bills)), folder, "accuracy_energy")
    save(across_chips(rows, title=cheapest_of_each_kind(rows)), folder, "across_chips")
    save(energy_terms(terms, rows, title=largest_terms(terms, rows)), folder, "energy_terms")
    if paced(rows):
        save(pace(rows), folder, "pace")
    tried = tried_rows(evaluated)
    if len(tried):
        save(front(tried, y_label="Validation accuracy"), folder, "designs")
    histories = {e.model: e.trained.history for e in evaluated}
    save(learning_curves(histories, title=best_errors(histories)), folder, "learning_curves")
    spiking = [e for e in evaluated if e.trained.network.spiking]
    if spiking:
        one = _inference(spiking[0], rows, data)
        spikes = sum(int(s.sum()) for s in one.spikes.values())
        name, said = label(spiking[0].model), int(one.scores.argmax())
        title = f"{name} reads a {one.truth} as a {said}, with {spikes} spikes"
        save(spike_raster(one, title=title), folder, "spike_raster")
    return bool(spiking)


def _inference(e: Evaluated, rows: pd.DataFrame, data: Dataset) -> Inference:
    """The first test sample on its way through ``e``."""
    network, trace = e.first.network, e.shown
    shown = {k: v[0] for k, v in trace.raster.items() if k in trace.first_spike or k in _event_inputs(e)}
    costs = rows[(rows["model"] == e.model) & rows["runs_here"] & rows["energy_J"].notna()]
    words = [f"{bounded(r)} on {r['chip']}" for _, r in costs.iterrows()]
    note = f"{label(e.model)}, {network.steps} steps of {network.dt * 1e3:g} ms, first test sample."
    if words:
        note += f" Estimated energy of a mean inference: {', '.join(words)}."
    image = None if data.image_shape is None else data.x_test[0].reshape(data.image_shape)
    return Inference(
        spikes=shown,
        scores=trace.scores[0],
        truth=int(data.y_test[0]),
        dt=network.dt,
        image=image,
        note=note,
    )


def _event_inputs(e: Evaluated) -> set[str]:
    return {i.name for i in e.first.network.inputs if not i.encoder.analog}
