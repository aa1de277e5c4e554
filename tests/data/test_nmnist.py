"""N-MNIST as one folder of streams, written here byte by byte as its format says."""

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.data.load import load


def event(x, y, polarity, micro):
    return bytes([x, y, (polarity << 7) | (micro >> 16), (micro >> 8) & 255, micro & 255])


def folder(path, table):
    (path / "1.bin").write_bytes(event(3, 2, 0, 5) + event(33, 33, 1, 100_000))
    (path / "2.bin").write_bytes(event(0, 0, 1, 8_000_000))
    (path / "labels.txt").write_text(table)
    return path


def test_streams_and_a_table_with_a_line_of_names(tmp_path):
    data = load("nmnist", path=folder(tmp_path, "#sample #class\n1\t5\n2\t0\n\n"))
    assert data.y_test.tolist() == [5, 0]
    streams = data.x_test
    np.testing.assert_allclose(streams.time, [5e-6, 0.1, 8.0])
    assert streams.unit.tolist() == [2 * 34 + 3, 34 * 34 + 33 * 34 + 33, 34 * 34]
    assert streams.start.tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("1 five\n", "is a damaged table of 'index label' lines"),
        ("# nothing\n", "is empty; it needs lines of 'index label'"),
        ("1 5\n3 2\n", r"the stream .*3\.bin is missing; copy the whole folder"),
    ],
)
def test_a_bad_table_is_one_sentence(tmp_path, table, words):
    with pytest.raises(SpikingError, match=words):
        load("nmnist", path=folder(tmp_path, table))
