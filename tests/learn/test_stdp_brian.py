"""Brian2 is the referee of learning: same input spikes, same spike times, same weights."""

import dataclasses

import numpy as np
import pytest

from spiking.bridges.brian import learn_in_brian, to_brian
from spiking.core.errors import SpikingError
from spiking.core.neurons import ALIF
from spiking.core.plasticity import STDP
from spiking.learn.stdp import responses
from spiking.learn.stdp.learn import presentation_order
from spiking.learn.stdp.learner import learner
from spiking.learn.stdp.network import EXCITATORY, freeze, stdp_network
from spiking.simulate import run

SAMPLES, REST = 6, 10e-3
pytestmark = pytest.mark.filterwarnings("ignore")  # of brian2 and its parser
UNIT = dataclasses.replace(EXCITATORY, adapt_step=0.5e-3, tau_adapt=10.0)
RULES = {
    "diehl-cook": STDP(a_minus=2e-3, a_plus_triplet=0.1, pairing="nearest", norm=4.0),
    "all pairs": STDP(a_plus=0.01, a_minus=0.004, norm=4.0),
    "triplet, soft": STDP(
        a_plus=0.01, a_minus=0.004, a_plus_triplet=0.02, a_minus_triplet=0.001, mu_plus=0.5, mu_minus=1.0,
        norm=4.0,
    ),
    "post-triggered": STDP(a_plus=0.02, x_target=0.3, mu_plus=1.0, pairing="nearest", norm=4.0),
}  # fmt: skip


# current-based: a spike of 1 moves the membrane by 1, thresholds start at 1.5
CURRENT = ALIF(
    tau_mem=20e-3, v_threshold=1.5, reset="zero", tau_ref=2e-3, adapt_step=0.02, tau_adapt=5.0, tau_syn=2e-3
)
CASES = [
    ("diehl-cook", "explicit", 0.0),
    ("all pairs", "direct", 0.0),
    ("triplet, soft", "explicit", 0.0),
    ("post-triggered", "direct", 0.0),
    ("diehl-cook", "explicit", 10e-3),  # random delays of the inputs, as in the paper
    ("triplet, soft", "direct", 5e-3),
    ("diehl-cook", "current", 0.0),
    ("all pairs", "instantaneous", 3e-3),
]


@pytest.mark.parametrize(("name", "lateral", "input_delay"), CASES)
def test_spike_times_and_weights_equal_those_of_brian2(name, lateral, input_delay):
    unit = {"current": CURRENT, "instantaneous": dataclasses.replace(CURRENT, tau_syn=0.0)}.get(lateral, UNIT)
    options = {"lateral": lateral} if unit is UNIT else {"inhibition": 0.8}
    net = stdp_network(
        30, neurons=8, rate=900.0, rule=RULES[name], unit=unit, winners=None, duration=120e-3,
        precision="float64", seed=1, input_delay=input_delay, **options,
    )  # fmt: skip
    x = np.random.default_rng(4).random((SAMPLES, 30)).astype(np.float32)
    order = presentation_order(SAMPLES, SAMPLES, seed=7)
    encoder = net.inputs[0].encoder
    raster = np.concatenate([encoder.spikes(x[k : k + 1], net.steps, 7, p) for p, k in enumerate(order)])

    theirs = learn_in_brian(net, raster, rest=REST, codegen="numpy")
    ours = learner(net, min_spikes=0, tries=1, rest=REST, carry=True, log=100_000)
    ours.learn(x, np.zeros(1, np.int64), order, 0, 7, np.zeros((SAMPLES, 8), np.int32))

    log = ours.state.log[: ours.state.logged[0]]
    for k, fired in enumerate(theirs.spikes.values()):
        steps = fired.reshape(-1, fired.shape[2])
        assert fired.sum() > 40
        np.testing.assert_array_equal(log[log[:, 1] == k][:, [0, 2]], np.argwhere(steps))
    assert any((fired.sum(axis=2) > 1).any() for fired in theirs.spikes.values())  # several in a step
    np.testing.assert_allclose(ours.weight[:, :8], theirs.weight, atol=1e-9)
    np.testing.assert_allclose(ours.state.theta, theirs.theta, rtol=1e-9)


def test_what_brian2_cannot_say_is_refused_in_a_sentence():
    raster = np.zeros((1, 700, 30))
    with pytest.raises(SpikingError, match=r"lets 1 units spike per step; Brian2 has no such competition"):
        learn_in_brian(stdp_network(30, neurons=8), raster)
    rule = STDP(a_plus=0.1, pairing="restricted")
    with pytest.raises(SpikingError, match=r"pairs 'restricted'.*takes 'all' and 'nearest'"):
        learn_in_brian(stdp_network(30, neurons=8, winners=None, rule=rule), raster)
    with pytest.raises(SpikingError, match=r"has 0 plastic connections"):
        learn_in_brian(freeze(stdp_network(30, neurons=8, winners=None)), raster)
    with pytest.raises(SpikingError, match=r"'input->excitatory:excitatory' learns; to_brian runs samples"):
        to_brian(stdp_network(30, neurons=8, winners=None), raster)


@pytest.mark.parametrize("input_delay", [0.0, 10e-3])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_explicit_inhibition_spikes_in_the_simulator_as_in_the_learning_kernel(precision, input_delay):
    net = stdp_network(
        30, neurons=8, rate=900.0, unit=UNIT, lateral="explicit", winners=None, precision=precision,
        input_delay=input_delay,
    )  # fmt: skip
    assert len(net.connections) == (3 if input_delay == 0 else 23)  # 0 to 20 steps
    x = np.random.default_rng(5).random((4, 30)).astype(np.float32)
    trace = run(freeze(net), x, seed=3, precision=precision)
    ours = responses(freeze(net), x, seed=3)
    assert ours.sum() > 40
    assert trace.spikes["inhibitory"].sum() > 40
    np.testing.assert_array_equal(trace.spikes["excitatory"], ours)
