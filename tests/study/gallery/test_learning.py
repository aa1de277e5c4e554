"""Experiments that learn: quick runs, exact gradients, the joules of learning, planted mistakes."""

import numpy as np
import pytest

from spiking import LI, LIF, Direct, Linear, Network, ReLU, count, load, price, run, train_stdp
from spiking.learn.counts import count_stdp, count_training
from spiking.study.gallery.experiment import Asked
from spiking.study.gallery.joules import stdp_joules, training_joules
from spiking.study.gallery.learning import backprop, smooth, yin_yang


def test_backprop(finding, wrong):
    """A quick run trains too little for the best accuracies; gradients and scale come out all the same."""
    bad = wrong(finding("backprop"))
    assert [what for what in bad if "best and the worst shape" not in what] == []
    assert finding("backprop").energy


def test_a_reset_that_is_not_differentiated_is_seen(monkeypatch):
    """The slow twin with a wrong sign in its way back no longer agrees with the package."""
    data = load("digits")
    assert backprop.cosine(2, 2.0, data, 0)[1] > 1 - 1e-6
    right = smooth.spike_slope
    monkeypatch.setattr(smooth, "spike_slope", lambda d, slope: -right(d, slope))
    rows = [
        {
            "panel": "cosine",
            "depth": 2,
            "scale": 2.0,
            "cosine": 0.9,
            "twin": backprop.cosine(2, 2.0, data, 0)[1],
        }
    ]
    rows += [{"panel": "train", "shape": "arctan", "scale": s, "accuracy": 0.9} for s in (1, 2)]
    found = backprop.judged([*rows, {"panel": "mlp", "accuracy": 0.9}], "")
    assert not found.checks[2].agrees


def test_smooth_gradient_by_finite_differences():
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=s) for s in ((5, 4), (4, 4), (4, 3))]
    raster, labels = (rng.random((6, 7, 5)) < 0.4).astype(float), np.arange(6) % 3
    how = {"decay": 0.9, "slope": 2.0, "hard": False}
    _, got = smooth.loss_and_gradient(weights, raster, labels, **how)
    for k, at in ((0, (1, 2)), (1, (0, 3)), (2, (3, 1))):
        ends = []
        for step in (1e-5, -1e-5):
            moved = [w.copy() for w in weights]
            moved[k][at] += step
            ends.append(smooth.loss_and_gradient(moved, raster, labels, **how)[0])
        assert got[k][at] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5)


def test_yin_yang(finding, wrong):
    """A quick run climbs the whole ladder; it trains too little for its upper rungs."""
    rungs = finding("yin-yang").checks
    assert [c.what.split(":")[0] for c in rungs] == ["shallow", "frozen", "MLP 4-30-3", "LIF 4-120-3"]
    assert rungs[1].agrees
    assert all(c.measured > 50 for c in rungs)  # guessing: 33


def test_labels_moved_by_one_are_seen(wrong):
    data, asked = load("yinyang"), Asked(quick=True)
    net = yin_yang.train(yin_yang.machines(0)["shallow"], data.x_train, (data.y_train + 1) % 3, asked, 2)
    accuracy = 100 * run(net, data.x_test).accuracy(data.y_test)
    row = {"machine": "shallow", "accuracy": accuracy, "samples": 1000}
    others = [{"machine": n, "accuracy": 98, "samples": 1000} for n in ("frozen", "MLP 4-30-3")]
    assert wrong(yin_yang.judged([row, *others], ""))[0] == "shallow: test accuracy [%]"


def test_operations_of_a_training_step_by_hand():
    """An MLP 3-4-2: products forward, again for each weight's gradient, and for the hidden gradients."""
    net = Network.dense([3, 4, 2], hidden=ReLU(), readout=Linear(), bias=False)
    x = np.array([[1.0, 0.0, 0.5]])
    trace = run(net, x)
    active = int(trace.spikes["hidden1"].sum())
    counts = count_training(net, trace, batch_size=5)
    assert counts["hidden1", "macs_effective"] == 2 * 8  # two inputs that are not 0, four units
    assert counts["output", "macs_effective"] == 2 * 2 * active + 8  # and 4 x 2 back to the hidden units
    assert counts["output", "plastic_updates"] == pytest.approx(8 * 3 / 5)  # weight and two moments of Adam


def test_operations_of_a_spiking_training_step_by_hand():
    net = Network.dense([3, 4, 2], hidden=LIF(), readout=LI(), encoder=Direct(), bias=False, steps=6)
    trace = run(net, np.ones((1, 3)))
    spikes = float(trace.spikes["hidden1"].sum())
    whole, half = (count_training(net, trace, batch_size=1, active=share) for share in (1.0, 0.5))
    assert whole["output", "synaptic_events"] == 2 * 2 * spikes
    assert whole["output", "macs_effective"] == 4 * 2 * 6
    assert half["output", "macs_effective"] == 4 * 2 * 3
    assert whole["hidden1", "updates_silent"] + whole["hidden1", "updates_fired"] == 2 * 4 * 6


def test_joules_grow_with_the_samples_seen():
    net = Network.dense([3, 4, 2], hidden=ReLU(), readout=Linear())
    one, two = (training_joules(net, np.ones((2, 3)), seen=s, batch_size=1) for s in (100, 200))
    assert float(two.nominal) == pytest.approx(2 * float(one.nominal))
    assert 0 < float(one.low) < float(one.nominal) < float(one.high)


def test_joules_of_stdp_by_hand():
    """Each input spike changes a row of synapses, each spike of a unit a column; all else is an inference."""
    x = np.tile(np.array([[0.0, 1.0, 1.0]], np.float32), (20, 1))
    y = np.arange(20) % 2
    net = train_stdp(x, y, neurons=4, images=20)
    trace = run(net, x[:5])
    facts = net.metadata["stdp"]
    counts = count_stdp(net, trace)
    each = (4 * facts["input_spikes"] + 3 * facts["spikes"]) / 20
    assert counts.total("plastic_updates") == pytest.approx(each)
    assert counts.total("synaptic_events") == pytest.approx(count(net, trace).total("synaptic_events"))
    assert (
        stdp_joules(net, x).nominal
        > 20 * price(count(net, trace).mean(), "generic-45nm").total().nominal.sum()
    )
