"""Configurations: samplings against their definition, and bad input in one sentence before any work."""

import numpy as np
import pytest

import spiking
from spiking.core.errors import SpikingError
from spiking.study.sweep.points.axes import axis_names
from spiking.study.sweep.points.config import read_config
from spiking.study.sweep.points.plan import plan
from spiking.study.sweep.points.space import combinations
from tests.study.sweep.small import base

SNN = {"contender": ["surrogate"], "chip": ["generic-45nm"]}


def planned(axes, **more):
    return plan(read_config({"base": base(**more), "axes": {**SNN, **axes}}))


def test_the_example_of_the_docs_is_counted_by_hand():
    axes = {
        "contender": ["mlp", "surrogate"],
        "steps": [2, 4, 8],
        "weight_bits": [2, 4, 8],
        "seed": [0, 1],
        "chip": ["generic-45nm", "loihi1"],
    }
    made = plan(read_config({"base": {"data": "digits", "quick": True}, "axes": axes}))
    assert len(made.trainings) == 2 + 3 * 2
    assert len(made.evaluations) == 3 * 2 + 3 * 3 * 2
    assert made.points == 2 * (3 * 2 + 3 * 3 * 2)


def test_a_contender_made_from_another_shares_its_training():
    axes = {"contender": ["mlp", "converted"], "hidden": [4, 8], "chip": ["generic-45nm"]}
    config = {"base": {"data": "digits", "quick": True, "weight_bits": 8}, "axes": axes}
    made = plan(read_config(config))
    assert len(made.trainings) == 4  # two MLPs, and what is converted from each
    assert made.points == 4


def test_grids_of_ranges_and_lists_have_their_values():
    span = {"low": 1, "high": 100, "log": True, "count": 3}
    config = read_config({"base": base(), "axes": {**SNN, "steps": span, "rate_penalty": [0.1, 1]}})
    assert config.axes["steps"] == [1, 10, 100]
    assert len(combinations(config)) == 6
    points = [{"contender": "mlp", "chip": "loihi1"}, {**{k: v[0] for k, v in SNN.items()}, "steps": 3}]
    listed = read_config({"base": base(), "points": points})
    assert [dict(c.choices) for c in combinations(listed)] == points


def test_a_latin_hypercube_meets_every_stratum_once():
    axes = {**SNN, "chip.add_int_32": {"low": 0.0, "high": 1.0}, "chip.read_8k": {"low": 0, "high": 10.0}}
    how = {"kind": "latin", "points": 50, "seed": 3}
    (one,) = combinations(read_config({"base": base(), "axes": axes, "sampling": how}))
    for name, width in (("chip.add_int_32", 1.0), ("chip.read_8k", 10.0)):
        assert sorted(np.floor(one.constants[name] / width * 50)) == list(range(50))
    how = {"kind": "random", "points": 50, "seed": 3}
    (two,) = combinations(read_config({"base": base(), "axes": axes, "sampling": how}))
    assert np.all((two.constants["chip.read_8k"] >= 0) & (two.constants["chip.read_8k"] <= 10))


