from dataclasses import replace

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.verdict.breakeven import FORMS, Layers, breakeven, layer_counts, per_synapse
from spiking.hardware.verdict.uncertainty import draw, monte_carlo, sample, sensitivity
from tests.hardware.examples import mlp, snn

GENERIC = load_chip("generic-45nm")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_at_break_even_both_cost_the_same(form):
    b = breakeven(form=form, samples=1, which="dynamic", steps=10)
    s = b.spikes_per_synapse.nominal
    bits = 4 if form == "bit-matched" else 8
    spiking = layer_counts(s, fan_in=784, units=128, steps=10)
    dense = layer_counts(None, fan_in=784, units=128, value_bits=bits, active=0.5)
    cost = price(dense, GENERIC.with_settings(**FORMS[form])).total("dynamic").nominal
    assert price(spiking, GENERIC).total("dynamic").nominal == pytest.approx(cost, rel=1e-9)


@pytest.mark.parametrize(
    ("state_sram", "registers", "compute", "words"),
    [
        ((48.2, 13.245, 3.2, 0.1), 1.06, 32, "0.69"),
        ((5.0, 5.0 / 2, 3.2, 0.1), 1.60, 32, ""),
        ((1.25, 2.5, 0.23, 0.03), 1.15, 7.7, "0.25"),
    ],
)
def test_closed_form_of_the_two_memory_terms(state_sram, registers, compute, words):
    e_w, e_v, mac, add = state_sram
    if words:
        assert per_synapse(e_w, e_v, mac, add) == pytest.approx(float(words), abs=0.05)
    assert (e_w + mac) / (e_w + add) == pytest.approx(registers, abs=0.06)
    assert mac / add == pytest.approx(compute, rel=0.01)


def test_the_opponent_decides():
    """Dampfhoffer et al. 2023: from 1.38 against a naive to 0.15 against a reusing, sparse opponent."""
    s = [
        breakeven(form=f, samples=1).spikes_per_synapse.nominal for f in ("naive", "reuse", "reuse+zero-skip")
    ]
    assert 1.72 > s[0] > s[1] > s[2] > 0.15


def test_compute_only_flatters_the_spiking_network():
    narrow = breakeven(which="compute", samples=1).spikes_per_synapse.nominal
    assert narrow > 3 * breakeven(which="total", samples=1).spikes_per_synapse.nominal


def test_more_steps_and_a_longer_latency_help_the_conventional_network():
    at = [breakeven(steps=t, samples=1).spikes_per_synapse.nominal for t in (1, 10, 100)]
    assert at[0] > at[1] > at[2]


def test_the_band_holds_the_nominal_value_and_is_reproducible():
    a, b = breakeven(samples=200, seed=4), breakeven(samples=200, seed=4)
    assert a == b
    assert a.spikes_per_synapse.low <= a.spikes_per_synapse.nominal <= a.spikes_per_synapse.high
    assert a.spikes_per_neuron_step.nominal == pytest.approx(a.spikes_per_synapse.nominal / 10)


def test_bad_requests():
    with pytest.raises(SpikingError, match="unknown form of the MLP 'naiv'"):
        breakeven(form="naiv")
    with pytest.raises(SpikingError, match="does not run both networks"):
        breakeven("loihi1")
    with pytest.raises(SpikingError, match=r"unknown option of breakeven 'fanin'.*fan_in"):
        breakeven(fanin=3)


def test_layers_are_given_whole_or_by_field():
    layers = Layers(fan_in=100, units=20, steps=4)
    assert breakeven(layers=layers, samples=1) == breakeven(fan_in=100, units=20, steps=4, samples=1)
    assert breakeven(layers=layers, steps=10, samples=1).steps == 10


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("steps", 0, "steps is 0; allowed: whole numbers, 1 to 1000000000"),
        ("fan_in", 0, "fan_in is 0; allowed: whole numbers, 1 to 1000000000"),
        ("units", 0, "units is 0"),
        ("active", 2, "active is 2; allowed: 0 to 1; it is a share of the inputs"),
        ("active", float("nan"), "active is nan"),
        ("weight_bits", 0, "weight_bits is 0; allowed: whole numbers, 1 to 32"),
        ("weight_bits", 64, "weight_bits is 64"),
        ("samples", 0, "samples is 0"),
        ("which", "totl", "unknown total 'totl' .did you mean 'total'"),
    ],
)
def test_sizes_out_of_range_are_refused(name, value, words):
    with pytest.raises(SpikingError, match=words):
        breakeven(**{name: value})


