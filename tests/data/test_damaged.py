"""Damaged files, bombs and wrong values: one sentence each, and no memory spent on what a header claims."""

import gzip
import io
import os
import resource
import struct
import zipfile

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.data.readers import guard
from spiking.data.readers.guard import read_bytes
from spiking.data.readers.idx import read_idx
from spiking.data.readers.npz import read_npy, read_npz
from spiking.data.readers.table import read_csv
from spiking.data.sets.nmnist import read_stream
from tests.data.files import idx_bytes, mutations, outcome, whole_files

COUNT = 2000  # of each kind
NAMES = ["images", "images.gz", "plain.npz", "packed.npz", "table.csv", "own.csv", "own.npz", "1.bin"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_mutated_files_are_read_or_refused(name, tmp_path):
    data, read = whole_files(tmp_path)[name]
    path = tmp_path / name
    path.write_bytes(data)
    assert outcome(path, read) == "read"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = set()
    for mutated in mutations(data, COUNT if not name.startswith("own") else COUNT // 10, seed=1):
        path.write_bytes(mutated)
        seen.add(outcome(path, read))
    assert "refused" in seen
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 2**20  # [KiB], so 1 GiB


def test_gzip_bomb_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "LARGEST", 2**22)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(2**26)))
    assert path.stat().st_size < 2**17
    with pytest.raises(SpikingError, match="at most 4 MiB are read"):
        read_bytes(path, 2**22)


def test_npz_bomb_is_refused_before_unpacking(tmp_path, monkeypatch):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (2**30 + 2**20,)}
        )
        for _ in range(1025):
            file.write(bytes(2**20))
    with pytest.raises(SpikingError, match="at most 1024 MiB are read"):
        read_npz(path)


def test_headers_cannot_ask_for_more_than_the_file_holds(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 2**10)}
    )
    (tmp_path / "x.npy").write_bytes(head.getvalue())
    with pytest.raises(SpikingError, match="its header promises 1099511627776 x 1024 values"):
        read_npy(tmp_path / "x.npy")
    (tmp_path / "i").write_bytes(struct.pack(">BBBBIII", 0, 0, 8, 3, 2**31, 2**31, 2**31))
    with pytest.raises(SpikingError, match="is truncated"):
        read_idx(tmp_path / "i")


def test_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "o.npz", x=np.array([{"a": 1}], object))
    with pytest.raises(SpikingError, match="holds an array of object"):
        read_npz(tmp_path / "o.npz")


def test_pipes_and_devices_are_not_waited_for(tmp_path):
    for name in ("p.csv", "p.npz", "p"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(SpikingError, match="is no regular file; copy its content into one"):
            (read_csv if name == "p.csv" else read_npz if name == "p.npz" else read_idx)(tmp_path / name)
    (tmp_path / "z.csv").symlink_to("/dev/zero")
    with pytest.raises(SpikingError, match="is no regular file"):
        read_csv(tmp_path / "z.csv")


def test_folders_and_unreadable_files(tmp_path):
    (tmp_path / "d.npz").mkdir()
    for read in (read_idx, read_npz, read_npy):
        with pytest.raises(SpikingError):
            read(tmp_path / "d.npz")
    with pytest.raises(SpikingError, match="No such file"):
        read_npz(tmp_path / "none.npz")


def test_whole_numbers_beyond_every_float(tmp_path):
    for cell, shown in (("9" * 400, "9+"), ("x", "x")):
        rows = [f"{'9' * 400 if cell == 'x' and k == 11 else k % 3},{k % 2}" for k in range(12)]
        (tmp_path / "t.csv").write_text("\n".join(["a,label", *rows[:11], f"{cell},1", rows[11]]))
        with pytest.raises(
            SpikingError, match=f"holds '{shown}' in column 'a', line 13; features are finite"
        ):
            read_csv(tmp_path / "t.csv")


def test_stream_that_is_none(tmp_path):
    (tmp_path / "1.bin").write_bytes(b"1234567")
    with pytest.raises(SpikingError, match="7 bytes, not a multiple of 5"):
        read_stream(tmp_path / "1.bin")
    (tmp_path / "1.bin").write_bytes(bytes([40, 1, 0, 0, 0]))
    with pytest.raises(SpikingError, match="outside 34 x 34"):
        read_stream(tmp_path / "1.bin")


def test_idx_of_more_dimensions_than_numpy_has(tmp_path):
    (tmp_path / "i").write_bytes(bytes([0, 0, 8, 200]) + bytes(4 * 200))
    with pytest.raises(SpikingError, match="claims 200 dimensions"):
        read_idx(tmp_path / "i")
    (tmp_path / "j").write_bytes(idx_bytes(np.zeros((0, 4))))
    assert read_idx(tmp_path / "j").shape == (0, 4)
