"""Operations counted by hand: sizes times steps, spikes times fan-out."""

import numpy as np
import pytest

from spiking import LI, LIF, Direct, Events, Linear, Membrane, Network, ReLU, count, run

STEPS = 4


def spiking_network(encoder):
    net = Network.dense(
        [3, 2, 5], hidden=LIF(tau_mem=20e-3, v_threshold=0.5), readout=LI(tau_mem=20e-3), encoder=encoder,
        decoder=Membrane(over="mean"), steps=STEPS,
    )  # fmt: skip
    return net.replace(populations=[p.__class__(**{**vars(p), "bias": None}) for p in net.populations])


def test_events_of_a_spiking_network_are_spikes_times_fan_out():
    net = spiking_network(Events())
    raster = np.zeros((2, STEPS, 3), np.int8)
    raster[0, :, 0] = 1  # 4 spikes
    raster[1, 1, :] = 1  # 3 spikes
    trace = run(net, raster)
    counts = count(net, trace)
    hidden, readout = (p.name for p in net.populations)
    np.testing.assert_array_equal(counts[hidden, "synaptic_events"], [4 * 2, 3 * 2])
    np.testing.assert_array_equal(counts[hidden, "dense_events"], [3 * 2 * STEPS] * 2)
    np.testing.assert_array_equal(counts[readout, "dense_events"], [2 * 5 * STEPS] * 2)
    fired = trace.spikes[hidden].sum(axis=1)
    np.testing.assert_array_equal(counts[readout, "synaptic_events"], fired * 5)
    np.testing.assert_array_equal(counts[hidden, "updates_fired"], fired)
    np.testing.assert_array_equal(counts[hidden, "updates_silent"], 2 * STEPS - fired)
    np.testing.assert_array_equal(counts[readout, "updates_silent"], [5 * STEPS] * 2)


@pytest.mark.parametrize(("stored", "macs", "adds"), [(True, 3 * 2, 2 * STEPS), (False, 3 * 2 * STEPS, 0)])
def test_direct_current_is_multiplied_once_and_added_each_step_or_multiplied_each_step(stored, macs, adds):
    net = spiking_network(Direct(stored=stored))
    counts = count(net, run(net, np.full((1, 3), 0.5)))
    hidden = net.populations[0].name
    assert counts[hidden, "macs_dense"] == macs
    assert counts[hidden, "macs_effective"] == macs
    assert counts[hidden, "accumulates"] == adds


def test_an_mlp_multiplies_every_weight_once_and_skips_zeros_where_it_can():
    net = Network.dense(
        [3, 2, 5], hidden=ReLU(), readout=Linear(), encoder=Direct(), decoder=Membrane(over="last"), steps=1
    )
    counts = count(net, run(net, np.array([[0.5, 0.0, 1.0]])))
    hidden, readout = (p.name for p in net.populations)
    assert counts[hidden, "macs_dense"] == 6
    assert counts[hidden, "macs_effective"] == 4  # one of three inputs is zero
    assert counts[readout, "macs_dense"] == 10
    assert counts[hidden, "dense_events"] == 0
