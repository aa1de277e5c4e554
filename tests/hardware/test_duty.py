"""Duty cycles: the time between inferences is paid for, and a period too short is refused."""

from __future__ import annotations

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.verdict.breakeven import layer_counts

SNN = layer_counts(0.3, fan_in=100, units=50, steps=8)
CHIP = load_chip("generic-45nm")


def test_without_sleep_the_whole_period_leaks():
    chip = CHIP.with_values(retention=1.0, wake_up=0.0)
    bill = price(SNN, chip, every=10e-3)
    bits = 100 * 50 * 8 + 50 * 16
    standing = sum(x.energy.nominal for x in bill.lines if x.term in ("static", "idle"))
    assert standing == pytest.approx(100e-12 * bits * 10e-3)
    assert bill.by_term()["static"].nominal == pytest.approx(100e-12 * bits * bill.latency.nominal)


def test_sleep_keeps_its_share_and_pays_for_waking():
    chip = CHIP.with_values(retention=0.25, wake_up=2.0)
    bill, rest = price(SNN, chip, every=1e-3), 1e-3
    rest -= bill.latency.nominal
    leak = 100e-12 * (100 * 50 * 8 + 50 * 16)
    assert bill.by_term()["idle"].nominal == pytest.approx(0.25 * leak * rest + 2e-9)


@pytest.mark.parametrize("name", ["generic-45nm", "generic-7nm", "odin", "jetson-tx1", "loihi1"])
def test_a_longer_period_never_costs_less_and_dynamic_energy_stays(name):
    totals = [price(SNN, name, every=t) for t in (0.05, 0.1, 1.0, 10.0)]
    nominal = [float(np.asarray(b.total().nominal)) for b in totals]
    assert nominal == sorted(nominal)
    assert nominal[-1] > nominal[0]
    assert len({float(np.asarray(b.total("dynamic").nominal)) for b in totals}) == 1
    for b in totals:
        assert b.total().low <= b.total().nominal <= b.total().high


def test_a_chip_that_publishes_no_sleep_says_so():
    assert any("no sleep is published" in w for w in price(SNN, "odin", every=1.0).warnings)
    assert not any("no sleep" in w for w in price(SNN, CHIP, every=1.0).warnings)


def test_a_period_shorter_than_the_latency_is_refused():
    with pytest.raises(SpikingError, match=r"every is 1e-09 s, but one inference .* allowed: that"):
        price(SNN, CHIP, every=1e-9)
    with pytest.raises(SpikingError, match="every is 0 s; allowed: above 0"):
        price(SNN, CHIP, every=0)
