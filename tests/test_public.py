"""The public names, and what ``import spiking`` costs."""

import json
import subprocess
import sys

import spiking

PINNED = """
    ALIF Assigned Bill Chip ConductanceLIF Connection Counts Dataset Delta Direct Discretisation Events
    FirstSpike Input LI LIF Latency Linear Membrane Network Output Poisson Population ReLU SpikeCount
    SpikingError Trace chip_names compare convert count fit load load_chip price quantise run train_stdp
"""
NAMES = set(PINNED.split())
HEAVY = ["brian2", "matplotlib", "sklearn", "pandas", "numba", "scipy.stats", "rich", "jinja2"]


def test_public_names_are_these():
    assert set(spiking.__all__) == NAMES


def test_every_name_can_be_had_and_is_documented():
    for name in NAMES:
        assert getattr(spiking, name).__doc__, name


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
    from pathlib import Path

    from spiking.study.record.manifest import versions

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert versions()["spikejoule"] in (project["version"], "source tree")
