"""A run folder appears whole, replaces only runs, and survives every interruption."""

import json

import pytest

from spiking.core.errors import SpikingError
from spiking.study.record.folder import check_out, is_run, run_folder
from spiking.study.record.manifest import KIND


def write_run(folder, text="new"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"kind": KIND}))
    (folder / "report.md").write_text(text)


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_appears_whole_and_leaves_nothing_else(tmp_path):
    with run_folder(tmp_path / "deep" / "out") as temporary:
        write_run(temporary)
        assert not (tmp_path / "deep" / "out").exists()
    assert is_run(tmp_path / "deep" / "out")
    assert names(tmp_path / "deep") == ["out"]


def test_replaces_an_earlier_run(tmp_path):
    write_run(tmp_path / "out", "old")
    (tmp_path / "out" / "extra").write_text("x")
    with run_folder(tmp_path / "out") as temporary:
        write_run(temporary)
    assert (tmp_path / "out" / "report.md").read_text() == "new"
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["manifest.json", "report.md"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SpikingError, SystemExit])
def test_interruption_leaves_the_earlier_run(tmp_path, error):
    write_run(tmp_path / "out", "old")
    with pytest.raises(error), run_folder(tmp_path / "out") as temporary:  # noqa: PT012
        write_run(temporary)
        raise error("stop")
    assert (tmp_path / "out" / "report.md").read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_new_run_can_be_read_like_any_folder(tmp_path):
    (tmp_path / "plain").mkdir()
    with run_folder(tmp_path / "out") as temporary:
        write_run(temporary)
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_refuses_what_is_not_a_run(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("years of work")
    with pytest.raises(SpikingError, match=r"thesis exists and is not a run .*choose another --out"):
        check_out(tmp_path / "thesis")
    (tmp_path / "thesis" / "manifest.json").write_text("{}")
    with pytest.raises(SpikingError, match="is not a run"):
        check_out(tmp_path / "thesis")
    (tmp_path / "file").write_text("")
    with pytest.raises(SpikingError, match="file is a file"):
        check_out(tmp_path / "file")
    with pytest.raises(SpikingError, match="no writable folder"):
        check_out(tmp_path / "file" / "below")


def test_empty_folder_is_allowed(tmp_path):
    (tmp_path / "out").mkdir()
    with run_folder(tmp_path / "out") as temporary:
        write_run(temporary)
    assert is_run(tmp_path / "out")
