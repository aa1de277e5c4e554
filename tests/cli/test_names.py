"""Help texts list the names that the registries hold, and options are checked against the same."""

import re
import subprocess
import sys

import pytest
import typer

from spiking.cli.program import app, execute
from spiking.core.plasticity import RULES
from spiking.data.sets import DATA_SETS


def help_of(capfd, *command):
    assert execute([*command, "-h"]) == 0
    return " ".join(capfd.readouterr().out.split())


@pytest.mark.parametrize(
    "command", [("compare",), ("run",), ("energy",), ("train", "mlp"), ("train", "stdp")]
)
def test_help_lists_every_data_set(capfd, command):
    assert ", ".join(DATA_SETS.names()) in help_of(capfd, *command)


def paths(command, before=()):
    yield before
    for name, each in getattr(command, "commands", {}).items():
        yield from paths(each, (*before, name))


def test_no_placeholder_is_left_unfilled(capfd):
    every = list(paths(typer.main.get_command(app)))
    assert ("train", "stdp") in every
    for path in every:
        assert not re.search(r"[{}]", help_of(capfd, *path).split("Options:")[1]), path


def test_a_name_that_is_added_is_in_the_help_and_allowed(capfd, monkeypatch):
    monkeypatch.setattr("spiking.core.plasticity.RULES", {**RULES, "mine": RULES["pair"]})
    assert "post-triggered, reward, mine" in help_of(capfd, "train", "stdp")
    assert execute(["train", "stdp", "--rule", "min", "--data", "digits"]) == 2
    assert "unknown --rule 'min' (did you mean 'mine'?)" in " ".join(capfd.readouterr().err.split())


def test_the_first_screen_reads_no_registry():
    code = (
        "import sys\nfrom spiking.cli.program import execute\nexecute(['--help'])\n"
        "print({'numpy', 'spiking.data', 'spiking.kernels'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"
