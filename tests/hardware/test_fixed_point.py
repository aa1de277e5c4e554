"""Fixed-point state: exact where it is wide, refused where it cannot hold a threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Events, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.fixed_point import fade_of, fixed_point
from spiking.hardware.effects.quantise import quantise
from spiking.simulate import run


def network(hidden=None, bits: int = 8, **words) -> Network:
    made = Network.dense(
        [20, 30, 4], hidden=hidden or LIF(tau_mem=20e-3), readout=LI(tau_mem=20e-3), encoder=Poisson(),
        decoder=Membrane(over="mean"), steps=20, seed=3, **words,
    )  # fmt: skip
    rng = np.random.default_rng(5)
    pops = [replace(p, bias=rng.normal(0, 0.05, p.size)) for p in made.populations]
    return quantise(made.replace(populations=pops), weight_bits=bits)


X = np.random.default_rng(0).random((40, 20)) * 0.5


def test_wide_state_spikes_as_the_floating_point_network():
    net = network()
    float_spikes = run(net, X, record=("spikes",), precision="float64").raster["hidden1"]
    fixed_spikes = run(fixed_point(net, state_bits=24), X, record=("spikes",)).raster["hidden1"]
    assert float_spikes.sum() > 500
    assert np.mean(float_spikes != fixed_spikes) < 0.001  # a decay of 12 bits is not exact


def test_an_integrator_without_leak_and_bias_is_exact():
    net = network(hidden=LIF(tau_mem=np.inf, v_threshold=0.75))
    # a threshold on the finest grid, so that nothing is rounded, which no sum of weights meets exactly
    step = float(np.max(np.abs(net.connections[0].weight))) / 127
    pops = [
        replace(
            net.populations[0], unit=LIF(tau_mem=np.inf, v_threshold=(60 + 1520 / 4096) * step), bias=None
        ),
        replace(net.populations[1], unit=LI(tau_mem=np.inf), bias=None),
    ]
    net = net.replace(populations=pops, steps=5)  # few, so that no potential saturates
    a = run(net, X / 3, record=("spikes",), precision="float64").raster["hidden1"]
    b = run(fixed_point(net, state_bits=24), X / 3, record=("spikes",)).raster["hidden1"]
    assert a.sum() > 100
    assert np.array_equal(a, b)


def test_a_folded_bias_moves_the_threshold_and_changes_hardly_a_spike():
    net = network()
    each = run(fixed_point(net, state_bits=24), X)
    folded = fixed_point(net, state_bits=24, bias="folded")
    assert folded["hidden1"].bias is None
    assert np.ndim(folded["hidden1"].unit.v_threshold) == 1
    assert folded["output"].bias is not None  # a readout's bias is part of its answer
    assert np.mean(each.spikes["hidden1"] != run(folded, X).spikes["hidden1"]) < 0.005


def test_weights_stay_on_their_grid():
    net = network()
    fixed = fixed_point(net, state_bits=16)
    for before, after in zip(net.connections, fixed.connections, strict=True):
        step = np.max(np.abs(before.weight)) / 127
        ratio = after.weight[before.weight != 0] / (before.weight[before.weight != 0] / step)
        assert np.allclose(ratio, ratio[0], rtol=1e-4)
        assert np.array_equal(after.weight, np.round(after.weight))
    assert all(p.state_bits == 16 for p in fixed.populations)


def test_peaks_decide_how_fine_the_unit_is():
    net = network()
    fine = fixed_point(net, peaks={"hidden1": 1.0})["hidden1"].unit.v_threshold
    coarse = fixed_point(net, peaks={"hidden1": 30.0})["hidden1"].unit.v_threshold
    assert fine / coarse == pytest.approx(32, rel=0.02)  # a power of two


def test_shifts_come_near_the_decay():
    for tau in (2e-3, 5e-3, 10e-3, 20e-3, 50e-3):
        decay = np.exp(-1e-3 / tau)
        fade = fade_of(decay, "shift-add")
        assert fade.keep is None
        assert abs(fade.factors - decay) < 0.02
    assert fade_of(1.0, "shift-add").keep == 4096  # no decay costs no shift


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: fixed_point(network(bits=12), state_bits=8), r"needs 1\d bits to hold its threshold"),
        (lambda: fixed_point(network(bits=32)), "have 32 bits; quantise them first"),
        (lambda: fixed_point(network(), state_bits=7), "allowed: whole numbers, 8 to 24"),
        (lambda: fixed_point(network(), decay="table"), "unknown decay 'table'"),
        (lambda: fixed_point(network(), bias="none"), "unknown bias 'none'"),
        (lambda: fixed_point(network(), peaks={"hiden1": 1.0}), "unknown population 'hiden1'"),
        (lambda: fixed_point(network(hidden=ALIF())), "ALIF units have no fixed-point form"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(SpikingError, match=words):
        make()


def test_it_is_an_effect_by_name():
    made = EFFECTS["fixed-point"](network(), np.random.default_rng(0), state_bits=12)
    assert made["hidden1"].unit.bits == 12


def test_delays_of_the_old_units_stay():
    net = network()
    raster = np.random.default_rng(1).random((5, 20, 20)) < 0.3
    conns = [replace(c, delay=2) for c in net.connections]
    net = net.replace(connections=conns, inputs=[replace(net.inputs[0], encoder=Events())])
    a = run(net, raster, precision="float64")
    b = run(fixed_point(net, state_bits=24), raster)
    assert np.mean(a.first_spike["hidden1"] != b.first_spike["hidden1"]) < 0.02
