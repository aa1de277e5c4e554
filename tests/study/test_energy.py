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
from spiking.hardware.chip_file import package_folder
from spiking.simulate import run
from spiking.study.evaluate import evaluate
from spiking.study.inferences import Inferences
from spiking.study.pricing import Pricing
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


def priced(model, chips, samples=20, **words):
    data = None if model.suffix == ".json" else Inferences(samples=samples)
    return evaluate(model, data, pricing=Pricing(chips=chips, **words))


def test_counts_in_json_cost_what_the_counts_cost(files):
    found = priced(files["counts"], ["generic-45nm"])
    expected = price(files["same"], "generic-45nm").total().nominal
    assert found.bills["generic-45nm"].total().nominal == pytest.approx(expected)
    assert found.accuracy is None
    assert found.samples is None


def test_a_saved_network_is_run_on_test_samples_and_priced_on_every_chip(files):
    found = priced(files["snn"], ["all"], models=["lemaire2022", "sanafe"])
    assert set(found.bills) == set(chip_names())
    assert found.correct.shape == (20,)
    assert found.accuracy == found.correct.mean()
    assert float(found.estimates["lemaire2022"].total) > 0
    assert not found.bills["dnn-engine"].runs_here
    json.dumps(found.to_dict(), allow_nan=False)


def test_batches_give_what_one_batch_gives(files, monkeypatch):
    whole = priced(files["snn"], ["loihi1-sanafe"], placed=True)
    monkeypatch.setattr("spiking.study.inferences.BATCH", 7)
    parts = priced(files["snn"], ["loihi1-sanafe"], placed=True)
    assert np.array_equal(whole.correct, parts.correct)
    assert {k: pytest.approx(v) for k, v in whole.counts.table.items()} == parts.counts.table
    bills = [e.bills["loihi1-sanafe"].total().nominal for e in (whole, parts)]
    assert bills[0] == pytest.approx(bills[1])


def test_placing_a_network_adds_its_hops(files):
    plain = priced(files["snn"], ["loihi1-sanafe"]).bills["loihi1-sanafe"]
    placed = priced(files["snn"], ["loihi1-sanafe"], placed=True).bills["loihi1-sanafe"]
    assert any("not placed" in w for w in plain.warnings)
    assert any("placed on 2 cores of 1 tile" in w for w in placed.warnings)


def test_settings_reach_component_chips_only(files):
    sram = priced(files["counts"], ["generic-45nm", "loihi1"], settings={"sums": "sram"})
    plain = priced(files["counts"], ["generic-45nm", "loihi1"])
    assert sram.bills["generic-45nm"].total().nominal > plain.bills["generic-45nm"].total().nominal
    assert sram.bills["loihi1"].total().nominal == plain.bills["loihi1"].total().nominal


def test_its_own_output_is_input_again(files):
    found = priced(files["snn"], ["generic-45nm"])
    path = files["counts"].with_name("again.json")
    path.write_text(json.dumps(found.to_dict()))
    again = priced(path, ["generic-45nm"])
    assert again.bills["generic-45nm"].total().nominal == found.bills["generic-45nm"].total().nominal


def test_bad_requests(files):
    with pytest.raises(SpikingError, match=r"unknown published model 'lemaire' .did you mean 'lemaire2022'"):
        Pricing(models=["lemaire"])
    with pytest.raises(SpikingError, match="unknown sums 'foo'; allowed: registers, sram"):
        Pricing(settings={"sums": "foo"})
    with pytest.raises(
        SpikingError, match="the setting 'sums' has no effect on loihi1; name a component chip"
    ):
        priced(files["counts"], ["loihi1"], settings={"sums": "sram"})
    with pytest.raises(SpikingError, match="the chip 'loihi1' came twice"):
        priced(files["counts"], ["loihi1", "loihi1-davies"])
    with pytest.raises(SpikingError, match="takes 64 features, 'yinyang' has"):
        evaluate(files["snn"], "yinyang")
    with pytest.raises(SpikingError, match="counts know no connections"):
        priced(files["counts"], ["loihi1"], placed=True)
    with pytest.raises(SpikingError, match="counts are an inference already; leave the data set"):
        evaluate(files["counts"], "digits")
    with pytest.raises(SpikingError, match="samples is 0; allowed: whole numbers, 1 or more"):
        Inferences(samples=0)


def test_the_page_of_the_docs_is_what_the_targets_give(pytestconfig):
    written = (pytestconfig.rootpath / "docs" / "validation-energy.md").read_text(encoding="utf-8")
    assert written == page(validate_energy()), "run: spiking validate energy --page docs"


def test_bibtex_holds_just_the_sources_used():
    text = bibtex(load_chip("odin").sources)
    assert text.startswith("@article{frenkel2019,\n  journal = {IEEE Transactions on Biomedical")
    assert text.count("@") == 1
    assert bibtex(["this project"]) == ""


def test_a_spiking_network_against_a_conventional_one(files):
    snn, mlp = (priced(files[k], ["generic-45nm", "loihi1"]) for k in ("snn", "mlp"))
    (found,) = versus(snn, mlp, draws=500)
    bills = [p.bills["generic-45nm"].total().nominal for p in (snn, mlp)]
    assert found.ratio.nominal == pytest.approx(bills[0] / bills[1])
    assert found.ratio.low <= found.ratio.nominal <= found.ratio.high
    assert found.odds.ratio.shape == (500,)
    assert np.all(found.odds.ratio >= found.ratio.low * (1 - 1e-9))
    assert np.all(found.odds.ratio <= found.ratio.high * (1 + 1e-9))


def test_a_chip_file_and_settings_hold_for_both_sides_and_for_the_odds(files, tmp_path):
    text = (package_folder() / "generic-45nm.toml").read_text()
    chip = tmp_path / "mine.toml"
    chip.write_text(text.replace('name = "generic-45nm"', 'name = "mine"'))
    words = {"settings": {"state": "registers"}}
    for name in (chip, "generic-45nm"):
        snn, mlp = (priced(files[k], [name], **words) for k in ("snn", "mlp"))
        (found,) = versus(snn, mlp, draws=50)
        device = load_chip(name).with_settings(state="registers")
        costs = [price(e.counts, device).total().nominal for e in (snn, mlp)]
        assert found.ratio.nominal == pytest.approx(costs[0] / costs[1])
        assert found.constants[0].nominal == pytest.approx(costs[0] / costs[1])
        assert found.odds.quantiles.low <= found.ratio.nominal <= found.odds.quantiles.high


def test_bad_comparisons(files):
    snn, mlp = (priced(files[k], ["generic-45nm", "loihi1"], samples=5) for k in ("snn", "mlp"))
    with pytest.raises(SpikingError, match="does not spike; name the spiking network first"):
        versus(mlp, mlp)
    with pytest.raises(SpikingError, match="--against takes a conventional network"):
        versus(snn, snn)
    only = priced(files["snn"], ["loihi1"], samples=5)
    with pytest.raises(SpikingError, match="no chip runs and prices both networks"):
        versus(only, mlp)
