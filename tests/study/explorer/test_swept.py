"""The page of a sweep prices its rows as the sweep did, each design once."""

import numpy as np
import pytest
from typer.testing import CliRunner

from spiking.cli.program import app
from spiking.core.errors import SpikingError
from spiking.study.explorer.swept import data_of
from spiking.study.explorer.unpacking import totals
from spiking.study.sweep.sweep import sweep


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("sweeps") / "s"
    axes = {"contender": ["mlp"], "weight_bits": [4, 8], "batch": [1, 16], "node": ["HP45", "HP7"]}
    rows = sweep({"base": {"quick": True, "chip": "generic-45nm"}, "axes": axes}, out=out)
    return out, rows


def test_every_design_once_at_the_prices_of_its_chip(folder):
    out, rows = folder
    found = totals(data_of(out))
    at_45 = rows[rows["node"] == "HP45"]
    assert len(found["energy"]) == len(at_45) == 4
    np.testing.assert_allclose(np.sort(found["energy"]), np.sort(at_45["energy_J"]), rtol=1e-12)


def test_the_command_writes_the_page(folder):
    out, _ = folder
    said = CliRunner().invoke(app, ["explore", str(out)])
    assert said.exit_code == 0, said.output
    assert (out / "explorer.html").read_text().startswith("<!DOCTYPE html>")


def test_a_sweep_without_its_ledger_is_refused(folder):
    out, _ = folder
    kept = out / "ledger"
    moved = kept.rename(out / "elsewhere")
    try:
        with pytest.raises(SpikingError, match="lacks the counts"):
            data_of(out)
    finally:
        if kept.exists():
            kept.rename(out / "made-anew")
        moved.rename(kept)
