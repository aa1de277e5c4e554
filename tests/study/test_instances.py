"""Chips that differ and answers read early, on digits."""

import math

import numpy as np
import pytest

from spiking.core.coding.encode import Latency, Poisson
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.data.load import load
from spiking.hardware import price
from spiking.hardware.design import read_after
from spiking.hardware.effects.compose import chip_instance
from spiking.learn.fit import fit
from spiking.simulate import run
from spiking.study.figures.instances import chip_cloud_figure, early_exit_figure
from spiking.study.instances import Distribution, Share, chip_cloud, early_exit

CHIP = "generic-45nm"
EFFECTS = [("threshold-mismatch", {"sigma": 0.2}), ("pcm", {"time": 86400.0, "compensation": "global"})]


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def trained(digits):
    net = Network.dense([64, 48, 10], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=8, seed=0)
    return fit(net, digits.x_train, digits.y_train, epochs=12, learning_rate=1e-2).network


@pytest.fixture(scope="module")
def cloud(trained, digits):
    return chip_cloud(trained, EFFECTS, digits.x_test, digits.y_test, instances=12, chips=[CHIP])


@pytest.fixture(scope="module")
def read(trained, digits):
    return early_exit(trained, digits.x_test, digits.y_test, chips=[CHIP], seed=3)


def test_each_chip_of_a_cloud_is_that_chip_alone(cloud, trained, digits):
    for k in (0, 7):
        chip = chip_instance(trained, EFFECTS, k)
        assert cloud.accuracy[k] == run(chip, digits.x_test).accuracy(digits.y_test)


def test_a_chip_costs_what_its_spikes_cost_on_the_nominal_hardware(trained, digits):
    mismatch = EFFECTS[:1]  # a threshold that deviates is no word that an update reads
    got = chip_cloud(trained, mismatch, digits.x_test, digits.y_test, instances=2, chips=[CHIP])
    for k in (0, 1):
        trace = run(chip_instance(trained, mismatch, k), digits.x_test)
        bill = price(count(trained, trace).mean(), CHIP)
        assert got.energy(CHIP).values[k] == pytest.approx(float(bill.total("total").nominal), rel=1e-9)


def test_chips_differ_in_accuracy_and_in_joules(cloud):
    assert len(set(cloud.accuracy)) > 3
    assert np.ptp(cloud.energy(CHIP).values) > 0
    assert cloud.nominal_accuracy > 0.85
    summary = cloud.summary()
    accuracy = summary.loc["accuracy"]
    assert accuracy["worst"] <= accuracy["most"] <= accuracy["mean"]
    energy = summary.loc[f"energy_J:{CHIP}"]
    assert energy["worst"] >= energy["most"] >= energy["mean"]


def test_yield_falls_with_the_floor(cloud):
    shares = [cloud.yield_above(f).value for f in (0.0, 0.5, float(np.median(cloud.accuracy)), 1.0)]
    assert shares[0] == shares[1] == 1.0
    assert 0.5 <= shares[2] < 1.0
    assert shares[3] == 0.0
    assert cloud.yield_within(100).value == 1.0


def test_chip_numbers_do_not_depend_on_how_many_are_drawn(cloud, trained, digits):
    some = chip_cloud(trained, EFFECTS, digits.x_test, digits.y_test, instances=2, first=7, chips=())
    assert some.accuracy.tolist() == cloud.accuracy[7:9].tolist()
    assert some.rows()["seed"].tolist() == [7, 8]


def test_a_share_has_the_interval_of_clopper_and_pearson():
    assert Share(0, 20).interval == (0.0, pytest.approx(1 - 0.025 ** (1 / 20)))  # closed form
    assert Share(20, 20).interval == (pytest.approx(0.025 ** (1 / 20)), 1.0)
    assert Share(4, 20).interval == (pytest.approx(0.0573, abs=1e-4), pytest.approx(0.4366, abs=1e-4))


def test_a_distribution_says_what_most_reach():
    low, high = Distribution(np.arange(101.0)), Distribution(np.arange(101.0), "high")
    assert (low.most, low.worst, high.most, high.worst) == (5, 0, 95, 100)
    four = Distribution(np.array([1.0, 2.0, 3.0, 4.0]))
    half = 3.182446 * np.std([1, 2, 3, 4], ddof=1) / 2  # t of 3 degrees of freedom at 97.5 %
    assert four.mean_interval == (pytest.approx(2.5 - half), pytest.approx(2.5 + half))
    assert math.isnan(Distribution(np.ones(1)).sigma)


