"""The conda recipe asks for what the package asks for."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
RENAMED = {"matplotlib": "matplotlib-base"}  # conda-forge splits off what needs a graphical toolkit
PYTHON = {"python_version < '3.12'": "py<312", "python_version >= '3.12'": "py>=312"}


def in_conda_words(requirement):
    """``numpy>=1.26; python_version >= '3.12'`` as ``numpy >=1.26  # [py>=312]``."""
    what, _, when = (part.strip() for part in requirement.partition(";"))
    name, versions = re.fullmatch(r"([a-z0-9-]+)(.*)", what).groups()
    return f"{RENAMED.get(name, name)} {versions}" + (f"  # [{PYTHON[when]}]" if when else "")


def test_recipe_agrees_with_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    recipe = (ROOT / "recipe" / "meta.yaml").read_text()
    run = recipe.split("  run:\n")[1].split("\n\n")[0]
    asked = [line.removeprefix("    - ") for line in run.splitlines()]
    facts = project["project"]
    assert asked == [f"python {facts['requires-python']}", *map(in_conda_words, facts["dependencies"])]
    assert f'version = "{facts["version"]}"' in recipe
    for need in project["build-system"]["requires"]:
        assert f"    - {need.replace('>=', ' >=')}\n" in recipe
    for name, target in facts["scripts"].items():
        assert f"    - {name} = {target}\n" in recipe
