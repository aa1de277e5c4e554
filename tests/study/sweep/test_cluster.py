"""A real Dask scheduler and worker processes on loopback; one of them is killed in the middle."""

import json
import os
import signal

import pytest

import spiking
from spiking.core.errors import SpikingError
from tests.study.sweep.small import GRID, POINTS, base

distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra: cluster)")


def test_a_killed_worker_loses_no_row_and_adds_none(tmp_path):
    spiking.sweep({"base": base(), "axes": GRID}, out=tmp_path / "here")
    killed = []

    def kill(event):
        """Kill a worker when the first points are in."""
        if event.done and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address
        spiking.sweep({"base": base(), "axes": GRID}, out=tmp_path / "there", cluster=address, progress=kill)
    assert killed
    for name in ("rows.csv", "rows.json"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert len(json.loads((tmp_path / "there" / "rows.json").read_text())) == POINTS


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("spiking.study.sweep.workers.cluster.PATIENCE", 0.5)
    said = r"no Dask scheduler answers at tcp://127.0.0.1:9 .*start one with: dask scheduler --port 8786"
    with pytest.raises(SpikingError, match=said):
        spiking.sweep({"base": base(), "axes": GRID}, out=tmp_path / "s", cluster="tcp://127.0.0.1:9")
    assert not (tmp_path / "s").exists()
