"""The front against its definition, point by point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking.core.errors import SpikingError
from spiking.study.sweep.front import front


def slow(v):
    """The slow twin: a point stays unless another is nowhere worse and somewhere better."""
    return [not any(np.all(w <= p) and np.any(w < p) for w in v) for p in v]


@given(st.integers(1, 4), st.integers(0, 60), st.integers(2, 50), st.integers(0, 10**6))
def test_front_is_its_definition(objectives, points, levels, seed):
    v = np.random.default_rng(seed).integers(0, levels, (points, objectives)).astype(float)
    assert front(v).tolist() == slow(v)


@pytest.mark.parametrize("objectives", [2, 3])
def test_a_front_of_which_every_point_is_part_stays_whole(objectives):
    x = np.random.default_rng(0).random(2000)
    v = np.stack([x, 1 - x, x][:objectives], axis=1)
    assert front(v).all()


def test_unknown_values_are_never_in_the_front_and_infinity_may_be():
    v = np.array([[np.nan, 0.0, 0.0], [1.0, np.inf, 1.0], [2.0, np.inf, 2.0], [2.0, 1.0, 2.0]])
    assert front(v).tolist() == [False, True, False, True]
    assert front(np.empty((0, 2))).tolist() == []


def test_what_is_no_table_is_refused():
    with pytest.raises(SpikingError, match=r"values has shape \(3,\); needed: \[points, objectives\]"):
        front(np.zeros(3))
