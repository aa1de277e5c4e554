"""Capacities in quick runs against theory, with planted mistakes."""

from math import comb

import numpy as np
import pytest

from spiking.study.gallery.capacity import capacity


def test_capacity(finding, wrong):
    assert wrong(finding("capacity")) == []


def test_cover_counts_as_his_formula():
    for p, n in [(2, 1), (5, 3), (12, 6), (30, 11)]:
        assert capacity.cover(p, n) == pytest.approx(2 ** (1 - p) * sum(comb(p - 1, k) for k in range(n)))
    assert capacity.cover(200, 100) == pytest.approx(0.5)


def test_gardner_as_published():
    got = [capacity.gardner(k) for k in (0, 0.5, 1, 2)]
    assert got == pytest.approx([2, 0.961, 0.520, 0.200], rel=2e-3)


def test_widest_margin_of_two_points():
    """By hand: (1, 1) and (1, -1) ask for w = (1, 0), margin 1."""
    w = capacity.widest(np.array([[1.0, 1.0], [1.0, -1.0]]))
    assert w == pytest.approx([1, 0], abs=1e-9)
    assert capacity.widest(np.array([[1.0, 0.0], [-1.0, 0.0]])) is None


def test_a_margin_that_is_a_fifth_too_wide_is_seen(finding, wrong):
    """The wrong threshold, on the rows of a right run's loads."""
    rows = [dict(r) for r in finding("capacity").rows if r["unit"] != "margin 1"]
    rng = np.random.default_rng(0)
    test = capacity.with_margin(1.2)
    rows += capacity.measure(test, 50, capacity.gardner(1.0), 30, rng, unit="margin 1", margin=1.0)
    assert wrong(capacity.judged(rows)) == [
        "margin 1: patterns per synapse that half of all labellings allow"
    ]
