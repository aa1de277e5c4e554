"""The command line: one sentence and exit code 2 for bad input, and nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spiking import cli
from tests.data.test_load import family

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spiking(monkeypatch, capsys, tmp_path):
    """Call the command line in this process; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["spiking", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        code = stop.value.code
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["compare", "--data", "minst"],
            "unknown data set 'minst' (did you mean 'mnist'?); allowed: ",
        ),
        (["compare", "--chips", "loihi2x"], "unknown chip 'loihi2x' (did you mean 'loihi"),
        (["compare", "--contenders", "mlp,stpd"], "unknown contender 'stpd' (did you mean 'stdp'?)"),
        (["compare", "--contenders", ","], "no contender came; allowed: mlp, surrogate, converted, stdp"),
        (["compare", "--steps", "0"], "--steps is 0; allowed:"),
        (["compare", "--steps", "many"], "Invalid value for '--steps'"),
        (["compare", "--hidden", "0"], "--hidden is 0; allowed:"),
        (["compare", "--out", "thesis"], "--out thesis exists and is not a run"),
        (["compare", "--out", "thesis/text"], "--out thesis/text is a file"),
        (["compare", "--data", "mnist", "--data-path", "short"], "is truncated: its header promises"),
        (["compare", "--data", "mnist", "--data-path", "thesis"], "thesis lacks train-images-idx3-ubyte"),
        (["compare", "--chips", "bad.toml"], "bad.toml"),
        (["compare", "--chips", "missing.toml"], "missing.toml"),
        (["chips", "show", "generic-45"], "unknown chip 'generic-45' (did you mean 'generic-45nm'?)"),
        (["compere"], "No such command 'compere'"),
        (["compare", "--stps", "3"], "No such option: --stps"),
    ],
)
def test_one_sentence_code_2_and_nothing_written(spiking, tmp_path, arguments, words):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text").write_text("years of work")
    images = family(tmp_path / "short") / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1000])
    (tmp_path / "bad.toml").write_text('name = "bad"\n')
    before = sorted(tmp_path.rglob("*"))
    code, out, err = spiking(*arguments)
    assert code == 2
    assert out == ""
    lines = err.strip().splitlines()
    assert lines[-1].startswith("spiking: ")
    assert words in lines[-1]
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_chips_are_listed(spiking):
    code, out, _ = spiking("chips")
    assert code == 0
    for word in ("generic-45nm", "loihi1", "SNN, MLP", "45 nm"):
        assert word in out


def test_chip_is_shown_with_every_constant_and_source(spiking, monkeypatch):
    from spiking.hardware import load_chip

    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = spiking("chips", "show", "loihi1")
    assert code == 0
    for name, constant in load_chip("loihi1").constants.items():
        assert name in out
        assert constant.kind in out
    for word in ("23.6", "pJ", "davies2018", "10.1109/MM.2018.112130359", "unknown"):
        assert word in out


def test_compare_prints_the_answer_and_where_the_report_lies(spiking, tmp_path):
    code, out, err = spiking(
        "compare", "--quick", "--contenders", "mlp", "--chips", "generic-45nm", "--out", "here"
    )
    assert code == 0, err
    assert "Accuracy: MLP" in out
    assert "estimated" in out
    assert "here/report.md" in out
    assert (tmp_path / "here" / "report.md").exists()


def start(*arguments, cwd):
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "spiking", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_module_runs_as_a_program(tmp_path):
    process = start("compare", "--data", "digts", cwd=tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.strip().startswith("spiking: unknown data set 'digts' (did you mean 'digits'?); allowed: ")
    assert len(err.strip().splitlines()) == 1


@pytest.fixture
def earlier(tmp_path):
    """A folder that is known as an earlier comparison; return what it holds."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"kind": "spiking comparison"}')
    (tmp_path / "out" / "report.md").write_text("earlier")
    return contents(tmp_path)


def contents(folder):
    return {p: p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_interruption_at_work_leaves_earlier_results(earlier, tmp_path, name):
    process = start("compare", "--contenders", "surrogate", "--out", "out", cwd=tmp_path)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out-*.spiking")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + getattr(signal, name)
    assert err.splitlines()[-1] == "spiking: interrupted: earlier results are as they were"
    assert err.count("spiking:") == 1
    assert "Traceback" not in err
    assert contents(tmp_path) == earlier


@pytest.mark.parametrize("delay", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_interruption_while_modules_are_imported(earlier, tmp_path, delay):
    process = start("compare", "--contenders", "mlp", "--out", "out", cwd=tmp_path)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # before Python runs a line of the package the signal itself ends it (shells count that as 128 + 2 too),
    # or Python's own start gives up with a traceback and 1, which happens on a loaded machine only
    python_gave_up = process.returncode == 1 and "Failed to import the site module" in err
    assert process.returncode in (130, -signal.SIGINT) or python_gave_up, err
    if process.returncode == 130:
        assert err.split("\n", 1)[1] == "spiking: interrupted: earlier results are as they were\n"
    assert contents(tmp_path) == earlier


def test_a_signal_ignored_from_outside_stays_ignored(tmp_path):
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; "$@"', "sh", sys.executable, "-m", "spiking", "chips"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE,
    )  # fmt: skip
    for _ in range(10):
        time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"loihi1" in out
