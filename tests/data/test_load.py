"""Data sets by name: real ones where they are, and what is said where they are not."""

import os
from pathlib import Path

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.data.dataset import Dataset
from spiking.data.load import load
from spiking.data.sets.yinyang import yinyang_points
from tests.data.test_idx import write

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("SPIKING_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No data set lies in any usual place, and OpenML cannot be reached."""
    for name in ("SPIKING_DATA", "SPIKING_MNIST", "SPIKING_FASHION_MNIST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def family(folder, n=(20, 10), zipped=False):
    folder.mkdir(parents=True, exist_ok=True)
    end = ".gz" if zipped else ""
    rng = np.random.default_rng(0)
    for part, count in zip(("train", "t10k"), n, strict=True):
        write(folder / f"{part}-images-idx3-ubyte{end}", rng.integers(0, 256, (count, 28, 28)), zipped=zipped)
        write(folder / f"{part}-labels-idx1-ubyte{end}", np.arange(count) % 10, zipped=zipped)
    return folder


def test_digits_split_is_stratified_seeded_and_real():
    from sklearn.datasets import load_digits

    d = load("digits", seed=0)
    assert (len(d.x_train), len(d.x_test), d.features, d.classes) == (1437, 360, 64, 10)
    assert np.bincount(d.y_test).min() >= 34  # 360 test samples, ten classes of 174 to 183
    all_rows = np.vstack([d.x_train, d.x_test]) * 16
    x = load_digits().data
    assert np.array_equal(np.sort(all_rows.sum(axis=1)), np.sort(x.sum(axis=1)))
    assert d.checksum == load("digits", seed=0).checksum != load("digits", seed=1).checksum


def test_yinyang_has_the_published_properties():
    d = load("yinyang")
    assert (len(d.x_train), len(d.x_test), d.features, d.classes) == (5000, 1000, 4, 3)
    assert np.allclose(d.x_test[:, :2] + d.x_test[:, 2:], 1.0)
    assert np.hypot(d.x_train[:, 0] - 0.5, d.x_train[:, 1] - 0.5).max() <= 0.5


@pytest.mark.skipif(not (REAL / "yinyang").is_dir(), reason="the published Yin-Yang arrays are not here")
@pytest.mark.parametrize(
    ("part", "n", "seed"), [("train", 5000, 42), ("validation", 1000, 41), ("test", 1000, 40)]
)
def test_yinyang_equals_the_published_arrays(part, n, seed):
    x, y = yinyang_points(n, seed)
    assert np.array_equal(x, np.load(REAL / "yinyang" / f"{part}_samples.npy").astype(np.float32))
    assert np.array_equal(y, np.load(REAL / "yinyang" / f"{part}_labels.npy"))


@pytest.mark.skipif(not (REAL / "mnist").is_dir(), reason="the MNIST files are not here")
def test_mnist_is_the_published_one():
    d = load("mnist", path=REAL / "mnist")
    assert (d.x_train.shape, d.x_test.shape) == ((60000, 784), (10000, 784))
    # class counts of the test set as published (980 zeros ... 1009 nines), mean of the training pixels
    assert np.bincount(d.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert d.x_train.mean() == pytest.approx(0.1306604, abs=1e-6)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("mnist", "data/MNIST/raw"),
        ("fashion-mnist", "data/FashionMNIST/raw"),
        ("fashion-mnist", "keras/datasets/fashion-mnist"),
    ],
)
def test_caches_of_other_tools_are_found(nowhere, name, where, zipped):
    family(nowhere / where, zipped=zipped)
    d = load(name, download=False)
    assert len(d.x_train) == 20
    assert d.x_train.max() == pytest.approx(1.0)


def test_keras_npz_is_found(nowhere):
    folder = nowhere / "keras" / "datasets"
    folder.mkdir(parents=True)
    arrays = {"x_train": np.full((20, 28, 28), 51, np.uint8), "y_train": np.arange(20) % 10}
    arrays |= {"x_test": np.zeros((5, 28, 28), np.uint8), "y_test": np.arange(5)}
    np.savez(folder / "mnist.npz", **arrays)
    d = load("mnist", download=False)
    assert np.allclose(d.x_train, 0.2)
    assert "Keras" in d.origin


def test_variable_goes_before_usual_places(nowhere, monkeypatch):
    family(nowhere / "data" / "MNIST" / "raw")
    monkeypatch.setenv("SPIKING_MNIST", str(family(nowhere / "mine", n=(30, 10))))
    assert len(load("mnist", download=False).x_train) == 30
    assert len(load("mnist", path=nowhere / "data" / "MNIST" / "raw").x_train) == 20


def test_named_place_that_fails_is_not_skipped(nowhere, monkeypatch):
    family(nowhere / "data" / "MNIST" / "raw")
    monkeypatch.setenv("SPIKING_MNIST", str(nowhere / "typo"))
    with pytest.raises(SpikingError, match="typo does not exist"):
        load("mnist", download=False)


def test_missing_files_are_named(nowhere):
    folder = family(nowhere / "mine")
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(SpikingError, match=r"lacks t10k-labels-idx1-ubyte\[\.gz\]"):
        load("mnist", path=folder)


def test_says_what_it_tried(nowhere, monkeypatch):
    import sklearn.datasets

    def refuse(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", refuse)
    with pytest.raises(SpikingError) as caught:
        load("mnist")
    for word in ("torchvision", "Keras", "OpenML: OSError: no route to host", "SPIKING_MNIST"):
        assert word in str(caught.value)


def test_unknown_name_suggests():
    with pytest.raises(SpikingError, match=r"'minst' \(did you mean 'mnist'\?\); allowed: braille, digits"):
        load("minst")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x_train": np.array([[0.1], [np.nan], [0.2]])}, r"holds NaN, first in sample 1"),
        ({"x_train": np.array([[0.1], [0.2], [-0.5]])}, r"negative value \(-0.5, sample 2\)"),
        ({"x_train": np.array([[0.1], [0.2], [255.0]])}, r"holds 255; values must lie in \[0, 1\]"),
        ({"y_train": np.array([0, 1, 7])}, r"label 7, which no class has; allowed: 0 to 1"),
        ({"y_train": np.array([0, 1, -1])}, r"label -1, which no class has"),
        ({"y_train": np.array([0, 0, 0])}, r"no training sample of class 1"),
        ({"y_train": np.array([0, 1])}, r"3 samples and labels of shape \(2,\)"),
        ({"x_test": np.zeros((1, 4))}, r"have 1 features, test samples 4"),
        ({"x_test": np.zeros((0, 1)), "y_test": np.zeros(0, int)}, r"shape \(0, 1\)"),
    ],
)
def test_bad_arrays_are_refused(change, words):
    good = {
        "x_train": np.array([[0.1], [0.2], [0.3]]),
        "y_train": np.array([0, 1, 1]),
        "x_test": np.array([[0.1]]),
        "y_test": np.array([1]),
    }
    Dataset(name="mine", classes=2, **good)
    with pytest.raises(SpikingError, match=words):
        Dataset(name="mine", classes=2, **(good | change))
