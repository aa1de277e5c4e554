"""Throughput and energy-delay product: against published rates, by hand, and unknown where no time is."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.core.counts import Counts, Layer
from spiking.hardware import chip_names, load_chip, price
from spiking.study.results.rows import row
from tests.hardware.examples import mlp, silent, snn

GENERIC = load_chip("generic-45nm")


@pytest.mark.parametrize(
    ("name", "rate"),
    # Blouw et al. 2019 (NICE), Table 1: inferences per second of the keyword spotter at batch size 1
    [("cpu-xeon-e5-2630", 1813.63), ("gpu-quadro-k4000", 770.39), ("movidius-ncs", 300.0)],
)
def test_the_rate_of_a_board_is_the_published_one(name, rate):
    macs = load_chip(name)["activity"].si.nominal
    layer = Layer(name="net", kind="analog", size=1, analog_input=True)
    counts = Counts(layers=(layer,), table={("net", "macs_dense"): macs, ("net", "macs_effective"): macs})
    assert price(counts, name).throughput().nominal == pytest.approx(rate, rel=1e-3)


def test_a_batch_answers_more_often_and_later():
    counts = mlp()
    alone, batch = (price(counts, GENERIC.with_settings(batch=b)) for b in (1, 8))
    # words of 64 bit: rows of 16 and of 2 words; 138 activations and 138 biases, two of 32 bit a cycle
    units = (138 + 138) / 2
    words = 784 * 16 + 128 * 2
    assert alone.latency.nominal == pytest.approx((words + units) / 400e6)
    assert 1 / batch.throughput().nominal == pytest.approx((words / 8 + units) / 400e6)
    assert batch.latency.nominal == pytest.approx((words + 8 * units) / 400e6)
    assert alone.throughput().nominal < batch.throughput().nominal < 8 * alone.throughput().nominal
    assert batch.energy_delay().nominal == pytest.approx(batch.total().nominal * batch.latency.nominal)


def test_a_stated_latency_is_that_of_the_whole_batch():
    bill = price(mlp(), GENERIC.with_settings(batch=4), latency=1e-3)
    assert bill.latency.nominal == pytest.approx(1e-3)
    assert bill.throughput().nominal == pytest.approx(4000.0)
    leak = GENERIC["leakage"].si.nominal * 8 * (784 * 128 + 128 * 10)
    assert bill.by_term()["static"].nominal == pytest.approx(leak * 1e-3 / 4)


@pytest.mark.parametrize("name", chip_names())
@pytest.mark.parametrize("counts", [snn(), mlp(), silent()], ids=["snn", "mlp", "silent"])
def test_what_is_not_known_is_not_zero(name, counts):
    bill = price(counts, name)
    plain, rate, product = bill.to_dict(), bill.throughput(), bill.energy_delay()
    made = row("m", name, correct=1, samples=2, counts=counts, bill=bill)
    known = bill.runs_here and bill.latency.nominal > 0
    assert np.isfinite(rate.nominal) == known == (plain["throughput_per_s"]["nominal"] is not None)
    assert np.isfinite(product.nominal) == (known and np.isfinite(bill.total().nominal))
    np.testing.assert_equal(made["throughput_per_s"], rate.nominal)
    np.testing.assert_equal(made["energy_delay_Js"], product.nominal)
    if known:
        assert rate.low <= rate.nominal <= rate.high
        assert rate.low * bill.latency.high == pytest.approx(1.0)
    if np.isfinite(product.nominal):
        assert product.low <= product.nominal <= product.high
        assert product.high == pytest.approx(bill.total().high * bill.latency.high)


def test_arrays_of_design_points_have_arrays_of_rates():
    clock = np.array([100.0, 200.0, 400.0])
    rate = price(snn(), GENERIC.with_values(clock=clock)).throughput().nominal
    np.testing.assert_allclose(rate / rate[0], clock / clock[0])
