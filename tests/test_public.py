"""The public names, and what ``import spiking`` costs."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import spiking

PINNED = """
    ALIF Assigned Bill Chip ConductanceLIF Connection ConvertedClassifier Counts Dataset Delta Direct
    Discretisation Events FirstSpike FitConfig
    Input LI LIF Latency Linear MLPClassifier Membrane Network Output Poisson
    Population Progress ReLU STDPClassifier SpikeCount SpikingClassifier SpikingError Trace bars chip_names
    compare convert count fit load load_chip load_network plot price quantise run save sweep train_stdp
"""
NAMES = set(PINNED.split())
HEAVY = ["brian2", "matplotlib", "sklearn", "pandas", "numba", "scipy.stats", "rich", "jinja2"]


def test_public_names_are_these():
    assert set(spiking.__all__) == NAMES


def test_every_name_can_be_had_and_is_documented():
    for name in NAMES:
        assert getattr(spiking, name).__doc__, name


def test_the_stub_says_the_same():
    """Type checkers and editors read the stub, Python the table of the package."""
    tree = ast.parse(Path(spiking.__file__).with_name("__init__.pyi").read_text())
    said = {
        alias.asname: (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert said == spiking._HOME


def test_version_is_told():
    assert spiking.__version__
    assert {"__version__", "plot", "compare"} <= set(dir(spiking))


def test_unknown_name_is_an_attribute_error():
    assert not hasattr(spiking, "nothing")


def test_import_is_quick_and_light():
    code = (
        "import json, sys, time; t = time.perf_counter(); import spiking; t = time.perf_counter() - t;"
        f"print(json.dumps([t, [m for m in {HEAVY} if m in sys.modules]]))"
    )
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(t for t, _ in runs) < 1.0
    assert runs[0][1] == []


def test_version_matches_the_project_file():
    import tomllib

    from spiking.study.record.manifest import versions

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert versions()["spikejoule"] in (project["version"], "source tree")


def test_the_reference_has_an_example_of_every_name():
    from pathlib import Path

    page = (Path(__file__).parents[1] / "docs" / "api.md").read_text()
    blocks = "\n".join(re.findall(r"^```python\n(.*?)^```", page, re.M | re.S))
    missing = [name for name in NAMES if not re.search(rf"\b{name}\b", blocks)]
    assert not missing
