from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking.core.counts import Counts, Layer
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import Linear, ReLU
from spiking.hardware import chip_names, load_chip, price
from spiking.hardware.models import prices
from spiking.hardware.quantity import Interval
from spiking.study.validation.energy.networks import conventional
from tests.hardware.examples import mlp, silent, snn

GENERIC = load_chip("generic-45nm")


def constant(parts):
    return prices.combine(GENERIC, parts, "").si.nominal * 1e12


@pytest.mark.parametrize(
    ("bits", "floating", "mac", "accumulate"),
    [(32, True, 4.6, 0.9), (16, True, 1.5, 0.4), (8, False, 0.23, 0.03), (32, False, 3.2, 0.1)],
)
def test_horowitz_sums(bits, floating, mac, accumulate):
    add, multiply = prices.add_parts(bits, floating), prices.multiply_parts(bits, bits, floating)
    assert constant([*multiply, *add]) == pytest.approx(mac, rel=1e-12)
    assert constant(add) == pytest.approx(accumulate, rel=1e-12)


def test_memory_prices_meet_the_published_points_and_lie_between():
    for kib, pj in ((8, 10), (32, 20), (1024, 100)):
        assert constant(prices.read_parts(kib * 8192.0)) == pytest.approx(pj, rel=1e-12)
    assert 20 < constant(prices.read_parts(128 * 8192.0)) < 100
    assert constant(prices.read_parts(100.0)) == pytest.approx(10)  # never below the smallest published


def test_a_16_bit_product_is_interpolated_between_8_and_32():
    assert 0.2 < constant(prices.multiply_parts(16, 16, False)) < 3.1
    assert constant(prices.multiply_parts(8, 4, False)) == pytest.approx(0.1)


def test_compute_of_an_int8_mlp_is_macs_times_30_fJ_times_10_and_requantisation():
    bill = price(mlp(sizes=(784, 100, 10), active=(1, 1)), "generic-45nm")
    macs = [line for line in bill.lines if line.operation == "macs"]
    assert sum(line.energy.nominal for line in macs) == pytest.approx(79_400 * 0.30e-12, rel=1e-12)


def test_compute_of_a_float_mlp_is_4_6_pJ_a_mac():
    bill = price(mlp(sizes=(784, 100, 10), active=(1, 1), bits=32), "generic-45nm")
    macs = sum(line.energy.nominal for line in bill.lines if line.operation == "macs")
    assert macs == pytest.approx(365.24e-9, rel=1e-12)


def test_loihi_charges_active_or_inactive_and_what_davies_printed():
    c = snn(theta=(100.0, 20.0, 3.0), steps=10, sizes=(50, 30, 10))
    bill = price(c, "loihi1", latency=1e-2)
    events = 100 * 30 + 20 * 10
    dynamic = events * 23.6 + 23 * 81 + (400 - 23) * 52 + 123 * 1.7
    assert bill.total("dynamic").nominal == pytest.approx(dynamic * 1e-12, rel=1e-12)
    assert bill.total().nominal == pytest.approx(dynamic * 1e-12 + 104.4e-3 * 1e-2, rel=1e-12)
    assert bill.lower_bound
    assert any("host" in text for text in bill.unpriced)


def test_loihi_cannot_run_a_conventional_network():
    bill = price(mlp(), "loihi1")
    assert not bill.runs_here
    assert "conventional" in bill.needs[0]
    assert np.isnan(bill.total().nominal)


def test_an_operation_the_chip_does_not_list_is_never_free():
    c = snn()
    analog = Counts(
        layers=c.layers, table={**c.table, ("layer1", "macs_effective"): 10.0}, steps=c.steps, name="direct"
    )
    bill = price(analog, "loihi1")
    assert not bill.runs_here
    assert "multiply-accumulates on analog values" in bill.needs[0]
    assert price(analog, "generic-45nm").runs_here


def test_latency_must_be_positive_and_a_short_one_is_warned_of():
    for bad in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(SpikingError, match="allowed: above 0 to 1e"):
            price(snn(), "loihi1", latency=bad)
    assert "shorter than" in price(snn(), "generic-45nm", latency=1e-9).warnings[0]


def test_a_network_is_no_counts_and_the_error_says_what_to_do():
    net = Network.dense([4, 2], hidden=ReLU(), readout=Linear())
    words = r"price takes counts, and a Network came; .* price.count.network, run.network, x.., chip."
    with pytest.raises(SpikingError, match=words):
        price(net, "generic-45nm")
    with pytest.raises(SpikingError, match=words):
        price(net)
    with pytest.raises(SpikingError, match=r"price needs a chip too, e\.g\. price\(counts, 'generic-45nm'\)"):
        price(snn())


