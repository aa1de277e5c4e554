"""Designs: what each choice does to the network, to the bill, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Delta, Direct, Events, Latency, Opening, Poisson
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.hardware import load_chip, price
from spiking.hardware.design import Design, read_after
from spiking.simulate import run

X = np.random.default_rng(0).random((30, 16))
CHIP = load_chip("generic-45nm")


def snn(encoder=None, **words) -> Network:
    made = Network.dense(
        [16, 24, 4], hidden=LIF(tau_mem=20e-3, **words), readout=LI(tau_mem=20e-3),
        encoder=encoder or Latency(linear=True, theta=0.05), decoder=Membrane(over="mean"), steps=8, seed=1,
    )  # fmt: skip
    rng = np.random.default_rng(2)
    return made.replace(populations=[replace(p, bias=rng.normal(0, 0.1, p.size)) for p in made.populations])


def mlp() -> Network:
    return Network.dense([16, 24, 4], hidden=ReLU(), readout=Linear(), decoder=Membrane(over="last"), seed=1)


def energy(network: Network, design: Design, x=X):
    made = design.network(network, calibration=x)
    chip = design.chip(CHIP, spiking=network.spiking)
    return price(count(made, run(made, x)).mean(), chip)


@pytest.mark.parametrize("encoder", [Latency(linear=True), Poisson(), Delta(threshold=0.2), Direct()])
def test_an_inference_read_early_is_the_beginning_of_the_whole(encoder):
    net = snn(encoder)
    whole = run(net, X, record=("spikes", "v"), seed=3)
    early = run(read_after(net, 5), X, record=("spikes", "v"), seed=3)
    assert np.array_equal(early.raster["hidden1"], whole.raster["hidden1"][:, :5])
    assert np.array_equal(early.v["output"], whole.v["output"][:, :5])
    assert count(read_after(net, 5), early).steps == 5


def test_a_raster_read_early_is_its_beginning():
    raster = np.random.default_rng(1).random((6, 8, 16)) < 0.3
    net = snn(Events())
    early = run(read_after(net, 3), raster, record=("spikes",))
    assert np.array_equal(
        early.raster["hidden1"], run(net, raster, record=("spikes",)).raster["hidden1"][:, :3]
    )
    assert read_after(net, 8) is net


@pytest.mark.parametrize(
    ("change", "term"),
    [
        ({"state_bits": 12}, "state_memory"),
        ({"schedule": "neuron-stationary"}, "state_memory"),
        ({"decay": "shift-add"}, "compute"),
        ({"weight_bits": 4}, "weight_memory"),
    ],
)
def test_a_leaner_choice_costs_less_in_its_term(change, term):
    base, lean = energy(snn(), Design()), energy(snn(), replace(Design(), **change))
    assert lean.by_term()[term].nominal < base.by_term()[term].nominal


def test_state_in_registers_costs_registers():
    """16 bit read and written once an update: 2 x 28 units x 8 steps x 16 bit x 0.009 pJ."""
    bill = energy(snn(), Design(schedule="neuron-stationary"))
    lines = [x for x in bill.lines if x.operation == "state words"]
    assert sum(x.energy.nominal for x in lines) == pytest.approx(2 * 28 * 8 * 16 * 0.009e-12)


def test_a_bias_kept_in_a_register_is_read_once():
    outer, inner = energy(snn(), Design()), energy(snn(), Design(schedule="neuron-stationary"))
    reads = [
        sum(x.count for x in b.lines if x.operation == "biases" and x.term != "compute")
        for b in (outer, inner)
    ]
    assert reads == [28 * 8, 28]


def test_a_folded_bias_is_read_as_a_threshold_and_never_added():
    folded = energy(snn(), Design(bias="folded"))
    added = [x.count for x in folded.lines if x.operation == "biases" and x.term == "compute"]
    assert added == [pytest.approx(4 * 8)]  # the readout's alone
    (own,) = [x.count for x in folded.lines if x.operation == "unit parameters"]
    assert own == 24 * 8


def test_raw_values_cross_the_pins_once():
    bill = energy(snn(Poisson()), Design(input="values"))
    (crossing,) = [x for x in bill.lines if x.operation == "input_events"]
    assert crossing.count == 16
    assert crossing.energy.nominal == pytest.approx(16 * 8 * 2e-12)


def test_a_conventional_network_may_skip_zeros_or_not():
    skip, dense = energy(mlp(), Design()), energy(mlp(), Design(zero_skip=False))
    assert skip.total().nominal < dense.total().nominal


def test_units_that_change_in_silence_are_not_updated_lazily():
    with pytest.raises(SpikingError, match="schedule is 'lazy', and the units of 'hidden1' leak"):
        Design(schedule="lazy").network(snn())
    still = (
        snn(tau_mem=np.inf)
        if False
        else snn().replace(populations=[replace(p, bias=None) for p in snn().populations])
    )
    pops = [replace(still.populations[0], unit=LIF(tau_mem=np.inf)), still.populations[1]]
    made = Design(schedule="lazy").network(still.replace(populations=pops))
    assert made["hidden1"].unit.bits == 16


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"state_bits": 7}, "state_bits is 7; allowed: whole numbers, 8 to 24"),
        ({"weight_bits": 1}, "weight_bits is 1; allowed: whole numbers, 2 to 16"),
        ({"schedule": "neuron"}, r"unknown schedule 'neuron' \(did you mean"),
        ({"state_bits": None, "decay": "shift-add"}, "floating point has neither shifts"),
        ({"batch": 0}, "batch is 0; allowed"),
        ({"zero_skip": "yes"}, "zero_skip is 'yes'; allowed: True or False"),
    ],
)
def test_designs_that_cannot_be(words, sentence):
    with pytest.raises(SpikingError, match=sentence):
        Design(**words)


def test_a_table_of_words():
    assert Design.from_dict({"state_bits": 12}).state_bits == 12
    with pytest.raises(
        SpikingError, match=r"unknown design choice 'statebits' \(did you mean 'state_bits'\?\)"
    ):
        Design.from_dict({"statebits": 12})
    with pytest.raises(SpikingError, match="steps is 9; the network 'network' takes 8; allowed: 1 to 8"):
        Design(steps=9).network(snn())
    with pytest.raises(SpikingError, match="allowed: an encoder that makes spikes"):
        Opening(of=Direct(), whole=3)
