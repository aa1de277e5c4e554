"""Where ``validate dynamics`` finds the stored traces, and what it says of a wrong place."""

import pytest

from spiking.core.errors import SpikingError
from spiking.study.validation.dynamics import traces


def test_the_usual_places_are_the_users_and_never_beside_the_package(monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKING_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    mine, home = tmp_path / "mine" / "lif-traces", tmp_path / "home" / "spikejoule" / "lif-traces"
    assert traces.usual_places() == [mine, home]
    assert traces.traces_folder(None) is None
    home.mkdir(parents=True)
    assert traces.traces_folder(None) == home
    mine.mkdir(parents=True)
    assert traces.traces_folder(None) == mine
    monkeypatch.delenv("SPIKING_DATA")
    assert traces.usual_places() == [home]


def test_a_named_folder_holds_the_traces_or_is_refused(tmp_path):
    with pytest.raises(SpikingError, match=r"nosuch' lacks lif_exact.csv, .*; give the folder of the NIR"):
        traces.traces_folder(tmp_path / "nosuch")
    for name in (*traces.STORED.values(), traces.LAVA):
        (tmp_path / f"{name}.csv").write_text("0,0\n")
    assert traces.traces_folder(tmp_path) == tmp_path
    with pytest.raises(SpikingError, match=r"lif_exact.csv has the shape \[1, 2\]; 1000 rows of 3 finite"):
        traces.stored_traces(tmp_path)
    (tmp_path / "lif_exact.csv").write_text("a,b\n")
    with pytest.raises(SpikingError, match=r"lif_exact.csv is no table of numbers .*copy it again"):
        traces.stored_traces(tmp_path)
