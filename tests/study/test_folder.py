"""A run folder appears whole, replaces only runs, and survives every interruption."""

import json

import pytest

from spiking.core.errors import SpikingError
from spiking.core.process import stop
from spiking.study.record.folder import check_out, kind_of, run_folder


def write_run(folder, text="new", kind="comparison"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"kind": f"spiking {kind}"}))
    (folder / "report.md").write_text(text)


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_appears_whole_and_leaves_nothing_else(tmp_path):
    with run_folder(tmp_path / "deep" / "out") as temporary:
        write_run(temporary)
        assert not (tmp_path / "deep" / "out").exists()
    assert kind_of(tmp_path / "deep" / "out") == "comparison"
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


def test_another_kind_of_run_is_not_replaced(tmp_path):
    write_run(tmp_path / "trained", kind="STDP training")
    with pytest.raises(SpikingError, match="trained holds a STDP training, which this would replace"):
        check_out(tmp_path / "trained", "comparison")
    check_out(tmp_path / "trained", "STDP training")


def test_unfinished_run_is_known_by_its_marks(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "checkpoint-3.npz").write_text("")
    check_out(tmp_path / "out", "STDP training", marks=("checkpoint-*.npz",))
    with pytest.raises(SpikingError, match="is not a run"):
        check_out(tmp_path / "out", "comparison")


def test_mount_points_and_the_folder_one_is_in_are_refused(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for out in (".", "..", tmp_path):
        with pytest.raises(SpikingError, match="is the folder you are in, or above it"):
            check_out(out)
    with pytest.raises(SpikingError, match=r"/proc (cannot be written|is a mount point)"):
        check_out("/proc")


def test_a_link_is_followed(tmp_path):
    write_run(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with run_folder(tmp_path / "link") as temporary:
        write_run(temporary)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "report.md").read_text() == "new"
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    with run_folder(tmp_path / "lost") as temporary:
        write_run(temporary)
    assert kind_of(tmp_path / "nowhere") == "comparison"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SpikingError, match="loop"):
        check_out(tmp_path / "loop")


def test_a_swallowed_interruption_replaces_nothing(tmp_path, monkeypatch):
    write_run(tmp_path / "out", "old")
    monkeypatch.setattr(stop._asked, "number", 2)
    with pytest.raises(stop.Stopped), run_folder(tmp_path / "out") as temporary:
        write_run(temporary)
    assert (tmp_path / "out" / "report.md").read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_empty_folder_is_allowed(tmp_path):
    (tmp_path / "out").mkdir()
    with run_folder(tmp_path / "out") as temporary:
        write_run(temporary)
    assert kind_of(tmp_path / "out") == "comparison"
