"""The conda recipe says what the project file says."""

import re
import tomllib
from pathlib import Path

import jinja2
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OTHER_NAMES = {"matplotlib": "matplotlib-base"}  # conda's name for it without a window system


def recipe():
    text = (ROOT / "recipe" / "meta.yaml").read_text()
    return yaml.safe_load(jinja2.Template(text).render(PYTHON="python"))


def least(requirement):
    """``(name, least version)`` of ``"numpy>=1.26,<2.4; python_version < '3.12'"``."""
    name, version = re.match(r"([\w-]+) *>=([\d.]+)", requirement).groups()
    return OTHER_NAMES.get(name, name), version


def test_it_asks_for_what_the_package_asks_for():
    wanted = {least(line) for line in PROJECT["project"]["dependencies"]}
    python = ("python", PROJECT["project"]["requires-python"].removeprefix(">="))
    assert {least(line) for line in recipe()["requirements"]["run"]} == wanted | {python}


def test_it_builds_with_what_the_package_builds_with():
    assert {least(line) for line in PROJECT["build-system"]["requires"]} <= {
        least(line) for line in recipe()["requirements"]["host"] if ">=" in line
    }


def test_version_licence_and_command_are_the_same():
    project, made = PROJECT["project"], recipe()
    assert str(made["package"]["version"]) == project["version"]
    assert made["package"]["name"] == project["name"]
    assert made["about"]["license"] == project["license"]
    commands = [f"{name} = {place}" for name, place in project["scripts"].items()]
    assert made["build"]["entry_points"] == commands
