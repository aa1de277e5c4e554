"""The energy of learning: counts by hand, and rows that keep it apart from inference."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.core.coding.encode import Events
from spiking.core.counts import count
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.hardware import price
from spiking.learn.counts import count_on_line
from spiking.simulate import run
from spiking.study.results.training import Learning, training_columns, training_table
from tests.hardware.examples import mlp
from tests.study.made import made_bill, made_table


def test_on_line_learning_by_hand():
    net = Network.dense([2, 3], hidden=LIF(), readout=LIF(), encoder=Events(), steps=4, bias=False)
    net = net.with_parameters([np.array([[2.0, 2.0, 0.1], [0.1, 0.1, 0.1]])], [None])
    x = np.zeros((1, 4, 2))
    x[0, [0, 2], 0] = 1  # two input spikes, each with three weights
    trace = run(net, x)
    spikes = float(trace.spikes["output"].sum())
    assert spikes > 0
    found, before = count_on_line(net, trace), count(net, trace)
    # three weights at each input spike, two at each spike of a unit, six restored before the sample
    assert found["output", "plastic_updates"] == pytest.approx(2 * 3 + 2 * spikes + 6)
    assert found["output", "synaptic_events"] == before["output", "synaptic_events"]
    assert price(found.mean(), "generic-45nm").by_term()["learning"].nominal > 0


def test_the_whole_training_is_a_sample_times_those_seen():
    bill = price(mlp(), "generic-45nm")
    out = training_columns(Learning(how="gradient", seen=500.0, bills={"generic-45nm": bill}), "generic-45nm")
    assert out["training_energy_J"] == pytest.approx(500 * bill.total().nominal)
    assert out["training_energy_low_J"] < out["training_energy_J"] < out["training_energy_high_J"]
    none = training_columns(None, "generic-45nm")
    assert np.isnan(none["training_energy_J"])


def test_a_chip_that_cannot_learn_has_no_number():
    bill = price(mlp(), "loihi1")
    out = training_columns(Learning(how="gradient", seen=500.0, bills={"loihi1": bill}), "loihi1")
    assert np.isnan(out["training_energy_J"])


def test_only_what_learned_is_in_the_table():
    rows = made_table(
        {
            ("mlp", "c"): made_bill("c", ("k", 1.0, 2.0, 3.0)),
            ("surrogate", "c"): made_bill("c", ("k", 1, 2, 3)),
        },
        {"mlp": 950, "surrogate": 950},
    )
    assert training_table(rows) == [
        {"model": "MLP", "chip": "c", "samples": "1000", "energy": "2.00 J (1.00 to 3.00)"}
    ]