def test_a_latin_hypercube_over_lists_is_balanced():
    axes = {"contender": ["mlp", "surrogate"], "chip": ["generic-45nm"], "seed": list(range(5))}
    how = {"kind": "latin", "points": 20}
    made = combinations(read_config({"base": base(), "axes": axes, "sampling": how}))
    assert {c.choices["contender"] for c in made} == {"mlp", "surrogate"}
    assert {c.choices["seed"] for c in made} == set(range(5))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"axes": {"stpes": [2]}}, "unknown axis 'stpes' \\(did you mean 'steps'\\?\\)"),
        ({"axes": {"contender": ["mlpp"]}}, "unknown contender 'mlpp' \\(did you mean 'mlp'\\?\\)"),
        ({"axes": {"chip": ["loihi"]}}, "unknown chip 'loihi' \\(did you mean 'loihi1'\\?\\)"),
        ({"axes": {"weight_bits": [1]}}, "weight_bits is 1; allowed: whole numbers, 2 to 16"),
        ({"axes": {"steps": [2.5]}}, "steps is 2.5; allowed: whole numbers, 1 to 100000"),
        ({"axes": {"steps": 4}}, "the axis 'steps' is 4; allowed: a list of values"),
        ({"axes": {"steps": []}}, "the axis 'steps' has no value"),
        ({"axes": {"encoder": ["poison"]}}, "encoder: unknown encoder 'poison' \\(did you mean 'poisson'"),
        ({"axes": {"schedule": ["lasy"]}}, "unknown schedule 'lasy' \\(did you mean 'lazy'"),
        ({"axes": {"node": [3]}}, "node 3 nm is outside 7 to 130 nm"),
        ({"axes": {"every": [0]}}, "every is 0 s; allowed: above 0"),
        ({"axes": {"data": ["digit"]}}, "unknown data set 'digit' \\(did you mean 'digits'"),
        ({"axes": {"effect": [[{"name": "quantize"}]]}}, "unknown effect 'quantize' \\(did you mean"),
        (
            {"axes": {"quantise": [{"weight_bit": 4}]}},
            "unknown parameter of the effect 'quantise' 'weight_bit'",
        ),
        ({"base": {"quik": True}}, "unknown key of \\[base\\] 'quik' \\(did you mean 'quick'"),
        ({"bas": {}}, "unknown table of a sweep 'bas' \\(did you mean 'base'"),
        ({"sampling": {"kind": "gird"}}, "unknown kind of sampling 'gird' \\(did you mean 'grid'"),
        ({"sampling": {"points": 3}}, "a grid has all its points"),
        ({"base": {"steps": 3}, "axes": {"steps": [2]}}, "steps stands in \\[base\\] and in \\[axes\\]"),
        ({"axes": {"contender": ["mlp"], "steps": [2]}}, "steps has no effect on any contender and chip"),
        ({"axes": {"chip": ["loihi1"], "node": [28]}}, "node has no effect on any contender and chip"),
        ({"base": {"design": "best"}, "axes": {"weight_bits": [4]}}, "design and weight_bits came"),
        ({"axes": {"chip.sram": [1.0]}}, "chip.sram has no effect on any contender and chip"),
        ({"points": [{"steps": 2}], "axes": {}}, "a list of \\[\\[points\\]\\] and \\[axes\\] came"),
        ({"points": [{"steps": 2}]}, "no contender came"),
    ],
)
def test_bad_input_is_one_sentence_before_any_work(config, said, tmp_path):
    with pytest.raises(SpikingError, match=said):
        spiking.sweep(config, out=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_folders_of_others_are_refused_and_left_alone(tmp_path):
    axes = {"contender": ["mlp"], "chip": ["generic-45nm"], "weight_bits": [4]}
    spiking.sweep({"base": base(), "axes": axes}, out=tmp_path / "s")
    rows = (tmp_path / "s" / "rows.csv").read_bytes()
    other = {"base": base(), "axes": {**axes, "weight_bits": [5]}}
    with pytest.raises(SpikingError, match="holds another sweep"):
        spiking.sweep(other, out=tmp_path / "s")
    assert (tmp_path / "s" / "rows.csv").read_bytes() == rows
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "mine.txt").write_text("mine")
    with pytest.raises(SpikingError, match="exists and is not a run"):
        spiking.sweep(other, out=tmp_path / "t")


def test_a_full_disk_is_said_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10**6}))
    axes = {"contender": ["mlp"], "chip": ["generic-45nm"]}
    with pytest.raises(SpikingError, match="has 1 MB left, and the sweep may take 8 MB; make room"):
        spiking.sweep({"base": base(), "axes": axes}, out=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_file_that_is_none_is_said(tmp_path):
    (tmp_path / "x.toml").write_text("[axes\n")
    with pytest.raises(SpikingError, match=r"x\.toml is not TOML"):
        spiking.sweep(tmp_path / "x.toml")
    with pytest.raises(SpikingError, match=r"y\.toml cannot be read: No such file"):
        spiking.sweep(tmp_path / "y.toml")


def test_the_axes_of_the_docs_are_there():
    wanted = {
        "contender", "steps", "hidden", "weight_bits", "state_bits", "decay", "bias", "schedule", "encoder",
        "rate_penalty", "effect", "node", "vdd", "chip", "every", "seed", "data", "read_after", "instance",
    }  # fmt: skip
    assert wanted <= set(axis_names())
