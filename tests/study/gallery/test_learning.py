"""Experiments that learn: quick runs, exact gradients, the joules of learning, planted mistakes."""

import os

import numpy as np
import pytest

from spiking import LI, LIF, Dataset, Direct, Linear, Network, ReLU, count, load, price, run, train_stdp
from spiking.learn.counts import count_stdp, count_training
from spiking.study.gallery.experiment import Asked
from spiking.study.gallery.joules import stdp_joules, training_joules
from spiking.study.gallery.learning import (
    backprop,
    continual,
    course,
    data_scaling,
    few_labels,
    sgd_noise,
    smooth,
    yin_yang,
)
from spiking.study.gallery.machines import MACHINES


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


def test_sgd_noise_and_signs_that_are_swapped(finding, wrong):
    """A quick run does not learn its samples by heart, which it says; gains are taken pair by pair."""
    found = finding("sgd-noise")
    assert found.energy
    assert wrong(found)[-1].startswith("loss on the samples learned from")
    gains = {"none": 0.0, "small batches": 0.5, "lost signals": 0.4, "deviating weights": 0.3}
    rows = [
        {"machine": m, "noise": n, "again": k, "accuracy": 90 + k + gain, "loss": 0.01}
        for m in MACHINES
        for k in range(3)
        for n, gain in gains.items()
    ]
    assert wrong(sgd_noise.judged(rows, "")) == []
    mean, interval = sgd_noise.gain(rows, "MLP", "lost signals")
    assert (mean, *interval) == pytest.approx((0.4, 0.4, 0.4))
    kinds = {"none": "lost signals", "lost signals": "none"}
    swapped = [r | {"noise": kinds.get(r["noise"], r["noise"])} for r in rows]
    assert [w for w in wrong(sgd_noise.judged(swapped, "")) if "silenced" in w]
    assert len(wrong(sgd_noise.judged([r | {"loss": 0.5} for r in rows], ""))) == 1  # nobody learned by heart


def test_data_scaling(finding):
    """A quick run trains too shortly for a law; the fit and what it foretells are there."""
    if not os.environ.get("SPIKING_DATA"):
        pytest.skip("SPIKING_DATA is not set: MNIST is needed")
    found = finding("data-scaling")
    assert len(found.checks) == 4
    assert all(r["joules"] > 0 for r in found.rows)
    assert found.energy


def scaled(power, last, machine="MLP"):
    """Rows of one machine whose error is 100 % of the samples to minus ``power``, but at the last."""
    fixed = {"machine": machine, "tested": 10_000}
    few = [
        {"samples": n, "again": k, "error": 100 * n**-power * (1 + 0.01 * (-1) ** k), "held": False}
        for n in (1000, 2000, 4000)
        for k in (0, 1)
    ]
    rows = [*few, {"samples": 16_000, "again": 0, "error": last, "held": True}]
    costs = {"joules": 1e-6, "joules_low": 1e-7, "joules_high": 1e-5}
    return [fixed | r | {name: each * r["samples"] for name, each in costs.items()} for r in rows]


def test_a_law_that_breaks_is_seen(wrong):
    """16 000 samples must leave 100 * 16 000^-0.3 % where fewer fall with the power 0.3."""
    right = scaled(0.3, 100 * 16_000**-0.3)
    assert wrong(data_scaling.judged(right + scaled(0.3, 5.5, "spiking network"))) == []
    bad = wrong(data_scaling.judged(scaled(0.3, 9.0) + scaled(0.9, 0.01645, "spiking network")))
    assert bad == [
        "MLP: test error after 16000 samples [%]",
        "spiking network: exponent p of error = c D^-p",
    ]
    p, (low, high), at, _ = data_scaling.power_law([1, 10, 100, 1000], [8, 4, 2, 1], 10_000)
    assert (p, low, high, at) == pytest.approx((np.log10(2),) * 3 + (0.5,))
    point = 100 * (4000**-0.3 - 16_000**-0.3)
    assert data_scaling.prices(right[:-1], right[-1])[1] == pytest.approx(0.012 / point)


def test_few_labels(finding, wrong):
    """A quick run looks at too few images to win; gains are pairs with the better supervised network."""
    if not os.environ.get("SPIKING_DATA"):
        pytest.skip("SPIKING_DATA is not set: MNIST is needed")
    found = finding("few-labels")
    assert {r["machine"] for r in found.rows} == {few_labels.STDP, *MACHINES}
    assert "STDP on images without labels" in found.energy


