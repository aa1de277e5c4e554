import json

import numpy as np
import pytest

from spiking.bridges import nir
from spiking.core.coding.encode import Poisson
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LIF, Linear, ReLU
from spiking.hardware import chip_names, load_chip, price, quantise
from spiking.hardware.verdict.breakeven import FORMS
from spiking.simulate import run
from spiking.study.energy import price_model, read_counts
from spiking.study.energy_commands import breakeven, energy
from spiking.study.energy_commands import validate_energy as run_validation
from spiking.study.report.citations import bibtex
from spiking.study.validation.energy import validate_energy
from spiking.study.validation.energy.page import page
from spiking.study.versus import versus

SNN = Network.dense([64, 16, 10], hidden=LIF(), readout=LIF(), encoder=Poisson(), steps=5, seed=2)
MLP = Network.dense([64, 16, 10], hidden=ReLU(), readout=Linear(), seed=2)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    snn = quantise(SNN, weight_bits=8)
    x = np.random.default_rng(0).random((20, 64), dtype=np.float32)
    counts = count(snn, run(snn, x)).mean()
    (folder / "counts.json").write_text(json.dumps(counts.to_dict()))
    return {
        "snn": nir.save(snn, folder / "snn.nir"),
        "mlp": nir.save(MLP, folder / "mlp.nir"),
        "counts": folder / "counts.json",
        "same": counts,
    }


def test_counts_in_json_cost_what_the_counts_cost(files):
    found = price_model(files["counts"], ["generic-45nm"])
    expected = price(files["same"], "generic-45nm").total().nominal
    assert found.bills["generic-45nm"].total().nominal == pytest.approx(expected)
    assert found.accuracy is None


def test_a_saved_network_is_run_on_test_samples_and_priced_on_every_chip(files):
    found = price_model(files["snn"], chip_names(), samples=20, models=["lemaire2022", "sanafe"])
    assert set(found.bills) == set(chip_names())
    assert 0 <= found.accuracy <= 1
    assert found.samples == 20
    assert float(found.estimates["lemaire2022"].total) > 0
    assert not found.bills["dnn-engine"].runs_here
    json.dumps(found.to_dict())


def test_placing_a_network_adds_its_hops(files):
    plain = price_model(files["snn"], ["loihi1-sanafe"], samples=20).bills["loihi1-sanafe"]
    placed = price_model(files["snn"], ["loihi1-sanafe"], samples=20, placed=True).bills["loihi1-sanafe"]
    assert any("not placed" in w for w in plain.warnings)
    assert any("placed on 2 cores of 1 tile" in w for w in placed.warnings)


def test_settings_reach_component_chips_only(files):
    sram = price_model(files["counts"], ["generic-45nm", "loihi1"], settings={"sums": "sram"})
    plain = price_model(files["counts"], ["generic-45nm", "loihi1"])
    assert sram.bills["generic-45nm"].total().nominal > plain.bills["generic-45nm"].total().nominal
    assert sram.bills["loihi1"].total().nominal == plain.bills["loihi1"].total().nominal


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("absent.json", None, "cannot be read .No such file or directory.; give a .nir network or a .json"),
        ("bad.json", "{", "bad.json is not JSON"),
        ("list.json", "[1]", "list.json holds no counts"),
        ("other.json", '{"layers": [{"nam": 1}], "counts": []}', "these are not counts"),
    ],
)
def test_bad_counts(tmp_path, name, text, words):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(SpikingError, match=words):
        read_counts(tmp_path / name)


def test_bad_requests(files):
    with pytest.raises(SpikingError, match="no chip came"):
        price_model(files["counts"], [])
    with pytest.raises(SpikingError, match=r"unknown published model 'lemaire' .did you mean 'lemaire2022'"):
        price_model(files["counts"], ["loihi1"], models=["lemaire"])
    with pytest.raises(SpikingError, match="takes 64 features, 'yinyang' has"):
        price_model(files["snn"], ["loihi1"], data="yinyang")
    with pytest.raises(SpikingError, match="counts know no connections"):
        price_model(files["counts"], ["loihi1"], placed=True)