def test_throttled_loihi_takes_a_millisecond_a_step():
    chip = load_chip("loihi1").with_settings(timing="throttled")
    assert price(snn(steps=10), chip).latency.nominal == pytest.approx(10e-3)
    assert price(snn(steps=10), "loihi1").latency.nominal < 10e-3


def test_free_running_latency_is_the_slowest_layer_and_the_barriers():
    c = snn(theta=(100.0, 20.0, 3.0), steps=10, sizes=(50, 30, 10))
    first = 3000 * 3.5 + 20 * 8.4 + 280 * 5.3 + 20 * 2.1
    assert price(c, "loihi1").latency.nominal == pytest.approx((first + 10 * 113) * 1e-9, rel=1e-12)


def running_chips():
    return [(n, c) for n in chip_names() for c in (snn(), mlp()) if price(c, n).runs_here]


@pytest.mark.parametrize("name", chip_names())
def test_a_silent_network_costs_exactly_static_and_state(name):
    bill = price(silent(), name)
    if not bill.runs_here:
        pytest.skip(f"{name} runs no spiking network")
    for line in bill.lines:
        idle = line.operation in (
            "updates",
            "updates_silent",
            "updates_touched",
            "state words",
            "steps",
            "cycles",
        )
        assert idle or line.term in ("static", "system") or line.price.dimension == "power", line


@pytest.mark.parametrize(("name", "c"), running_chips())
def test_low_nominal_high_are_ordered_in_every_total_and_line(name, c):
    bill = price(c, name)
    lines = [line.energy for line in bill.lines if line.price.known]
    if not lines:
        assert bill.unpriced  # nothing published: NaN, and said so
        assert np.isnan(bill.total().nominal)
        return
    for e in [bill.total(t) for t in bill.offers] + lines + [bill.latency]:
        assert e.low <= e.nominal * (1 + 1e-12)
        assert e.nominal <= e.high * (1 + 1e-12)


@pytest.mark.parametrize(("name", "c"), running_chips())
def test_totals_are_nested_and_terms_and_layers_add_up(name, c):
    bill = price(c, name, latency=1.0)
    if not any(line.price.known for line in bill.lines):
        pytest.skip(f"{name} publishes no price")
    if "compute" in bill.offers:
        assert bill.total("compute").nominal <= bill.total("dynamic").nominal <= bill.total().nominal
    for group in (bill.by_term(), bill.by_layer(), bill.by_constant()):
        assert sum(e.nominal for e in group.values()) == pytest.approx(bill.total().nominal, rel=1e-12)


@pytest.mark.parametrize(("name", "c"), running_chips())
def test_energy_is_linear_in_each_constant(name, c):
    chip = load_chip(name)
    for key, q in chip.constants.items():
        if not q.known or not q.dimension.startswith(("energy", "power")):
            continue
        at = [
            price(c, chip.with_values(**{key: x * q.value}), latency=1.0).total().nominal
            for x in (0.9, 1.0, 1.1)
        ]
        assert at[2] - at[1] == pytest.approx(at[1] - at[0], rel=1e-6, abs=1e-18), key
        assert at[1] >= at[0]


def pays_by_time(chip):
    """Chips of which only power times time is known: more work costs more only by taking longer."""
    working = [c for c in chip.constants.values() if c.dimension == "power" and c.term not in ("static", "")]
    return bool(working)


BY_WORK = [name for name in chip_names() if not pays_by_time(load_chip(name))]
# a pass of a crossbar converts every column, however few rows are driven
BY_COUNT = [name for name in BY_WORK if load_chip(name).model != "crossbar"]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 10), st.sampled_from(BY_COUNT))
def test_energy_is_linear_in_counts(factor, name):
    chip = load_chip(name)
    c = snn() if "spiking" in chip.runs else mlp()
    one, many = (price(x, chip, latency=1e-3).total("dynamic").nominal for x in (c, c * factor))
    assert many == pytest.approx(one * factor, rel=1e-9, nan_ok=True)


theta = st.tuples(*(st.integers(0, n).map(float) for n in (3000, 600, 50)))


@settings(max_examples=20, deadline=None)
@given(theta, theta)
def test_more_spikes_never_cost_less(a, b):
    more = tuple(x + y for x, y in zip(a, b, strict=True))
    for name in ("generic-45nm", "loihi1"):
        low, high = (price(snn(theta=t), name, latency=1.0).total().nominal for t in (a, more))
        assert low <= high * (1 + 1e-12)