def labelled(won):
    """Rows where STDP wins ``won`` points over the MLP, and one more over the spiking network."""
    means = {few_labels.STDP: 80 + won, "MLP": 80, "spiking network": 79}
    return [
        {"each": each, "again": k, "machine": m, "accuracy": mean + k}
        for each in few_labels.PUBLISHED
        for k in range(3)
        for m, mean in means.items()
    ]


def test_labels_that_do_not_fit_their_images_are_seen(wrong):
    """Labels moved by one leave the neurons with the wrong names: no better than guessing."""
    assert wrong(few_labels.judged(labelled(2), "")) == []
    assert few_labels.gain(labelled(2), 10) == (2.0, (2.0, 2.0))
    rows = [
        r | {"accuracy": 10.0} if r["machine"] == few_labels.STDP and r["each"] == 40 else r
        for r in labelled(2)
    ]
    assert wrong(few_labels.judged(rows, "")) == [
        "400 labels: points STDP wins over the better supervised network"
    ]
    pick = few_labels.drawn(np.repeat(np.arange(10), 5), 3, np.random.default_rng(0))
    assert np.bincount(pick // 5).tolist() == [3] * 10


def test_continual(finding):
    """A quick run learns too little to be held against the table; its courses and joules are there."""
    if not os.environ.get("SPIKING_DATA"):
        pytest.skip("SPIKING_DATA is not set: MNIST is needed")
    found = finding("continual")
    assert len(found.rows) == 2 * 3 * 2 + 2
    assert "STDP" in found.energy


def remembered():
    """Rows as published, for both machines."""
    rows = [
        {"machine": m, "way": w, "hint": h, "accuracy": value, "tested": 10_000}
        for m in MACHINES
        for (w, h), (value, *_) in (continual.PUBLISHED | {("none", "task"): (91, 0, 0)}).items()
    ]
    return [*rows, {"machine": "STDP", "way": "none", "hint": "class", "accuracy": 60, "tested": 10_000}]


def test_class_and_task_confused_are_seen(wrong):
    """The commonest mistake: answers between two digits told as answers among ten."""
    assert wrong(continual.judged(remembered(), "")) == []
    confused = [
        r | {"accuracy": 91} if (r["way"], r["hint"]) == ("none", "class") else r for r in remembered()
    ]
    assert wrong(continual.judged(confused, "")) == [
        f"{m}, none, class-incremental: right [%]" for m in MACHINES
    ]
    scores = np.array([[9, 1, 2, 3, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 0, 0, 0, 0, 9.0]])
    assert course.right(scores, np.array([1, 3]), "task") == 50  # the first by 9 > 1, the second by 3 > 2
    assert course.right(scores, np.array([0, 3]), "class") == 50


def enrolled(way, hint, x, y):
    data = Dataset(x_train=x, y_train=y, x_test=x, y_test=y, name="ten", classes=10)
    net = Network.dense([10, 10], hidden=ReLU(), readout=Linear(), seed=0)
    return course.Course(net, data, way, hint, updates=200, fisher=20, seed=0)


def test_what_is_not_asked_for_does_not_learn(monkeypatch):
    """With the hint, only the two outputs of the task change; a strong pull of EWC holds what was learned."""
    x, y = np.tile(0.7 * np.eye(10) + 0.3, (20, 1)), np.tile(np.arange(10), 20)
    monkeypatch.setattr(course, "KEPT", 5)
    one = enrolled("none", "task", x, y)
    before = one.network.connections[0].weight.copy()
    one.learn(1)
    moved = np.abs(one.network.connections[0].weight - before).max(axis=0) > 0
    assert np.flatnonzero(moved).tolist() == [2, 3]
    assert np.abs(one.network.populations[-1].bias).max() < 1
    kept = enrolled("replay", "task", x, y)
    for number in range(2):
        kept.learn(number)
    assert kept.accuracy(200) >= 40  # of ten digits, those of two tasks at least
    scores = run(kept.network, x[:4]).scores
    assert course.right(scores, np.arange(4), "task") == 100
    ends = {}
    for strength in (0.0, 1e5):
        monkeypatch.setattr(course, "STRENGTH", strength)
        two = enrolled("EWC", "class", x, y)
        two.learn(0)
        known = two.network.connections[0].weight.copy()
        two.learn(1)
        ends[strength] = np.abs(two.network.connections[0].weight - known)[:2, :2].max()  # of digits 0 and 1
    assert ends[1e5] < 0.5 * ends[0.0]
    assert len(two.memory) == 20
