"""What is in the wheel: every file that is not Python is named by a pattern of the project file."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def files():
    every = {p for p in (ROOT / "spiking").rglob("*") if p.is_file() and p.suffix != ".py"}
    return {p for p in every if p.parent.name != "__pycache__"}


def test_every_data_file_is_packed_and_every_pattern_finds_some():
    found = {pattern: set((ROOT / "spiking").glob(pattern)) for pattern in TOOL["package-data"]["spiking"]}
    assert files() <= set().union(*found.values())
    assert all(found.values()), found


def test_data_lies_in_packages():
    assert {p.parent for p in files() if not (p.parent / "__init__.py").exists()} <= {
        ROOT / "spiking" / "hardware" / "chips",
        ROOT / "spiking" / "study" / "report" / "templates",
        ROOT / "spiking" / "study" / "explorer" / "templates",
    }


def test_an_editable_install_is_a_path_and_not_an_import_hook():
    # setuptools writes a plain .pth line only where the place of the sources is named
    assert TOOL["package-dir"] == {"": "."}
