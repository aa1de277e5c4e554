"""Decoders: the class that each would answer, by hand."""

import numpy as np

from spiking import FirstSpike, Membrane, SpikeCount


def test_the_first_to_spike_wins_and_the_silent_come_last():
    steps = 9  # a silent unit has the number of steps
    assert FirstSpike().scores(np.array([[3, 1, steps]])).argmax() == 1
    assert FirstSpike().scores(np.array([[3, 1, steps]])).argmin() == 2


def test_the_one_with_most_spikes_wins():
    assert SpikeCount().scores(np.array([[0, 5, 2]])).argmax() == 1


def test_membranes_are_read_as_the_decoder_says():
    v = np.array([[[1.0, 3.0], [5.0, 3.0], [0.0, 3.0]]])  # [samples, steps, units]
    want = {"max": [5.0, 3.0], "mean": [2.0, 3.0], "sum": [6.0, 9.0], "last": [0.0, 3.0]}
    for over, scores in want.items():
        np.testing.assert_array_equal(Membrane(over=over).scores(v), [scores])
