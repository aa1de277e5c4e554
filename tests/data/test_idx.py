"""The idx reader against files written byte by byte here."""

import gzip

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.data.readers.idx import read_idx, read_images
from tests.data.files import idx_bytes


def write(path, array, code=0x08, zipped=False):
    raw = idx_bytes(array, code)
    path.write_bytes(gzip.compress(raw) if zipped else raw)
    return path


@pytest.mark.parametrize("code", [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E])
@pytest.mark.parametrize("zipped", [False, True])
def test_values_and_shape_come_back(tmp_path, code, zipped):
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(read_idx(write(tmp_path / "a", array, code, zipped)), array)


@pytest.mark.parametrize("keep", [0, 3, 7, 15, 16, 39])
def test_truncated_anywhere(tmp_path, keep):
    path = tmp_path / "a"
    path.write_bytes(idx_bytes(np.zeros((2, 3, 4)))[:keep])
    with pytest.raises(SpikingError, match=r"truncated|not an idx file"):
        read_idx(path)


def test_truncated_says_how_much_is_missing(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(idx_bytes(np.zeros((2, 3, 4)))[:-5])
    with pytest.raises(SpikingError, match=r"promises 2 x 3 x 4 values \(24 bytes\), 19 came"):
        read_idx(path)


def test_trailing_bytes(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(idx_bytes(np.zeros(5)) + b"x")
    with pytest.raises(SpikingError, match="longer than its header says"):
        read_idx(path)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x00\x00\x07\x03", b"<htm", b"\x01\x00\x08\x03"])
def test_wrong_magic(tmp_path, start):
    path = tmp_path / "a"
    path.write_bytes(start + bytes(100))
    with pytest.raises(SpikingError, match=f"not an idx file: it starts with {start.hex()}"):
        read_idx(path)


def test_truncated_gzip(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 255, 5000)))[:-300])
    with pytest.raises(SpikingError, match="broken gzip"):
        read_idx(path)


def test_missing_file(tmp_path):
    with pytest.raises(SpikingError, match=r"nothing-here cannot be read: No such file"):
        read_idx(tmp_path / "nothing-here")


def test_counts_disagree(tmp_path):
    images = write(tmp_path / "i", np.zeros((3, 28, 28)))
    labels = write(tmp_path / "l", np.zeros(4))
    with pytest.raises(SpikingError, match=r"holds 3 images but .* holds 4 labels"):
        read_images(images, labels)


@pytest.mark.parametrize(("value", "words"), [(np.nan, "NaN pixels"), (-1.0, "negative pixels")])
def test_bad_pixels(tmp_path, value, words):
    pixels = np.zeros((3, 2, 2))
    pixels[1, 0, 1] = value
    labels = write(tmp_path / "l", np.zeros(3))
    with pytest.raises(SpikingError, match=words):
        read_images(write(tmp_path / "i", pixels, 0x0D), labels)


def test_swapped_files(tmp_path):
    images = write(tmp_path / "i", np.zeros((3, 28, 28)))
    labels = write(tmp_path / "l", np.zeros(3))
    with pytest.raises(SpikingError, match="images need 3"):
        read_images(labels, images)
