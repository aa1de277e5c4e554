"""Figures: what they show is what came in, and energies are called estimates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking.study.contenders import CONTENDERS
from spiking.study.figures.comparison import accuracy_energy, energy_terms, learning_curves, pareto
from spiking.study.figures.raster import Inference, spike_raster
from spiking.study.figures.style import SPARE, TERMS, look, save
from tests.study.made import made_bill, made_table

BILLS = {
    ("mlp", "a"): made_bill("a", ("x", 1e-9, 2e-9, 3e-9), ("s", 1e-9, 1e-9, 1e-9, "static")),
    ("surrogate", "a"): made_bill("a", ("y", 6e-9, 8e-9, 1e-8), ("m", 1e-9, 2e-9, 2e-9, "weight_memory")),
    ("mlp", "n"): made_bill("n", needs=["multipliers"]),
    ("surrogate", "n"): made_bill("n", ("y", 1e-6, 2e-6, 3e-6)),
}
ROWS = made_table(BILLS, {"mlp": 980, "surrogate": 970})
TERM_ROWS = pd.DataFrame(
    [
        {"model": m, "chip": c, "term": t, "energy_J": e.nominal}
        for (m, c), b in BILLS.items()
        for t, e in b.by_term().items()
    ]
)
points = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12)


@given(points)
def test_pareto_front_is_what_nothing_beats(some):
    energy, accuracy = zip(*some, strict=True)

    def beaten(i):
        at_least = [j for j in range(len(some)) if energy[j] <= energy[i] and accuracy[j] >= accuracy[i]]
        return any((energy[j], accuracy[j]) != (energy[i], accuracy[i]) for j in at_least)

    front = {some[i] for i in pareto(energy, accuracy)}
    assert front == {some[i] for i in range(len(some)) if not beaten(i)}


def texts(figure, tmp_path, name="f"):
    """All words of a figure, read from its SVG; both files are written."""
    png, svg = save(figure, tmp_path, name)
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    return svg.read_text()


@pytest.mark.parametrize("draw", [lambda: accuracy_energy(ROWS), lambda: energy_terms(TERM_ROWS, ROWS)])
def test_energy_figures_say_estimated_with_units_models_and_chips(draw, tmp_path):
    words = texts(draw(), tmp_path)
    for word in ("stimated", "nJ", "µJ", "MLP", "SNN surrogate", ">a", ">n", "cannot"):
        assert word in words


def test_same_rows_same_bytes(tmp_path):
    one, two = (save(accuracy_energy(ROWS), tmp_path, name) for name in ("one", "two"))
    assert one[0].read_bytes() == two[0].read_bytes()
    assert one[1].read_bytes() == two[1].read_bytes()


def test_shares_add_up_to_hundred():
    figure = energy_terms(TERM_ROWS, ROWS)
    bars = [p for p in figure.axes[0].patches if p.get_width() > 0]
    assert sum(p.get_width() for p in bars) == pytest.approx(200)  # two models
    assert {round(p.get_width(), 3) for p in bars} == {66.667, 33.333, 80.0, 20.0}


def test_totals_stand_where_the_rows_say():
    figure = energy_terms(TERM_ROWS, ROWS)
    drawn = {round(float(x), 12) for line in figure.axes[1].lines for x in line.get_xdata()}
    for column in ("energy_J", "energy_low_J", "energy_high_J", "energy_dynamic_J", "energy_compute_J"):
        assert {round(v, 12) for v in ROWS[ROWS["chip"] == "a"][column]} <= drawn


def test_chip_that_runs_nothing_and_single_model(tmp_path):
    rows = ROWS[(ROWS["model"] == "mlp")]
    assert "cannot run here: MLP" in texts(accuracy_energy(rows), tmp_path)
    terms = TERM_ROWS[TERM_ROWS["model"] == "mlp"]
    assert "cannot run or be priced here" in texts(energy_terms(terms, rows), tmp_path)


def test_raster_draws_every_spike():
    rng = np.random.default_rng(0)
    spikes = {"input": rng.random((10, 20)) < 0.2, "hidden1": rng.random((10, 7)) < 0.3}
    figure = spike_raster(Inference(spikes=spikes, scores=np.array([0.1, 0.9]), truth=1, dt=2e-3))
    axes = [ax for ax in figure.axes if ax.get_ylabel() == "unit"]
    for ax, s in zip(axes, spikes.values(), strict=True):
        when, who = ax.lines[0].get_data()
        step, unit = np.nonzero(s)
        assert np.allclose(np.c_[when, who], np.c_[(step + 0.5) * 2.0, unit], rtol=1e-12)


@pytest.mark.parametrize(
    ("scores", "words"), [([0.1, 0.9], "Answer: 1 (right)"), ([0.9, 0.1], "Answer: 0 (wrong)")]
)
def test_raster_says_whether_the_answer_is_right(scores, words, tmp_path):
    one = Inference(spikes={"h": np.ones((3, 2))}, scores=np.array(scores), truth=1, image=np.eye(4))
    assert words in texts(spike_raster(one), tmp_path)


def test_learning_curves_leave_out_what_did_not_learn(tmp_path):
    history = [{"epoch": e, "seconds": e / 2, "accuracy": 0.5, "validation_accuracy": 0.6} for e in (1, 2)]
    words = texts(learning_curves({"mlp": history, "converted": []}), tmp_path)
    assert "MLP" in words
    assert "SNN converted" not in words


def test_looks_differ_without_colour():
    markers = [CONTENDERS[name].marker for name in CONTENDERS.names()] + [m for _, m in SPARE]
    assert len(set(markers)) == len(markers)
    plain = {h for term, (_, h) in TERMS.items() if term not in ("compute", "learning")}
    assert len(plain) == len(TERMS) - 2
    assert look("mine", ["mlp", "mine", "other"]) != look("other", ["mlp", "mine", "other"])
