"""Layers wider than a tile: the narrow reader, blocks of columns, units that spike in most steps."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.kernels.fold import LIMIT
from spiking.learn.gradient.adjoint import Adjoint, Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.learn.gradient.flow import Narrow
from spiking.simulate.event_lists import EventLists
from spiking.simulate.program import Program
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


def test_which_ways_the_cases_above_take(monkeypatch):
    folds, narrow = [], []
    fold, kernel = EventLists.fold, Adjoint._kernel

    def spy_fold(self, group, conns):
        lists, idx = fold(self, group, conns)
        folds.append(len(lists))
        return lists, idx

    def spy_kernel(self, batch, group, kept, gs, flow, k, out):
        narrow.append(isinstance(flow.narrow.get(k), Narrow))
        return kernel(self, batch, group, kept, gs, flow, k, out)

    monkeypatch.setattr(EventLists, "fold", spy_fold)
    monkeypatch.setattr(Adjoint, "_kernel", spy_kernel)
    net = wide("subtract", FLAT)
    Differentiator(Program(net, np.float64), engine="event")(nets.raster(net, density=0.9), LABELS)
    assert folds[0] == 1, "the dense input of the wide layer is folded"
    assert narrow == [False, True], "the hidden layer reads its one narrow reader itself"
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


@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_the_same_bits_for_any_number_of_threads(workers, monkeypatch):
    net = wide("subtract", DEEP, 9)
    x = nets.raster(net, samples=40, density=0.8)
    labels = np.arange(40) % 5
    alone = Differentiator(Program(net), engine="event")(x, labels).parameters.copy()
    monkeypatch.setattr("spiking.simulate.event_lists.SMALL", 0)
    monkeypatch.setenv("SPIKING_THREADS", workers)
    np.testing.assert_array_equal(Differentiator(Program(net), engine="event")(x, labels).parameters, alone)
