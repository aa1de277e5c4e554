"""``spiking train``: it writes a network that loads, resumes, and refuses in one sentence."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from spiking.bridges.nir import load as load_nir
from spiking.core.errors import SpikingError
from spiking.data.load import load
from spiking.simulate import run
from spiking.study.compare import TEST_SEED
from spiking.study.train.gradient import train


def test_training_writes_a_network_that_answers_as_reported(tmp_path):
    done = train("surrogate", out=tmp_path / "t", options={"epochs": 3}, weight_bits=4)
    assert {p.name for p in done.path.iterdir()} == {
        "checkpoint.npz", "model.nir", "history.csv", "training.json", "figures",
    }  # fmt: skip
    data = load("digits", seed=0)
    network = load_nir(done.path / "model.nir")
    assert {c.weight_bits for c in network.connections} == {4}
    accuracy = run(network, data.x_test, seed=TEST_SEED).accuracy(data.y_test)
    assert (
        accuracy
        == done.test_accuracy
        == json.loads((done.path / "training.json").read_text())["test_accuracy"]
    )
    assert accuracy > 0.8
    with pytest.raises(SpikingError, match="holds a training already; give --resume"):
        train("surrogate", out=tmp_path / "t")
    with pytest.raises(SpikingError, match=r"unknown model 'surogate' \(did you mean 'surrogate'\?\)"):
        train("surogate", out=tmp_path / "u")
    assert not (tmp_path / "u").exists()


def test_ctrl_c_leaves_a_checkpoint_that_resumes_to_the_same_bits(tmp_path):
    command = [sys.executable, "-m", "spiking", "train", "mlp", "--epochs", "100", "--patience", "100"]
    running = subprocess.Popen([*command, "--out", str(tmp_path / "a")], stderr=subprocess.PIPE, text=True)
    checkpoint = tmp_path / "a" / "checkpoint.npz"
    for _ in range(3000):
        time.sleep(0.02)
        if checkpoint.exists():
            break
    running.send_signal(signal.SIGINT)
    _, words = running.communicate(timeout=60)
    assert running.returncode == 130, words
    assert "--resume goes on to the same bits" in words
    with np.load(checkpoint) as file:
        assert json.loads(bytes(file["state"]))["state"]["epoch"] < 100
    options = {"epochs": 100, "patience": 100}
    a = train("mlp", out=tmp_path / "a", resume=True, options=options)
    b = train("mlp", out=tmp_path / "b", options=options)
    for one, other in zip(
        load_nir(a.path / "model.nir").connections, load_nir(b.path / "model.nir").connections, strict=True
    ):
        np.testing.assert_array_equal(one.weight, other.weight)
