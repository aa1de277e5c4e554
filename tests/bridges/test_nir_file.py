import h5py
import nir
import numpy as np
import pytest

from spiking.bridges.nir import load, save
from spiking.core.errors import SpikingError
from spiking.core.frozen.same import differences, same
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.core.parts import Connection, Input, Output, Population
from tests.bridges import networks

ALL = [networks.mlp(), networks.chain(), networks.everything(), *networks.variants()]


@pytest.mark.parametrize("network", ALL, ids=lambda n: n.name)
def test_a_saved_network_comes_back_equal_and_the_nir_package_reads_it(network, tmp_path):
    path = save(network, tmp_path / "n.nir")
    assert differences(network, load(path)) == []
    assert isinstance(nir.read(path), nir.NIRGraph)  # with its own type check
    assert [p.name for p in tmp_path.iterdir()] == ["n.nir"]


def test_equality_sees_every_kind_of_change():
    n = networks.everything()
    biases = [p.bias for p in n.populations]
    changed = [
        n.replace(dt=2e-3),
        n.replace(name="other"),
        n.replace(metadata={}),
        n.with_parameters([c.weight * (1 + 1e-15 * (k == 3)) for k, c in enumerate(n.connections)], biases),
        n.replace(output=Output(population="e")),
        n.replace(populations=n.populations[::-1]),
    ]
    assert same(n, networks.everything())
    assert all(not same(n, other) for other in changed)
    assert "network.dt" in differences(n, changed[0])


def test_nir_says_the_physics_of_a_unit_that_adds_its_raw_input(tmp_path):
    """One exact step of dv/dt = (R I - v)/tau with NIR's R adds just the raw input."""
    tau, dt = 8e-3, 1e-3
    n = Network.dense([1, 1], hidden=LIF(), readout=LIF(tau_mem=tau), dt=dt)
    node = nir.read(save(n, tmp_path / "n.nir")).nodes["output"]
    assert node.r[0] * (1 - np.exp(-dt / tau)) == pytest.approx(1.0, rel=1e-14)
    assert (node.tau[0], node.v_threshold[0]) == (tau, 1.0)


def test_nir_says_the_delay_of_a_connection_in_seconds(tmp_path):
    """Other simulators read the Delay node; ours has the steps in its own metadata too."""
    dt = 2e-3
    n = Network(
        inputs=[Input(name="in", size=2)],
        populations=[Population(name=name, size=2, unit=LIF()) for name in ("a", "b")],
        connections=[
            Connection(source="in", target="a", weight=np.eye(2), delay=3),
            Connection(source="a", target="b", weight=np.eye(2)),
        ],
        output=Output(population="b"),
        dt=dt,
    )
    graph = nir.read(save(n, tmp_path / "n.nir"))
    waits = {name: node.delay for name, node in graph.nodes.items() if isinstance(node, nir.Delay)}
    assert len(waits) == 1
    (name,) = waits
    assert np.allclose(waits[name], 3 * dt)
    assert {("in", name)} & set(graph.edges) or {(name, "a")} & set(graph.edges)


def test_an_interrupted_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = save(networks.chain(), tmp_path / "n.nir")
    before = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(nir, "write", fail)
    with pytest.raises(KeyboardInterrupt):
        save(networks.mlp(), path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def _write(path, **datasets):
    with h5py.File(path, "w") as f:
        for key, value in datasets.items():
            f[key.replace("__", "/")] = value
    return path


def test_bad_files_get_a_sentence(tmp_path):
    good = save(networks.chain(), tmp_path / "good.nir")
    empty = tmp_path / "empty.nir"
    empty.write_bytes(b"")
    cut = tmp_path / "cut.nir"
    cut.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    with pytest.raises(SpikingError, match=r"there is no file .*check the path"):
        load(tmp_path / "missing.nir")
    with pytest.raises(SpikingError, match=r"\(0 bytes\) is not HDF5"):
        load(empty)
    with pytest.raises(SpikingError, match="truncated"):
        load(cut)
    with pytest.raises(SpikingError, match="HDF5 but not NIR"):
        load(_write(tmp_path / "other.nir", data=np.ones(3)))
    with pytest.raises(SpikingError, match="no node type"):
        load(_write(tmp_path / "untyped.nir", node__x=np.ones(3)))
    with pytest.raises(SpikingError, match=r"'Conv2D' node \(did you mean 'Conv2d'\?\)"):
        load(_write(tmp_path / "node.nir", node__type="Conv2D"))
    with pytest.raises(SpikingError, match=r"folder .* does not exist"):
        save(networks.mlp(), tmp_path / "no" / "n.nir")


def test_a_truncated_file_never_gives_a_network(tmp_path):
    whole = save(networks.chain(), tmp_path / "n.nir").read_bytes()
    for k in range(1, 20):
        cut = tmp_path / "cut.nir"
        cut.write_bytes(whole[: len(whole) * k // 20])
        with pytest.raises(SpikingError):
            load(cut)


def test_a_shape_that_promises_gigabytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.nir"
    with h5py.File(path, "w") as f:
        f["node/type"] = "NIRGraph"
        f.create_dataset("node/nodes/w/weight", shape=(10**6, 10**6), dtype="f4", chunks=(1000, 1000))
    assert path.stat().st_size < 10**5
    with pytest.raises(SpikingError, match=r"promises 3\.73e\+03 GiB, most of it in 'nodes/w/weight'"):
        load(path)


def test_damaged_metadata_names_itself(tmp_path):
    path = save(networks.chain(), tmp_path / "n.nir")
    with h5py.File(path, "r+") as f:
        text = f["node/metadata/spiking"][()].decode()
        del f["node/metadata/spiking"]
        f["node/metadata/spiking"] = text[:-20]
    with pytest.raises(SpikingError, match="metadata 'spiking' is damaged"):
        load(path)
    with h5py.File(path, "r+") as f:
        del f["node/metadata/spiking"]
        f["node/metadata/spiking"] = text.replace('"Poisson"', '"Person"')
    with pytest.raises(SpikingError, match=r"unknown type 'Person'.*did you mean 'Poisson'"):
        load(path)


def test_names_and_options_that_cannot_be(tmp_path):
    one = Population(name="a/b", size=1, unit=LIF(), bias=np.ones(1))
    c = Connection(source="input", target="a/b", weight=np.ones((1, 1)))
    n = Network(inputs=[Input(size=1)], populations=[one], connections=[c], output=Output(population="a/b"))
    with pytest.raises(SpikingError, match="'a/b' cannot be stored"):
        save(n, tmp_path / "n.nir")
    path = save(networks.chain(), tmp_path / "n.nir")
    with pytest.raises(SpikingError, match="file itself says dt"):
        load(path, dt=1e-3)
    assert load(path, steps=3).steps == 3
