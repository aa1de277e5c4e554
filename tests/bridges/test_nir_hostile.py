"""Hostile and damaged ``.nir`` files: a sentence or a correct read, nothing else."""

import random

import h5py
import numpy as np
import pytest

from spiking.bridges.nir import from_graph, save
from spiking.bridges.nir.file import _node
from spiking.bridges.nir.guard import Reader
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from tests.bridges import networks
from tests.bridges.test_nir_graph import EVERY, WORDS

WRONG = (None, "x", "", -1, 0, 1.5, np.nan, np.inf, 10**12, np.array([]), np.ones((2, 2)),
         np.array(["a"]), [], {}, {"type": "LIF"}, True, np.zeros(3, np.int8), 1e300, b"x")  # fmt: skip


@pytest.fixture(scope="module")
def reader():
    one = Reader(seconds=5)
    yield one
    one.close()


def test_links_and_storage_outside_the_file_are_not_followed(tmp_path, reader):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.ones(9).tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as f:
        f["w"] = np.ones((3, 3))
    ways = {
        "an external link": lambda g: g.__setitem__("weight", h5py.ExternalLink("other.h5", "/w")),
        "a soft link": lambda g: g.__setitem__("weight", h5py.SoftLink("/version")),
        "in another file": lambda g: g.create_dataset(
            "weight", (3, 3), "f8", external=[(str(secret), 0, 72)]
        ),
        "nested deeper": lambda g: g.__setitem__("again", g),
    }
    for k, (words, change) in enumerate(ways.items()):
        path = tmp_path / f"{k}.nir"
        with h5py.File(path, "w") as f:
            f["node/type"] = "NIRGraph"
            change(f.create_group("node/nodes/w"))
        with pytest.raises(SpikingError, match=words):
            reader.read(path)


def test_mutated_bytes(tmp_path, reader):
    draw, good = random.Random(1), save(networks.chain(), tmp_path / "n.nir").read_bytes()
    read, path = 0, tmp_path / "m.nir"
    for _ in range(600):
        data = bytearray(good)
        for _ in range(draw.choice([1, 1, 2, 8])):
            data[draw.randrange(len(data))] = draw.choice([0, 1, 255, draw.randrange(256)])
        path.write_bytes(data)
        try:
            assert isinstance(from_graph(_file(reader, path)), Network)
            read += 1
        except SpikingError:
            continue
    assert 0 < read < 600


def _file(reader, path):
    from spiking.bridges.nir.damage import in_words

    with in_words("m.nir", "export it again"):
        return _node(reader.read(path), "m.nir")


@pytest.mark.parametrize("name", EVERY)
def test_changed_graphs(name):
    draw, made = random.Random(2), 0
    for _ in range(180):
        data = EVERY[name].to_dict()
        nodes = data["nodes"]
        node = nodes[draw.choice(list(nodes))]
        key = draw.choice(list(node))
        if draw.random() < 0.2:
            node.pop(key)
        else:
            node[key] = draw.choice(WRONG)
        try:
            graph = _node(data, "g")
            assert isinstance(from_graph(graph, **WORDS), Network)
            made += 1
        except SpikingError:
            continue
    assert made < 180
