"""Terminals that lack signs, columns or readers: no traceback, and what can be said is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def spiking(*arguments, shell=None, **environment):
    line = [sys.executable, "-m", "spiking", *arguments]
    return subprocess.run(
        line if shell is None else ["sh", "-c", f'"$@" {shell}', "sh", *line],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("columns", ["40", "80"])
def test_every_sign_or_a_question_mark(encoding, columns):
    done = spiking("chips", "show", "loihi1", PYTHONIOENCODING=encoding, COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    lines = done.stdout.decode(encoding).splitlines()
    assert any("Davies" in line for line in lines)


@pytest.mark.parametrize("shell", ["| true", "| head -1", ">&-", "2>&- | head -1"])
def test_closed_pipes_are_no_reason_to_complain(shell):
    done = spiking("chips", shell=shell)
    assert done.stderr == b""


def test_a_full_device_is_one_sentence():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = spiking("chips", shell="> /dev/full")
    assert done.returncode == 2
    assert done.stderr.decode().strip() == (
        "spiking: the output cannot be written: No space left on device; make room"
    )
