"""Searches: no point twice, interrupted trials taken up again, fronts as defined."""

import numpy as np
import pytest

import spiking
from spiking.core.errors import SpikingError
from spiking.study.sweep.front import front
from spiking.study.sweep.run import Sweep
from spiking.study.sweep.search import Search
from spiking.study.sweep.store.ledger import Ledger
from tests.study.sweep.small import base

optuna = pytest.importorskip("optuna", reason="Optuna is not installed (extra: search)")
AXES = {
    "contender": ["mlp", "surrogate"],
    "steps": [2, 3],
    "weight_bits": [4, 8],
    "chip": ["generic-45nm"],
}
DIFFERENT = 2 + 2 * 2  # the steps do not touch the MLP


def study(folder):
    (name,) = optuna.get_all_study_names(f"sqlite:///{folder / 'search.db'}")
    return optuna.load_study(study_name=name, storage=f"sqlite:///{folder / 'search.db'}")


@pytest.mark.parametrize("kind", ["nsga2", "tpe"])
def test_a_search_finds_every_point_once_and_ends(tmp_path, kind):
    rows = spiking.sweep({"base": base(), "axes": AXES}, out=tmp_path / "s", search=kind, trials=50)
    assert len(rows) == DIFFERENT == rows["point"].nunique()
    known = rows[["validation_accuracy", "energy_J", "latency_s"]].to_numpy() * [-1, 1, 1]
    assert rows["in_front"].tolist() == front(known).tolist()
    assert (tmp_path / "s" / "rows.csv").exists()


def test_an_interrupted_trial_is_taken_up_again_and_the_budget_holds(tmp_path):
    config = {"base": base(), "axes": AXES}
    made = Sweep.of(config, tmp_path / "s", search=True)
    made.begin(Ledger(made.folder))
    killed = Search(made, "tpe", 3)
    trial = killed._next()  # proposed, and then its process dies
    chosen = dict(trial.params)
    killed.claims.close()
    rows = spiking.sweep(config, out=tmp_path / "s", search="tpe", trials=3)
    states = [t.state.name for t in study(tmp_path / "s").trials if "twin" not in t.user_attrs]
    assert states == ["COMPLETE"] * 3
    assert rows["trial"].iloc[0] == trial.number
    assert all(rows.iloc[0][name] == value for name, value in chosen.items() if name != "contender")
    more = spiking.sweep(config, out=tmp_path / "s", search="tpe", trials=5)
    assert list(more["point"][:3]) == list(rows["point"])
    assert len(more) == 5


def test_ranges_are_searched(tmp_path):
    axes = {"contender": ["mlp"], "hidden": {"low": 2, "high": 20, "log": True}, "chip": ["generic-45nm"]}
    config = {"base": {k: v for k, v in base().items() if k != "hidden"}, "axes": axes}
    rows = spiking.sweep(config, out=tmp_path / "s", search="tpe", trials=4)
    assert len(rows) == 4
    assert rows["hidden"].between(2, 20).all()
    assert np.issubdtype(rows["hidden"].dtype, np.integer)


def test_what_a_search_is_not_gets_a_sentence(tmp_path):
    config = {"base": base(), "axes": AXES}
    with pytest.raises(SpikingError, match=r"unknown --search 'nsga'.*did you mean 'nsga2'"):
        spiking.sweep(config, out=tmp_path / "s", search="nsga", trials=3)
    with pytest.raises(SpikingError, match="storage is the database of a search"):
        spiking.sweep(config, out=tmp_path / "s", storage="sqlite:///x.db")
    with pytest.raises(SpikingError, match=r"a list of \[\[points\]\] is not searched"):
        spiking.sweep({"base": base(), "points": [{"steps": 2}]}, out=tmp_path / "s", search="tpe")
    assert not (tmp_path / "s").exists()
    with pytest.raises(SpikingError, match="the database nodatabase://x cannot be opened"):
        spiking.sweep(config, out=tmp_path / "t", search="tpe", trials=1, storage="nodatabase://x")
