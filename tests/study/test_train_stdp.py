"""``spiking train stdp``: what it writes, how it resumes, what it refuses, and MNIST where it is at hand."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spiking.bridges.nir import load as load_nir
from spiking.core.errors import SpikingError
from spiking.learn.stdp import responses, train_stdp
from spiking.study.train.stdp import TEST_SEED
from spiking.study.train.stdp import train_stdp as study


def small(out, **options):
    return study(data="digits", out=out, neurons=20, images=300, **options)


def test_the_folder_holds_rows_networks_and_pictures(tmp_path):
    seen = []
    done = small(tmp_path / "a", seeds=2, progress=seen.append)
    rows = pd.read_csv(tmp_path / "a" / "rows.csv")
    assert list(rows["seed"]) == 5 * [0] + 5 * [1]
    assert set(rows["labelling"]) == {"all_activity", "proportion", "bayes", "linear", "logistic"}
    assert ((rows["accuracy_low"] < rows["accuracy"]) & (rows["accuracy"] < rows["accuracy_high"])).all()
    assert (rows["plastic_updates"] > 300 * 20 * 64).all()
    assert done.accuracy == pytest.approx(rows.loc[rows["labelling"] == "proportion", "accuracy"].mean())
    for name in ("receptive_fields-0.png", "receptive_fields-1.svg"):
        assert (tmp_path / "a" / "figures" / name).stat().st_size > 2000
    facts = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert facts["configuration"]["rule"] == "diehl-cook"
    assert {e.who for e in seen} == {"seed 0", "seed 1"}
    assert "new images right" in seen[-1].stage


def test_the_saved_network_repeats_the_accuracy_of_its_row(tmp_path):
    from spiking.data.load import load

    done = small(tmp_path / "a")
    samples = load("digits", seed=0)
    network = load_nir(tmp_path / "a" / "model-0.nir")
    counts = responses(network, samples.x_test, seed=TEST_SEED)
    accuracy = np.mean(network.output.decoder.scores(counts).argmax(axis=1) == samples.y_test)
    assert accuracy == pytest.approx(done.accuracy)


def test_the_papers_mode_has_inhibitory_neurons_and_random_input_delays(tmp_path):
    from spiking.data.load import load

    done = small(tmp_path / "a", paper=True)
    network = load_nir(tmp_path / "a" / "model-0.nir")
    assert [p.name for p in network.populations] == ["excitatory", "inhibitory"]
    assert {c.delay for c in network.connections if c.source == "input"} == set(range(21))  # 10 ms
    samples = load("digits", seed=0)
    counts = responses(network, samples.x_test, seed=TEST_SEED)
    accuracy = np.mean(network.output.decoder.scores(counts).argmax(axis=1) == samples.y_test)
    assert accuracy == pytest.approx(done.accuracy)
    assert accuracy > 0.3


def test_a_second_run_must_say_resume_and_then_ends_at_once(tmp_path):
    first = small(tmp_path / "a")
    with pytest.raises(SpikingError, match=r"holds a training already; give --resume"):
        small(tmp_path / "a")
    events = []
    second = small(tmp_path / "a", resume=True, progress=events.append)
    assert events == []
    assert second.accuracy == first.accuracy


def test_bad_options_are_refused_before_anything_is_written(tmp_path):
    out = tmp_path / "a"
    with pytest.raises(SpikingError, match=r"unknown learning rule 'diehl' .*allowed: diehl-cook"):
        small(out, rule="diehl")
    with pytest.raises(SpikingError, match=r"unknown labelling 'majority'"):
        small(out, labelling="majority")
    with pytest.raises(SpikingError, match=r"unknown data set 'digit' \(did you mean 'digits'\?\)"):
        study(data="digit", out=out)
    with pytest.raises(SpikingError, match=r"--seeds is 0; allowed: whole numbers, 1 to"):
        small(out, seeds=0)
    assert not out.exists()


MNIST = Path(os.environ.get("SPIKING_DATA", "not set")) / "mnist"


@pytest.mark.skipif(not MNIST.exists(), reason="no files of MNIST (set SPIKING_DATA)")
def test_two_thousand_digits_of_mnist_teach_a_hundred_neurons():
    from spiking.data.load import load

    samples = load("mnist", path=MNIST)
    x, y = samples.x_train[:2000], samples.y_train[:2000]
    network = train_stdp(x, y, neurons=100, epochs=1, seed=0)
    counts = responses(network, samples.x_test[:1000], seed=1)
    accuracy = np.mean(network.output.decoder.scores(counts).argmax(axis=1) == samples.y_test[:1000])
    assert accuracy > 0.70
