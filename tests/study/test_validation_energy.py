import pytest

from spiking.study.validation.energy import targets, validate_energy
from spiking.study.validation.energy.answers import ANSWERS

ROWS = validate_energy()


def test_thirty_targets_are_covered():
    assert {row["id"] for row in ROWS} == {f"V{i}" for i in range(1, 31)} == set(ANSWERS)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['id']} {r['item']}")
def test_target(row):
    assert row["passed"], row


def test_each_answer_belongs_to_a_target():
    asked = {(t["id"], t["item"]) for t in targets()}
    given = {(name, item) for name, answer in ANSWERS.items() for item in answer()}
    assert given == asked


def test_predictions_are_told_from_checks():
    kinds = {row["id"]: row["kind"] for row in ROWS}
    assert {i for i, k in kinds.items() if k == "prediction"} == {
        "V16",
        "V17",
        "V19",
        "V26",
    }
    assert kinds["V23"] == kinds["V29"] == "negative"
    assert (
        kinds["V14"] == kinds["V22"] == kinds["V27"] == "check"
    )  # the curve, the rate, the count were chosen