def test_reading_early_is_running_fewer_steps(read, trained, digits):
    rows = read.fixed()
    for s in (2, 8):
        early = read_after(trained, s)
        trace = run(early, digits.x_test, seed=3)
        row = rows.iloc[s - 1]
        assert row["accuracy"] == trace.accuracy(digits.y_test)
        bill = price(count(early, trace).mean(), CHIP)
        assert row[f"energy_J:{CHIP}"] == pytest.approx(float(bill.total("total").nominal), rel=1e-9)
    assert rows["accuracy"].iloc[-1] > rows["accuracy"].iloc[0]
    assert rows[f"energy_J:{CHIP}"].is_monotonic_increasing


def test_confidence_spends_less_where_it_can(read):
    rows = read.confident([0.0, 0.5, math.inf])
    assert rows["steps"].tolist()[::2] == [1.0, 8.0]
    assert 1 < rows["steps"][1] < 8
    fixed = read.fixed()
    assert rows["accuracy"][0] == fixed["accuracy"][0]
    assert rows["accuracy"][2] == fixed["accuracy"].iloc[-1]
    # the comparisons of all steps are paid for
    extra = read.at(read.stopped(math.inf)).total("accumulates") - read.counts[-1].total("accumulates")
    assert np.all(extra == 2 * 10 * 8)
    assert rows[f"energy_J:{CHIP}"][2] > fixed[f"energy_J:{CHIP}"].iloc[-1]


def test_samples_stop_at_the_first_step_whose_margin_is_reached(read):
    stop = read.stopped(0.5)
    for b in range(0, len(stop), 37):
        before = read.margin[: stop[b] - 1, b]
        assert np.all(before < 0.5)
        assert read.margin[stop[b] - 1, b] >= 0.5 or stop[b] == read.steps


def test_a_code_without_draws_is_read_early_too(digits):
    net = Network.dense([64, 12, 10], hidden=LIF(), readout=LI(), encoder=Latency(), steps=5, seed=0)
    got = early_exit(net, digits.x_test[:20], digits.y_test[:20], chips=())
    whole = run(net, digits.x_test[:20])
    assert got.right[-1].tolist() == (whole.predictions == digits.y_test[:20]).tolist()


def test_what_makes_no_sense_is_refused(trained, digits, cloud, read):
    x, y = digits.x_test, digits.y_test
    with pytest.raises(SpikingError, match="instances is 0; allowed: whole numbers, 1 or more"):
        chip_cloud(trained, EFFECTS, x, y, instances=0)
    with pytest.raises(SpikingError, match="unknown chip 'generic-45'"):
        chip_cloud(trained, EFFECTS, x, y, instances=2, chips=["generic-45"])
    with pytest.raises(SpikingError, match="not of the shape"):
        chip_cloud(trained, [("coarse-time", {"factor": 2})], x, y, instances=2)
    with pytest.raises(SpikingError, match=r"floor is 90.*a fraction: 0.9 is 90 %"):
        cloud.yield_above(90)
    with pytest.raises(SpikingError, match="takes 1 step; there is no earlier one"):
        early_exit(read_after(trained, 1), x, y)
    with pytest.raises(SpikingError, match="labels have shape"):
        early_exit(trained, x, y[:5])
    with pytest.raises(SpikingError, match="the rows hold no energy on 'loihi1'"):
        chip_cloud_figure(cloud.rows(), "loihi1")
    with pytest.raises(SpikingError, match="margin is -1"):
        read.stopped(-1)


def test_figures_show_every_chip_and_every_step(cloud, read):
    figure = chip_cloud_figure(cloud.rows(), CHIP, nominal=cloud.nominal_accuracy, floor=0.9)
    dots = figure.axes[0].lines[0]
    np.testing.assert_allclose(dots.get_ydata(), 100 * cloud.accuracy)
    np.testing.assert_allclose(dots.get_xdata(), 1e9 * cloud.energy(CHIP).values)
    yields = figure.axes[1].lines[0]
    assert len(yields.get_xdata()) == 12
    fixed = read.fixed()
    figure = early_exit_figure(fixed, read.confident([0.2, 0.5, 1.0]), CHIP)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), 100 * fixed["accuracy"])
