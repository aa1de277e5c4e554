"""The crossbar model against the figures of its two sources, and its counts worked out by hand."""

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.chip_file import package_folder
from spiking.hardware.models.crossbar import mapped
from tests.hardware.examples import mlp, silent, snn

RRAM, PCM = load_chip("rram-isaac"), load_chip("pcm-hermes")


def by_operation(bill, layer):
    return {x.operation: x for x in bill.lines if x.layer == layer}


def test_a_full_matrix_vector_product_of_hermes_is_10_5_tera_operations_per_joule():
    bill = price(mlp(sizes=(256, 256), active=(1.0,)), PCM)
    product = by_operation(bill, "layer1")["conversions"].energy.nominal
    assert 2 * 256 * 256 / product == pytest.approx(10.5e12, rel=2e-3)


def test_one_unit_of_isaac_draws_what_its_table_says():
    """Eight arrays of 128 x 128 cells read at once in 100 ns: converters 16, drivers 4, cells 2.4 mW."""
    bill = price(mlp(sizes=(128, 256), active=(1.0,)), RRAM)  # 8 bit on 2-bit cells: 8 arrays, 8 passes
    got = {k: x.energy.nominal / 8 for k, x in by_operation(bill, "layer1").items()}
    assert mapped(mlp(sizes=(128, 256), active=(1.0,)), mlp(sizes=(128, 256)).layers[1], RRAM).arrays == 8
    assert got["conversions"] == pytest.approx(16e-3 * 1024 / 9.6e9, rel=1e-3)
    assert got["row drivers"] == pytest.approx(4e-3 * 1024 / 9.6e9, rel=0.01)
    assert got["cells"] == pytest.approx(2.4e-3 * 100e-9, rel=0.01)


def test_passes_and_conversions_of_spikes():
    c = snn(theta=(6.0, 4.0, 1.0), steps=10, sizes=(300, 100, 10))
    first = mapped(c, c.layers[1], RRAM)
    assert (first.columns, first.across, first.down) == (400, 4, 3)  # 8 bit are four cells of two
    assert first.pulses == pytest.approx(6)
    assert first.passes == pytest.approx(6)  # six spikes fall into six steps at most
    busy = snn(theta=(600.0, 4.0, 1.0), steps=10, sizes=(300, 100, 10))
    assert mapped(busy, busy.layers[1], RRAM).passes == 10
    line = by_operation(price(busy, RRAM), "layer1")["conversions"]
    assert line.count == pytest.approx(10 * 400 * 3)


def test_both_kinds_of_network_run_and_are_lower_bounds():
    for chip in (RRAM, PCM):
        for counts in (snn(), mlp()):
            bill = price(counts, chip)
            assert bill.runs_here
            assert bill.unpriced == ("static power of the arrays",)


def test_no_spikes_no_conversions():
    bill = price(silent(), RRAM)
    assert {x.operation for x in bill.lines} <= {"updates", "state words", "arrays"}


def test_many_steps_cost_conversions_and_few_rows_save_none():
    few, many = (snn(theta=(t, 0.0, 0.0), steps=10, sizes=(100, 50)) for t in (10.0, 900.0))
    a, b = (by_operation(price(c, RRAM), "layer1") for c in (few, many))
    assert a["conversions"].count == b["conversions"].count
    assert a["cells"].count < b["cells"].count


def test_wider_inputs_take_more_passes():
    eight, four = (mapped(mlp(bits=b), mlp(bits=b).layers[1], RRAM) for b in (8, 4))
    assert np.asarray(eight.passes) == pytest.approx(2 * np.asarray(four.passes))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[constants.adc]", "[constants.acd]", "constants.adc: is missing; the crossbar model needs it"),
        ("bits_per_pass = 8", "bits_per_pass = 0", "settings.bits_per_pass: is 0; allowed: 1 to 32"),
        ('unit = "ns"', 'unit = "pJ"', "constants.read_time.unit: is 'pJ', a energy; an time is needed"),
    ],
)
def test_bad_crossbar_files(tmp_path, old, new, words):
    text = (package_folder() / "pcm-hermes.toml").read_text()
    assert old in text
    (tmp_path / "bad.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(SpikingError, match=words):
        load_chip(tmp_path / "bad.toml")
