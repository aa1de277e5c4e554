"""The ratio's extremes against brute force over all corners of the constants' bands."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking.hardware.verdict.ratio import Ratio, ratio_interval

amount = st.floats(0.01, 100.0)
line = st.tuples(st.sampled_from("abcd"), amount, st.floats(1.0, 5.0), st.floats(1.0, 5.0)).map(
    lambda t: (t[0], t[1], t[1] * t[2], t[1] * t[2] * t[3])
)


def corners(over, under):
    keys = sorted({row[0] for row in over + under})
    for choice in itertools.product((1, 2, 3), repeat=len(keys)):
        at = dict(zip(keys, choice, strict=True))
        yield sum(row[at[row[0]]] for row in over) / sum(row[at[row[0]]] for row in under)


@given(st.lists(line, min_size=1, max_size=5), st.lists(line, min_size=1, max_size=5))
def test_extremes_are_those_of_all_corners(over, under):
    low, nominal, high = ratio_interval(over, under)
    every = list(corners(over, under))
    assert low == pytest.approx(min(every), rel=1e-9)
    assert high == pytest.approx(max(every), rel=1e-9)
    assert low * (1 - 1e-9) <= nominal <= high * (1 + 1e-9)


def test_what_both_share_cancels():
    # one uncertain constant, used 10 and 5 times: the ratio is 2 whatever its value
    low, nominal, high = ratio_interval([("sram", 10, 50, 200)], [("sram", 5, 25, 100)])
    assert (low, nominal, high) == pytest.approx((2.0, 2.0, 2.0))


def test_what_they_do_not_share_varies_freely():
    low, _, high = ratio_interval([("a", 1, 2, 4)], [("b", 1, 2, 4)])
    assert (low, high) == pytest.approx((0.25, 4.0))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.2, 0.9, "SNN"), (1.1, 3.0, "MLP"), (0.9, 1.1, "undecided"), (1.0, 2.0, "undecided")],
)
def test_verdict(low, high, verdict):
    assert Ratio(model="m", chip="c", scope="total", low=low, nominal=low, high=high).verdict == verdict
