"""Loihi's integers: golden vectors of Lava's unit tests (BSD-3), and trained networks in them."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_digits

from spiking.bridges.brian import to_brian
from spiking.bridges.nir import load, save
from spiking.core.coding.decode import Membrane, SpikeCount
from spiking.core.coding.encode import Direct, Events, Poisson
from spiking.core.errors import SpikingError
from spiking.core.frozen.same import same
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, LoihiLI, LoihiLIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware.effects.loihi import to_loihi
from spiking.learn.fit import fit
from spiking.simulate import run


def one(unit, raster, weight=0.0, bias=None):
    """One neuron; returns potential before reset and spikes, ``[steps]``."""
    net = Network(
        inputs=[Input(size=1, encoder=Events())],
        populations=[
            Population(name="n", size=1, unit=unit, bias=None if bias is None else np.array([bias]))
        ],
        connections=[Connection(source="input", target="n", weight=np.array([[weight]]))],
        output=Output(population="n"),
        steps=len(raster),
    )
    t = run(net, np.asarray(raster, float).reshape(1, -1, 1), record=("spikes", "v"))
    return t.v["n"][0, :, 0], t.raster.get("n", np.zeros((1, 1, 1)))[0, :, 0]


PULSE = [1] + [0] * 8  # arrives one step later


def test_current_decays_as_on_the_chip():
    v, _ = one(LoihiLI(decay_u=2047, decay_v=0), PULSE, 128.0)
    assert np.diff(v).tolist() == [8192, 4096, 2048, 1024, 512, 256, 128, 64]  # v adds up the current


def test_potential_decays_as_on_the_chip():
    v, _ = one(LoihiLI(decay_u=0, decay_v=2048), PULSE, 128.0)
    assert v[1:].tolist() == [8192, 12286, 14331, 15351, 15859, 16111, 16235, 16295]


def test_a_negative_potential_is_truncated_towards_zero():
    up, _ = one(LoihiLI(decay_u=7, decay_v=33), PULSE, 3.0)
    down, _ = one(LoihiLI(decay_u=7, decay_v=33), PULSE, -3.0)
    assert (up == -down).all()
    assert up.any()


def test_bias_and_threshold():
    _, s = one(LoihiLIF(decay_u=0, decay_v=0, v_threshold=8), [0] * 10, bias=2.0 * 2**6)
    assert np.flatnonzero(s).tolist() == [4, 9]
    v, _ = one(LoihiLI(decay_u=0, decay_v=0), [0], bias=4095.0 * 2**5)
    assert v[0] == 131040


def test_current_wraps_and_potential_saturates_at_24_bits():
    v, _ = one(LoihiLI(decay_u=4095, decay_v=0), [1, 1, 0], 2.0**16)
    assert v.tolist() == [0, 2**22, 2**23 - 1]
    v, _ = one(LoihiLI(decay_u=4095, decay_v=4095), [1, 0], 2.0**17 + 1)
    assert v[1] == 2**23 + 64 - 2**24


@pytest.mark.parametrize("word", ["decay_u", "decay_v", "v_threshold"])
def test_words_that_do_not_fit_are_refused(word):
    for bad in (-1, 2**17, 0.5):
        with pytest.raises(SpikingError, match=rf"{word} is .*; allowed: whole numbers from 0 to"):
            LoihiLIF(**{word: bad})


def integrators(reset):
    """Weights that 8 bits hold exactly and no leak: the chip must agree spike for spike."""
    rng = np.random.default_rng(0)

    def w(*shape):
        weight = rng.integers(-127, 128, shape) / 128.0  # float sums are exact, ties included
        weight.flat[0] = 127 / 128
        return weight

    unit = LIF(tau_mem=np.inf, reset=reset)
    pops = [Population(name=n, size=k, unit=unit) for n, k in (("a", 20), ("b", 8))]
    conns = [
        Connection(source="input", target="a", weight=w(30, 20)),
        Connection(source="a", target="b", weight=w(20, 8)),
        Connection(source="b", target="b", weight=w(8, 8), delay=2),
    ]
    return Network(
        inputs=[Input(size=30, encoder=Poisson())],
        populations=pops,
        connections=conns,
        output=Output(population="b", decoder=SpikeCount()),
        steps=40,
    )


@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_the_chip_computes_the_same_one_step_later_per_layer(reset):
    net = integrators(reset)
    chip = to_loihi(net)
    x = (np.random.default_rng(1).random((5, 40, 30)) < 0.2).astype(float)
    ours = run(net, x, record=["spikes"], precision="float64").raster
    padded = np.concatenate([x, np.zeros((5, 2, 30))], axis=1)
    theirs = run(chip, padded, record=["spikes"]).raster
    assert chip.steps == 42
    assert np.array_equal(theirs["a"][:, 1:41], ours["a"])
    assert np.array_equal(theirs["b"][:, 2:42], ours["b"])
    assert ours["b"].any()


def test_everything_on_the_chip_is_an_integer_within_its_width():
    chip = to_loihi(integrators("zero"))
    for c in chip.connections:
        mantissa = c.weight / np.gcd.reduce(np.abs(c.weight * 64).astype(np.int64).ravel()) * 64
        assert np.abs(mantissa).max() <= 127
        assert c.weight_bits == 8
    assert all(p.state_bits == 24 for p in chip.populations)


def test_a_trained_classifier_keeps_its_accuracy(tmp_path):
    data = load_digits()
    x, y = (data.data / 16).astype(np.float32), data.target
    net = Network.dense(
        [64, 48, 10],
        hidden=LIF(tau_mem=10e-3, tau_syn=3e-3, reset="zero", tau_ref=1e-3),
        readout=LI(tau_mem=20e-3),
        encoder=Poisson(gain=0.6),
        decoder=Membrane(over="mean"),
        steps=20,
    )
    net = fit(net, x[:1400], y[:1400], epochs=15, learning_rate=3e-3, seed=0).network
    chip = to_loihi(net)
    before, after = run(net, x[1400:]).accuracy(y[1400:]), run(chip, x[1400:]).accuracy(y[1400:])
    assert before > 0.8
    assert after > before - 0.02
    assert same(chip, load(save(chip, tmp_path / "chip.nir")))
    theirs = to_brian(chip, x[1400:1404], codegen="numpy").run()
    ours = run(chip, x[1400:1404], record=["spikes"])
    assert np.array_equal(ours.raster["hidden1"], theirs.raster["hidden1"])
    assert np.array_equal(ours.scores, theirs.scores)


def test_what_the_chip_has_not_is_named():
    net = integrators("zero")
    with pytest.raises(SpikingError, match="direct current; Loihi takes spikes"):
        to_loihi(net.replace(inputs=[Input(size=30, encoder=Direct())]))
    for unit, words in ((ALIF(), "has ALIF units"), (LIF(v_leak=0.1), "v_leak of 'a' is 0.1")):
        pops = [dataclasses.replace(net.populations[0], unit=unit), net.populations[1]]
        with pytest.raises(SpikingError, match=words):
            to_loihi(net.replace(populations=pops))
    slow = [*net.connections[:2], dataclasses.replace(net.connections[2], delay=64)]
    with pytest.raises(SpikingError, match="would need a delay of 63 steps on the chip; allowed: 0 to 62"):
        to_loihi(net.replace(connections=slow))
