"""Contenders by name, ready-made ones, and settings that are found on validation samples."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spiking import Direct, load_network
from spiking.bridges.nir import save
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import Linear, ReLU
from spiking.data.own import read_data
from spiking.study.compare import compare
from spiking.study.contenders import CONTENDERS, contender_names
from spiking.study.contenders.search import search
from spiking.study.contenders.settings import Settings, settings_for
from spiking.study.contenders.task import CALIBRATION, Contender, Task, Trained
from spiking.study.contenders.yours import chosen
from spiking.study.figures.style import label, look

RNG = np.random.default_rng(0)


def blobs(samples=150, features=4):
    y = np.arange(samples) % 3
    return RNG.normal(size=(samples, features)) + 4 * np.eye(features)[y], y


def net(features=4, classes=3, name="mine"):
    return Network.dense([features, 5, classes], hidden=ReLU(), readout=Linear(), name=name)


def test_names_looks_and_needs_stand_in_the_contenders_files():
    assert contender_names()[:4] == ["mlp", "surrogate", "converted", "stdp"]
    assert [label(n) for n in ("mlp", "stdp", "mine")] == ["MLP", "SNN STDP", "mine"]
    assert look("mlp", ["mlp"]) == ("#000000", "s")
    assert look("mine", ["mlp", "mine"]) not in [look(n, [n]) for n in contender_names()]
    for name in contender_names():
        assert CONTENDERS[name].name == name
        assert set(CONTENDERS[name].needs) <= set(contender_names())


def test_the_tuned_settings_are_these():
    s = settings_for("digits")
    assert (s.of("mlp")["hidden"], s.of("surrogate")["steps"], s.of("converted")["percentile"]) == (
        256,
        16,
        99.0,
    )
    assert settings_for("mnist").of("mlp")["schedule"] == "cosine"
    changed = s.changed(hidden=7, steps=3)
    assert [changed.of(n).get("hidden") for n in ("mlp", "surrogate", "stdp")] == [7, 7, None]
    assert [changed.of(n).get("steps") for n in ("mlp", "surrogate", "converted")] == [None, 3, 3]
    quick = s.quick()
    assert quick.of("stdp") == {"neurons": 100, "epochs": 1}
    assert s.of("stdp")["neurons"] == 400


def test_the_mlp_fits_its_values_to_many_training_samples():
    """The largest hidden value over the calibration samples is the top of the grid, so none is cut off."""
    x, y = blobs(300)
    data = read_data((x, y), seed=0)
    task = Task.of(data, settings_for("mine").changed(hidden=6).quick(), 0)
    made = CONTENDERS["mlp"].train(task)
    hidden = made.original.populations[0]
    c = made.original.connections[0]
    values = np.maximum(task.x[:CALIBRATION].astype(np.float64) @ c.weight + hidden.bias, 0)
    unit = made.network.populations[0].unit
    assert (2**unit.bits - 1) * unit.scale == pytest.approx(values.max(), rel=0.02)  # its weights are rounded
    assert values[0].max() < 0.9 * values.max()


def test_files_and_networks_compete_as_they_are(tmp_path):
    x, y = blobs()
    save(net(), tmp_path / "from file.nir")
    found = compare(
        (x, y),
        contenders=["mlp", str(tmp_path / "from file.nir"), net(name="in memory")],
        chips=["generic-45nm"],
        out=tmp_path / "out",
        budget=0,
        quick=True,
    )
    assert list(found.rows["model"]) == ["mlp", "from-file", "in-memory"]
    accuracy = found.rows.set_index("model")["accuracy"]
    assert accuracy["from-file"] == accuracy["in-memory"]  # the same weights
    text = (found.path / "report.md").read_text(encoding="utf-8")
    assert "read from from file.nir, not trained here" in text
    manifest = json.loads((found.path / "manifest.json").read_text())
    assert manifest["data"]["scaling"].startswith("each feature from its smallest")
    assert manifest["configuration"]["contenders"] == ["mlp", "from-file", "in-memory"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([net(features=5)], "mine takes 5 values, a sample of yours has 4"),
        ([net(classes=2)], "mine scores 2 classes, yours has 3"),
        ([net(), net()], "two contenders are called 'mine'"),
        ([net(name="mlp"), "mlp"], "two contenders are called 'mlp'"),
        (net(), "contenders is Network 'mine'; a list is needed"),
        (["my.csv"], "unknown contender 'my.csv'"),
    ],
)
def test_networks_that_do_not_fit_are_refused_before_work(wanted, words, tmp_path):
    with pytest.raises(SpikingError) as caught:
        compare(blobs(), contenders=wanted, out=tmp_path / "out")
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def counted(scores):
    """A contender that is right as often as ``scores`` says for its options; and what it was given."""
    calls = []

    def train(task):
        options = dict(task.settings.of("fake"))
        calls.append((options, len(task.x)))
        wanted = scores[options["a"], options["b"]]
        made = Network.dense([1, 2], hidden=ReLU(), readout=Linear(), name="fake")
        populations = [replace(p, bias=np.array([1.0, 0.0], np.float32)) for p in made.populations]
        made = made.replace(populations=populations)  # all inputs are 0, so class 0 is the answer
        right = round(wanted * len(task.y_validation))
        task.y_validation[:] = np.where(np.arange(len(task.y_validation)) < right, 0, 1)
        return Trained(network=made, original=made, how="fake")

    one = Contender(
        name="fake",
        label="fake",
        summary="",
        train=train,
        defaults={"a": 1, "b": 10, "epochs": 50},
        tries={"a": (1, 2, 3), "b": (10, 20)},
        trial={"epochs": 5},
    )
    return one, calls


def task(one):
    return Task(
        x=np.zeros((30, 1), np.float32),
        y=np.zeros(30, np.int64),
        x_validation=np.zeros((10, 1), np.float32),
        y_validation=np.zeros(10, np.int64),
        classes=2,
        settings=Settings(options={"fake": one.defaults}),
        seed=0,
    )


def test_search_takes_one_option_after_the_other_and_keeps_the_best():
    scores = {(1, 10): 0.5, (2, 10): 0.9, (3, 10): 0.9, (2, 20): 0.7}
    one, calls = counted(scores)
    found = search(task(one), [one], pinned=[], budget=6, watch=lambda event: None)
    # of the equal ones 2 comes first; (3, 20) and (1, 20) are never tried
    assert [(o["a"], o["b"], o["epochs"]) for o, _ in calls] == [
        (1, 10, 5),
        (2, 10, 5),
        (3, 10, 5),
        (2, 20, 5),
    ]
    assert found.settings.of("fake") == {"a": 2, "b": 10, "epochs": 50}
    assert "found in 4 short trainings on 30 samples, judged on 10 validation samples" in found.words("fake")
    assert "a 2 (of 1, 2, 3), b 10 (of 10, 20)" in found.words("fake")


def test_search_stays_within_its_budget_and_leaves_pinned_options():
    scores = {(1, 10): 0.5, (2, 10): 0.9, (3, 10): 0.9, (1, 20): 0.7}
    one, calls = counted(scores)
    found = search(task(one), [one], pinned=[], budget=2, watch=lambda event: None)
    assert len(calls) == 2
    assert found.settings.of("fake")["a"] == 2
    one, calls = counted(scores)
    found = search(task(one), [one], pinned=["a"], budget=6, watch=lambda event: None)
    assert [(o["a"], o["b"]) for o, _ in calls] == [(1, 10), (1, 20)]
    assert found.settings.of("fake")["b"] == 20


def test_validation_samples_are_those_the_data_come_with_or_whole_groups():
    from spiking.data.dataset import Dataset
    from spiking.data.load import load

    d = load("yinyang")
    made = Task.of(d, settings_for("yinyang"), 0)
    assert np.array_equal(made.x_validation, d.x_validation)
    assert len(made.x) == len(d.x_train)
    x = np.linspace(0, 1, 100)[:, None]
    groups = np.repeat(np.arange(10), 10)
    d = Dataset(
        x_train=x, y_train=np.arange(100) % 2, x_test=x, y_test=np.arange(100) % 2, name="g", classes=2,
        groups=groups,
    )  # fmt: skip
    made = Task.of(d, settings_for("g"), 0)
    held = {round(v * 99) // 10 for v in made.x_validation[:, 0]}
    kept = {round(v * 99) // 10 for v in made.x[:, 0]}
    assert len(held) == 1
    assert not held & kept


def test_all_and_named_contenders_come_in_the_order_of_tables():
    assert [c.name for c in chosen(None)][:4] == ["mlp", "surrogate", "converted", "stdp"]
    assert [c.name for c in chosen(["stdp", "mlp"])] == ["mlp", "stdp"]


def test_a_file_of_another_simulator_is_told_how_to_compete(tmp_path):
    import nir

    one = nir.Affine(np.ones((3, 4), np.float32), np.zeros(3, np.float32))
    graph = nir.NIRGraph.from_list(one, nir.IF(np.ones(3), np.ones(3)))
    nir.write(tmp_path / "peer.nir", graph)
    words = (
        r"peer\.nir is a file of another simulator .* `spiking run`, or save it once .*save\(load_network\("
    )
    with pytest.raises(SpikingError, match=words):
        chosen([str(tmp_path / "peer.nir")])
    options = {"steps": 25, "discretisation": "norse", "encoder": Direct()}
    save(load_network(tmp_path / "peer.nir", **options), tmp_path / "mine.nir")  # what the sentence says
    assert chosen([tmp_path / "mine.nir"])[0].name == "mine"
