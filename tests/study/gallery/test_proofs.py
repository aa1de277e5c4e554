"""Theorems hold in quick runs, and a planted mistake is seen."""

import numpy as np
import pytest

from spiking.study.gallery.experiment import Asked
from spiking.study.gallery.proofs import convergence, xor


def test_convergence(finding, wrong):
    assert wrong(finding("convergence")) == []


def test_a_wrong_sign_breaks_the_bound(monkeypatch, wrong):
    right = convergence.change
    monkeypatch.setattr(convergence, "change", lambda x, y, bad: right(x, -y, bad))
    monkeypatch.setattr(convergence, "WIDTHS", (3,))
    monkeypatch.setattr(convergence, "POINTS", 3)
    monkeypatch.setattr(convergence, "MARGINS", (0.5, 0.6))
    bad = wrong(convergence.investigate(Asked(quick=True)))
    assert len(bad) == 4


def test_bound_is_that_of_the_theorem():
    """By hand: points at distance 5 and 2 from 0, margin 1 to the plane x = 0."""
    x = np.array([[[1.0, np.sqrt(24)], [-2.0, 0.0]]])
    tasks = convergence.Tasks.of(x, np.array([[1.0, -1.0]]), np.array([[1.0, 0.0]]))
    assert tasks.bound[0] == pytest.approx(25)


def test_xor(finding, wrong):
    assert wrong(finding("xor")) == []


def test_and_is_no_xor(monkeypatch, wrong):
    monkeypatch.setattr(xor, "XOR", np.array([0, 0, 0, 1], bool))
    bad = wrong(xor.investigate(Asked(quick=True)))
    assert any("certificate" in what for what in bad)
    assert any("best linear unit" in what for what in bad)


def test_without_a_difference_in_time_no_unit_passes(monkeypatch, wrong):
    monkeypatch.setattr(xor, "LATE", xor.EARLY)
    assert wrong(xor.investigate(Asked(quick=True))) == ["the same where 1 means a later spike"]
