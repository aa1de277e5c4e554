"""Encoders, by hand."""

import numpy as np

from spiking import Latency


def test_a_value_at_the_threshold_stays_silent_and_the_largest_spikes_first():
    raster = Latency(linear=True, theta=0.25).spikes(np.array([[0.25, 0.5, 1.0]]), 10)[0]
    assert raster.sum(axis=0).tolist() == [0, 1, 1]
    assert raster.argmax(axis=0)[1:].tolist() == [6, 0]  # (1 - 0.5) / 0.75 * 9 = 6