def test_layers_add_up():
    c = snn()
    whole = price(c, "generic-45nm", latency=1e-3)
    parts = 0.0
    for layer in c.layers:
        table = {k: v for k, v in c.table.items() if k[0] == layer.name}
        one = Counts(layers=(layer,), table=table, steps=c.steps)
        parts += price(one, "generic-45nm", latency=1e-3).total("dynamic").nominal
    assert parts == pytest.approx(whole.total("dynamic").nominal, rel=1e-12)


@pytest.mark.parametrize("name", chip_names())
def test_a_batch_of_samples_is_priced_as_each_alone(name):
    thetas = [(784.0, 64.0, 5.0), (10.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
    singles = [snn(theta=t) for t in thetas]
    table = {k: np.array([s[k] for s in singles], np.float64) for k in singles[0].table}
    batch = price(Counts(layers=singles[0].layers, table=table, steps=singles[0].steps), name)
    if not batch.runs_here:
        pytest.skip(f"{name} runs no spiking network")
    alone = [price(s, name).total().nominal for s in singles]
    np.testing.assert_allclose(np.broadcast_to(batch.total().nominal, 3), alone, rtol=1e-12)


def test_constants_may_be_arrays():
    values = np.array([10.0, 23.6, 50.0])
    bill = price(snn(), load_chip("loihi1").with_values(synaptic_event=values), latency=1e-3)
    alone = [
        price(snn(), load_chip("loihi1").with_values(synaptic_event=v), latency=1e-3).total().nominal
        for v in values
    ]
    np.testing.assert_allclose(bill.total().nominal, alone, rtol=1e-12)


def test_zero_skipping_and_reuse_only_help_the_mlp():
    c = mlp(active=(0.2, 0.5))
    naive = price(c, GENERIC.with_settings(zero_skip=False, packed=False)).total().nominal
    dense = price(c, GENERIC.with_settings(zero_skip=False, batch=8)).total().nominal
    skip = price(c, GENERIC.with_settings(batch=8)).total().nominal
    assert naive > dense > skip


def test_a_sparse_array_multiplies_the_weights_it_holds_and_no_others():
    c = conventional([100, 50], active=0.5, kept=0.2)
    work = {}
    for form, skip in product(("dense", "sparse"), (True, False)):
        bill = price(c, GENERIC.with_settings(weight_format=form, zero_skip=skip))
        (work[form, skip],) = [x.count for x in bill.lines if x.operation == "macs"]
    # half of the values are zero; a fifth of 5000 weights is not
    assert work == {
        ("dense", True): pytest.approx(2500.0),
        ("dense", False): pytest.approx(5000.0),
        ("sparse", True): pytest.approx(500.0),
        ("sparse", False): pytest.approx(1000.0),
    }


def test_state_in_registers_and_sums_in_sram_move_the_spiking_network_as_lemaire_says():
    base = price(snn(), GENERIC).total().nominal
    assert price(snn(), GENERIC.with_settings(state="registers")).total().nominal < base
    assert price(snn(), GENERIC.with_settings(sums="sram")).total().nominal > base


def test_the_bill_says_what_it_is():
    bill = price(snn(), "generic-45nm")
    assert "estimated, not measured" in bill.footer()
    assert "45 nm" in bill.footer()
    data = bill.to_dict()
    assert data["energy_J"]["total"]["nominal"] == pytest.approx(bill.total().nominal)
    assert {row["source"] for row in data["lines"]}
    assert "horowitz2014" in data["sources"]
    assert "LOWER BOUND" in price(snn(), "loihi1").footer()


def test_ratio_of_two_bills_is_an_interval():
    a, b = price(snn(), "generic-45nm").total(), price(mlp(), "generic-45nm").total()
    ratio = a / b
    assert isinstance(ratio, Interval)
    assert ratio.low <= ratio.nominal <= ratio.high


def test_an_unknown_total_is_refused():
    with pytest.raises(SpikingError, match=r"unknown total 'totl' .did you mean 'total'"):
        price(snn(), "generic-45nm").total("totl")


def test_counts_that_come_without_row_lengths_are_read_as_dense():
    c = snn()
    layers = tuple(Layer(**{**vars(x), "row": 0.0}) for x in c.layers)
    bare = Counts(layers=layers, table=c.table, steps=c.steps)
    assert price(bare, "generic-45nm").total().nominal == pytest.approx(
        price(c, "generic-45nm").total().nominal
    )


def test_chips_that_pay_by_time_are_the_measured_ones():
    by_time = set(chip_names()) - set(BY_WORK)
    boards = {"cpu-xeon-e5-2630", "gpu-quadro-k4000", "jetson-tx1", "movidius-ncs"}
    assert by_time == boards | {"xylo-audio2", "speck"}


def test_a_measured_board_reproduces_its_own_network_and_warns_elsewhere():
    own = mlp(sizes=(390, 256, 256, 29), active=(1, 1, 1))
    bill = price(own, "jetson-tx1")
    assert bill.total().nominal == pytest.approx(4.98 / 419)
    assert bill.total("dynamic").nominal == pytest.approx(2.34 / 419)
    assert bill.warnings == ()
    assert np.isnan(bill.total("compute").nominal)  # a board cannot tell
    larger = price(mlp(sizes=(784, 1000, 10), active=(1, 1)), "jetson-tx1")
    assert larger.total().nominal > bill.total().nominal
    assert "extrapolated" in larger.warnings[0]
    steps = [price(snn(steps=t), "jetson-tx1").latency.nominal for t in (10, 20)]
    assert steps[1] == pytest.approx(2 * steps[0])  # silence saves nothing there


def test_limits_only_chips_refuse_joules():
    for name in ("loihi2", "akida"):
        bill = price(snn(), name)
        assert bill.runs_here
        assert np.isnan(bill.total().nominal)
        assert "energy of a synaptic event" in bill.unpriced


def test_networks_that_pass_a_wall_cannot_run():
    assert "a fan-in of 784 in 'layer1' (allowed 256)" in price(snn(), "odin").needs
    assert "784 inputs (allowed 16)" in price(snn(), "xylo-audio2").needs


def test_wide_weights_and_mixed_nodes_are_warned_of():
    wide = price(snn(weight_bits=32), "loihi1").warnings
    assert any("weights of 32 bit, loihi1 stores 9: priced as if quantised" in w for w in wide)
    mixed = price(snn(), "spinnaker2").warnings
    assert any("of 28 nm, spinnaker2 of 22 nm: nodes are mixed" in w for w in mixed)
    volts = {**GENERIC.constants, "hop": replace(GENERIC["hop"], vdd=0.5)}
    warned = price(snn(), replace(GENERIC, constants=volts)).warnings
    assert any("'hop' holds at 0.5 V, generic-45nm at 0.9 V: voltages are mixed" in w for w in warned)


def test_settings_of_the_component_machine_change_what_they_name():
    base = price(snn(), GENERIC)

    def terms(**settings):
        by = price(snn(), GENERIC.with_settings(**settings)).by_term()
        return {k: float(v.nominal) for k, v in by.items()}

    plain = {k: float(v.nominal) for k, v in base.by_term().items()}
    words = sum(line.count for line in base.lines if line.constant == "weight word")
    assert terms(weights="dram")["weight_memory"] == pytest.approx(words * 1950e-12)
    assert terms(weight_format="sparse")["weight_memory"] > plain["weight_memory"]
    assert terms(update="lazy")["compute"] <= plain["compute"]
    assert terms(format="float")["compute"] > terms(format="int")["compute"]
    assert price(silent(), GENERIC.with_settings(update="lazy")).by_term().get("compute") is None


def test_learning_is_charged_and_named():
    c = snn()
    learning = Counts(
        layers=c.layers, table={**c.table, ("layer1", "plastic_updates"): 1000.0}, steps=c.steps
    )
    assert price(learning, "loihi1").by_term()["learning"].nominal == pytest.approx(120e-9)
    assert price(learning, GENERIC).by_term()["learning"].nominal > 0
    assert price(learning, "truenorth").needs == ("a fan-in of 784 in 'layer1' (allowed 256)",)
    small = snn(theta=(100.0, 20.0, 3.0), sizes=(50, 30, 10))
    on = Counts(layers=small.layers, table={**small.table, ("layer1", "plastic_updates"): 9.0}, steps=10)
    assert price(on, "truenorth").needs == ("on-chip learning",)


def test_cycles_are_priced_by_the_work_they_do():
    bill = price(snn(), "cortex-m4")
    assert bill.total("compute").nominal == pytest.approx(
        float(bill.latency.nominal) * 64e6 * 323e-12, rel=1e-9
    )
    assert "core x event_cycles" in bill.by_constant()
