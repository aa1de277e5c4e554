"""Wrong values of every public dataclass of core: always one sentence, never another exception, never NaN."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking.core.coding.decode import Assigned, FirstSpike, Membrane, SpikeCount
from spiking.core.coding.encode import Delta, Direct, Events, Latency, Poisson
from spiking.core.counts import Counts, Layer
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import (
    ALIF,
    LI,
    LIF,
    ConductanceLIF,
    Discretisation,
    Linear,
    LoihiLI,
    LoihiLIF,
    ReLU,
    Unit,
)
from spiking.core.parts import Connection, Input, Output, Population
from spiking.core.plasticity import STDP
from spiking.core.trace import Trace
from spiking.simulate import run

NET = Network.dense([3, 4, 2], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=4)
GOOD = [
    *(LIF(), ALIF(), LI(), ConductanceLIF(), LoihiLI(), LoihiLIF(), ReLU(), Linear(), Discretisation()),
    *(Direct(), Poisson(), Latency(), Delta(), Events(), Membrane(), SpikeCount(), FirstSpike()),
    Assigned(votes=np.ones((2, 3))),
    Population(name="p", size=3, unit=LIF(), bias=np.zeros(3), winners=1),
    Connection(source="a", target="b", weight=np.ones((3, 2))),
    *(Input(size=3), Output(population="p"), NET, STDP(a_plus=1e-3)),
    Layer(name="l", kind="analog", size=2),
    Counts(layers=(Layer(name="l", kind="analog", size=2),), table={("l", "spikes"): 1.0}),
    Trace(samples=2, steps=3, scores=np.zeros((2, 2)), spikes={}, events={}),
]
FIELDS = [(g, f.name) for g in GOOD for f in dataclasses.fields(g)]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["", "x", "zero", b"x", (), [], {}, [1, "x"], object(), 1j, LIF(), np.array("x")]),
    st.sampled_from(
        [
            np.array([]),
            np.array([np.nan, 1.0, 1.0]),
            np.array([1.0, np.inf, 2.0]),
            np.ones(2),
            np.ones(3),
            np.zeros((3, 2)),
            np.ones((2, 2, 2)),
            np.float32(1e39),
            np.int64(-1),
        ]
    ),
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(FIELDS), ODD)
def test_a_field_is_taken_or_refused_in_words(field, value):
    good, name = field
    try:
        made = dataclasses.replace(good, **{name: value})
    except SpikingError:
        return
    if isinstance(made, Unit):
        run_one(made)


def run_one(unit):
    """A unit that was taken runs without NaN, or is refused in words with its size or steps."""
    try:
        port = unit.receptors[0]
        net = Network(
            inputs=[Input(size=2, encoder=Events())],
            populations=[Population(name="n", size=3, unit=unit)],
            connections=[Connection(source="input", target="n", weight=np.ones((2, 3)), receptor=port)],
            output=Output(population="n"),
            steps=4,
        )
        v = run(net, np.ones((1, 4, 2)), engine="event", record=("v",)).v["n"]
    except SpikingError:
        return
    assert not np.isnan(v).any(), unit


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Population(name="p", size=3, unit=LIF(tau_mem=np.ones(2))), "tau_mem of 'p' has 2 values"),
        (lambda: LIF(tau_mem=np.nan), "tau_mem is nan s; allowed: 1e-12 or more"),
        (lambda: LIF(v_threshold=np.inf), "v_threshold is inf"),
        (lambda: ALIF(tau_adapt=0), "tau_adapt is 0 s"),
        (lambda: Population(name="p", size=3, unit=LIF(), winners=-1), "winners of 'p' is -1; allowed"),
        (lambda: ReLU(scale=5e-284), "scale is 5e-284; allowed: 1e-30 to 1e"),
        (lambda: Poisson(gain="x"), "gain is 'x'; allowed: 0 to 1e"),
        (lambda: Network.dense([0, 3], hidden=LIF(), readout=LI()), "a size in sizes is 0; allowed: whole"),
        (lambda: Network.dense([5, -1], hidden=LIF(), readout=LI()), "a size in sizes is -1"),
        (lambda: Network.dense([5, 3.5], hidden=LIF(), readout=LI()), "a size in sizes is 3.5"),
        (lambda: Network.dense([5, 3], hidden=LIF(), readout=LI(), seed=2**32), "seed is 4294967296"),
        (lambda: LIF(v_threshold=1e-300, discretisation=Discretisation(multi=True)), "multi=True"),
        (lambda: NET.replace(dt=0), "dt is 0 s; allowed"),
        (lambda: run(NET, np.ones((1, 3)), engine="gpu"), "unknown engine 'gpu'"),
        (lambda: run(NET, np.ones((1, 3)), seed=2**32), "seed is 4294967296"),
        (lambda: run(NET, np.ones((0, 3))), "x holds no samples"),
        (lambda: run(NET, np.full((2, 3), 255.0)), "reach 255; Poisson expects 0 to 1: divide"),
        (lambda: run(NET, np.full((2, 3), 16.0)), r"divide them by 16"),
        (lambda: run(NET, np.full((2, 4, 3), 0.5)), "the raster of 'input' holds fractions"),
        (lambda: run(NET, np.full((2, 4, 3), -1.0)), "the raster of 'input' holds -1 to -1"),
        (lambda: NET.replace(output=Output(population="output", decoder=SpikeCount())), "does not spike"),
        (lambda: run(NET, np.ones((2, 3))).accuracy(np.zeros(3)), "the trace has 2 samples"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_came_and_what_is_allowed(make, words):
    with pytest.raises(SpikingError, match=words):
        make()


def test_a_sparse_weight_with_indices_outside_is_refused():
    bad = sp.csr_array((np.ones(2), np.array([0, 1]), np.array([0, 1, 2])), shape=(2, 2))
    bad.indices[1] = 7
    with pytest.raises(SpikingError, match="the weight of a->b is not a valid sparse matrix"):
        Connection(source="a", target="b", weight=bad)


def test_votes_need_a_row_for_each_neuron():
    pops = [NET["hidden1"], Population(name="output", size=2, unit=LIF())]
    with pytest.raises(SpikingError, match="votes of 5 neurons, but 'output' has 2"):
        NET.replace(
            populations=pops, output=Output(population="output", decoder=Assigned(votes=np.ones((5, 2))))
        )


def test_a_refractory_period_longer_than_the_run_lasts_to_its_end():
    net = Network.dense([1, 1], hidden=LIF(), readout=LIF(tau_ref=1e9, reset="zero"), steps=5, bias=False)
    net = net.with_parameters([np.full((1, 1), 2.0)], [None])
    for engine in ("event", "reference"):
        assert run(net, np.ones((1, 1)), engine=engine).spikes["output"].tolist() == [[1]]
