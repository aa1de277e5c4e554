"""The main job from end to end, on real digits."""

import json

import numpy as np
import pandas as pd
import pytest

from spiking.bridges.nir import load as load_nir
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.data.load import load
from spiking.hardware import load_chip, price
from spiking.hardware.bill import STANDING
from spiking.hardware.design import Design
from spiking.simulate import run
from spiking.study.compare import TEST_SEED, compare
from spiking.study.contenders import contender_names
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import Task
from tests import recompute_bill

CONTENDERS = contender_names()
PROMISED = """
    model chip accuracy accuracy_low accuracy_high energy_J energy_low_J energy_high_J energy_compute_J
    energy_dynamic_J latency_s spikes_per_inference spikes_per_synapse spikes_per_neuron_step runs_here needs
"""


def test_folder_is_complete(full_run):
    found, _ = full_run
    names = {str(p.relative_to(found.path)) for p in found.path.rglob("*") if p.is_file()}
    figures = (
        "accuracy_energy",
        "across_chips",
        "designs",
        "energy_terms",
        "learning_curves",
        "pace",
        "spike_raster",
    )
    assert names == (
        {"rows.csv", "rows.json", "bills.json", "designs.json", "report.md", "manifest.json"}
        | {"explorer.html", "explorer.json"}
        | {f"models/{m}{end}" for m in CONTENDERS for end in (".nir", ".generic-45nm.nir")}
        | {f"figures/{f}.{end}" for f in figures for end in ("png", "svg")}
    )


def test_rows_have_the_promised_columns_in_three_forms(full_run):
    found, _ = full_run
    assert set(PROMISED.split()) <= set(found.rows.columns)
    table = pd.read_csv(found.path / "rows.csv", keep_default_na=True)
    plain = pd.DataFrame(json.loads((found.path / "rows.json").read_text()))
    for column in ("accuracy", "energy_J", "energy_low_J", "latency_s", "spikes_per_synapse"):
        assert np.allclose(table[column], found.rows[column], equal_nan=True, rtol=1e-9)
        assert np.allclose(plain[column].astype(float), found.rows[column], equal_nan=True, rtol=1e-9)


def test_every_model_learned_and_every_total_is_ordered(full_run):
    rows = full_run[0].rows
    assert list(dict.fromkeys(rows["model"])) == CONTENDERS
    run_here = rows[rows["runs_here"]]
    assert len(run_here) == 7
    assert (run_here["energy_low_J"] <= run_here["energy_J"]).all()
    assert (run_here["energy_J"] <= run_here["energy_high_J"]).all()
    assert (run_here["energy_compute_J"] <= run_here["energy_dynamic_J"]).all()
    assert (run_here["energy_dynamic_J"] <= run_here["energy_J"]).all()


def test_what_learning_costs_stands_apart_from_inference(full_run):
    rows = full_run[0].rows.set_index(["model", "chip"])
    machine = rows.xs("generic-45nm", level="chip")
    learned = machine["training_energy_J"]
    names = ["mlp", "surrogate", "stdp"]
    assert (learned[names] > 1e3 * machine["energy_J"][names]).all()
    assert np.isnan(learned["converted"])  # it takes what the MLP learned
    assert np.isnan(rows.loc[("surrogate", "loihi1"), "training_energy_J"])  # no products there
    assert rows.loc[("stdp", "loihi1"), "training_lower_bound"]


def test_accuracies_are_what_the_project_promises(full_run):
    accuracy = full_run[0].rows.drop_duplicates("model").set_index("model")["accuracy"]
    assert accuracy["mlp"] >= 0.965
    assert accuracy["surrogate"] >= accuracy["mlp"] - 0.01
    assert accuracy["converted"] >= accuracy["mlp"] - 0.01
    assert accuracy["stdp"] >= 0.80


def test_mlp_cannot_run_on_loihi_and_the_row_says_why(full_run):
    rows = full_run[0].rows.set_index(["model", "chip"])
    row = rows.loc[("mlp", "loihi1")]
    assert not row["runs_here"]
    assert np.isnan(row["energy_J"])
    assert "conventional" in row["needs"]


