import json
from collections import Counter

import pytest

from spiking.cli.program import execute
from spiking.core.errors import SpikingError
from spiking.hardware.quantity import Interval
from spiking.study.validation.energy import in_words, ledger, run, sound, targets, validate_energy
from spiking.study.validation.energy.answers import ANSWERS
from spiking.study.validation.energy.networks import conventional, kernels
from spiking.study.validation.energy.page import page

ROWS = validate_energy()
PREDICTIONS = [row for row in ROWS if row["kind"] == "prediction"]


def test_every_target_has_an_answer_and_every_answer_a_target():
    names = [f"V{i}" for i in range(1, 31)] + [f"L{i}" for i in range(1, 13)]
    assert {row["id"] for row in ROWS} == set(names) == set(ANSWERS)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["kind"] != "prediction"], ids=lambda r: f"{r['id']} {r['item']}"
)
def test_target(row):
    assert row["passed"], row


@pytest.mark.parametrize("row", PREDICTIONS, ids=lambda r: f"{r['id']} {r['item']}")
def test_a_prediction_is_judged_by_its_own_band_and_says_why_it_fails(row):
    assert row["tolerance"] is None
    assert row["passed"] == (row["low"] <= row["expected"] <= row["high"])
    assert row["low"] <= row["got"] <= row["high"]
    assert bool(row["reason"]) or row["passed"]


def test_each_answer_belongs_to_a_target():
    asked = {(t["id"], t["item"]) for t in targets()}
    given = {(name, item) for name, answer in ANSWERS.items() for item in answer()}
    assert given == asked


def test_predictions_are_told_from_checks():
    kinds = {row["id"]: row["kind"] for row in ROWS if row["id"].startswith("V")}
    assert {i for i, k in kinds.items() if k == "prediction"} == {"V16", "V17", "V19", "V26"}
    assert kinds["V23"] == kinds["V29"] == "negative"
    # the curve, the rate, the count were chosen
    assert kinds["V14"] == kinds["V22"] == kinds["V27"] == "check"
    # the constants were read from these
    assert {r["kind"] for r in ROWS if r["id"] == "L3"} == {"check"}
    real_time = [r["kind"] for r in ROWS if r["id"] == "L10" and "real time," in r["item"]]
    assert real_time == ["check", "check"]


def test_the_ledger_is_long_wide_and_may_lose():
    held_out = [row for row in PREDICTIONS if row["id"].startswith("L")]
    assert len(held_out) >= 20
    assert len({row["device"] for row in held_out}) >= 8
    assert Counter(row["passed"] for row in held_out)[False] > 0


def test_predictions_may_fail_and_checks_may_not():
    failed = {**PREDICTIONS[0], "passed": False}
    assert sound([*ROWS, failed])
    check = next(row for row in ROWS if row["kind"] == "check")
    assert not sound([*ROWS, {**check, "passed": False}])
    assert in_words([failed, {**failed, "passed": True}]) == "1 of 2 predictions inside their band"


def test_the_command_writes_the_kind_of_each_row_and_succeeds_though_predictions_fail(tmp_path, capsys):
    assert not all(row["passed"] for row in PREDICTIONS)
    assert execute(["validate", "energy", "--json", str(tmp_path / "rows.json")]) == 0
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert {row["kind"] for row in rows} == {"prediction", "check", "negative"}
    assert in_words(ROWS) in capsys.readouterr().out


def test_the_page_leads_with_the_predictions_and_keeps_those_that_fail():
    text = page(ROWS)
    assert text.index(in_words(ROWS)) < 200
    for row in PREDICTIONS:
        assert row["passed"] or f"- {row['id']}, {row['item']}" in text


def test_a_prediction_with_a_tolerance_is_refused(monkeypatch):
    class Told(run.Reader):
        def take(self, *args):
            (first, *rest) = super().take(*args)
            return [{**first, "kind": "prediction"}, *rest]

    monkeypatch.setattr(run, "Reader", Told)
    with pytest.raises(SpikingError, match="judged by its own band, and names its device"):
        targets.__wrapped__()


@pytest.mark.parametrize(
    ("layers", "macs"),
    [
        (ledger.DS_CNN, 2_656_768),  # Banbury et al. 2021, MLPerf Tiny: 2.7, 12.5 and 7.5 million
        (ledger.RESNET8, 12_501_632),
        (ledger.MOBILENET, 7_489_664),
    ],
)
def test_multiply_accumulates_of_the_tiny_networks(layers, macs):
    assert kernels(layers).total("macs_dense") == macs


def test_multiply_accumulates_of_the_detector():
    assert conventional(ledger.AUTOENCODER).total("macs_dense") == 264_192


def test_a_span_takes_the_outer_ends():
    spans = [Interval(1.0, 2.0, 3.0), Interval(2.0, 4.0, 8.0), Interval(3.0, 6.0, 9.0)]
    found = ledger.over(spans)
    assert (found.low, found.nominal, found.high) == (1.0, 4.0, 9.0)
