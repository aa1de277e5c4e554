"""What machines do to a choice: laws that must come out, and planted mistakes."""

import numpy as np
import pytest

from spiking.study.gallery.experiment import Asked
from spiking.study.gallery.hardware import compute, energy, lock_in, training_energy


def test_compute(finding, wrong):
    assert wrong(finding("compute")) == []
    assert finding("compute").energy


def test_a_batch_that_shares_nothing_is_seen(finding, wrong):
    """The weights of a batch are fetched for each sample again above a batch of 8."""
    rows = [dict(r) for r in finding("compute").rows]
    at = {r["batch"]: r["inference_J"] for r in rows if r["machine"] == "GPU-like"}
    for r in rows:
        if r["machine"] == "GPU-like" and r["batch"] > 8:
            r["inference_J"] = at[8]
    assert "joules against batch" in wrong(compute.judged(rows))[0]


def test_crossing_of_the_law_by_hand():
    """Dense 1 + 9 / B against 4 for events: equal at B = 3."""
    assert compute.crossover(1 + 9 / compute.BATCHES, np.full(13, 4.0)) == pytest.approx(3)
    assert compute.crossover(1 + 9 / compute.BATCHES, np.full(13, 0.5)) == np.inf


def test_lock_in(finding, wrong):
    assert wrong(finding("lock-in")) == []


def test_a_threshold_one_adopter_too_low_is_seen(monkeypatch, wrong):
    right = lock_in.race
    monkeypatch.setattr(lock_in, "race", lambda lead, head: right(lead - 1, head))
    monkeypatch.setattr(lock_in, "STEPS", 200)
    bad = wrong(lock_in.investigate(Asked(quick=True)))
    assert "adopters until an even race is settled" in bad


def test_ruin_by_the_book():
    """Feller's table for the gambler's ruin: p = 0.45, start 9 of 10: 0.790 wins, 0.210 ruined."""
    assert lock_in.ruin(0.5, 6, 0) == 0.5
    assert lock_in.ruin(0.45, 5, -4) == pytest.approx(0.790, abs=5e-4)


def test_training_energy(finding, wrong):
    """A quick run trains too little to tell a fifth of a point, but it skips and it counts."""
    found = finding("training-energy")
    skipped = [r["skipped"] for r in found.rows if r["network"] == "spiking"]
    joules = [r["joules"] for r in found.rows if r["network"] == "spiking"]
    assert skipped[0] == 0
    assert skipped[-1] > 90
    assert joules[-1] < joules[0]


def test_rows_that_teach_are_missed(wrong):
    """Skipping that loses two points is not accepted."""
    rows = [
        {"network": "spiking", "threshold": t, "skipped": s, "accuracy": a, "joules": 1.0}
        for t, s, a in ((0.0, 0.0, 95.0), (0.1, 97.0, 93.0))
    ] + [{"network": "MLP", "threshold": 0.0, "skipped": 0.0, "accuracy": 97.0, "joules": 1.0}]
    assert "can be skipped" in wrong(training_energy.judged(rows, "1 mJ"))[0]
    rows[1]["accuracy"] = 94.9
    assert wrong(training_energy.judged(rows, "1 mJ")) == []


def test_share_of_rows_kept_by_hand():
    """With slope 25 a derivative of 1/4 lies 0.04 from the threshold."""
    v = np.array([1.0, 1.04, 0.96, 1.2, 0.0])
    got = training_energy.derivative(v)
    assert got[:3] == pytest.approx([1, 0.25, 0.25])
    assert got[4] == pytest.approx(1 / 26**2)


def test_energy_and_what_it_would_catch(finding, wrong):
    """Events charged twice, and a busy network that costs a hundredth, contradict what was published."""
    found = finding("energy")
    assert wrong(found) == []
    assert "of the training" in found.energy

    def changed(chip, model, factor):
        rows = [dict(r) for r in found.rows]
        for r in rows:
            if r["chip"] == chip and r["model"] == model:
                r["energy_J"] *= factor
        return wrong(energy.judged(rows, ""))

    assert changed("sne", "surrogate", 2) == ["bills on sne over synaptic events x 0.221 pJ, farthest from 1"]
    assert "whose bill contradicts it" in changed(energy.COMPONENTS, "converted", 0.01)[0]
