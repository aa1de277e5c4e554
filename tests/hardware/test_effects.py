import numpy as np
import pytest

from spiking.core.coding.encode import Events, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.loihi import to_loihi
from spiking.hardware.effects.quantise import quantise

RNG = np.random.default_rng(0)


def network(**changes):
    return Network.dense(
        [6, 5, 3], hidden=LIF(), readout=LIF(), encoder=Poisson(), steps=4, seed=1, **changes
    )


def test_the_effects_of_the_package_are_found_by_name():
    assert set(EFFECTS.names()) >= {"quantise", "loihi"}
    with pytest.raises(SpikingError, match=r"unknown effect 'quantize' .did you mean 'quantise'"):
        EFFECTS["quantize"]


def test_an_effect_gives_what_its_function_gives():
    plain = network()
    for name, expected in (("quantise", quantise(plain, weight_bits=4)), ("loihi", to_loihi(plain))):
        how = {"weight_bits": 4} if name == "quantise" else {}
        got = EFFECTS[name](plain, RNG, **how)
        for a, b in zip(got.connections, expected.connections, strict=True):
            np.testing.assert_array_equal(a.weight, b.weight)
            assert a.weight_bits == b.weight_bits


def test_a_network_widened_to_32_bit_is_stored_in_32_bit():
    narrow = quantise(network(), weight_bits=8)
    assert {c.weight_bits for c in quantise(narrow, weight_bits=32).connections} == {32}


def test_effects_compose():
    twice = EFFECTS["quantise"](EFFECTS["quantise"](network(), RNG, weight_bits=8), RNG, weight_bits=3)
    assert all(len(np.unique(c.weight)) <= 7 for c in twice.connections)
    assert all(isinstance(i.encoder, Poisson | Events) for i in twice.inputs)
