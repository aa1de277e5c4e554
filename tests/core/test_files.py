"""Files and folders are there whole or not at all, whatever ends the process or fills the disk."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spiking.core import files
from spiking.core.errors import SpikingError
from spiking.core.process import aside

ROOT = Path(__file__).parents[2]


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def write_folder(path, text="new"):
    with files.replacing_folder(path) as new:
        (new / "text").write_text(text)
        (new / "sub").mkdir()
        (new / "sub" / "more").write_text(text)


def test_missing_folders_are_made_and_the_permissions_are_those_of_any_file(tmp_path):
    files.write_json(tmp_path / "deep" / "er" / "a.json", {"µ": 1})
    assert (tmp_path / "deep" / "er" / "a.json").read_text(encoding="utf-8") == '{\n "µ": 1\n}\n'
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "deep" / "er" / "a.json").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert names(tmp_path / "deep" / "er") == ["a.json"]


@pytest.mark.parametrize("length", [240, 255])
def test_long_names(tmp_path, length):
    files.write_text(tmp_path / ("n" * length), "x")
    write_folder(tmp_path / ("f" * length))
    assert names(tmp_path) == ["f" * length, "n" * length]
    with pytest.raises(SpikingError, match="File name too long"):
        files.check_file(tmp_path / ("n" * 256))


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    files.write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("folder", "is a folder; name a file in it"),
        ("file/below", "is no writable folder"),
        ("loop", "leads in a circle"),
        ("nul\0byte", "is no usable path"),
        ("/dev/null", "is no regular file"),
        ("", "is a folder"),
    ],
)
def test_places_no_file_can_go_to(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    (tmp_path / "loop").symlink_to("loop")
    before = names(tmp_path)
    with pytest.raises(SpikingError, match=words):
        files.check_file(path)
    if path != "/dev/null":
        with pytest.raises(SpikingError):
            files.write_text(path, "new")
    assert names(tmp_path) == before


def test_a_full_disk_leaves_the_earlier_file(tmp_path):
    """A limit on the size of files does what a full disk does: the write fails in its middle."""
    (tmp_path / "kept").write_text("old")
    write_folder(tmp_path / "run", "old")
    code = (
        "import resource, sys; from spiking.core import files; from spiking.core.errors import SpikingError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "for call in (lambda: files.write_bytes('kept', bytes(5000)), folder):\n"
        "    try: call(); print('written')\n"
        "    except SpikingError as error: print(error)\n"
    )
    folder = (
        "def folder():\n"
        "    with files.replacing_folder('run') as new: (new / 'text').write_bytes(bytes(5000))\n"
    )
    script = code.split("\n", 1)[0] + "\n" + folder + code.split("\n", 1)[1]
    out = python(script, tmp_path)
    assert out.splitlines() == [
        "kept cannot be written: File too large; name another place",
        "run cannot be written: File too large; name another place",
    ]
    assert (tmp_path / "kept").read_text() == "old"
    assert (tmp_path / "run" / "text").read_text() == "old"
    assert names(tmp_path) == ["kept", "run"]


def python(code, folder):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


STOP_AT = """
import os, signal, sys, time
from spiking.core import files
from spiking.core.process import aside
def die(*_):
    print('here', flush=True); time.sleep(60)
real = getattr(os, 'replace'), aside.exchange, aside.Path.rename
place = sys.argv[1]
if place == 'before the exchange':
    files.exchange = die
elif place == 'after the exchange':
    files.exchange = lambda *a: (aside.exchange(*a), die())
elif place == 'between the renames':
    aside._exchanged = lambda *a: False
    renames = []
    def rename(self, target):
        if renames: die()
        renames.append(self)
        return real[2](self, target)
    aside.Path.rename = rename
with files.replacing_folder('run') as new:
    (new / 'text').write_text('new')
"""


@pytest.mark.parametrize(
    ("place", "kept"),
    [("before the exchange", "old"), ("after the exchange", "new"), ("between the renames", "old")],
)
def test_kill_at_the_swap_loses_nothing(tmp_path, place, kept):
    write_folder(tmp_path / "run", "old")
    process = subprocess.Popen(
        [sys.executable, "-c", STOP_AT, place], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"here\n"
    aside.sweep(tmp_path)  # the owner lives: nothing of its is touched
    assert len(names(tmp_path)) == (1 if place == "between the renames" else 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(names(tmp_path)) >= 1
    aside.sweep(tmp_path)
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "text").read_text() == kept


def test_without_exchange_two_renames_do_it(tmp_path, monkeypatch):
    monkeypatch.setattr(aside, "_exchanged", lambda *_: False)
    write_folder(tmp_path / "run", "old")
    write_folder(tmp_path / "run", "new")
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "text").read_text() == "new"


def test_sweeping_leaves_the_files_of_others(tmp_path):
    for name in (".mine.spiking", "data.spiking", ".x-1-zz.spiking", ".x-12-0123abcd.spikin"):
        (tmp_path / name).write_text("years of work")
    (tmp_path / ".x-12-0123abcd.spiking").write_text("left by a dead process")
    before = names(tmp_path)
    aside.sweep(tmp_path)
    assert set(before) - set(names(tmp_path)) == {".x-12-0123abcd.spiking"}


def test_two_processes_at_once_leave_one_whole_file(tmp_path):
    code = "from spiking.core import files\nfor k in range(30): files.write_text('f', {0!r} * 100000)"
    both = [
        subprocess.Popen([sys.executable, "-c", code.format(c)], cwd=tmp_path, env=environment())
        for c in "ab"
    ]
    deadline = time.monotonic() + 60
    assert [p.wait(max(1, deadline - time.monotonic())) for p in both] == [0, 0]
    assert set((tmp_path / "f").read_text()) in ({"a"}, {"b"})
    assert names(tmp_path) == ["f"]
