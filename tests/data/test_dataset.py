"""One type for values, rasters and events."""

from dataclasses import replace

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.data.dataset import Dataset
from spiking.data.events import Streams
from spiking.data.load import load
from spiking.data.sets import DATA_SETS


def streams(counts=(3, 0, 2)):
    rng = np.random.default_rng(1)
    n = sum(counts)
    return Streams(
        time=rng.random(n) * 9e-3,
        unit=rng.integers(0, 6, n).astype(np.int32),
        start=np.concatenate([[0], np.cumsum(counts)]),
        frame=(1, 2, 3),
    )


def of(x, y=(0, 1, 0), **more):
    y = np.array(y)
    return Dataset(x_train=x, y_train=y, x_test=x, y_test=y, name="mine", classes=2, **more)


def test_kinds():
    values, raster = np.zeros((3, 6)), np.zeros((3, 4, 6))
    assert [of(x).kind for x in (values, raster, streams())] == ["values", "rasters", "events"]
    assert [of(x).features for x in (values, raster, streams())] == [6, 6, 6]
    assert len({of(x).checksum for x in (values, raster, streams())}) == 3


def test_events_are_binned_a_slice_at_a_time_as_a_loop_bins_them():
    s = streams()
    binned = of(s).binned(1e-3, 9).x_test
    assert binned.shape == (3, 9, 6)
    want = np.zeros((3, 9, 6))
    for k in range(3):
        for i in range(s.start[k], s.start[k + 1]):
            want[k, int(s.time[i] // 1e-3), s.unit[i]] += 1
    assert np.array_equal(binned[0:3], want)
    assert np.array_equal(binned[1:3], want[1:])
    assert binned[3:5].shape == (0, 9, 6)
    with pytest.raises(SpikingError, match="without a stride"):
        binned[0:3:2]


def test_a_raster_that_would_not_fit_is_refused_before_it_is_made():
    with pytest.raises(SpikingError, match=r"3 streams in 100000000 steps take 6\.7 GiB as a raster"):
        streams().raster(0, 3, 1e-9, 10**8)
    with pytest.raises(SpikingError, match="dt is 0"):
        streams().steps(0)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.5, r"holds 0\.5 \(sample 1\)"), (-1.0, "holds -1"), (1e6, "holds 1e\\+06"), (np.inf, "holds inf")],
)
def test_rasters_hold_counts(value, words):
    x = np.zeros((3, 4, 6))
    x[1, 2, 3] = value
    with pytest.raises(SpikingError, match=f"{words}.*whole numbers from 0 to 255"):
        of(x)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": np.array([0.0, -1.0])}, "times go from -1"),
        ({"time": np.array([0.0, np.nan])}, "times go from nan"),
        ({"unit": np.array([0, 6])}, "units go from 0 to 6"),
        ({"unit": np.array([0])}, "each event needs one of both"),
        ({"start": np.array([0, 3])}, "start must rise from 0 to the number of events, 2"),
        ({"start": np.array([0, 2, 1, 2])}, "start must rise"),
    ],
)
def test_bad_streams(change, words):
    good = {"time": np.zeros(2), "unit": np.zeros(2, int), "start": np.array([0, 2]), "frame": (6,)}
    with pytest.raises(SpikingError, match=words):
        Streams(**(good | change))


def test_float_labels_groups_and_names():
    x = np.zeros((3, 2))
    with pytest.raises(SpikingError, match=r"has the label 0\.5; labels are whole numbers, 0 to 1"):
        of(x, y=(0, 0.5, 1))
    with pytest.raises(SpikingError, match="labels of type"):
        of(x, y=("a", "b", "a"))
    with pytest.raises(SpikingError, match=r"3 training samples and groups of shape \(2,\)"):
        of(x, groups=np.array([1, 2]))
    with pytest.raises(SpikingError, match="2 classes and 1 names"):
        of(x, class_names=("a",))
    with pytest.raises(SpikingError, match="come together, or neither"):
        of(x, x_validation=x)
    assert of(x, x_validation=x, y_validation=np.array([1, 1, 0])).parts == ("train", "validation", "test")


def test_a_set_for_testing_alone():
    x, none = np.zeros((3, 2)), np.zeros((0, 2))
    d = Dataset(
        x_train=none, y_train=np.zeros(0, int), x_test=x, y_test=np.array([0, 1, 1]), name="t", classes=2
    )
    assert (len(d.x_train), d.kind) == (0, "values")
    with pytest.raises(SpikingError, match="needs samples"):
        replace(d, x_test=none, y_test=np.zeros(0, int))


def test_published_checksums_still_hold():
    for name in DATA_SETS.names():
        source = DATA_SETS[name]
        assert source.licence
        assert source.summary
        if source.checksum:
            assert load(name, seed=0).checksum == source.checksum