def test_bills_add_up_to_the_rows(full_run):
    found, _ = full_run
    for bill in json.loads((found.path / "bills.json").read_text()):
        if not bill["runs_here"]:
            continue
        row = found.rows.set_index(["model", "chip"]).loc[(bill["model"], bill["chip"])]
        total = sum(line["energy_J"] or 0.0 for line in bill["lines"])
        dynamic = sum(line["energy_J"] or 0.0 for line in bill["lines"] if line["term"] not in STANDING)
        assert row["energy_J"] == pytest.approx(total)
        assert row["energy_dynamic_J"] == pytest.approx(dynamic)


@pytest.mark.parametrize("model", CONTENDERS)
def test_what_was_tested_is_what_was_counted_and_priced(full_run, model):
    """Counting another network than the one that was built gives other weights, so other operations."""
    found, _ = full_run
    row = found.rows.set_index(["model", "chip"]).loc[(model, "generic-45nm")]
    designs = json.loads((found.path / "designs.json").read_text())
    (mine,) = [d["design"] for d in designs if d["model"] == model]
    network = load_nir(found.path / row["network"])
    assert all(c.weight_bits == mine["weight_bits"] for c in network.connections)
    trace = run(network, load("digits", seed=0).x_test, seed=TEST_SEED)
    counts = count(network, trace).mean()
    chip = Design.from_dict(mine).chip(load_chip("generic-45nm"), spiking=network.spiking)
    assert row["energy_J"] == pytest.approx(float(price(counts, chip).total("total").nominal))
    assert row["synaptic_events"] == pytest.approx(float(counts.total("synaptic_events")), abs=1e-9)


@pytest.mark.parametrize("model", CONTENDERS)
def test_saved_models_answer_as_reported(full_run, model):
    found, _ = full_run
    data = load("digits", seed=0)
    for _, row in found.rows[found.rows["model"] == model].iterrows():
        trace = run(load_nir(found.path / row["network"]), data.x_test, seed=TEST_SEED)
        assert trace.accuracy(data.y_test) == pytest.approx(row["accuracy"], abs=1e-9)


def test_the_chosen_designs_are_the_cheapest_within_the_margin(full_run):
    designs = json.loads((full_run[0].path / "designs.json").read_text())
    assert {d["model"] for d in designs} == set(CONTENDERS)
    for d in designs:
        best = max(p["accuracy"] for p in d["front"])
        allowed = [p["energy_J"] for p in d["front"] if p["accuracy"] >= best - 0.01 - 1e-9]
        assert d["validation_energy_J"] == pytest.approx(min(allowed))
        assert d["validation_accuracy"] >= best - 0.01 - 1e-9


def test_manifest_says_how_to_repeat_it(full_run):
    found, _ = full_run
    m = json.loads((found.path / "manifest.json").read_text())
    assert m["data"]["name"] == "digits"
    assert m["configuration"]["seed"] == 0
    assert m["configuration"]["settings"]["mlp"]["hidden"] == 256
    assert m["machine"]["cores"] >= 1
    assert {"python", "numpy", "numba", "spikejoule"} <= set(m["versions"])
    assert set(m["seconds"]) == {"load", "total", *CONTENDERS}
    assert len(m["data"]["checksum"]) == 64


def test_report_leads_with_the_answer_and_hides_nothing(full_run):
    found, _ = full_run
    text = (found.path / "report.md").read_text()
    lines = text.splitlines()
    assert lines[0].startswith("# MLP or spiking network? digits, 360 test samples")
    assert lines[2].startswith("- **Accuracy:")
    assert lines[3].startswith("- **Energy on generic-45nm:")
    for words in (
        "estimated, not measured",
        "## What is missing",
        "MLP on loihi1: cannot run",
        "nobody has published a price",
        "Furber 2021",
        "Dampfhoffer",
        "arXiv:2409.08290",
        "horowitz2014",
        "45 nm; 0.9 V",
        "sha256",
    ):
        assert words in text
    for path in (p for p in lines if p.startswith("![")):
        assert (found.path / path.split("(")[1].rstrip(")")).exists()