def test_the_commands_print_and_write(files, tmp_path, capsys):
    energy(
        files["mlp"],
        ["generic-45nm", "loihi1"],
        models=["all"],
        settings={},
        files={"json": tmp_path / "e.json", "figure": tmp_path, "bibtex": tmp_path / "e.bib"},
        samples=20,
    )
    out = capsys.readouterr().out
    assert "estimated, not measured" in out
    assert "loihi1 cannot run it: it needs a device that runs conventional" in out
    data = json.loads((tmp_path / "e.json").read_text())
    assert data["bills"]["generic-45nm"]["energy_J"]["total"]["nominal"] > 0
    assert (tmp_path / "waterfall-generic-45nm.png").stat().st_size > 10_000
    assert not (tmp_path / "waterfall-loihi1.png").exists()
    assert "@inproceedings{horowitz2014," in (tmp_path / "e.bib").read_text()
    assert price_model(tmp_path / "e.json", ["generic-45nm"]).counts.layers  # its own output is input again


def test_break_even_prints_the_published_thresholds(tmp_path, capsys):
    breakeven(
        "generic-45nm",
        files={"json": tmp_path / "b.json", "figure": tmp_path},
        steps=10,
        fan_in=100,
        units=50,
        which="total",
        samples=50,
    )
    out = capsys.readouterr().out
    assert "1.72" in out
    assert "0.15 to 1.38" in out
    assert [row["form"] for row in json.loads((tmp_path / "b.json").read_text())] == list(FORMS)
    assert (tmp_path / "breakeven-generic-45nm.svg").exists()


def test_validation_is_printed_and_written(tmp_path, capsys):
    assert run_validation(json=tmp_path / "v.json", page=tmp_path)
    rows = json.loads((tmp_path / "v.json").read_text())
    assert {"id", "source", "kind", "expected", "got", "error", "tolerance", "passed"} <= set(rows[0])
    assert all(row["passed"] for row in rows)
    assert "predictions of measurements" in capsys.readouterr().out
    assert (tmp_path / "figures" / "validation-energy.png").exists()


def test_the_page_of_the_docs_is_what_the_targets_give(pytestconfig):
    written = (pytestconfig.rootpath / "docs" / "validation-energy.md").read_text(encoding="utf-8")
    assert written == page(validate_energy()), "run: spiking validate energy --page docs"


def test_bibtex_holds_just_the_sources_used():
    text = bibtex(load_chip("odin").sources)
    assert text.startswith("@article{frenkel2019,\n  journal = {IEEE Transactions on Biomedical")
    assert text.count("@") == 1
    assert bibtex(["this project"]) == ""


def test_a_spiking_network_against_a_conventional_one(files, tmp_path, capsys):
    snn, mlp = (price_model(files[k], ["generic-45nm", "loihi1"], samples=20) for k in ("snn", "mlp"))
    (found,) = versus(snn, mlp, draws=500)
    bills = [p.bills["generic-45nm"].total().nominal for p in (snn, mlp)]
    assert found.ratio.nominal == pytest.approx(bills[0] / bills[1])
    assert found.ratio.low <= found.ratio.nominal <= found.ratio.high
    assert found.odds.ratio.shape == (500,)
    assert np.all(found.odds.ratio >= found.ratio.low * (1 - 1e-9))
    assert np.all(found.odds.ratio <= found.ratio.high * (1 + 1e-9))
    energy(
        files["snn"],
        ["generic-45nm"],
        models=[],
        settings={},
        files={"json": tmp_path / "v.json", "figure": None, "bibtex": None},
        against=files["mlp"],
        draws=100,
        samples=20,
    )
    out = capsys.readouterr().out
    assert f"Verdict: {found.ratio.verdict}" in out
    assert "of 100 scenarios of the constants the SNN costs less" in out
    data = json.loads((tmp_path / "v.json").read_text())["comparison"][0]
    assert data["verdict"] == found.ratio.verdict
    assert {row["constant"] for row in data["sensitivity"]} >= {"bank", "leakage", "pin"}


def test_bad_comparisons(files):
    snn, mlp = (price_model(files[k], ["generic-45nm", "loihi1"], samples=5) for k in ("snn", "mlp"))
    with pytest.raises(SpikingError, match="does not spike; name the spiking network first"):
        versus(mlp, mlp)
    with pytest.raises(SpikingError, match="--against takes a conventional network"):
        versus(snn, snn)
    only = price_model(files["snn"], ["loihi1"], samples=5)
    with pytest.raises(SpikingError, match="no chip runs and prices both networks"):
        versus(only, mlp)
