"""Figures of rows alone: what they mark is what can be worked out from the rows by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from spiking import plot
from spiking.cli.program import app, execute
from spiking.core.errors import SpikingError
from spiking.study.figures.rows.draw import KINDS, draw, rows_of
from spiking.study.figures.rows.effects import _rising
from spiking.study.figures.rows.spread import _ellipse
from spiking.study.figures.rows.table import axes_of, checked


def made(model, steps, bits, energy, accuracy, **more):
    out = {
        "model": model, "chip": "a", "steps": steps, "weight_bits": bits, "energy_J": energy,
        "energy_low_J": 0.5 * energy, "energy_high_J": 2 * energy, "energy_dynamic_J": 0.9 * energy,
        "energy_compute_J": 0.2 * energy, "accuracy": accuracy, "accuracy_low": accuracy - 0.01,
        "accuracy_high": accuracy + 0.01, "runs_here": True, "lower_bound": False,
        "busy_energy_J": energy, "idle_power_W": 1e-6, "wake_up_J": 1e-9, "occupied_s": 1e-5 * steps,
        "spikes_per_neuron_step": np.nan if model == "mlp" else 0.01 * energy / 1e-9,
    }  # fmt: skip
    return out | more


# spiking: energy is steps x bits nJ, MLP: 4 x bits nJ, so that they cost the same at 4 steps
ROWS = pd.DataFrame(
    [made("surrogate", t, b, t * b * 1e-9, 0.9 + 0.004 * t + 0.001 * b) for t in (2, 4, 8) for b in (2, 4, 8)]
    + [made("mlp", 1, b, 4 * b * 1e-9, 0.92 + 0.001 * b) for b in (2, 4, 8)]
)


def texts(figure):
    return " ".join(t.get_text() for ax in figure.axes for t in ax.texts)


def head(figure):
    return " ".join(legend.get_title().get_text() for legend in figure.legends)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_and_says_that_it_estimates(kind, tmp_path):
    figure = draw(ROWS, kind)
    assert "estimated, not measured" in " ".join(figure._supxlabel.get_text().split())
    paths = plot.save(figure, tmp_path, kind)
    assert [p.suffix for p in paths] == [".png", ".svg"]
    assert all(p.stat().st_size > 5000 for p in paths)


def test_the_heat_map_is_the_ratio_of_the_cheapest():
    figure = plot.heatmap(ROWS, x="steps", y="weight_bits")
    shown = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(shown, np.tile(np.array([0.5, 1.0, 2.0]), (3, 1)))
    assert "costs less in 3 of 9 cells" in head(figure)


def test_the_line_of_the_heat_map_lies_where_both_cost_the_same():
    rows = ROWS[ROWS["steps"] != 4]
    figure = plot.heatmap(rows, x="steps", y="weight_bits")
    lines = [c for c in figure.axes[0].collections if len(c.get_paths()[0].vertices)]
    across = np.concatenate([c.get_paths()[0].vertices[:, 0] for c in lines])
    np.testing.assert_allclose(across, 0.5)  # between 2 steps (ratio 1/2) and 8 (ratio 2), in the logarithm


def test_fronts_are_one_for_each_kind():
    figure = plot.front(ROWS)
    strong = [line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post"]
    assert len(strong) == 2
    mlp = next(line for line in strong if line.get_linestyle() == "--")
    np.testing.assert_allclose(mlp.get_xdata(), [8e-9, 16e-9, 32e-9])


def test_a_lower_bound_is_open_and_beats_nobody():
    cheap = pd.DataFrame([made("surrogate", 2, 2, 1e-10, 0.999, lower_bound=True)])
    figure = plot.front(pd.concat([ROWS, cheap]))
    steps = [line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post"]
    assert min(line.get_xdata().min() for line in steps) > 1e-10
    assert any("lower bound" in t.get_text() for t in figure.legends[0].get_texts())


def test_chips_have_a_panel_each():
    two = pd.concat([ROWS, ROWS.assign(chip="b", energy_J=3e-9)])
    assert [ax.get_title(loc="left") for ax in plot.front(two).axes] == ["a", "b"]


def test_yield_counts_the_chips_above_the_floor():
    rows = pd.DataFrame([made("surrogate", 2, 2, 1e-9, a) for a in (0.7, 0.8, 0.9, 0.95)])
    figure = plot.yield_curve(rows, floor=0.85)
    assert "50 % reach 85.0 % (4)" in figure.legends[0].get_texts()[0].get_text()


def test_degradation_has_medians():
    rows = pd.DataFrame(
        [made("mlp", 1, 8, 1e-9, 0.9 - s - 0.01 * k, sigma=s) for s in (0.0, 0.1) for k in range(5)]
    )
    line = plot.degradation(rows, x="sigma").axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [0.88, 0.78])


def test_the_ellipse_holds_nine_in_ten():
    a, b = np.random.default_rng(0).multivariate_normal([1, 2], [[2, 1], [1, 3]], 40_000).T
    ring = _ellipse(a, b)
    middle = ring.mean(axis=1)[:, None]
    inverse = np.linalg.inv(np.cov(a, b))
    distance = np.einsum("ik,ij,jk->k", np.stack([a, b]) - middle, inverse, np.stack([a, b]) - middle)
    edge = np.einsum("ik,ij,jk->k", ring - middle, inverse, ring - middle).mean()
    assert np.mean(distance < edge) == pytest.approx(0.9, abs=0.005)


def test_the_widest_axis_of_a_tornado_is_named():
    figure = plot.tornado(ROWS[ROWS["model"] == "surrogate"])
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()][-1] in ("steps", "weight bits")
    assert {"2", "8"} <= set(texts(figure).split())


def test_break_even_of_a_rising_fit():
    rows = pd.DataFrame(
        [
            made("surrogate", 8, 8, 1e-9 + 5e-9 * r, 0.9, spikes_per_neuron_step=r)
            for r in (0.1, 0.2, 0.4, 0.5)
        ]
        + [made("mlp", 1, 8, 3e-9, 0.9)]
    )
    assert "Break-even at 0.40" in head(plot.rate(rows))
    assert _rising(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) is None


def test_an_mlp_has_no_steps():
    assert checked(ROWS).loc[lambda t: t["model"] == "mlp", "steps"].isna().all()
    assert axes_of(checked(ROWS)) == ["steps", "weight_bits"]


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("bars", {}, "kind of figure 'bars'"),
        ("front", {"floor": 0.9}, "a front has no option 'floor'"),
        ("front", {"x": "enrgy_J"}, "enrgy_J.*did you mean.*energy_J"),
        ("heatmap", {"x": "steps", "y": "steps"}, "x and y are both 'steps'"),
        ("degradation", {"x": "model"}, "an axis of numbers"),
    ],
)
def test_what_cannot_be_drawn_is_said(kind, options, words):
    with pytest.raises(SpikingError, match=words):
        draw(ROWS, kind, **options)


def test_rows_without_an_energy_are_refused():
    with pytest.raises(SpikingError, match="nothing can be drawn"):
        plot.front(ROWS.assign(runs_here=False))
    with pytest.raises(SpikingError, match="needs rows of an MLP and of a spiking network"):
        plot.heatmap(ROWS[ROWS["model"] == "mlp"].assign(sigma=[1, 2, 3]), x="sigma", y="weight_bits")


def test_the_command_draws_a_folder(tmp_path):
    records = json.loads(ROWS.to_json(orient="records"))
    (tmp_path / "rows.json").write_text(json.dumps(records))
    said = CliRunner().invoke(
        app, ["plot", str(tmp_path), "--kind", "heatmap", "--x", "steps", "--y", "weight_bits"]
    )
    assert said.exit_code == 0, said.output
    assert (tmp_path / "figures" / "heatmap.png").is_file()


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', "[1]"])
def test_a_folder_without_rows_is_refused(tmp_path, text):
    with pytest.raises(SpikingError, match=r"has no rows\.json"):
        rows_of(tmp_path)
    (tmp_path / "rows.json").write_text(text)
    with pytest.raises(SpikingError, match=r"cannot be read|is no list of rows"):
        rows_of(tmp_path)
    assert execute(["plot", str(tmp_path)]) == 2
