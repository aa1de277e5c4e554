"""Paired answers against the constrained likelihood found by search, and against published cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from spiking.core.errors import SpikingError
from spiking.hardware.verdict.accuracy import bootstrap, margin_of, paired, score, tango


def answers(up, down, n):
    a, b = np.ones(n, bool), np.ones(n, bool)
    b[:up] = False
    a[up : up + down] = False
    return a, b


def test_three_differing_samples_of_360_do_not_show_a_margin_of_one_point():
    """Wald's interval of this case is -0.67 to +1.22 points; the score interval is a little wider above."""
    p = paired(*answers(2, 1, 360))
    assert p.difference == pytest.approx(1 / 360)
    assert 100 * p.low == pytest.approx(-0.67, abs=0.65)
    assert 100 * p.high == pytest.approx(1.22, abs=0.75)
    assert not p.no_worse(0.01) or not p.no_better(0.01)
    assert p.p == 1.0
    assert not p.differs


def slow_score(up, down, n, delta):
    """The score statistic with the share of `down` that maximises the likelihood, found by search."""
    rest = n - up - down

    def loss(q):
        shares = (q + delta, q, 1 - 2 * q - delta)
        counts = (up, down, rest)
        return -sum(k * np.log(max(s, 1e-300)) for k, s in zip(counts, shares, strict=True) if k)

    low, high = max(0.0, -delta), (1 - delta) / 2
    q = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    return (up - down - n * delta) / np.sqrt(n * (2 * q + delta - delta**2))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(70, 500), st.floats(-0.3, 0.3))
def test_the_score_is_that_of_the_constrained_likelihood(up, down, n, delta):
    if abs(delta) < 1e-3:
        return
    assert score(up, down, n, delta) == pytest.approx(slow_score(up, down, n, delta), rel=1e-3, abs=1e-3)


def test_the_ends_are_where_the_score_is_1_96():
    low, high = tango(10, 4, 200)
    assert score(10, 4, 200, low) == pytest.approx(1.96, abs=1e-4)
    assert score(10, 4, 200, high) == pytest.approx(-1.96, abs=1e-4)


def test_no_difference_at_all_still_has_an_interval():
    """With no differing sample the ends are +- z^2 / (n + z^2)."""
    low, high = tango(0, 0, 360)
    assert high == pytest.approx(3.8415 / (360 + 3.8415), rel=1e-4)
    assert low == pytest.approx(-high)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_exchanging_the_two_mirrors_everything(up, down):
    a, b = answers(up, down, 300)
    first, second = paired(a, b), paired(b, a)
    assert (first.low, first.high) == pytest.approx((-second.high, -second.low), abs=1e-9)
    assert first.p == pytest.approx(second.p)
    assert first.low <= first.difference <= first.high


def test_mcnemar_of_ten_against_none_and_of_many():
    assert paired(*answers(10, 0, 100)).p == pytest.approx(2 / 2**10)
    assert paired(*answers(10, 0, 100)).differs
    assert not paired(*answers(30, 25, 100)).differs


def test_the_bootstrap_agrees_where_there_are_many_differences():
    a, b = answers(60, 40, 2000)
    p = paired(a, b)
    assert bootstrap(a, b) == pytest.approx((p.low, p.high), abs=1.2e-3)


def test_the_interval_covers_the_truth_in_95_of_100():
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(300, (0.04, 0.02, 0.94), size=400)
    inside = [low <= 0.02 <= high for u, d, _ in drawn for low, high in [tango(int(u), int(d), 300)]]
    assert 0.92 <= np.mean(inside) <= 0.98


def test_bad_answers_and_margins():
    with pytest.raises(SpikingError, match="two arrays of True and False of one length"):
        paired(np.ones(3, bool), np.ones(4, bool))
    with pytest.raises(SpikingError, match="two arrays of True and False"):
        paired(np.ones(3), np.ones(3))
    for bad in (-1, 101, float("nan")):
        with pytest.raises(SpikingError, match="allowed: 0 to 100"):
            margin_of(bad)


def test_no_worse_looks_at_the_low_end_of_the_interval_and_no_better_at_the_high_end():
    first, second = np.zeros(1000, bool), np.zeros(1000, bool)
    first[:20], second[15:40] = True, True  # half a point worse, give or take a good point
    found = paired(first, second)
    assert found.low < -0.01 < found.difference < found.high < 0.01
    assert not found.no_worse(0.01)
    assert found.no_better(0.01)
    assert found.no_worse(0.02)