def test_samples_stay_in_their_band_and_spread_evenly_in_the_logarithm():
    chip = sample(GENERIC, 20_000, seed=1)
    drawn = np.asarray(chip["leakage"].value)
    assert drawn.min() >= 90
    assert drawn.max() <= 400
    assert np.mean(drawn < np.sqrt(90 * 400)) == pytest.approx(0.5, abs=0.015)
    assert chip["add_int_8"] == GENERIC["add_int_8"]  # no band, not drawn


def test_monte_carlo_is_sure_where_the_case_is_clear_and_not_where_it_is_close():
    dense = mlp(active=(0.5, 0.5))
    assert monte_carlo(snn(theta=(50.0, 5.0, 1.0)), dense, GENERIC, samples=500).share == 1
    assert monte_carlo(snn(theta=(3000.0, 600.0, 5.0)), dense, GENERIC, samples=500).share == 0
    close = monte_carlo(snn(theta=(430.0, 40.0, 3.0)), dense, GENERIC, samples=500)
    assert 0 < close.share < 1
    assert close.quantiles.low < 1 < close.quantiles.high


def flat(chip):
    """Every constant exact: only bands inside lines are left."""
    exact = {n: c.value for n, c in chip.constants.items() if c.value is not None}
    return chip.with_values(**exact)


def test_a_band_inside_a_line_is_drawn():
    """The decay of a unit costs a product or a shift and an addition: 0.2 to 3 pJ, whatever the constants."""
    chip, spiking, dense = flat(GENERIC), snn(theta=(100.0, 20.0, 3.0), state_bits=32), mlp(active=(0.5, 0.5))
    bill = price(spiking, chip)
    update = [line.energy for line in bill.lines if line.constant == "update"]
    assert sum(e.low for e in update) < 0.5 * sum(e.nominal for e in update)
    drawn = draw(bill, "total", 4000, seed=3)
    total = bill.total()
    assert drawn.min() >= total.low * (1 - 1e-12)
    assert drawn.max() <= total.high * (1 + 1e-12)
    assert drawn.max() - drawn.min() > 0.9 * (total.high - total.low)
    assert np.std(monte_carlo(spiking, dense, chip, samples=500).ratio) > 0
    (row,) = (r for r in sensitivity(spiking, dense, chip) if r.constant == "update")
    other = price(dense, chip).total().nominal
    assert row.at_low == pytest.approx(total.low / other)


def test_constants_of_one_name_on_two_chips_are_drawn_apart_and_shared_ones_together():
    other = replace(GENERIC, name="other")
    values = [np.asarray(sample(c, 50, seed=2)["leakage"].value) for c in (GENERIC, other)]
    np.testing.assert_array_equal(*values)  # the same constant with the same source
    wider = replace(GENERIC.constants["leakage"], high=500.0)
    changed = replace(other, constants={**other.constants, "leakage": wider})
    u = [
        (np.log(v / 90) / np.log(top / 90))
        for v, top in zip(
            (values[0], np.asarray(sample(changed, 50, seed=2)["leakage"].value)), (400, 500), strict=True
        )
    ]
    assert abs(np.corrcoef(*u)[0, 1]) < 0.5


def test_sensitivity_names_the_constants_that_flip_the_verdict():
    spiking, dense = snn(theta=(460.0, 40.0, 3.0)), mlp(active=(0.5, 0.5))
    rows = sensitivity(spiking, dense, GENERIC)
    assert [r.swing for r in rows] == sorted((r.swing for r in rows), reverse=True)
    assert any(r.flips for r in rows)
    known = [r for r in rows if r.constant in GENERIC.constants]
    for r in known[:3]:  # each end is what pricing that constant alone gives
        chip = GENERIC.with_values(**{r.constant: GENERIC[r.constant].high})
        a, b = (price(x, chip).total().nominal for x in (spiking, dense))
        assert r.at_high == pytest.approx(float(a / b), rel=1e-12)


def test_a_network_that_cannot_run_has_no_share_of_scenarios():
    with pytest.raises(SpikingError, match="cannot run on 'loihi1'"):
        monte_carlo(snn(), mlp(), load_chip("loihi1"), samples=10)
    with pytest.raises(SpikingError, match="no published price"):
        monte_carlo(snn(), mlp(), load_chip("loihi2"), GENERIC, samples=10)
