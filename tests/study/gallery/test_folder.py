"""How experiments are found, run, written and told, with one that takes no time."""

import json

import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from spiking.cli.program import app, execute
from spiking.core.errors import SpikingError
from spiking.study.gallery import EXPERIMENTS, experiment_names
from spiking.study.gallery.experiment import Asked, Check, Experiment, Finding, mean_interval
from spiking.study.gallery.folder import run_all, run_experiment
from spiking.study.record.folder import kind_of


def check(measured, **ends):
    return Check(what="pi", expected="3.14", measured=measured, source="Archimedes", **ends)


def found(measured=3.14):
    return Finding(
        sentences=("One.", "Two.", "Three."),
        rows=[{"x": 1, "y": 2.5}],
        checks=[check(measured, low=3.1, high=3.2)],
        energy="Energy: none.",
    )


@pytest.fixture
def made(monkeypatch):
    """Registers an experiment of that name for one test."""

    def make(name, run=lambda asked: found(), **how):
        names = {n: EXPERIMENTS[n] for n in EXPERIMENTS.names()} if how.pop("keep", True) else {}
        one = Experiment(
            name=name,
            question="Is pi round?",
            theory="It is not.",
            source="A",
            run=run,
            draw=lambda f: Figure(),
            **how,
        )
        monkeypatch.setattr(EXPERIMENTS, "_found", names | getattr(make, "more", {}) | {name: one})
        make.more = getattr(make, "more", {}) | {name: one}

    return make


def test_writes_figure_rows_verdict_and_manifest(made, tmp_path):
    made("pi")
    shown = run_experiment("pi", seed=3, out=tmp_path / "out")
    assert shown.finding.agrees
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == ["manifest.json", "pi.png", "pi.svg", "rows.csv", "verdict.json"]
    assert (tmp_path / "out" / "rows.csv").read_text() == "x,y\n1,2.5\n"
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text())
    assert verdict == [
        {
            "what": "pi",
            "expected": "3.14",
            "low": 3.1,
            "high": 3.2,
            "measured": 3.14,
            "interval": None,
            "source": "Archimedes",
            "agrees": True,
        }
    ]
    assert kind_of(tmp_path / "out") == "experiment"
    facts = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert facts["configuration"] == {"seed": 3, "quick": False}
    assert facts["found"] == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_leaves_nothing(made, tmp_path, error):
    def stop(asked):
        raise error("stop")

    made("pi", stop)
    with pytest.raises(error):
        run_experiment("pi", out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_experiment_is_not_replaced(made, tmp_path):
    made("pi")
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(SpikingError, match="is not a run"):
        run_experiment("pi", out=tmp_path)


def test_exit_code_says_whether_it_agrees(made, tmp_path, capsys):
    made("pi")
    assert execute(["gallery", "pi", "--out", str(tmp_path / "a")]) == 0
    assert "agrees: pi: 3.14; expected 3.14 [Archimedes]" in capsys.readouterr().out
    made("pi", lambda asked: found(4.0))
    assert execute(["gallery", "pi", "--out", str(tmp_path / "b")]) == 1
    assert "DOES NOT AGREE" in capsys.readouterr().out


def test_unknown_name_gets_a_suggestion(capsys):
    assert execute(["gallery", "convergense"]) == 2
    assert "unknown experiment 'convergense' (did you mean 'convergence'?)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--quick"], "name the experiment"),
        (["xor", "--all"], "came together"),
    ],
)
def test_options_without_effect_are_refused(words, sentence, capsys):
    assert execute(["gallery", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_missing_data_says_what_runs_without(made, tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKING_DATA", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    made("pi")
    made("touch", data=("braille",))
    with pytest.raises(
        SpikingError, match=r"touch needs the data set 'braille'.*run without.*convergence.*pi"
    ):
        run_experiment("touch", out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_all_makes_an_index_page(made, tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKING_DATA", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    made("pi", keep=False)
    made("tau", lambda asked: found(6.28), keep=False)
    made("touch", data=("braille",), keep=False)
    path, shown, missing = run_all(quick=True, out=tmp_path / "all")
    assert [s.experiment.name for s in shown] == ["pi", "tau"]
    assert list(missing) == ["touch"]
    page = (path / "index.html").read_text()
    assert 'src="pi/pi.svg"' in page
    assert page.count("does not agree") == 1
    assert "touch" in page
    assert (path / "pi" / "verdict.json").exists()
    assert kind_of(path) == "gallery"


def test_list_names_all():
    out = CliRunner().invoke(app, ["gallery"]).output
    assert all(name in out for name in experiment_names())


def test_a_check_agrees_within_its_ends_only():
    assert check(3.1, low=3.1, high=3.2).agrees
    assert not check(3.3, low=3.1, high=3.2).agrees
    assert not check(float("nan")).agrees
    assert check(1e9, low=0).to_dict()["high"] is None


def test_a_finding_says_three_sentences_and_can_fail():
    with pytest.raises(SpikingError, match="three sentences"):
        Finding(sentences=("One.",), rows=[], checks=[check(1)])
    with pytest.raises(SpikingError, match="cannot fail"):
        Finding(sentences=("1", "2", "3"), rows=[], checks=[])


def test_interval_of_a_mean():
    """Student's t with 4 degrees of freedom: 2.776 standard errors, from the table."""
    mean, (low, high) = mean_interval([1, 2, 3, 4, 5])
    assert mean == 3
    assert high - mean == pytest.approx(2.776 * (2.5 / 5) ** 0.5, rel=1e-3)
    assert low == pytest.approx(6 - high)


def test_seed_and_quick_are_checked():
    with pytest.raises(SpikingError, match="seed"):
        Asked(seed=-1)
