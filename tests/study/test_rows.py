"""Wilson's interval and the measures of activity, against published numbers and hand counts."""

import json

import numpy as np
import pytest

from spiking.core.coding.encode import Direct, Events
from spiking.core.counts import count
from spiking.core.network import Network
from spiking.core.neurons import LIF, Linear, ReLU
from spiking.simulate import run
from spiking.study.results.rows import activity, frame, records, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Newcombe 1998 (Stat. Med. 17:857), Table I, method 3 (score interval)
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_equals_newcombes_table(k, n, low, high):
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


def chain(encoder):
    one = Network.dense([2, 3, 1], hidden=LIF(), readout=LIF(), encoder=encoder, steps=4, bias=False)
    hidden, out = np.array([[2.0, 2.0, 0.0], [0.0, 0.0, 0.0]]), np.full((3, 1), 0.0)
    return one.with_parameters([hidden, out + 0.1], [None, None])


def test_activity_counted_by_hand():
    # feature 0 spikes in steps 0 and 2 and drives two units above threshold at each;
    # after reset by subtraction they stay above it, so they spike again in the step that follows
    x = np.zeros((1, 4, 2))
    x[0, [0, 2], 0] = 1
    network = chain(Events())
    trace = run(network, x, record=("spikes",))
    hidden = int(trace.raster["hidden1"].sum())
    output = int(trace.raster["output"].sum())
    a = activity(count(network, trace))
    assert a["spikes_per_inference"] == 2 + hidden + output
    # 9 stored synapses; feature 0 has two non-zero synapses, a hidden unit has one
    assert a["spikes_per_synapse"] == pytest.approx((2 * 2 + hidden) / 9)
    assert a["spikes_per_neuron_step"] == pytest.approx((2 + hidden + output) / (6 * 4))


def test_synapses_fed_by_values_are_left_out():
    network = chain(Direct())
    trace = run(network, np.array([[1.0, 0.0]]), record=("spikes",))
    a = activity(count(network, trace))
    hidden = int(trace.raster["hidden1"].sum())
    assert hidden > 0
    assert a["spikes_per_synapse"] == pytest.approx(hidden / 3)


def test_mlp_has_no_spikes_to_speak_of():
    mlp = Network.dense([2, 3, 1], hidden=ReLU(), readout=Linear())
    assert all(np.isnan(v) for v in activity(count(mlp, run(mlp, np.ones((2, 2))))).values())


def test_records_keep_every_digit_and_make_nan_null():
    table = frame([{"model": "a", "energy_J": 2.0731234567891e-13, "latency_s": np.nan, "n": np.int64(3)}])
    (one,) = records(table)
    assert one == {"model": "a", "energy_J": 2.0731234567891e-13, "latency_s": None, "n": 3}
    assert json.loads(json.dumps(one)) == one
