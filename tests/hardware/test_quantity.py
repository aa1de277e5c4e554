import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking.core.errors import SpikingError
from spiking.hardware.quantity import Interval, Quantity, parse_unit


@pytest.mark.parametrize(
    ("unit", "dimension", "factor"),
    [
        ("pJ", "energy", 1e-12),
        ("mW", "power", 1e-3),
        ("ns", "time", 1e-9),
        ("MHz", "frequency", 1e6),
        ("pJ/bit", "energy/data", 1e-12),
        ("pW/bit", "power/data", 1e-12),
        ("fJ/bit", "energy/data", 1e-15),
        ("KiB", "data", 8192.0),
        ("kB", "data", 8000.0),
        ("uW/MHz", "energy/cycles", 1e-12),  # 1.78 uW/MHz is 1.78 pJ a cycle
        ("1", "number", 1.0),
    ],
)
def test_units(unit, dimension, factor):
    assert parse_unit(unit)[0] == dimension
    assert parse_unit(unit)[1] == pytest.approx(factor, rel=1e-15)


@pytest.mark.parametrize("unit", ["joule", "pj", "", "pJ/", "W h", "pJ/bit/parsec"])
def test_unknown_units_are_refused_with_the_allowed_ones(unit):
    with pytest.raises(SpikingError, match="is unknown; use a prefix"):
        parse_unit(unit)


def test_quantity_in_si_with_its_band():
    q = Quantity(value=23.6, high=35.5, unit="pJ", source="davies2018")
    assert (q.si.low, q.si.nominal, q.si.high) == pytest.approx((23.6e-12, 23.6e-12, 35.5e-12))
    assert q.at(30.0).si.high == pytest.approx(30e-12)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": -1.0}, "value is -1.0; a finite number of at least 0 is needed"),
        ({"value": float("nan")}, "a finite number of at least 0"),
        ({"value": 1.0, "high": float("inf")}, "high is inf"),
        ({"value": 1.0, "low": 3.0, "high": 2.0}, "low is 3.0, above high = 2.0"),
        ({"value": 1.0, "low": 2.0, "high": 3.0}, "outside low = 2.0 to high = 3.0"),
        ({"value": 1.0, "kind": "pubished"}, "unknown kind 'pubished'"),
        ({"value": 1.0, "scope": "chip"}, "unknown scope 'chip'"),
        ({}, "value is missing"),
        ({"value": 1.0, "kind": "unknown"}, "drop one of the two"),
        ({"value": 1.0, "source": " "}, "source is missing"),
        ({"value": 1.0, "unit": "bananas"}, "unit 'bananas' is unknown"),
    ],
)
def test_bad_quantities(fields, words):
    with pytest.raises(SpikingError, match=words):
        Quantity(**{"unit": "pJ", "source": "x", **fields})


def test_unknown_is_nan_and_never_zero():
    q = Quantity(unit="pJ", source="x", kind="unknown")
    assert not q.known
    assert np.isnan(q.si.nominal)


positive = st.floats(1e-3, 1e3)


@given(st.tuples(positive, positive, positive), st.tuples(positive, positive, positive), st.floats(0, 10))
def test_interval_operations_keep_the_order(a, b, factor):
    x, y = Interval(*sorted(a)), Interval(*sorted(b))
    for z in (x + y, x * y, x / y, x * factor):
        assert z.low <= z.nominal * (1 + 1e-12)
        assert z.nominal <= z.high * (1 + 1e-12)
