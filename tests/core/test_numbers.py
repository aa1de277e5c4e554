"""Numbers for reading."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking.core.numbers import percent, si, si_range, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.31e-7, "231 nJ"),
        (9.996e-10, "1.00 nJ"),
        (1e-6, "1.00 µJ"),
        (0.0, "0 J"),
        (1.5, "1.50 J"),
        (12345.0, "12.3 kJ"),
        (math.nan, "-"),
    ],
)
def test_si(value, text):
    assert si(value, "J") == text


def test_ranges_share_one_prefix():
    assert si_range(0.9e-9, 1.2e-9, 1500e-9, "J") == "1.20 nJ (0.900 to 1500)"
    assert si_range(2e-9, 2e-9, 2e-9, "J") == "2.00 nJ"
    assert percent(0.9725) == "97.2 %"


@given(st.floats(1e-15, 1e8))
def test_significant_digits_are_kept(value):
    assert float(significant(value)) == pytest.approx(value, rel=5.1e-3)
