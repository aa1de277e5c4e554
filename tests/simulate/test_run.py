"""The compiled loops against the slow twin, in every form of unit and connection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking.core.coding.encode import Delta, Direct, Latency, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Discretisation, Linear, ReLU
from spiking.core.parts import Connection
from spiking.simulate import run
from tests import naive, nets


def check(net, x, engine):
    """Spikes must be identical, potentials equal to rounding."""
    shape = x if x.ndim == 3 else np.repeat(x[:, None, :], net.steps, axis=1)
    want, _, _ = naive.simulate(net, shape)
    got = run(net, x, record=("spikes", "v"), engine=engine, precision="float64")
    for p in net.populations:
        v = np.stack([one.value for one in want[p.name][0]], axis=1)
        np.testing.assert_allclose(got.v[p.name], v, rtol=1e-9, atol=1e-9)
        if p.unit.spiking:
            s = np.stack([one.value for one in want[p.name][1]], axis=1)
            np.testing.assert_array_equal(got.raster[p.name], s)
            np.testing.assert_array_equal(got.spikes[p.name], s.sum(axis=1))
    return got


@pytest.mark.parametrize("engine", ["event", "dense", "reference"])
@pytest.mark.parametrize("encoder", [Direct(), Poisson()])
def test_a_delay_moves_all_that_follows_by_so_many_steps(engine, encoder):
    """Of a current and of spikes: what a unit at rest does from step 3 on is what it did without delay."""
    net = Network.dense([4, 3, 2], hidden=LIF(), readout=LI(), encoder=encoder, steps=12, seed=0, bias=False)
    first, *others = net.connections
    late = net.replace(connections=[replace(first, delay=3), *others])
    x = np.random.default_rng(0).random((2, 4)) * 3 if encoder.analog else np.full((2, 4), 0.8)
    v, moved = (run(n, x, record=("v",), engine=engine, precision="float64").v["output"] for n in (net, late))
    assert np.abs(v).max() > 0
    np.testing.assert_array_equal(moved[:, :3], 0.0)
    np.testing.assert_allclose(moved[:, 3:], v[:, :-3], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ["event", "dense", "reference"])
@pytest.mark.parametrize("form", nets.FORMS)
def test_units_follow_the_slow_twin(form, engine):
    net = nets.chain(nets.FORMS[form])
    got = check(net, nets.raster(net), engine)
    assert got.spikes["h1"].sum() > 0, "a silent network proves nothing"


@pytest.mark.parametrize("engine", ["event", "dense", "reference"])
@pytest.mark.parametrize("sparse", [False, True])
def test_loops_delays_and_sparse_weights_follow_the_slow_twin(engine, sparse):
    net = nets.chain(nets.FORMS["zero"], sparse=sparse, recurrent=True)
    assert net.groups == (("h1", "h2"), ("out",))
    check(net, nets.raster(net), engine)


@pytest.mark.parametrize("engine", ["event", "dense", "reference"])
def test_constant_current_input_follows_the_slow_twin(engine):
    net = nets.direct(nets.FORMS["subtract"])
    check(net, np.random.default_rng(3).random((4, 6)), engine)


@settings(max_examples=25, deadline=None)
@given(
    form=st.sampled_from(sorted(nets.FORMS)),
    seed=st.integers(0, 10_000),
    steps=st.integers(1, 15),
    density=st.floats(0, 1),
    recurrent=st.booleans(),
)
def test_any_network_follows_the_slow_twin(form, seed, steps, density, recurrent):
    net = nets.chain(nets.FORMS[form], seed=seed, steps=steps, recurrent=recurrent)
    check(net, nets.raster(net, seed=seed, density=density), "auto")


def test_events_count_what_arrived_over_real_synapses():
    net = nets.chain(nets.FORMS["zero"], sparse=True, recurrent=True)
    x = nets.raster(net)
    got = run(net, x, record=("spikes",), precision="float64")
    for c in net.connections:
        s = x if c.source == "input" else got.raster[c.source]
        arrived = s[:, : net.steps - net.total_delay(c)].sum(axis=1)
        real = (c.weight.toarray() if hasattr(c.weight, "toarray") else c.weight) != 0
        np.testing.assert_array_equal(got.events[c.name], arrived @ real.sum(axis=1))


def test_bursts_emit_every_multiple_of_the_threshold():
    unit = LIF(tau_mem=np.inf, discretisation=Discretisation(multi=True))
    net = Network.dense([1, 1], hidden=unit, readout=unit, encoder=None, steps=5, bias=False)
    net = net.with_parameters([np.array([[1.7]])], [None])
    got = run(net, np.ones((2, 1)), record=("spikes",), precision="float64")
    total = np.floor(1.7 * np.arange(1, 6) + 1e-12)
    np.testing.assert_array_equal(got.raster["output"][0, :, 0], np.diff(total, prepend=0))
    big = net.with_parameters([np.array([[1000.5]])], [None])
    assert run(big, np.ones((3, 1))).spikes["output"].tolist() == [[5002]] * 3


def test_the_trace_says_which_engine_computed_each_connection():
    net = nets.chain(nets.FORMS["subtract"])
    for engine, want in (("event", "event"), ("dense", "dense")):
        got = run(net, nets.raster(net), engine=engine).engines
        assert got == {c.name: want for c in net.connections}
    for density in (0.02, 0.9):
        got = run(net, nets.raster(net, density=density), engine="auto").engines
        assert got == {c.name: "event" for c in net.connections}


def test_winners_are_those_farthest_above_threshold():
    net = Network.dense([1, 4], hidden=LIF(), readout=LIF(reset="zero"), steps=1, bias=False)
    net = net.with_parameters([np.array([[1.5, 3.0, 2.0, 0.5]])], [None])
    pops = [type(p)(name=p.name, size=p.size, unit=p.unit, winners=2) for p in net.populations]
    got = run(net.replace(populations=pops), np.ones((1, 1)))
    assert got.spikes["output"].tolist() == [[0, 1, 1, 0]]


def test_the_same_bits_with_one_or_two_threads_and_for_events_in_any_batch(monkeypatch):
    net = Network.dense([20, 50, 5], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=20)
    x = np.random.default_rng(0).random((37, 20)).astype(np.float32)
    results = []
    for threads, batch in (("1", 37), ("2", 37), ("2", 5)):
        monkeypatch.setenv("SPIKING_THREADS", threads)
        results.append(run(net, x, seed=5, batch_size=batch, engine="event"))
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].scores, other.scores)
        np.testing.assert_array_equal(results[0].spikes["hidden1"], other.spikes["hidden1"])


@pytest.mark.parametrize("encoder", [Poisson(gain=0.5), Latency(), Latency(linear=True), Delta()])
def test_compiled_encoders_equal_the_reference(encoder):
    net = Network.dense([9, 3], hidden=LIF(), readout=LI(), encoder=encoder, steps=11)
    x = np.random.default_rng(2).random((6, 9))
    got = run(net, x, record=("spikes",), seed=3, first_sample=100)
    np.testing.assert_array_equal(got.raster["input"], encoder.spikes(x, 11, 3, 100))


def test_an_mlp_is_the_same_graph_with_one_step():
    net = Network.dense([5, 8, 3], hidden=ReLU(), readout=Linear())
    x = np.random.default_rng(0).random((7, 5))
    w1, w2 = (c.weight for c in net.connections)
    np.testing.assert_allclose(run(net, x).scores, np.maximum(x @ w1, 0) @ w2, rtol=1e-5)


def test_bad_input_is_told_in_one_sentence():
    net = Network.dense([5, 3], hidden=ReLU(), readout=Linear())
    for x, words in (
        (np.ones((2, 4)), r"x has shape \(2, 4\); the network takes \[samples, 5\]"),
        (np.full((2, 5), np.nan), "x holds NaN or infinite values; clean the data"),
    ):
        with pytest.raises(SpikingError, match=words):
            run(net, x)
    with pytest.raises(SpikingError, match=r"unknown engine 'evnt' \(did you mean 'event'\?\)"):
        run(net, np.ones((1, 5)), engine="evnt")
    snn = Network.dense([5, 4, 3], hidden=LIF(), readout=LI())
    loop = Connection(source="hidden1", target="hidden1", weight=np.ones((4, 4)))
    with pytest.raises(SpikingError, match="loop through hidden1; give at least one of them delay >= 1"):
        snn.replace(connections=[*snn.connections, loop])
    with pytest.raises(SpikingError, match="refractory period and reset_delay=1 contradict"):
        LIF(tau_ref=1e-3, discretisation=Discretisation(reset_delay=1))


def test_predictions_without_counts_are_the_same():
    net = nets.chain(nets.FORMS["subtract"])
    x = nets.raster(net)
    whole, bare = run(net, x, batch_size=3), run(net, x, batch_size=3, count=False)
    np.testing.assert_array_equal(bare.scores, whole.scores)
    assert not bare.spikes
    assert not bare.events
    assert not bare.first_spike
    counted = nets.chain(nets.FORMS["subtract"], readout="spikes")
    np.testing.assert_array_equal(run(counted, x, count=False).scores, run(counted, x).scores)
