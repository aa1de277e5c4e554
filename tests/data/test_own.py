"""A user's own data: tables, arrays and folders, with their splits, scalings and refusals."""

import gzip

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spiking.core.errors import SpikingError
from spiking.data.own import check_data, read_data
from spiking.data.readers.table import read_csv
from spiking.data.split import scaled
from tests.data.files import idx_bytes

RNG = np.random.default_rng(0)


def table(path, rows=60, head="a,b,label", sep=","):
    lines = [sep.join([f"{k % 7}", f"{-k}", "xyz"[k % 3]]) for k in range(rows)]
    path.write_text("\n".join([head.replace(",", sep), *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_a_table_becomes_a_data_set(tmp_path, sep):
    d = read_data(table(tmp_path / "mine.csv", sep=sep), seed=3)
    assert (d.name, d.classes, d.features, d.class_names) == ("mine", 3, 2, ("x", "y", "z"))
    assert (len(d.x_train), len(d.x_test)) == (48, 12)
    assert np.bincount(d.y_test).tolist() == [4, 4, 4]  # stratified
    assert "label in column 'label'" in d.origin
    assert "seed 3" in d.origin
    # every sample is still there: column b, from 0 to -59, identifies them
    low, high = d.x_train[:, 1].min(), d.x_train[:, 1].max()
    assert (low, high) == (0.0, 1.0)
    again = read_data(tmp_path / "mine.csv", seed=3)
    assert again.checksum == d.checksum != read_data(tmp_path / "mine.csv", seed=4).checksum


def test_scaling_uses_training_samples_alone():
    train = np.array([[0.0, 5.0, 10.0], [4.0, 5.0, 30.0]])
    test = np.array([[2.0, 9.0, 40.0], [-1.0, 5.0, 20.0]])
    a, b, words = scaled(train, test)
    assert a.tolist() == [[0, 0, 0], [1, 0, 1]]
    assert b.tolist() == [[0.5, 0, 1], [0, 0, 0.5]]
    assert "1 constant features are 0" in words
    assert "3 of 6 test values" in words


def test_values_in_the_unit_interval_and_bytes_keep_their_meaning():
    inside = RNG.random((5, 2))
    a, _, words = scaled(inside, np.array([[2.0, 0.5]]))
    assert np.allclose(a, inside)
    assert "as they are" in words
    a, b, words = scaled(np.full((2, 2), 51, np.uint8), np.full((1, 2), 255, np.uint8))
    assert np.allclose(a, 0.2)
    assert np.allclose(b, 1.0)
    assert "255" in words


@settings(max_examples=60, deadline=None)
@example([[0.0, 0.0], [0.0, 0.0], [-1.1e-308, 0.0], [2.0, 0.0]])  # a range below what 1 can be divided by
@given(st.lists(st.lists(st.floats(-1e29, 1e29), min_size=2, max_size=2), min_size=4, max_size=8))
def test_scaled_values_always_lie_in_the_unit_interval(rows):
    x = np.array(rows)
    for part in scaled(x[:3], x[3:])[:2]:
        assert part.dtype == np.float32
        assert (part >= 0).all()
        assert (part <= 1).all()


def test_groups_are_never_torn(tmp_path):
    lines = [f"{k},{k % 2},s{k // 10}" for k in range(100)]
    path = tmp_path / "g.csv"
    path.write_text("\n".join(["value,class,subject", *lines]), encoding="utf-8")
    d = read_data(path, group="subject", seed=1)
    assert d.features == 1
    assert len(d.groups) == len(d.x_train) == 80
    whole = read_csv(path, group="subject")
    by_sample = {float(v): g for v, g in zip(whole.x[:, 0], whole.groups, strict=True)}
    assert len(set(d.groups)) == 8  # of ten subjects, two test
    assert len(by_sample) == 100


@pytest.mark.parametrize(
    ("lines", "label", "found"),
    [
        (["a,Class,b", "1,0,2", "2,1,3", "3,0,4"], None, "Class"),
        (["a,b,what", "1,0,2", "2,1,3", "3,0,2"], None, "what"),
        (["a,y,what", "1,0,2", "2,1,3", "3,0,2"], "what", "what"),
        (["1,5,0", "2,4,1", "3,3,0"], None, "3"),
    ],
)
def test_the_label_column_is_found(tmp_path, lines, label, found):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    t = read_csv(path, label=label)
    assert t.label == found
    assert t.x.shape == (3, 2)
    assert t.y.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,label\n1,x\n,y\n", "1 missing values, the first in column 'a', line 3"),
        ("a,label\n1,x\n2,\n", "first in column 'label', line 3"),
        ("a,label\n1,x\ntwo,y\n", "holds 'two' in column 'a', line 3"),
        ("a,label\n1,x\n1e400,y\n", "holds 'inf' in column 'a', line 3"),
        ("a,label\n1,x\nnan,y\n", "column 'a', line 3"),
        ("a,label\n1,0.5\n2,1\n", "hold 0.5 (sample 0)"),
        ("a,label\n1,x\n2,x\n", "hold only 'x'; two classes are needed"),
        ("a,label\n", "has column names but no samples"),
        ("", "is empty"),
        ("alone\n1\n2\n", "has one column"),
        ("\x00\x01\x02", "binary data"),
    ],
)
def test_bad_tables_say_where(tmp_path, text, words):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpikingError) as caught:
        read_data(path)
    assert words in str(caught.value)


