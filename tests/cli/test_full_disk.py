"""A full disk at any write: one sentence, exit code 2, and earlier files whole.

A limit on the size of files stands for the disk: a write fails in its middle, as on a full one. A small file
system is tried as well where one can be made.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spiking.bridges.nir import save
from spiking.core.coding.encode import Poisson
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF

resource = pytest.importorskip("resource", reason="this system has no limits on files")
ROOT = Path(__file__).parents[2]
CHIP = ROOT / "spiking" / "hardware" / "chips" / "generic-45nm.toml"
COMMANDS = {
    "chips add": (["chips", "add", "mine.toml"], 1000),
    "validate energy --json": (["validate", "energy", "--json", "kept.json"], 1000),
    "validate energy --page": (["validate", "energy", "--page", "pages"], 4000),
    "run --json": (["run", "own.nir", "--samples", "5", "--json", "kept.json"], 100),
    "energy --json": (["energy", "own.nir", "--samples", "5", "--json", "kept.json"], 100),
    "energy --figures": (["energy", "own.nir", "--samples", "5", "--figures", "pages"], 1000),
    "train mlp": (["train", "mlp", "--hidden", "16", "--epochs", "1", "--out", "out"], 2000),
    "compare": (
        ["compare", "--quick", "--contenders", "mlp", "--chips", "generic-45nm", "--out", "out"],
        20_000,
    ),
}


def spiking(arguments, place, limit=None):
    def held():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "spiking", *arguments],
        cwd=place,
        # a coverage that is measured would be written beyond the limit as well
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
        | {"PYTHONPATH": str(ROOT), "SPIKING_CHIPS": str(place / "chips")},
        capture_output=True,
        text=True,
        preexec_fn=held,
    )


def contents(folder):
    return {p: p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def prepare(place, arguments):
    (place / "chips").mkdir()
    text = CHIP.read_text().replace('name = "generic-45nm"', 'name = "mine"', 1)
    (place / "mine.toml").write_text(text)
    (place / "chips" / "mine.toml").write_text(text)
    (place / "kept.json").write_text("earlier")
    (place / "pages").mkdir()
    (place / "pages" / "waterfall-generic-45nm.png").write_text("earlier")
    if "own.nir" in arguments:
        net = Network.dense([64, 8, 10], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=4)
        save(net, place / "own.nir")
    (place / "pages" / "validation-energy.md").write_text("earlier")
    (place / "out").mkdir()
    if arguments[0] == "compare":
        (place / "out" / "manifest.json").write_text('{"kind": "spiking comparison"}')


def check(done, place, before):
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert lines[-1].startswith("spiking: ")
    assert "cannot be written: " in lines[-1]
    after = contents(place)
    assert {p: after.get(p) for p in before} == before
    assert not [p for p in after if p.name.endswith((".spiking", ".part"))]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_limit_on_the_size_of_files(tmp_path, name):
    arguments, limit = COMMANDS[name]
    prepare(tmp_path, arguments)
    before = contents(tmp_path)
    check(spiking(arguments, tmp_path, limit), tmp_path, before)


@pytest.mark.parametrize("name", ["chips add", "validate energy --json", "compare"])
def test_a_small_file_system(tmp_path, name):
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no small file system can be made here ({made.stderr.strip()[:80]})")
    try:
        arguments = COMMANDS[name][0]
        prepare(tmp_path, arguments)
        with (tmp_path / "filler").open("wb", buffering=0) as file:
            try:
                while file.write(bytes(512)) == 512:
                    pass
            except OSError:
                pass
        before = contents(tmp_path)
        check(spiking(arguments, tmp_path), tmp_path, before)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
