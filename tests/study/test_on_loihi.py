"""Accuracy in Loihi's integers, and the reason where there is none."""

from __future__ import annotations

import numpy as np

from spiking.core.coding.encode import Direct, Latency
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.data.load import load
from spiking.learn.fit import fit
from spiking.simulate import run
from spiking.study.results.on_loihi import accuracy_on_loihi


def test_a_trained_network_keeps_its_accuracy_in_integers():
    data = load("digits", seed=0)
    net = Network.dense(
        [64, 48, 10], hidden=LIF(), readout=LI(), encoder=Latency(linear=True, theta=0.05), steps=12, seed=1
    )
    net = fit(net, data.x_train, data.y_train, epochs=8, batch_size=32, learning_rate=4e-3).network
    own = run(net, data.x_test).accuracy(data.y_test)
    accuracy, reason = accuracy_on_loihi(net, data.x_test, data.y_test, seed=0)
    assert reason == ""
    assert own > 0.9
    assert abs(own - accuracy) < 0.02


def test_a_direct_current_has_no_form_there_and_the_reason_is_told():
    net = Network.dense([4, 5, 3], hidden=LIF(), readout=LI(), encoder=Direct(), steps=5)
    accuracy, reason = accuracy_on_loihi(net, np.ones((2, 4)), np.zeros(2, int), seed=0)
    assert accuracy is None
    assert "direct current; Loihi takes spikes" in reason