def test_columns_are_named_with_a_suggestion(tmp_path):
    path = table(tmp_path / "t.csv")
    with pytest.raises(
        SpikingError, match=r"unknown column for the label 'lable' \(did you mean 'label'\?\)"
    ):
        read_data(path, label="lable")
    with pytest.raises(SpikingError, match="cannot be label and group"):
        read_data(path, label="a", group="a")
    with pytest.raises(SpikingError, match=r"hold 60 different values in 60 samples; .*right column"):
        read_data(path, label="b")


def test_arrays_and_npz(tmp_path):
    x, y = RNG.normal(size=(40, 3)), np.arange(40) % 2
    d = read_data((x, y), seed=1)
    np.savez(tmp_path / "a.npz", x=x, y=y)
    assert read_data(tmp_path / "a.npz", seed=1).checksum == d.checksum
    np.savez(tmp_path / "b.npz", x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:])
    given = read_data(str(tmp_path / "b.npz"))
    assert np.array_equal(given.y_test, y[30:])
    assert "split as it came" in given.origin
    np.savez(tmp_path / "c.npz", features=x)
    with pytest.raises(SpikingError, match="holds features; needed: x and y, or x_train"):
        read_data(tmp_path / "c.npz")


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.full((20, 2), np.nan), np.arange(20) % 2, "holds nan in sample 0, feature 0"),
        (np.full((20, 2), np.inf), np.arange(20) % 2, "holds inf in sample 0"),
        (np.zeros((20, 2)), np.arange(20) / 2, "hold 0.5 (sample 1)"),
        (np.zeros((20, 2)), np.eye(20)[:, :2], "shape (20, 2); each sample needs one label"),
        (np.zeros((20, 2)), np.arange(19) % 2, "20 samples and 19 labels"),
        (np.zeros((4, 2)), np.arange(4) % 2, "each class needs 5 at least"),
        (np.zeros(20), np.arange(20) % 2, "needed: numbers [samples, features]"),
        ([["a"], ["b"]], [0, 1], "needed: numbers"),
        ([[1], [2, 3]], [0, 1], "are no array"),
    ],
)
def test_bad_arrays(x, y, words):
    with pytest.raises(SpikingError) as caught:
        read_data((x, y))
    assert words in str(caught.value)


def test_folders_of_arrays_images_and_idx_files(tmp_path):
    from PIL import Image

    for one in ("cat", "dog"):
        for kind in ("arrays", "images"):
            (tmp_path / kind / one).mkdir(parents=True)
        for k in range(10):
            pixels = RNG.integers(0, 256, (3, 4), dtype=np.uint8)
            np.save(tmp_path / "arrays" / one / f"{k}.npy", pixels)
            Image.fromarray(pixels).save(tmp_path / "images" / one / f"{k}.png")
    arrays, images = (read_data(tmp_path / kind) for kind in ("arrays", "images"))
    assert images.class_names == ("cat", "dog")
    assert images.image_shape == (3, 4)
    assert np.array_equal(arrays.x_train, images.x_train)
    (tmp_path / "idx").mkdir()
    for part, n in (("train", 30), ("t10k", 10)):
        images_of, labels_of = (
            tmp_path / "idx" / f"{part}-{w}-ubyte.gz" for w in ("images-idx3", "labels-idx1")
        )
        images_of.write_bytes(gzip.compress(idx_bytes(RNG.integers(0, 256, (n, 5, 5)))))
        labels_of.write_bytes(gzip.compress(idx_bytes(np.arange(n) % 3)))
    d = read_data(tmp_path / "idx")
    assert (len(d.x_train), len(d.x_test), d.features, d.classes) == (30, 10, 25, 3)
    (tmp_path / "arrays" / "cat" / "x.txt").write_text("no")
    with pytest.raises(SpikingError, match=r"x\.txt is no sample; allowed: \.png"):
        read_data(tmp_path / "arrays")
    (tmp_path / "images" / "cat" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    with pytest.raises(SpikingError, match=r"0\.png"):
        read_data(tmp_path / "images")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpikingError, match="holds 0 folders; give the four idx files"):
        read_data(tmp_path / "empty")


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        ("digit", {}, "unknown data set 'digit' (did you mean 'digits'?)"),
        ("own.csv", {}, "own.csv does not exist; allowed: braille, digits"),
        (
            "digits",
            {"path": "own.csv"},
            "'digits' is not read from files; leave the path out, or take your own",
        ),
        ("digits", {"group": "a"}, "--group names a column of a .csv file, the data are a data set by name"),
        (([], [], []), {}, "data is a tuple of 3; give (x, y)"),
        (3, {}, "data is a int; allowed: a name"),
    ],
)
def test_what_cannot_be_data(data, options, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpikingError) as caught:
        check_data(data, **options)
    assert words in str(caught.value)


def test_an_existing_file_of_another_kind_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("1 2")
    with pytest.raises(SpikingError, match=r"a\.txt is no data that can be read; allowed: a \.csv or \.npz"):
        read_data(tmp_path / "a.txt")
    with pytest.raises(SpikingError, match="is a file; name the folder with the four idx files"):
        read_data("mnist", path=table(tmp_path / "own.csv"))
