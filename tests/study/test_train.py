"""``spiking train``: it writes a network that loads, resumes, and refuses in one sentence."""

from __future__ import annotations

import json
import os
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
        "checkpoint.npz", "model.nir", "history.csv", "training.json", "manifest.json", "figures",
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


def test_a_training_goes_into_a_folder_of_its_own(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    for resume in (False, True):
        with pytest.raises(SpikingError, match="exists and is not a run"):
            train("mlp", out=mine, resume=resume)
    assert [p.name for p in mine.iterdir()] == ["thesis.txt"]
    with pytest.raises(SpikingError, match=r"there is no checkpoint checkpoint\.npz in"):
        train("mlp", out=tmp_path / "none", resume=True)
    assert not (tmp_path / "none").exists()
    done = train("mlp", out=tmp_path / "t", options={"epochs": 1, "patience": 1})
    facts = json.loads((done.path / "manifest.json").read_text())
    assert facts["kind"] == "spiking training"
    assert facts["data"]["checksum"] == load("digits", seed=0).checksum
    from spiking.study.train.stdp import train_stdp

    with pytest.raises(SpikingError, match="holds a training, which this would replace"):
        train_stdp(data="digits", out=done.path, neurons=10, images=100)


def test_resuming_on_other_data_is_refused(tmp_path):
    options = {"epochs": 2}
    done = train("mlp", out=tmp_path / "t", options=options)
    before = {p.name: p.read_bytes() for p in done.path.iterdir() if p.is_file()}
    with pytest.raises(SpikingError, match=r"made with other|checkpoint of another network"):
        train("mlp", out=done.path, data="yinyang", resume=True, options=options)
    with pytest.raises(SpikingError, match=r"made with other settings \(seed was 0, is 1\)"):
        train("mlp", out=done.path, seed=1, resume=True, options=options)
    assert before == {p.name: p.read_bytes() for p in done.path.iterdir() if p.is_file()}


def images(path, seed):
    """A small data set in the form of MNIST, as Keras writes it."""
    rng = np.random.default_rng(seed)
    sizes = {"train": 400, "test": 100}
    arrays = {f"x_{part}": rng.integers(0, 256, (n, 28, 28)).astype(np.uint8) for part, n in sizes.items()}
    arrays |= {f"y_{part}": np.arange(n) % 10 for part, n in sizes.items()}
    np.savez(path, **arrays)
    return path


def test_a_training_on_mnist_does_not_resume_on_fashion_mnist(tmp_path):
    options = {"hidden": 4, "options": {"epochs": 1}}
    one, other = images(tmp_path / "mnist.npz", 0), images(tmp_path / "fashion.npz", 1)
    train("mlp", out=tmp_path / "t", data="mnist", data_path=one, **options)
    with pytest.raises(SpikingError, match=r"made with other data \(samples, validation samples\)"):
        train("mlp", out=tmp_path / "t", data="fashion-mnist", data_path=other, resume=True, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_a_checkpoint_of_stdp(tmp_path, number):
    from spiking.core.process.stop import Stopped
    from spiking.study.train.stdp import train_stdp

    size = {"data": "digits", "neurons": 10, "images": 400}

    def send(event):
        if event.done == 200:
            os.kill(os.getpid(), number)

    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        with pytest.raises(Stopped) as caught:
            train_stdp(out=tmp_path / "a", progress=send, **size)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert caught.value.code == 128 + number
    with pytest.raises(SpikingError, match="give --resume to go on"):
        train_stdp(out=tmp_path / "a", **size)
    seen = []
    one = train_stdp(out=tmp_path / "a", resume=True, progress=seen.append, **size)
    assert [event.done for event in seen] == [300, 400]
    two = train_stdp(out=tmp_path / "b", **size)
    assert one.accuracy == two.accuracy
    for a, b in zip(
        load_nir(one.path / "model-0.nir").connections,
        load_nir(two.path / "model-0.nir").connections,
        strict=True,
    ):
        np.testing.assert_array_equal(a.weight, b.weight)


def test_what_a_killed_training_left_aside_is_swept(tmp_path):
    left = tmp_path / "t" / ".checkpoint.npz-99999999-0123abcd.spiking"
    left.parent.mkdir()
    left.write_bytes(b"half")
    done = train("mlp", out=tmp_path / "t", options={"epochs": 1, "patience": 1})
    assert not left.exists()
    assert (done.path / "manifest.json").is_file()
