"""What a bill does not hold is said: unknown prices, static power, the share of a chip."""

import numpy as np
import pytest

from spiking.core.counts import Counts
from spiking.hardware import load_chip, price
from spiking.hardware.registry import REGISTERED, register_chip
from spiking.hardware.verdict import decide
from tests.hardware.examples import mlp, snn

SMALL = snn(theta=(100.0, 20.0, 3.0), sizes=(50, 30, 10))


def test_a_direct_coded_network_does_not_run_on_the_all_in_chip():
    analog = Counts(layers=SMALL.layers, table={**SMALL.table, ("layer1", "macs_effective"): 10.0}, steps=10)
    bill = price(analog, "truenorth-all-in")
    assert not bill.runs_here
    assert "multiply-accumulates on analog values" in bill.needs[0]


def test_the_all_in_figure_leaves_out_the_host_and_says_so():
    bill = price(SMALL, "truenorth-all-in")
    assert bill.lower_bound
    assert "input of events from outside" in bill.unpriced


def test_a_chip_that_states_no_static_power_gives_a_lower_bound_of_the_total():
    chip = register_chip("bare", 1e-12, 1e-12, True)
    try:
        bill = price(SMALL, chip)
        assert bill.unpriced == ("static power",)
        assert decide.lacks(bill, "total") == ("static power",)
        assert decide.lacks(bill, "dynamic") == ()
        assert bill.total().nominal == bill.total("dynamic").nominal
    finally:
        REGISTERED.pop("bare")


@pytest.mark.parametrize("name", ["loihi2", "akida"])
def test_a_chip_without_prices_has_no_latency_either(name):
    bill = price(SMALL, name)
    assert not bill.priced
    assert np.isnan(bill.latency.nominal)
    assert np.isnan(bill.total().nominal)


@pytest.mark.parametrize("against", ["cpu-xeon-e5-2630", "cortex-m4", "generic-45nm"])
@pytest.mark.parametrize("chip", ["loihi1", "loihi1-sanafe"])
def test_loihi_never_wins_across_chips_on_a_bill_without_its_host(chip, against):
    r = decide.ratio(price(SMALL, chip), price(mlp(), against))
    assert r.snn_lacks
    assert r.verdict != "SNN"
    assert r.bound == "at least"


def test_a_small_network_is_told_its_share_of_the_chip():
    bill = price(SMALL, "loihi1", latency=1.0)
    assert bill.used == pytest.approx(2 / 128)
    words = "uses 2 of 128 cores and is charged all of the static power (104 mW); its share would be 1.6 mW"
    assert any(words in w for w in bill.warnings)
    dynamic = bill.total("dynamic").nominal
    assert bill.share().nominal == pytest.approx(dynamic + 104.4e-3 * 2 / 128)
    assert bill.to_dict()["used_share_of_cores"] == pytest.approx(2 / 128)


def test_the_static_power_of_loihi_holds_both_published_values():
    chip = load_chip("loihi1")
    static = chip["static_chip"].si
    assert static.low <= 29e-3  # the idle row of Blouw et al. 2019
    assert static.high >= 104.4e-3  # Frady et al. 2020
    assert chip["barrier_time"].si.high >= 1.8e-6  # SANA-FE's regression
