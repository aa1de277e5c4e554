"""Several seeds: intervals by hand, one report, and nothing done twice."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from spiking.core.errors import SpikingError
from spiking.study.compare import compare
from spiking.study.comparing import Comparing
from spiking.study.results.seeds import interval, over, seed_sentences

T3 = 0.95 * np.sqrt(2 / (1 - 0.95**2))  # 97.5 % point of Student's t with 2 degrees of freedom, exact


def rows(energies, base, accuracy=0.9, **changes):
    out = []
    for seed, (e, b) in enumerate(zip(energies, base, strict=True)):
        for model, joules in (("mlp", b), ("surrogate", e)):
            out.append(
                {
                    "model": model, "chip": "c", "seed": seed, "accuracy": accuracy + 0.01 * seed,
                    "energy_J": joules, "lower_bound": False, "runs_here": True, "latency_s": 1e-3,
                    "throughput_per_s": 1e3, "energy_delay_Js": 1e-3 * joules,
                }
                | (changes if model == "surrogate" else {})
            )  # fmt: skip
    return pd.DataFrame(out)


def test_the_interval_is_students():
    low, mean, high = interval(np.array([1.0, 2.0, 3.0]))
    assert mean == 2.0
    assert (high - mean, mean - low) == pytest.approx((T3 / np.sqrt(3), T3 / np.sqrt(3)), rel=1e-12)


def test_means_and_ratios_over_seeds():
    found = over(rows([2e-9, 4e-9, 8e-9], [4e-9, 4e-9, 4e-9])).set_index("model")
    snn = found.loc["surrogate"]
    assert snn["energy_J"] == pytest.approx(14e-9 / 3)
    assert snn["ratio"] == pytest.approx(1.0)  # of 1/2, 1 and 2 the geometric mean is 1
    assert snn["ratio_high"] == pytest.approx(np.exp(T3 * np.log(2) / np.sqrt(3)))
    assert snn["ratio_low"] == pytest.approx(1 / snn["ratio_high"])
    assert snn["cheaper"] == 1
    assert np.isnan(found.loc["mlp", "ratio"])
    assert found.loc["mlp", "accuracy"] == pytest.approx(0.91)


def test_a_network_that_cannot_be_priced_in_one_seed_has_no_mean():
    found = over(rows([2e-9, np.nan, 8e-9], [4e-9, 4e-9, 4e-9])).set_index("model")
    assert np.isnan(found.loc["surrogate", "energy_J"])
    assert np.isnan(found.loc["surrogate", "ratio"])
    assert (
        "no spiking network and MLP are both priced here"
        in seed_sentences(found.reset_index(), margin=0.01)[1]
    )


def test_words():
    found = over(rows([2e-9, 2.1e-9, 1.9e-9], [4e-9, 4e-9, 4e-9]))
    accuracy, energy = seed_sentences(found, margin=0.01)
    assert accuracy.startswith("**Accuracy over 3 seeds** (mean, 95 % interval): MLP 91.0 %")
    assert "within 1 point of the MLP's mean accuracy" in energy
    assert "less in 3 of 3 seeds" in energy


def test_a_lower_bound_wins_nothing():
    found = over(rows([2e-9, 2.1e-9, 1.9e-9], [4e-9, 4e-9, 4e-9], lower_bound=True))
    energy = seed_sentences(found, margin=0.01)[1]
    assert "costs at least 0.5" in energy
    assert energy.endswith("a lower bound, which wins nothing.")


def test_a_network_far_below_is_named_so():
    far = rows([2e-9, 2.1e-9, 1.9e-9], [4e-9, 4e-9, 4e-9], accuracy=0.5)
    far.loc[far["model"] == "mlp", "accuracy"] = 0.9
    assert "no spiking network comes within 1 point" in seed_sentences(over(far), margin=0.01)[1]


@pytest.mark.parametrize("seeds", [0, -1, 1.5, 1001])
def test_bad_numbers_of_seeds(seeds):
    with pytest.raises(SpikingError, match=r"--seeds is .*; allowed: whole numbers, 1 to 1000"):
        Comparing(seeds=seeds)


def test_seeds_beyond_the_last():
    with pytest.raises(SpikingError, match="the last of --seeds is 4294967296"):
        Comparing(seed=2**32 - 2, seeds=3)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    out = tmp_path_factory.mktemp("seeds") / "run"
    events = []
    asked = {
        "contenders": ["mlp", "converted"],
        "chips": ["generic-45nm"],
        "design": "shipped",
        "quick": True,
    }
    return compare("digits", out=out, seeds=2, progress=events.append, **asked), events, asked


def test_a_run_per_seed_and_one_report(two):
    found, events, _ = two
    assert sorted(p.name for p in found.path.iterdir()) == [
        "manifest.json", "report.md", "rows.csv", "seed-0", "seed-1", "seeds.json",
    ]  # fmt: skip
    parts = [json.loads((found.path / f"seed-{k}" / "rows.json").read_text()) for k in (0, 1)]
    accuracies = [next(r["accuracy"] for r in part if r["model"] == "mlp") for part in parts]
    row = found.seeds.set_index("model").loc["mlp"]
    assert row["accuracy"] == pytest.approx(np.mean(accuracies))
    energies = {
        m: [r["energy_J"] for part in parts for r in part if r["model"] == m] for m in ("mlp", "converted")
    }
    ratios = np.array(energies["converted"]) / np.array(energies["mlp"])
    assert found.seeds.set_index("model").loc["converted", "ratio"] == pytest.approx(
        float(np.sqrt(ratios.prod()))
    )
    text = (found.path / "report.md").read_text()
    assert text.startswith("# MLP or spiking network? digits, 2 seeds")
    assert "> Quick run" in text
    assert "[seed 1](seed-1/report.md)" in text
    assert set(found.rows["seed"]) == {0, 1}
    assert {e.who.split(",")[0] for e in events} == {"seed 0", "seed 1"}


def test_finished_seeds_are_not_done_again(two):
    found, _, asked = two
    before = {p: p.stat().st_mtime_ns for p in found.path.rglob("rows.json")}
    events = []
    more = compare("digits", out=found.path, seeds=3, progress=events.append, **asked)
    after = {p: p.stat().st_mtime_ns for p in found.path.rglob("rows.json")}
    assert len(more.seeds) == len(found.seeds)
    assert {p: after[p] for p in before} == before
    assert len(after) == 3
    assert {e.who for e in events if e.stage == "test"} == {"seed 2, mlp", "seed 2, converted"}


def test_seeds_of_another_question_are_done_again(two):
    found, _, asked = two
    before = (found.path / "seed-0" / "rows.json").stat().st_mtime_ns
    time.sleep(0.01)
    compare("digits", out=found.path, seeds=2, **{**asked, "margin": 2.0, "contenders": ["mlp"]})
    assert (found.path / "seed-0" / "rows.json").stat().st_mtime_ns > before
