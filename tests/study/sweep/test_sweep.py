"""A whole sweep: every point once, equal to what compare's own parts compute, whoever computes it."""

import json

import numpy as np
import pandas as pd
import pytest

import spiking
from spiking.core.counts import count
from spiking.data.own import read_data
from spiking.hardware import load_chip, price
from spiking.hardware.design import Design
from spiking.study.compare import fewer
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import Task
from spiking.study.designs import deploy
from spiking.study.designs.explore import potentials
from spiking.study.sweep.run import Sweep
from tests.study.sweep.small import GRID, POINTS, base


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The small grid, finished."""
    out = tmp_path_factory.mktemp("sweeps") / "grid"
    events = []
    rows = spiking.sweep({"base": base(), "axes": GRID}, out=out, progress=events.append)
    return out, rows, events


def test_every_point_is_there_once(done):
    out, rows, events = done
    assert len(rows) == POINTS == rows["point"].nunique()
    assert (rows["error"] == "").all()
    assert [(e.done, e.total) for e in events][-1] == (POINTS, POINTS)
    assert rows["training"].nunique() == 3  # the MLP, and the spiking network at two numbers of steps
    assert rows["evaluation"].nunique() == 6  # and each with two widths of weights
    mlp = rows[rows["model"] == "mlp"]
    assert sorted(mlp["weight_bits"]) == [4, 4, 8, 8]
    written = pd.read_csv(out / "rows.csv")
    assert list(written["point"]) == list(rows["point"])
    plain = json.loads((out / "rows.json").read_text())
    assert plain[0]["energy_J"] == rows["energy_J"].iloc[0]
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["kind"], manifest["points"], manifest["failed"]) == ("spiking sweep", POINTS, 0)


def test_a_row_is_what_the_parts_compute_one_by_one(done):
    _, rows, _ = done
    samples = fewer(read_data(base()["data"], seed=0))
    settings = settings_for("yours", [CONTENDERS["surrogate"]]).quick().having("surrogate", hidden=8, steps=4)
    task = Task.of(samples, settings, 0)
    trained = CONTENDERS["surrogate"].train(task)
    design = Design(weight_bits=4)
    network = design.network(trained.original, peaks=potentials(trained.original, task.x[:1000], 0))
    trace = deploy.tested(network, samples.x_test, 0)
    bill = price(count(network, trace).mean(), design.chip(load_chip("generic-45nm"), spiking=True))
    one = rows.query("model == 'surrogate' and steps == 4 and weight_bits == 4 and chip == 'generic-45nm'")
    assert len(one) == 1
    assert one["accuracy"].item() == np.mean(trace.predictions == samples.y_test)
    assert one["energy_J"].item() == float(bill.total().nominal)
    assert one["latency_s"].item() == float(bill.latency.nominal)


def test_going_on_computes_nothing_again(done, monkeypatch):
    out, rows, _ = done
    before = (out / "rows.csv").read_bytes()
    monkeypatch.setattr("spiking.study.sweep.workers.work.Worker._point", None)  # nobody is to work
    again = spiking.sweep({"base": base(), "axes": GRID}, out=out)
    assert (out / "rows.csv").read_bytes() == before
    assert again["energy_J"].equals(rows["energy_J"])


def test_several_processes_leave_the_same_bytes(done, tmp_path):
    out, _, _ = done
    spiking.sweep({"base": base(), "axes": GRID}, out=tmp_path / "two", jobs=2)
    assert (tmp_path / "two" / "rows.csv").read_bytes() == (out / "rows.csv").read_bytes()


def test_dry_run_says_how_much_and_writes_nothing(done, tmp_path):
    out, _, _ = done
    fresh = Sweep.of({"base": base(), "axes": GRID}, tmp_path / "new").estimate()
    assert (fresh.points, fresh.evaluations, fresh.trainings, fresh.done) == (POINTS, 6, 3, 0)
    assert fresh.seconds > 0
    assert not (tmp_path / "new").exists()
    finished = Sweep.of({"base": base(), "axes": GRID}, out).estimate()
    assert (finished.done, finished.seconds) == (POINTS, 0)


def test_a_point_that_fails_is_a_row_and_the_others_go_on(tmp_path):
    axes = {"contender": ["surrogate"], "read_after": [1, 3], "chip": ["generic-45nm"]}
    rows = spiking.sweep({"base": base(steps=2), "axes": axes}, out=tmp_path / "s")
    good, bad = (rows[rows["read_after"] == k].iloc[0] for k in (1, 3))
    assert good["error"] == ""
    assert good["steps"] == 2  # what was asked for; the answer is read earlier
    assert bad["error"].startswith("steps is 3; the network 'SNN surrogate' takes 2; allowed: 1 to 2")
    assert np.isnan(bad["energy_J"])


def test_what_is_only_priced_is_trained_and_tested_once(tmp_path):
    axes = {
        "contender": ["mlp", "surrogate"],
        "chip": ["generic-45nm", "loihi1"],
        "schedule": ["step-outer", "neuron-stationary"],
        "zero_skip": [True, False],
        "node": [45, 28],
        "chip.add_int_32": [0.01, 0.02, 0.03],
    }
    rows = spiking.sweep({"base": base(steps=2, weight_bits=8), "axes": axes}, out=tmp_path / "s")
    assert (rows["error"] == "").all()
    assert rows["evaluation"].nunique() == rows["training"].nunique() == 2
    assert len(rows) == 2 * (2 * 2 * 3) + 2  # schedule or zeros, node, constant; Loihi has none of them
    snn = rows[(rows["model"] == "surrogate") & (rows["chip"] == "generic-45nm")]
    by_price = snn.sort_values("chip.add_int_32").groupby(["schedule", "node"])["energy_J"]
    assert all(np.all(np.diff(e) >= 0) for _, e in by_price)


def test_arrays_of_constants_cost_what_one_after_the_other_costs(tmp_path):
    values = [0.01, 0.04, 0.1]
    axes = {"contender": ["mlp"], "chip": ["generic-45nm"], "chip.mul_int_8": values}
    together = spiking.sweep({"base": base(weight_bits=8), "axes": axes}, out=tmp_path / "all")
    for value in values:
        del axes["chip.mul_int_8"]
        one = base(weight_bits=8) | {"chip.mul_int_8": value}
        alone = spiking.sweep({"base": one, "axes": axes}, out=tmp_path / f"one-{value}")
        axes["chip.mul_int_8"] = values
        row = together[together["chip.mul_int_8"] == value]
        for column in ("energy_J", "energy_low_J", "energy_high_J", "latency_s"):
            assert row[column].item() == pytest.approx(alone[column].item(), rel=1e-12)


def test_effects_touch_what_they_can_act_on(tmp_path):
    axes = {
        "contender": ["mlp", "surrogate"],
        "chip": ["generic-45nm"],
        "threshold-mismatch": [0.1, {"sigma": 0.3, "relative_to": "value"}],
        "instance": [0, 1],
    }
    rows = spiking.sweep({"base": base(steps=2), "axes": axes}, out=tmp_path / "s")
    assert (rows["error"] == "").all()
    assert list(rows["model"]) == ["mlp"] + ["surrogate"] * 4  # an MLP has no thresholds
    shown = ["0.1", "0.1", "threshold-mismatch(sigma=0.3, relative_to=value)"]
    assert list(rows["threshold-mismatch"].astype(str)[1:4]) == shown
