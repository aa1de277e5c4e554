"""Figures: what they show is what came in, lower bounds are open, and energies are called estimates."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spiking.study.figures as plot
from spiking.core.errors import SpikingError
from spiking.study.contenders import CONTENDERS
from spiking.study.figures.accuracy import accuracy_energy, pareto
from spiking.study.figures.chips import across_chips
from spiking.study.figures.energy import waterfall
from spiking.study.figures.headline import best_errors, cheapest_of_each_kind, who_costs_less
from spiking.study.figures.learning import learning_curves
from spiking.study.figures.raster import Inference, spike_raster
from spiking.study.figures.style import SPARE, TERMS, look, save
from spiking.study.figures.terms import energy_terms
from tests.study.made import made_bill, made_table

BILLS = {
    ("mlp", "a"): made_bill("a", ("x", 1e-9, 2e-9, 3e-9), ("s", 1e-9, 1e-9, 1e-9, "static")),
    ("surrogate", "a"): made_bill("a", ("y", 6e-9, 8e-9, 1e-8), ("m", 1e-9, 2e-9, 2e-9, "weight_memory")),
    ("mlp", "n"): made_bill("n", needs=["multipliers"]),
    ("surrogate", "n"): made_bill("n", ("y", 1e-6, 2e-6, 3e-6), unpriced=["the host"]),
}
ROWS = made_table(BILLS, {"mlp": 980, "surrogate": 975})
TERM_ROWS = pd.DataFrame(
    [
        {"model": m, "chip": c, "term": t, "energy_J": e.nominal}
        for (m, c), b in BILLS.items()
        for t, e in b.by_term().items()
    ]
)
FOUND = SimpleNamespace(rows=ROWS, bills=BILLS)
points = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.booleans()), min_size=1, max_size=12)


@given(points)
def test_pareto_front_is_what_nothing_beats(some):
    energy, accuracy, bound = zip(*some, strict=True)

    def beaten(i):
        at_least = [
            j
            for j in range(len(some))
            if energy[j] <= energy[i] and accuracy[j] >= accuracy[i] and not bound[j]
        ]
        return any((energy[j], accuracy[j]) != (energy[i], accuracy[i]) for j in at_least)

    front = {some[i] for i in pareto(energy, accuracy, bound)}
    assert front == {some[i] for i in range(len(some)) if not beaten(i)}


def test_a_lower_bound_beats_nobody():
    assert pareto([1.0, 2.0], [0.9, 0.8], [True, False]) == [0, 1]
    assert pareto([1.0, 2.0], [0.9, 0.8]) == [0]


def texts(figure, tmp_path, name="f"):
    """All words of a figure, read from its SVG; both files are written."""
    png, svg = save(figure, tmp_path, name)
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    return svg.read_text().replace("\xa0", " ")


DRAWN = {
    "accuracy": lambda: accuracy_energy(ROWS),
    "chips": lambda: across_chips(ROWS),
    "terms": lambda: energy_terms(TERM_ROWS, ROWS),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_energy_figures_say_estimated_with_units_contenders_and_chips(draw, tmp_path):
    words = texts(draw(), tmp_path)
    for word in ("stimated", "nJ", "µJ", "MLP", "SNN surrogate", ">a<", ">n<", "≥ 2.00 µJ"):
        assert word in words


def test_same_rows_same_bytes(tmp_path):
    one, two = (save(accuracy_energy(ROWS), tmp_path, name) for name in ("one", "two"))
    assert one[0].read_bytes() == two[0].read_bytes()
    assert one[1].read_bytes() == two[1].read_bytes()


def test_shares_add_up_to_hundred():
    figure = energy_terms(TERM_ROWS, ROWS)
    bars = [p for p in figure.axes[0].patches if p.get_width() > 0]
    assert sum(p.get_width() for p in bars) == pytest.approx(200)  # two contenders
    assert {round(p.get_width(), 3) for p in bars} == {66.667, 33.333, 80.0, 20.0}


def test_energies_stand_where_the_rows_say():
    figure = across_chips(ROWS)
    drawn = {round(float(x), 12) for line in figure.axes[0].lines for x in line.get_xdata()}
    runs = ROWS[ROWS["runs_here"]]
    for column in ("energy_J", "energy_low_J", "energy_high_J", "energy_compute_J"):
        assert {round(v, 12) for v in runs[column] if v > 0} <= drawn


def heads(figure):
    """Open arrow heads of a figure."""
    return [line for ax in figure.axes for line in ax.lines if line.get_marker() == ">"]


@pytest.mark.parametrize("draw", [lambda r: accuracy_energy(r), lambda r: across_chips(r)])
def test_only_lower_bounds_are_open(draw):
    assert len(heads(draw(ROWS))) == 1
    assert len(heads(draw(ROWS[ROWS["chip"] == "a"]))) == 0


def test_chips_are_sorted_by_their_cheapest_energy():
    bills = {
        ("surrogate", f"c{k}"): made_bill(f"c{k}", ("y", e, e, e)) for k, e in enumerate((5e-9, 1e-9, 3e-9))
    }
    figure = across_chips(made_table(bills, {"surrogate": 970}))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["c1", "c2", "c0"]


@pytest.mark.parametrize("chips", [1, 2, 3, 8, 21])
def test_many_chips_become_a_grid_whose_words_do_not_meet(chips):
    """Titles of neighbouring panels, in pixels, stay apart; the page is as wide as before."""
    names = [f"a-rather-long-{k:02d}" for k in range(chips)]
    bills = {
        (m, c): made_bill(c, ("x", e, 2 * e, 3 * e))
        for c in names
        for m, e in (("mlp", 1e-9), ("stdp", 1e-7))
    }
    figure = accuracy_energy(made_table(bills, {"mlp": 980, "stdp": 900}), title="The answer " * 12)
    figure.draw_without_rendering()
    panels = [ax for ax in figure.axes if ax.get_title(loc="left")]
    assert [ax.get_title(loc="left") for ax in panels] == names
    words = [t.get_window_extent() for ax in panels for t in (ax._left_title, *ax.texts)]
    words.append(figure.legends[0].get_window_extent())
    for i, one in enumerate(words):
        for other in words[:i]:
            assert not one.overlaps(other)
    assert figure.get_figwidth() < 7.2
    assert figure.get_figheight() < 11


def test_chip_that_runs_nothing_and_single_contender(tmp_path):
    rows = ROWS[(ROWS["model"] == "mlp")]
    assert "n (run none of these networks)" in texts(accuracy_energy(rows), tmp_path)
    assert "cannot run here: MLP" in texts(accuracy_energy(rows[rows["chip"] == "n"]), tmp_path)
    terms = TERM_ROWS[TERM_ROWS["model"] == "mlp"]
    assert "cannot run here" in texts(energy_terms(terms, rows[rows["chip"] == "n"]), tmp_path)


def test_unpriced_chip_is_named_and_not_drawn_at_zero(tmp_path):
    bills = BILLS | {("mlp", "u"): made_bill("u", unpriced=["all"])}
    words = texts(across_chips(made_table(bills, {"mlp": 980, "surrogate": 970})), tmp_path)
    assert "u (no published price)" in words


def test_the_answer_stands_above():
    assert who_costs_less(ROWS, BILLS) == (
        "The MLP costs less on a: SNN surrogate takes 3.3 times (1.7 to 6.0) the MLP's energy"
    )
    assert cheapest_of_each_kind(ROWS) == (
        "Lowest stated energy per inference: MLP 3.00\xa0nJ on a, SNN surrogate 10.0\xa0nJ on a"
    )
    only = ROWS[ROWS["chip"] == "n"]
    assert who_costs_less(only, BILLS) == (
        "Lowest stated energy per inference: SNN surrogate ≥\xa02.00\xa0µJ on n"
    )


def test_a_lower_bound_wins_no_headline():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 1e-6, 2e-6, 3e-6)),
        ("surrogate", "a"): made_bill("a", ("y", 1e-9, 1e-9, 1e-9), unpriced=["the host"]),
    }
    rows = made_table(bills, {"mlp": 980, "surrogate": 980})
    assert who_costs_less(rows, bills).startswith("Undecided on a")
    bills["surrogate", "a"] = made_bill("a", ("y", 1e-9, 1e-9, 1e-9))
    assert who_costs_less(rows, bills).startswith("The spiking network costs less on a")


def test_plot_takes_a_comparison_or_rows_and_shows_itself(tmp_path):
    for figure in (plot.accuracy_energy(FOUND), plot.accuracy_energy(ROWS), plot.energy_terms(FOUND)):
        assert figure._repr_png_()[:4] == b"\x89PNG"
    assert "mine" in texts(plot.across_chips(FOUND, title="mine"), tmp_path)
    with pytest.raises(SpikingError, match="give the comparison itself"):
        plot.energy_terms(ROWS)
    with pytest.raises(SpikingError, match="no column chip, accuracy"):
        plot.across_chips(ROWS[["model", "energy_J"]])


def test_every_public_figure_can_be_had():
    for name in plot.__all__:
        assert getattr(plot, name).__doc__, name


def test_waterfall_of_a_lower_bound_is_open_at_the_top(tmp_path):
    words = texts(waterfall(BILLS["surrogate", "n"]), tmp_path)
    assert "n on n: ≥ 2.00 µJ, most of it compute" in words
    assert any(line.get_marker() == "^" for line in waterfall(BILLS["surrogate", "n"]).axes[0].lines)
    assert not any(line.get_marker() == "^" for line in waterfall(BILLS["mlp", "a"]).axes[0].lines)


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
    assert "MLP, at last 40.0 %" in words
    assert "validation samples" in words
    assert "compilation left out" in words
    assert "SNN converted" not in words


def test_learning_curves_mark_both_ends_and_show_an_error_of_zero():
    history = [
        {"epoch": e, "seconds": e / 2, "accuracy": min(e / 9, 1.0), "validation_accuracy": 0.9}
        for e in range(1, 12)
    ]
    line, held_out = learning_curves({"mlp": history}).axes[0].lines
    assert line.get_ydata()[-1] == 0.0
    assert {0, len(history) - 1} <= set(held_out.get_markevery())
    assert learning_curves({"mlp": history}).axes[0].get_ylim()[0] == 0.0


def test_best_errors_are_of_validation_samples_alone():
    history = [{"epoch": 1, "accuracy": 0.99, "validation_accuracy": v} for v in (0.9, 0.95, 0.93)]
    assert best_errors({"mlp": history, "stdp": [{"epoch": 1, "accuracy": 0.999}]}) == (
        "Lowest error on validation samples: MLP 5.0 %"
    )


def test_a_caption_keeps_numbers_with_their_units():
    note = "Estimated energy of a mean inference: " + ", ".join(f"{k}.05 µJ on chip{k}" for k in range(30))
    one = Inference(spikes={"h": np.ones((3, 2))}, scores=np.array([1.0, 0.0]), truth=0, note=note)
    lines = spike_raster(one)._supxlabel.get_text().split("\n")
    assert len(lines) > 2
    assert not any(line.startswith("µJ") for line in lines)


def test_looks_differ_without_colour():
    markers = [CONTENDERS[name].marker for name in CONTENDERS.names()] + [m for _, m in SPARE]
    assert len(set(markers)) == len(markers)
    plain = {h for term, (_, h) in TERMS.items() if term not in ("compute", "learning")}
    assert len(plain) == len(TERMS) - 2
    assert look("mine", ["mlp", "mine", "other"]) != look("other", ["mlp", "mine", "other"])
