"""Capacities in quick runs against theory, with planted mistakes."""

from math import comb

import numpy as np
import pytest

from spiking.study.gallery.capacity import capacity, double_descent, high_dimension
from spiking.study.gallery.experiment import Asked


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


def test_high_dimension(finding, wrong):
    assert wrong(finding("high-dimension")) == []


def test_an_expansion_with_every_unit_twice_is_seen(monkeypatch, wrong):
    """Half as many different features carry half as many patterns."""
    right = high_dimension.expanded
    monkeypatch.setattr(
        high_dimension, "expanded", lambda x, units, *how: np.tile(right(x, units // 2, *how), 2)
    )
    monkeypatch.setattr(high_dimension, "distances", lambda n, points, rng: (np.sqrt(2 / n), 1.0))
    monkeypatch.setattr(high_dimension, "LOADS", np.array([1.0, 2.0, 4.0]))
    assert len(wrong(high_dimension.investigate(Asked(quick=True)))) == 2


def test_spread_of_distances_of_the_chi_squared_law():
    spread, _ = high_dimension.distances(8, 100_000, np.random.default_rng(0))
    assert spread == pytest.approx(0.5, rel=0.02)


def test_double_descent(finding, wrong):
    assert wrong(finding("double-descent")) == []


def test_a_hidden_ridge_takes_the_peak_away(monkeypatch, wrong):
    right = double_descent.LeastNorm.__call__
    monkeypatch.setattr(
        double_descent.LeastNorm, "__call__", lambda self, y, ridge=0.0: right(self, y, ridge + 0.01)
    )
    bad = wrong(double_descent.investigate(Asked(quick=True)))
    assert "ReLU: test error at the peak over the least" in bad


def test_shortest_weights_by_the_pseudo_inverse():
    rng = np.random.default_rng(0)
    for shape in ((5, 9), (9, 5)):
        x, y = rng.normal(size=shape), rng.normal(size=shape[0])
        np.testing.assert_allclose(double_descent.LeastNorm(x)(y), np.linalg.pinv(x) @ y, rtol=1e-9)
        penalised = np.linalg.solve(x.T @ x + 0.3 * np.eye(shape[1]), x.T @ y)
        np.testing.assert_allclose(double_descent.LeastNorm(x)(y, 0.3), penalised, rtol=1e-9)
