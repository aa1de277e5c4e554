"""Who may import whom, read from the source with ``ast`` (docs/index.md shows the arrows)."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import spiking

ROOT = Path(__file__).parents[1] / "spiking"
MODULES = sorted(ROOT.rglob("*.py"))

ALLOWED = {  # layer -> layers of this package it may import
    "core": {"core"},
    "kernels": {"kernels"},
    "simulate": {"simulate", "kernels", "core"},
    "learn": {"learn", "simulate", "kernels", "core"},
    "hardware": {"hardware", "core"},
    "data": {"data", "core"},
    "bridges": {"bridges", "simulate", "core"},
    "study": {"study", "learn", "hardware", "data", "bridges", "simulate", "core"},
    "cli": {"cli", "study", "core"},
    "__main__": {"cli"},
    "__init__": {"core", "data", "hardware", "learn", "simulate", "study", "bridges"},
}
# third-party packages of a layer; threadpoolctl holds the BLAS to the threads the kernels count on
STANDARD = {"core": {"numpy", "scipy"}, "kernels": {"numpy", "numba", "llvmlite", "threadpoolctl"}}
HOME = {
    "numba": "kernels",
    "llvmlite": "kernels",
    "matplotlib": "study",
    "brian2": "bridges",
    "typer": "cli",
    "rich": "study",
}
HOMES = {name: module for name, (module, _) in spiking._HOME.items()}  # a public name is its module's
OPTIONAL = ("search", "cluster")  # extras that the package imports where they are installed
BRIAN = ROOT / "bridges" / "brian"


def layer(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path):
    """Full names of every module that ``path`` imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name"
            yield node.module
            if node.module == "spiking":
                yield from (HOMES.get(alias.name, f"spiking.{alias.name}") for alias in node.names)


def third_party(path):
    tops = {name.split(".")[0] for name in imported(path)}
    return {t for t in tops if t not in sys.stdlib_module_names} - {"spiking", "__future__"}


def test_every_package_is_declared_and_none_besides():
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in OPTIONAL:
        wanted += project["optional-dependencies"][extra]
    names = {re.split(r"[^\w-]", d)[0].lower() for d in wanted}
    needed = {t for path in MODULES for t in third_party(path)}
    known = {"sklearn": "scikit-learn", "PIL": "pillow", "distributed": "dask"}
    assert {known.get(n, n) for n in needed} == names


def test_the_house_has_these_layers_and_no_others():
    assert {layer(p) for p in MODULES} <= set(ALLOWED)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows(path):
    mine = {name.split(".")[1] for name in imported(path) if name.startswith("spiking.")}
    assert mine <= ALLOWED[layer(path)]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_packages_live_at_home(path):
    outside = third_party(path)
    if layer(path) in STANDARD:
        assert outside <= STANDARD[layer(path)]
    for package, home in HOME.items():
        assert package not in outside or layer(path) == home, f"{package} lives in {home}"
    assert "brian2" not in outside or BRIAN in path.parents


def test_the_reader_of_imports_sees_what_it_should(tmp_path):
    lines = [
        "import numba",
        "from spiking import learn",
        "from spiking import LIF",
        "def f():",
        "    from spiking.study.results.rows import row",
    ]
    code = "\n".join(lines)
    (tmp_path / "x.py").write_text(code)
    assert set(imported(tmp_path / "x.py")) == {
        "numba", "spiking", "spiking.learn", "spiking.core.neurons", "spiking.study.results.rows"
    }  # fmt: skip


def test_files_stay_small():
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text().splitlines())) > 400}
    assert not long
