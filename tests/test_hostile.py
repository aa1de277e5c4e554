"""Two thousand damaged files of each kind, bytes and structure: read, or refused in one sentence."""

import warnings

import numpy as np
import pytest

from tests.hostile import ODD, Kind, kinds, tried

COUNT = 2000
# bytes of the data files, and both ways of checkpoints, are tried in their own rooms, as often
ELSEWHERE = {("images", "bytes"), ("images.gz", "bytes"), ("1.bin", "bytes"), ("plain.npz", "bytes")}
ELSEWHERE |= {("packed.npz", "bytes"), ("table.csv", "bytes"), ("chip.toml", "structure")}
ELSEWHERE |= {(f"{kind}.npz", way) for kind in ("gradient", "stdp") for way in ("bytes", "structure")}
SAME = {
    "own.npz",
    "own.csv",
}  # read by the readers of plain.npz and table.csv, then split: some tries are enough
NAMES = ["images", "images.gz", "1.bin", "plain.npz", "packed.npz", "own.npz", "table.csv", "own.csv"]
NAMES += ["counts.json", "design.toml", "chip.toml", "net.nir", "gradient.npz", "stdp.npz"]


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    return kinds(tmp_path_factory.mktemp("hostile"))


def test_every_kind_is_listed(every, tmp_path):
    assert list(every) == sorted(NAMES, key=list(every).index)
    for name, kind in every.items():
        assert tried(kind, tmp_path / name, kind.good) == "read"


def test_what_is_no_sentence_is_noticed(tmp_path):
    def broken(path):
        raise KeyError(path)

    kind = Kind("x", b"x", broken, lambda rng: bytes(rng.integers(0, 9, 3).astype(np.uint8)))
    with pytest.raises(KeyError):
        tried(kind, tmp_path / "x", next(kind.damaged("structure", 1, 0)))
    assert len(ODD) > 20


@pytest.mark.parametrize(
    ("name", "way"), [(n, w) for n in NAMES for w in ("bytes", "structure") if (n, w) not in ELSEWHERE]
)
def test_damaged_files_are_read_or_refused(every, tmp_path, name, way):
    kind, seen = every[name], set()
    count = COUNT // 10 if name in SAME else COUNT
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for content in kind.damaged(way, count, seed=1):
            seen.add(tried(kind, tmp_path / name, content))
    assert "refused" in seen
