import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware.price import price
from spiking.hardware.published import MODELS, estimate
from spiking.hardware.registry import REGISTERED, load_chip, register_chip
from tests.hardware.examples import mlp, snn

SNN = snn(weight_bits=32, state_bits=32)
MLP = mlp(bits=32)


def test_lemaire_term_by_term():
    """Golden values of 784-128-10, evaluated by hand from the corrected equations (nJ)."""
    ann = {k: v * 1e9 for k, v in estimate(MLP, "lemaire2022").terms.items()}
    golden = {"operations": 325.24, "weights": 4854.71, "inputs": 12.26, "outputs": 1.83, "bias": 1.83}
    for term, value in (golden | {"addressing": 10.16, "potentials": 0.0}).items():
        assert ann[term] == pytest.approx(value, abs=6e-3), term
    spiking = {k: v * 1e9 for k, v in estimate(SNN, "lemaire2022").terms.items()}
    golden = {"weights": 4845.98, "potentials": 2711.70, "bias": 18.27, "operations": 14.66, "inputs": 11.49}
    for term, value in (golden | {"addressing": 10.10, "outputs": 0.93}).items():
        assert spiking[term] == pytest.approx(value, abs=6e-3), term


@pytest.mark.parametrize(
    ("fmt", "ratio"), [("fp32", 4.6 / 0.9), ("fp16", 3.75), ("int8", 23 / 3), ("int32", 32)]
)
def test_compute_only_break_even(fmt, ratio):
    dense = float(estimate(mlp(sizes=(784, 128), active=(1,)), "compute-only", format=fmt).total)
    one_spike_each = float(
        estimate(snn(theta=(784.0, 0.0), sizes=(784, 128)), "compute-only", format=fmt).total
    )
    assert dense / one_spike_each == pytest.approx(ratio)


def test_davidson_and_furber_give_one_to_1_72_spikes_per_synapse():
    dense = float(estimate(mlp(sizes=(784, 128), active=(1,)), "davidson2021").total)
    spike = float(estimate(snn(theta=(784.0, 0.0), sizes=(784, 128)), "davidson2021").total)
    assert 1.0 < dense / spike < 1.72


def test_yan_falls_on_the_closed_form_of_movement():
    """When movement dominates, the break-even rate is ceil(log2(T + 1)) / (8 T)."""
    sizes = (2000, 1000)
    for steps in (5, 8, 10):
        ann = float(estimate(mlp(sizes=sizes, active=(1,)), "yan2024", steps=steps).total)
        full = float(estimate(snn(theta=(2000.0 * steps, 0.0), sizes=sizes, steps=steps), "yan2024").total)
        assert ann / full == pytest.approx(np.ceil(np.log2(steps + 1)) / (8 * steps), rel=2e-3)


def test_models_lie_orders_of_magnitude_apart():
    totals = {m: float(estimate(SNN, m).total) for m in MODELS}
    assert max(totals.values()) > 100 * min(totals.values())


@pytest.mark.parametrize("model", sorted(MODELS))
def test_models_are_linear_in_events_and_take_arrays(model):
    a = snn(theta=(100.0, 0.0, 0.0))
    b = snn(theta=(200.0, 0.0, 0.0))
    c = snn(theta=(300.0, 0.0, 0.0))
    at = [float(np.mean(estimate(x, model).total)) for x in (a, b, c)]
    assert at[2] - at[1] == pytest.approx(at[1] - at[0], rel=1e-9)
    assert np.asarray(estimate(a, model).total).shape == ()


def test_bad_requests():
    with pytest.raises(SpikingError, match=r"unknown published model 'lemaire' .did you mean 'lemaire2022'"):
        estimate(SNN, "lemaire")
    with pytest.raises(SpikingError, match="unknown format 'int4'"):
        estimate(SNN, "compute-only", format="int4")
    with pytest.raises(SpikingError, match="unknown device 'tpu'"):
        estimate(SNN, "keras-spiking", device="tpu")
    with pytest.raises(SpikingError, match="runs spiking networks"):
        estimate(MLP, "keras-spiking", device="loihi")
    with pytest.raises(SpikingError, match="cannot run this network"):
        estimate(MLP, "sanafe")
    with pytest.raises(SpikingError, match="bits is 16"):
        estimate(MLP, "lemaire2022", bits=16)


def test_a_registered_chip_prices_what_keras_spiking_would():
    chip = register_chip("own", 1e-12, 5e-12, True)
    try:
        bill = price(snn(theta=(10.0, 2.0, 1.0), steps=4, sizes=(8, 4, 2)), "own")
        assert bill.total().nominal == pytest.approx((10 * 4 + 2 * 2) * 1e-12 + 6 * 4 * 5e-12)
        assert load_chip("own") is chip
    finally:
        REGISTERED.pop("own")


def test_a_chip_of_the_package_keeps_its_name():
    with pytest.raises(SpikingError, match="belongs to a chip of the package"):
        register_chip("loihi1", 1e-12, 1e-12, True)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_registered_energies_are_checked(bad):
    with pytest.raises(SpikingError, match="a finite number of at least 0"):
        register_chip("bad", bad, 1e-12, True)
