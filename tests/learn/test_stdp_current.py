"""STDP for current-based units: frozen as in the simulator, thresholds that learned, refusals.

That learning itself is right, Brian2 says in ``test_stdp_brian.py``.
"""

import dataclasses

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.core.neurons import ALIF, LIF, Discretisation
from spiking.core.plasticity import STDP
from spiking.learn.stdp import learn_stdp, responses
from spiking.learn.stdp.network import freeze, stdp_network
from spiking.simulate import run

UNIT = ALIF(tau_mem=20e-3, v_threshold=1.5, reset="zero", tau_ref=2e-3, adapt_step=0.02, tau_adapt=50.0)
RULE = STDP(a_minus=1e-3, a_plus_triplet=0.1, pairing="nearest", norm=4.0)
X = np.random.default_rng(8).random((40, 20)).astype(np.float32)


def network(unit=UNIT, **options):
    size = {"neurons": 6, "rate": 800.0, "duration": 60e-3, "rule": RULE, "inhibition": 0.5}
    return stdp_network(20, unit=unit, **{**size, **options})


@pytest.mark.parametrize("winners", [1, None])
@pytest.mark.parametrize("tau_syn", [0.0, 2e-3])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_frozen_network_spikes_in_the_simulator_as_in_the_learning_kernel(winners, tau_syn, precision):
    unit = dataclasses.replace(UNIT, tau_syn=tau_syn)
    net = freeze(learn_stdp(network(unit, winners=winners, precision=precision), X, seed=2))
    assert type(net["excitatory"].unit) is LIF
    trace = run(net, X[:9], seed=11, first_sample=3, precision=precision)
    ours = responses(net, X[:9], seed=11, first=3)
    assert ours.sum() > 40
    np.testing.assert_array_equal(trace.spikes["excitatory"], ours)


def test_adaptation_becomes_threshold_a_step_for_each_spike():
    forever = dataclasses.replace(UNIT, tau_adapt=1e9)
    learned = learn_stdp(network(forever), X, seed=2)
    rise = learned["excitatory"].unit.v_threshold - 1.5
    assert rise.min() > 0
    assert rise.sum() / 0.02 == pytest.approx(learned.metadata["stdp"]["spikes"], rel=1e-6)


def test_units_of_another_form_are_refused_in_a_sentence():
    with pytest.raises(SpikingError, match=r"ALIF unit with reset='subtract'.*takes reset='zero'"):
        learn_stdp(network(dataclasses.replace(UNIT, reset="subtract")), X)
    late = dataclasses.replace(UNIT, discretisation=Discretisation(input_delay=1))
    with pytest.raises(SpikingError, match=r"input_delay=1.* came; STDP learning takes"):
        learn_stdp(network(late), X)
    uneven = dataclasses.replace(UNIT, tau_mem=np.full(6, 20e-3))
    with pytest.raises(SpikingError, match=r"differs from neuron to neuron in tau_mem"):
        learn_stdp(network(uneven), X)
    with pytest.raises(SpikingError, match=r"lateral='explicit' with ALIF units; .*use lateral='direct'"):
        network(lateral="explicit")
