"""Each chip against the figure its publication states."""

import pytest

from spiking.hardware import chip_names, load_chip, price
from spiking.study.validation.energy.networks import conventional, events
from tests.hardware.examples import snn

PER_OPERATION = {  # pJ per synaptic operation
    "sne": 0.221,
    "anp-i": 1.5,
    "seneca": 2.8,
    "reckon": 5.3,
    "ubrain": 26.0,
    "neuronflow": 20.0,
    "tianjic": 1.54,
    "darwin3": 5.47,
    "braindrop": 0.381,
}
AD = (640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640)  # MLPerf Tiny's anomaly detector


def test_there_are_at_least_28_chips():
    assert len(chip_names()) >= 28


@pytest.mark.parametrize(("name", "published"), PER_OPERATION.items())
def test_energy_per_synaptic_operation(name, published):
    bill = price(events(1e9), name)
    assert bill.total("dynamic").nominal / 1e9 == pytest.approx(published * 1e-12)
    assert bill.lower_bound  # static power and the host are not published


@pytest.mark.parametrize(("name", "spike"), [("texel", 25.9), ("neural-array-2023", 22.0)])
def test_energy_per_spike_of_mixed_signal_chips(name, spike):
    bill = price(events(0.0, 100, spikes=1e6), name, latency=1.0)
    assert bill.total("dynamic").nominal == pytest.approx(spike * 1e-6)


def test_a_silent_mixed_signal_chip_costs_its_static_power():
    bill = price(events(0.0, 100), "texel", latency=2.0)
    assert bill.total().nominal == pytest.approx(2 * 27.4e-6)


def test_cortex_m4_holds_the_measured_anomaly_detector():
    """294 uJ at 1.8 V and 529 uJ at 3.0 V (MLPerf Tiny 1.1): a check, for its constants were read off it."""
    counts = conventional(AD)
    assert counts.total("macs_dense") == 264_192
    total = price(counts, "cortex-m4").total()
    assert total.nominal == pytest.approx(294e-6, rel=0.05)
    assert total.low < 294e-6 < 529e-6 < total.high


def test_cortex_m4_holds_the_measured_rate():
    fast = load_chip("cortex-m4").with_values(clock=120.0)
    assert 1 / price(conventional(AD), fast).latency.nominal == pytest.approx(131.95, rel=0.05)


def test_spinnaker_holds_what_a_cortical_network_measured():
    event = load_chip("spinnaker1")["synaptic_event"].si
    assert event.low <= 8e-9
    assert event.high >= 601e-9


def test_truenorth_holds_the_least_power_measured():
    assert load_chip("truenorth")["static_chip"].si.low <= 25e-3


@pytest.mark.parametrize("name", [n for n in chip_names() if "spiking" in load_chip(n).runs])
def test_strictly_more_events_never_cost_less(name):
    few, many = (snn(theta=t, sizes=(16, 30, 8)) for t in ((20.0, 4.0, 1.0), (40.0, 8.0, 2.0)))
    a, b = (price(c, name, latency=1.0) for c in (few, many))
    if not a.runs_here or not a.priced:
        pytest.skip(f"{name} does not price it")
    assert a.total().nominal <= b.total().nominal
