"""The documentation is run: every Python block, every link, every command."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from spiking.cli.program import app
from spiking.core.coding.base import ENCODERS
from spiking.data.sets import DATA_SETS
from spiking.hardware.effects import EFFECTS
from spiking.study.contenders import CONTENDERS
from spiking.study.gallery import EXPERIMENTS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def blocks(page, language):
    return [text for kind, text in BLOCK.findall(page.read_text()) if kind == language]


def names(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=names)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for registry in (DATA_SETS, CONTENDERS, ENCODERS, EFFECTS, EXPERIMENTS):  # with the page they end
        monkeypatch.setattr(registry, "_found", {name: registry[name] for name in registry.names()})
    scope = {"__name__": "docs"}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), scope)  # blocks of a page build on each other


def test_each_example_of_extending_is_short():
    lengths = [len(text.splitlines()) for text in blocks(ROOT / "docs" / "extending.md", "python")]
    assert len(lengths) >= 7
    assert max(lengths) <= 30


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_lead_somewhere(page):
    prose = BLOCK.sub("", page.read_text())  # code is full of brackets
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", prose):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def commands():
    for page in PAGES:
        for text in blocks(page, "sh"):
            for line in text.splitlines():
                for part in re.split(r"&&|\|\|", line):
                    words = shlex.split(part, comments=True)
                    if words and Path(words[0]).name == "spiking":
                        yield pytest.param(words[1:], id=f"{page.name}: {' '.join(words)}")


@pytest.mark.parametrize("words", list(commands()))
def test_commands_exist_with_their_options(words):
    positional = [w for w in words if not w.startswith("-")]
    group = positional[0] in ("chips", "train", "validate") and len(positional) > 1
    command = positional[:2] if group else positional[:1]
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    for option in (w.split("=")[0] for w in words if w.startswith("--")):
        assert option in result.output


def test_every_option_of_the_main_job_is_described():
    page = (ROOT / "docs" / "compare.md").read_text()
    options = {o for p in typer.main.get_command(app).commands["compare"].params for o in p.opts}
    assert len(options) > 10
    assert {o for o in options if f"`{o}`" not in page} == set()


def test_readme_has_exactly_two_commands_for_a_fresh_machine():
    start = (ROOT / "README.md").read_text().split("## Start", 1)[1].split("\n## ", 1)[0]
    lines = [
        line for kind, text in BLOCK.findall(start) if kind == "sh" for line in text.splitlines() if line
    ]
    assert len(lines) == 2
    run, test = lines
    assert run.startswith("python3 -m venv")
    assert run.endswith("spiking compare")
    assert test.endswith("python -m pytest")
    ci = (ROOT / ".ci" / "run").read_text()
    for part in ("-m venv", "-e '.[test]'", "-m pytest"):
        assert part in test
        assert part in ci