def test_progress_counts_up_to_its_total(full_run):
    _, events = full_run
    assert {e.who for e in events} == {"", *CONTENDERS}
    assert all(0 <= e.done <= e.total and e.unit for e in events)


def test_same_seed_same_rows_and_models_can_be_chosen(full_run, tmp_path):
    found, _ = full_run
    again = compare(contenders=["converted", "mlp"], chips=["loihi1"], out=tmp_path / "again")
    assert list(again.rows["model"]) == ["mlp", "converted"]
    both = found.rows[(found.rows["chip"] == "loihi1") & found.rows["model"].isin(again.rows["model"])]
    pd.testing.assert_frame_equal(again.rows, both.reset_index(drop=True), check_exact=True)
    alone = compare(quick=True, contenders=["converted"], chips=["loihi1"], out=tmp_path / "alone")
    assert [p.name for p in (alone.path / "models").iterdir()] == ["converted.nir"]
    assert (alone.path / "report.md").read_text().splitlines()[2].startswith("> Quick run")


def test_test_samples_do_not_enter_training():
    data = load("digits", seed=0)
    task = Task.of(data, settings_for("digits"), 0)
    assert len(task.x) + len(task.x_validation) == len(data.x_train)
    rows = {r.tobytes() for r in np.vstack([task.x, task.x_validation])}
    assert rows == {r.tobytes() for r in data.x_train}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": "digit"}, "unknown data set 'digit' (did you mean 'digits'?)"),
        ({"contenders": ["mpl"]}, "unknown contender 'mpl' (did you mean 'mlp'?)"),
        ({"contenders": "mlp"}, "contenders is 'mlp'; a list is needed, e.g. contenders=['mlp']"),
        ({"contenders": 3}, "contenders is 3; a list is needed"),
        ({"contenders": [3]}, "a contender is 3; allowed: mlp, surrogate"),
        ({"contenders": ["nosuch.nir"]}, "nosuch.nir"),
        ({"chips": "loihi1"}, "chips is 'loihi1'; a list is needed"),
        ({"sed": 1}, "unknown option of compare 'sed' (did you mean 'seed'?)"),
        ({"contenders": ["stdp"], "steps": 8}, "--steps has no effect on stdp"),
        ({"data": "digits", "label": "a"}, "--label names a column of a .csv"),
        ({"data": "mine.csv"}, "mine.csv does not exist"),
        ({"budget": -1}, "--budget is -1"),
        ({"contenders": []}, "no contender came; allowed: mlp, surrogate, converted, stdp"),
        ({"chips": ["generic45nm"]}, "unknown chip 'generic45nm' (did you mean 'generic-45nm'?)"),
        ({"chips": []}, "no chip came"),
        ({"design": "cheap"}, "design is 'cheap'; allowed: best (all explored), shipped, or a .toml"),
        ({"design": "none.toml"}, "none.toml cannot be read"),
        ({"margin": 101}, "margin is 101 points; allowed: 0 to 100"),
        ({"every": 0}, "--every is 0 s; allowed: above 0"),
        ({"steps": 0}, "--steps is 0; allowed: whole numbers, 1 to 100000"),
        ({"hidden": -3}, "--hidden is -3; allowed: whole numbers, 1 to"),
        ({"seed": -1}, "--seed is -1"),
        ({"data_path": "/nowhere"}, "'digits' is not read from files"),
        ({"data": "mnist", "data_path": "/nowhere"}, "/nowhere does not exist"),
    ],
)
def test_bad_input_says_what_to_do_and_writes_nothing(options, words, tmp_path):
    with pytest.raises(SpikingError) as caught:
        compare(out=tmp_path / "out", **options)
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_bills_are_what_the_stored_weights_give(full_run):
    """Worked out again by a script that knows nothing of the energy models."""
    assert recompute_bill.main(full_run[0].path) == 0
