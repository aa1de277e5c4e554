"""Random networks against the slow twin: any topology, delays, units, encoders, weights, winners."""

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.decode import SpikeCount
from spiking.core.coding.encode import Events
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, ConductanceLIF, Discretisation
from spiking.core.parts import Connection, Input, Output, Population
from spiking.simulate import run
from tests.random_networks import case, check_batches, check_gradient, check_spikes

# 1217: some bursts were folded as single spikes; 1020: bursts without end, whose lists grow to their limit
CASES = [*((seed, (None, 1, 3)) for seed in (*range(40), 1217)), (1020, (None,))]


@pytest.mark.parametrize(("seed", "batches"), CASES)
def test_spikes_and_membranes_are_the_twins(seed, batches, monkeypatch):
    c, want = case(seed), None
    for k, engine in enumerate(("reference", "event", "dense", "auto")):
        monkeypatch.setenv("SPIKING_THREADS", str(1 + k % 3))
        for batch_size in batches:
            want = check_spikes(c, engine, batch_size, want)


@pytest.mark.parametrize("seed", range(60))
def test_a_sample_has_the_same_bits_in_any_batch(seed, monkeypatch):
    monkeypatch.setattr("spiking.simulate.event_lists.SMALL", 0)  # threads for small batches as well
    monkeypatch.setenv("SPIKING_THREADS", str(1 + seed % 3))
    for engine in ("event", "auto"):
        check_batches(case(seed), engine, (None, 1, 3))


@pytest.mark.parametrize("seed", range(15))
def test_gradients_are_the_twins(seed, monkeypatch):
    for k, engine in enumerate(("reference", "event", "dense")):
        monkeypatch.setenv("SPIKING_THREADS", str(1 + k))
        check_gradient(case(seed, smooth=True), engine)


@pytest.mark.parametrize("workers", [2, 3])
def test_the_same_bits_however_columns_are_cut(workers, monkeypatch):
    """Weights beyond the cache are cut into blocks of columns, and the last one may be a single tile."""
    rng, units = np.random.default_rng(0), 80
    weight = rng.random((8000, units), np.float32)
    net = Network(
        inputs=[Input(name="in", size=len(weight), encoder=Events())],
        populations=[Population(name="p", size=units, unit=ConductanceLIF(v_threshold=1e6))],
        connections=[Connection(source="in", target="p", weight=weight, receptor="excitatory")],
        output=Output(population="p", decoder=SpikeCount()), steps=2,
    )  # fmt: skip
    x = (rng.random((3, 2, len(weight))) < 0.02).astype(np.float32)
    alone = run(net, x, record=("v",)).v["p"]
    monkeypatch.setattr("spiking.simulate.event_lists.SMALL", 0)
    monkeypatch.setenv("SPIKING_THREADS", str(workers))
    assert run(net, x, record=("v",)).v["p"].tobytes() == alone.tobytes()


PLAIN = (LIF(reset="zero"), LIF(reset="zero"))


def wired(*conns, units=PLAIN, steps=6):
    pops = [Population(name=f"p{k}", size=2, unit=u) for k, u in enumerate(units)]
    return Network(
        inputs=[Input(name="in", size=2, encoder=Events())], populations=pops, connections=conns,
        output=Output(population=pops[-1].name, decoder=SpikeCount()), steps=steps,
    )  # fmt: skip


def test_an_empty_connection_is_not_taken_for_the_next():
    empty = sp.csr_array((2, 2))
    full = np.array([[2.0, 0.0], [0.0, 2.0]])
    net = wired(
        Connection(source="in", target="p0", weight=empty),
        Connection(source="in", target="p0", weight=full, label="full"),
        Connection(source="p0", target="p1", weight=full),
    )
    x = np.ones((1, 6, 2))
    for engine in ("reference", "event"):
        assert run(net, x, engine=engine).spikes["p1"].tolist() == [[6, 6]], engine


def test_single_spikes_beside_bursts_in_a_loop():
    """A unit with single spikes and one with bursts share a loop: spikes were written as bytes into words."""
    multi = LIF(discretisation=Discretisation(multi=True))
    eye = np.eye(2)
    net = wired(
        Connection(source="in", target="p0", weight=1.5 * eye),
        Connection(source="p0", target="p1", weight=3.0 * eye),
        Connection(source="p1", target="p0", weight=-0.1 * eye, delay=1),
        units=(LIF(reset="zero"), multi),
    )
    x = np.ones((1, 6, 2))
    a, b = (run(net, x, engine=e, record=("spikes",), precision="float64") for e in ("event", "reference"))
    np.testing.assert_array_equal(a.raster["p0"], b.raster["p0"])
    assert a.raster["p0"].max() == 1
    assert a.raster["p1"].max() > 1


def test_a_potential_that_is_read_is_a_value_at_every_step_in_each_engine():
    net = wired(
        Connection(source="in", target="p0", weight=np.eye(2)),
        Connection(source="p0", target="p1", weight=np.eye(2)),
        units=(LI(), LIF()),
    )
    x = (np.random.default_rng(0).random((3, 6, 2)) < 0.7).astype(float)
    for engine in ("reference", "event", "dense"):
        assert np.all(run(net, x, engine=engine).spikes["p0"] == 6)


def test_receptors_that_a_unit_does_not_have_are_refused():
    w = np.eye(2)
    for unit, receptor, use in (
        (LIF(), "inhibitory", "'current'"),
        (ConductanceLIF(), "current", "'excitatory' or 'inhibitory'"),
    ):
        with pytest.raises(SpikingError, match=f"opens the receptor '{receptor}'.*use receptor={use}"):
            wired(Connection(source="in", target="p0", weight=w, receptor=receptor), units=(unit,))


def test_bursts_without_end_are_told():
    multi = LIF(discretisation=Discretisation(multi=True))
    net = wired(
        Connection(source="in", target="p0", weight=3 * np.eye(2)),
        Connection(source="p0", target="p0", weight=9 * np.eye(2), delay=1),
        units=(multi,),
        steps=12,
    )
    for engine in ("event", "reference"):
        with pytest.raises(SpikingError, match="spikes per unit and step, too many"):
            run(net, np.ones((1, 12, 2)), engine=engine)
