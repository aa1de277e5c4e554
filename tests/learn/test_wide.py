"""Layers wider than a tile: panels of columns, narrow and summed readers, units that spike in most steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Events, Poisson
from spiking.core.neurons import LI, LIF, Discretisation
from spiking.kernels.fold import LIMIT
from spiking.learn.gradient.adjoint import Adjoint, Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.learn.gradient.flow import Flow
from spiking.simulate import run
from spiking.simulate.event_lists import EventLists
from spiking.simulate.program import Program
from spiking.simulate.summed import summed_readout
from tests import nets
from tests.learn.test_gradient import LABELS, compare

DEEP, FLAT = (20, 83, 40, 5), (20, 330, 5)
STEEP = Surrogate(slope=5.0, attached=True)


def wide(form, sizes, steps=9, seed=4):
    net = nets.chain(nets.FORMS[form], sizes=sizes, steps=steps, seed=seed)
    shrink = [c.weight / np.sqrt(c.weight.shape[0] / 6) for c in net.connections]  # as in small nets
    return net.with_parameters(shrink, [p.bias for p in net.populations])


@pytest.mark.parametrize("form", ["subtract", "zero", "synapse", "adaptive", "delayed", "loose"])
@pytest.mark.parametrize("sizes", [DEEP, FLAT])
def test_wide_layers_follow_the_slow_twin(form, sizes):
    net = wide(form, sizes)
    compare(net, nets.raster(net), STEEP)


@pytest.mark.parametrize("sizes", [DEEP, FLAT])
@pytest.mark.parametrize("steps", [9, LIMIT, LIMIT + 6])
def test_units_that_spike_in_most_steps_follow_the_slow_twin(steps, sizes):
    net = wide("subtract", sizes, steps)
    x = nets.raster(net, density=0.9)
    x[:, :, :4] = 1  # some without a silent step
    compare(net, x, STEEP)


@pytest.mark.parametrize("form", ["subtract", "zero", "synapse", "adaptive", "delayed", "loose"])
@pytest.mark.parametrize("sizes", [DEEP, FLAT])
def test_a_summed_readout_follows_the_slow_twin(form, sizes):
    net = wide(form, sizes)
    compare(net, nets.raster(net), STEEP, engine="auto")


READOUTS = {
    "plain": LI(tau_mem=7e-3),
    "synapse": LI(tau_mem=7e-3, tau_syn=3e-3),
    "leak": LI(tau_mem=7e-3, v_leak=0.2, v_start=-0.3),
    "late": LI(tau_mem=7e-3, discretisation=Discretisation(input_scale="one_minus_beta", input_delay=2)),
}


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("over", ["mean", "sum", "last"])
def test_a_summed_readout_equals_the_one_walked_step_by_step(readout, over):
    net = wide("subtract", FLAT)
    out = replace(net["out"], unit=READOUTS[readout])
    net = net.replace(populations=[net["h1"], out], output=replace(net.output, decoder=Membrane(over=over)))
    x = nets.raster(net)
    for options in ({}, {"dropout": 0.4}, {"rate_penalty": 3.0}):
        walked, summed = (
            Differentiator(Program(net, np.float64), engine=engine, surrogate=STEEP, **options)(x, LABELS)
            for engine in ("event", "auto")
        )
        np.testing.assert_allclose(summed.scores, walked.scores, rtol=1e-11)
        assert summed.loss == pytest.approx(walked.loss, rel=1e-12)
        scale = np.abs(walked.parameters).max()
        np.testing.assert_allclose(summed.parameters, walked.parameters, atol=1e-12 * scale)
    quick, slow = run(net, x, precision="float64", count=False), run(net, x, precision="float64")
    np.testing.assert_allclose(quick.scores, slow.scores, rtol=1e-11)
    assert quick.engines["h1->out"] == "summed" != slow.engines["h1->out"]


def test_what_is_not_linear_or_not_alike_is_not_summed():
    net = wide("subtract", FLAT)
    assert summed_readout(Program(net)) is not None
    assert summed_readout(Program(net, learn_tau=True)) is None, "the readout's time constant needs its steps"
    for unit in (LI(tau_mem=np.linspace(5e-3, 9e-3, 5)), LIF(tau_mem=5e-3)):
        other = net.replace(populations=[net["h1"], replace(net["out"], unit=unit)])
        assert summed_readout(Program(other)) is None
    peak = net.replace(output=replace(net.output, decoder=Membrane(over="max")))
    assert summed_readout(Program(peak)) is None
    narrow = wide("subtract", (20, 9, 5))
    assert summed_readout(Program(narrow)) is None


@pytest.mark.parametrize("steps", [9, 70])
def test_drawn_spikes_are_those_of_the_encoder(steps):
    code = Poisson(gain=1.3)
    for sizes in (FLAT, (20, 9, 5)):
        net = nets.chain(nets.FORMS["subtract"], sizes=sizes, steps=steps, encoder=code)
        x = np.random.default_rng(0).random((5, 20)).astype(np.float32)
        trace = run(net, x, seed=3, first_sample=2, record=("spikes",))
        want = code.spikes(x, steps, 3, 2)
        np.testing.assert_array_equal(trace.raster["input"], want)
        np.testing.assert_array_equal(trace.spikes["input"], want.sum(axis=1))
        given = run(net.replace(inputs=[replace(net.inputs[0], encoder=Events())]), want.astype(np.float32))
        np.testing.assert_allclose(trace.scores, given.scores, rtol=1e-5)


def test_which_ways_the_cases_above_take(monkeypatch):
    folds, ways = [], []
    fold, kernel = EventLists.fold, Adjoint._panels

    def spy_fold(self, group, conns):
        lists, idx = fold(self, group, conns)
        folds.append(len(lists))
        return lists, idx

    def spy_kernel(self, batch, group, k, flow, out):
        ways.append((k in flow.narrow, k in flow.pulled))
        return kernel(self, batch, group, k, flow, out)

    monkeypatch.setattr(EventLists, "fold", spy_fold)
    monkeypatch.setattr(Adjoint, "_panels", spy_kernel)
    net = wide("subtract", FLAT)
    for engine in ("event", "auto"):
        Differentiator(Program(net, np.float64), engine=engine)(nets.raster(net, density=0.9), LABELS)
    assert folds[0] == 1, "the dense input of the wide layer is folded"
    assert ways == [(True, False), (False, True)], "the hidden layer reads its one narrow reader itself"
    folds.clear()
    net = wide("subtract", FLAT, LIMIT + 6)
    Differentiator(Program(net, np.float64), engine="event")(nets.raster(net, density=0.9), LABELS)
    assert folds[0] == 0, "a word has no room for more steps"


@pytest.mark.parametrize("density", [0.2, 0.9])
def test_counts_above_one_and_several_words_agree_with_products(density):
    net = wide("subtract", FLAT, 70)
    x = nets.raster(net, density=density) * np.random.default_rng(0).integers(1, 4, (4, 70, 20))
    got = [
        Differentiator(Program(net, np.float64), surrogate=STEEP, engine=engine)(x, LABELS)
        for engine in ("event", "dense")
    ]
    assert got[0].loss == pytest.approx(got[1].loss, rel=1e-12)
    scale = np.abs(got[1].parameters).max()
    np.testing.assert_allclose(got[0].parameters, got[1].parameters, atol=1e-11 * scale)


@pytest.mark.parametrize("engine", ["event", "auto"])
@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_the_same_bits_for_any_number_of_threads(workers, engine, monkeypatch):
    net = wide("subtract", (20, 283, 140, 5), 9)
    x = nets.raster(net, samples=40, density=0.8)
    labels = np.arange(40) % 5
    alone = Differentiator(Program(net), engine=engine)(x, labels).parameters.copy()
    monkeypatch.setattr("spiking.simulate.event_lists.SMALL", 0)
    monkeypatch.setenv("SPIKING_THREADS", workers)
    np.testing.assert_array_equal(Differentiator(Program(net), engine=engine)(x, labels).parameters, alone)


@pytest.mark.parametrize("form", ["subtract", "delayed", "scaled"])
def test_additions_that_decay_hand_back_what_a_dense_product_does(form, monkeypatch):
    net = wide(form, (20, 83, 140, 5))
    x, handed = nets.raster(net), []
    whole = Flow.back_by_jumps

    def spy(self, c, jumps, decay):
        handed.append(np.count_nonzero(jumps) / jumps.size)
        whole(self, c, jumps, decay)

    monkeypatch.setattr(Flow, "back_by_jumps", spy)
    cut = Surrogate(slope=5.0, gradient_threshold=0.05)
    got = {
        engine: Differentiator(Program(net, np.float64), surrogate=cut, engine=engine)(x, LABELS).parameters
        for engine in ("auto", "dense")
    }
    assert len(handed) == 1, "only where additions are sparse, and between the two wide layers"
    assert 0 < handed[0] < 0.9
    scale = np.abs(got["dense"]).max()
    np.testing.assert_allclose(got["auto"], got["dense"], atol=1e-12 * scale)
    kept = Surrogate(slope=5.0)
    exact = Differentiator(Program(net, np.float64), surrogate=kept)(x, LABELS).parameters
    assert len(handed) == 1, "the exact gradient takes the dense product"
    assert np.abs(exact - got["auto"]).max() > 1e-6 * scale
