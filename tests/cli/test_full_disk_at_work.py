"""A full disk at the writes of every other command, in this process: a limit on the size of files.

``test_full_disk.py`` has the commands whose processes are started anew.
"""

import errno
import shutil
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from spiking import cli
from spiking.bridges.nir import save
from spiking.core.coding.encode import Poisson
from spiking.core.errors import Unwritable
from spiking.core.files import write_text
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.study.sweep.workers.work import attempt
from tests.study.sweep.small import data

resource = pytest.importorskip("resource", reason="this system has no limits on files")
SWEEP = """
[base]
data = "small.npz"
quick = true
hidden = 8
budget = 0
[axes]
contender = ["mlp"]
weight_bits = [4, 8]
chip = ["generic-45nm"]
"""
OWN = ["own.nir", "--samples", "5"]
# command -> limit [bytes]: the write of its name is larger, those before it are not
COMMANDS = {
    "explore sweep": 1000,
    "explore sweep --out kept.html": 1000,
    "plot sweep --kind front --x weight_bits --y accuracy --out figures": 1000,
    "sweep sweep.toml --out fresh": 100,
    "sweep sweep.toml --out half": 900,
    "validate dynamics --json kept.json": 100,
    "validate dynamics --page pages": 100,
    "breakeven --json kept.json": 100,
    "breakeven --figures figures": 1000,
    "gallery convergence --quick --out experiment": 100,
    "energy own.nir --samples 5 --bibtex kept.bib": 100,
    "train mlp --hidden 8 --epochs 2 --out training": 1000,
    "train stdp --data digits --neurons 4 --images 20 --out training": 500,
    "compare --quick --contenders mlp --chips generic-45nm --design shipped --seeds 2 --out seeds": 20_000,
}


@contextmanager
def files_of(limit):
    """Let no file grow beyond ``limit`` bytes inside the block."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def call(monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["spiking", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A finished sweep, a network, and earlier files to be kept."""
    place = tmp_path_factory.mktemp("results")
    x, y = data()
    np.savez(place / "small.npz", x=x, y=y)
    (place / "sweep.toml").write_text(SWEEP)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert call(patch, ["sweep", "sweep.toml", "--out", "sweep"]) == 0
    net = Network.dense([64, 8, 10], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=4)
    save(net, place / "own.nir")
    for name in ("kept.html", "kept.json", "kept.bib"):
        (place / name).write_text("earlier")
    for folder in ("figures", "pages"):
        (place / folder).mkdir()
    return place


def contents(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("command", list(COMMANDS))
def test_one_sentence_and_earlier_files_whole(command, results, tmp_path, monkeypatch, capsys):
    place = tmp_path / "work"
    shutil.copytree(results, place)
    monkeypatch.chdir(place)
    before = contents(place)
    with files_of(COMMANDS[command]):
        code = call(monkeypatch, command.split())
    said = capsys.readouterr().err
    last = said.strip().splitlines()[-1]
    assert code == 2, said
    assert "Traceback" not in said
    assert last.startswith("spiking: ")
    assert "cannot be written: " in last
    after = contents(place)
    assert {p: after.get(p) for p in before} == before
    assert not [p for p in place.rglob("*") if p.name.endswith((".spiking", ".part"))]


def test_a_full_disk_that_a_package_tells_in_its_own_words(monkeypatch, capsys, tmp_path):
    """Brian2 wraps what its compiler could not write."""

    def work(**_):
        try:
            raise OSError(errno.ENOSPC, "No space left on device", "cache.pyx")
        except OSError as error:
            raise RuntimeError("an object could not be prepared") from error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("spiking.study.validation.dynamics.validate_dynamics", work)
    assert call(monkeypatch, ["validate", "dynamics"]) == 2
    assert capsys.readouterr().err == (
        "spiking: cache.pyx cannot be written: No space left on device; make room\n"
    )


def test_a_full_disk_is_no_property_of_a_point(tmp_path):
    """A point of a sweep that could not be written is no failed one: the next run tries it again."""
    with files_of(10), pytest.raises(Unwritable, match="cannot be written: File too large"):
        attempt(write_text, tmp_path / "network", "more than ten bytes")
    assert attempt(float, "x") == {"error": "ValueError: could not convert string to float: 'x'"}
