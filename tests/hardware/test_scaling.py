import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.scaling import logic_energy, logic_factor, scale_chip, scale_logic
from tests.hardware.examples import mlp

GENERIC = load_chip("generic-45nm")


def test_scaling_to_the_same_place_changes_nothing():
    assert logic_factor(("HP45", 0.9), ("HP45", 0.9)) == 1


@pytest.mark.parametrize(
    ("node", "f"), [("130", 2.674), ("65", 1.058), ("HP45", 0.699), ("HP14", 0.127), ("LP7", 0.0656)]
)
def test_published_polynomials_at_0_9_volt(node, f):
    assert logic_energy(node, 0.9) == pytest.approx(f, abs=5e-3)


def test_28_nm_lies_between_its_neighbours():
    assert logic_energy("HP20", 0.8) < logic_energy("28", 0.8) < logic_energy("HP32", 0.8)


def test_logic_on_a_memory_warns():
    with pytest.warns(UserWarning, match="'read_8k' is a memory: the law of logic understates it"):
        scale_logic(GENERIC["read_8k"], "read_8k", ("HP45", 0.9), ("HP7", 0.7))


def test_memory_barely_scales_and_logic_does():
    small = scale_chip(GENERIC, "HP7", 0.7)
    assert small["mul_int_8"].value == pytest.approx(0.2 * 0.0684, rel=1e-3)
    assert small["read_8k"].value == pytest.approx(7.5, rel=1e-9)
    assert small["leakage"] == GENERIC["leakage"]
    assert "interpolated" in scale_chip(GENERIC, "28", 0.9)["read_8k"].note
    assert price(mlp(), small).total().nominal < price(mlp(), GENERIC).total().nominal


def test_bad_targets():
    with pytest.raises(SpikingError, match="unknown node 'HP5'"):
        logic_energy("HP5", 0.9)
    with pytest.raises(SpikingError, match="outside 7 to 130 nm"):
        logic_energy("3", 0.9)
    with pytest.raises(SpikingError, match="vdd is 5"):
        logic_energy("HP7", 5.0)
    with pytest.raises(SpikingError, match="is no component chip"):
        scale_chip(load_chip("loihi1"), "HP7", 0.7)


@pytest.mark.parametrize(
    ("node", "vdd", "words"),
    [
        ("banana", 0.9, "unknown node 'banana'"),
        ("nan", 0.9, "node nan nm is outside 7 to 130"),
        ("28", float("nan"), "vdd is nan V; allowed: 0.2 to 1.5"),
        ("28", "x", "vdd is 'x'; allowed: numbers"),
    ],
)
def test_a_chip_is_scaled_to_known_nodes_only(node, vdd, words):
    with pytest.raises(SpikingError, match=words):
        scale_chip(load_chip("generic-45nm"), node, vdd)
