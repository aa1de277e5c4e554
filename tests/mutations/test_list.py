"""The list of defects stays true: each can be planted where it says, in every room."""

import pytest

from tests.mutations.__main__ import ROOT, defects


@pytest.mark.parametrize("defect", defects(), ids=lambda d: f"{d['file']}: {d['new'][:40]}")
def test_each_defect_can_be_planted(defect):
    assert (ROOT / defect["file"]).read_text().count(defect["old"]) == 1
    assert defect["old"] != defect["new"]
    assert all((ROOT / test).exists() for test in defect["tests"])


def test_every_room_is_covered():
    rooms = {d["file"].split("/")[1] for d in defects()}
    assert {"core", "kernels", "simulate", "learn", "hardware", "data", "bridges", "study"} <= rooms
