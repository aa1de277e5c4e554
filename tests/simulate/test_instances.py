"""Many chips in one pass give what each gives alone, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.decode import SpikeCount
from spiking.core.coding.encode import Direct, Latency, Poisson
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, Discretisation, Linear, ReLU
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware.effects.compose import chip_instance
from spiking.hardware.effects.fixed_point import fixed_point
from spiking.hardware.effects.quantise import quantise
from spiking.simulate import run
from spiking.simulate.instances import run_instances
from spiking.simulate.program import Program, in_panels

X = np.random.default_rng(5).random((37, 30)).astype(np.float32)
WEIGHTS = [("weight-mismatch", {"sigma": 0.3})]
THRESHOLDS = [("threshold-mismatch", {"sigma": 0.3})]


def dense(hidden, readout=None, encoder=None, steps=12, **rest):
    return Network.dense(
        [30, 70, 40, 5], hidden=hidden, readout=readout or LI(), encoder=encoder or Poisson(), steps=steps,
        seed=2, **rest,
    )  # fmt: skip


def loop():
    rng = np.random.default_rng(0)
    weights = {("input", "a"): (30, 20), ("a", "a"): (20, 20), ("a", "out"): (20, 4)}
    return Network(
        inputs=[Input(size=30, encoder=Poisson())],
        populations=[Population(name="a", size=20, unit=LIF()), Population(name="out", size=4, unit=LI())],
        connections=[
            Connection(source=s, target=t, weight=rng.normal(0, 0.4, shape), delay=int(s == t))
            for (s, t), shape in weights.items()
        ],
        output=Output(population="out"),
        steps=9,
    )


def thinned():
    net = dense(LIF())
    weight = sp.csr_array(np.where(np.abs(net.connections[0].weight) > 0.1, net.connections[0].weight, 0))
    return net.replace(connections=[replace(net.connections[0], weight=weight), *net.connections[1:]])


NETWORKS = {
    "lif": dense(LIF()),
    "synapses": dense(LIF(tau_syn=5e-3)),
    "adaptation": dense(ALIF(tau_syn=5e-3)),
    "zero reset": dense(LIF(reset="zero")),
    "late reset": dense(LIF(discretisation=Discretisation(reset_delay=1, strict=False))),
    "delays": (lambda n: n.replace(connections=[replace(c, delay=2) for c in n.connections]))(dense(LIF())),
    "spikes read": dense(LIF(), LIF(), decoder=SpikeCount()),
    "latency code": dense(LIF(), encoder=Latency()),
    "currents": dense(LIF(), encoder=Direct()),
    "loop": loop(),
    "sparse": thinned(),
    "bursts": dense(LIF(discretisation=Discretisation(multi=True))),
    "mlp": Network.dense([30, 20, 5], hidden=ReLU(), readout=Linear(), seed=2),
    "long": dense(LIF(), steps=70),
}


def same(chip, instances, k, seed):
    trace = run(chip, X, seed=seed, engine="event")
    np.testing.assert_array_equal(instances.scores[k].astype(trace.scores.dtype), trace.scores)
    short = instances.trace(k)
    for name, spikes in trace.spikes.items():
        np.testing.assert_array_equal(short.spikes[name][:, 0], spikes.sum(axis=1))
    for name, events in trace.events.items():
        np.testing.assert_array_equal(short.events[name], events)
    whole, summed = count(chip, trace), count(instances.network, short)
    for key in whole.table:
        np.testing.assert_array_equal(whole.table[key], summed.table[key])


@pytest.mark.parametrize("name", NETWORKS)
def test_each_chip_is_as_it_is_alone(name):
    net = NETWORKS[name]
    for effects in (WEIGHTS, THRESHOLDS) if net.spiking else (WEIGHTS,):
        chips = [chip_instance(net, effects, k) for k in range(3)]
        got = run_instances(net, chips, X, seed=4, engine="event", batch_size=20)
        assert got.chips == 3
        for k, chip in enumerate(chips):
            same(chip, got, k, 4)
        assert not np.array_equal(got.scores[0], got.scores[1])


def test_panels_take_wide_plain_layers():
    taken = {name: [in_panels(g) for g in Program(net).groups] for name, net in NETWORKS.items()}
    assert taken["lif"] == [True, True, False]
    assert taken["loop"] == [False, False]
    assert taken["sparse"] == [False, True, False]
    assert taken["mlp"] == [False, False]


def test_integer_chips_and_the_number_of_threads(monkeypatch):
    net = fixed_point(quantise(dense(LIF())))
    got = run_instances(net, [net, net], X, engine="event")
    same(net, got, 1, 0)
    chips = [chip_instance(NETWORKS["lif"], WEIGHTS, k) for k in range(2)]
    many = run_instances(NETWORKS["lif"], chips, X)
    monkeypatch.setenv("SPIKING_THREADS", "1")
    np.testing.assert_array_equal(run_instances(NETWORKS["lif"], chips, X).scores, many.scores)


def test_chips_pass_in_blocks_that_fit_memory(monkeypatch):
    net = NETWORKS["lif"]
    chips = [chip_instance(net, WEIGHTS, k) for k in range(5)]
    whole = run_instances(net, chips, X)
    monkeypatch.setattr("spiking.simulate.instances.CHIP_BYTES", 50_000)  # two chips or so
    blocks = run_instances(net, iter(chips), X)
    np.testing.assert_array_equal(blocks.scores, whole.scores)
    np.testing.assert_array_equal(blocks.spikes["hidden1"], whole.spikes["hidden1"])


def test_accuracy_of_each_chip():
    net = NETWORKS["lif"]
    chips = [chip_instance(net, WEIGHTS, k) for k in range(3)]
    y = np.arange(37) % 5
    got = run_instances(net, chips, X).accuracy(y)
    assert got.tolist() == [run(c, X, engine="event").accuracy(y) for c in chips]


def test_chips_of_another_shape_are_refused():
    net = NETWORKS["lif"]
    pruned = chip_instance(net, [("prune", {"share": 0.5, "method": "structured"})], 0)
    with pytest.raises(SpikingError, match=r"chip 1 is .* not of the shape"):
        run_instances(net, [net, pruned], X)
    with pytest.raises(SpikingError, match="there are no chips; give at least one network"):
        run_instances(net, [], X)
    with pytest.raises(SpikingError, match="labels have shape"):
        run_instances(net, [net], X).accuracy(np.zeros(3, int))
