"""Chips of others: names that are taken, files that are bad, folders that cannot be written, entry points."""

import errno
import os
from types import SimpleNamespace

import pytest

from spiking.core import files
from spiking.core.errors import SpikingError
from spiking.hardware import add_chip, chip_names, load_chip, registry
from spiking.study.screen import chips as screen
from tests.hardware.test_chip import GOOD


@pytest.fixture
def folder(tmp_path, monkeypatch):
    found = tmp_path / "chips"
    found.mkdir()
    monkeypatch.setenv("SPIKING_CHIPS", str(found))
    return found


@pytest.fixture
def other_packages(monkeypatch):
    """Entry points as another package would declare them."""

    def declare(**values):
        points = tuple(
            SimpleNamespace(name=name, load=value if callable(value) else lambda value=value: value)
            for name, value in values.items()
        )
        monkeypatch.setattr(registry, "_points", lambda: points)

    return declare


def named(name, text=GOOD):
    return text.replace('"mine"', f'"{name}"')


def test_a_file_with_the_name_of_a_shipped_chip_is_ignored_loudly(folder):
    (folder / "generic-45nm.toml").write_text(named("generic-45nm"))
    with pytest.warns(
        UserWarning, match="generic-45nm.toml is ignored: 'generic-45nm' is a chip of the package"
    ):
        assert load_chip("generic-45nm").model == "components"
    assert "belongs to another chip" in next(iter(registry.left_out().values()))


def test_a_bad_chip_is_named_and_left_out_and_the_others_stay(folder, capsys):
    (folder / "good.toml").write_text(named("good"))
    (folder / "bad.toml").write_text(named("bad", GOOD.replace("low = 4", "low = 9")))
    (folder / "renamed.toml").write_text(named("else"))
    names = chip_names()
    assert "good" in names
    assert {"bad", "renamed", "else"}.isdisjoint(names)
    screen.chip_table()
    out = capsys.readouterr().out
    assert "bad.toml: constants.synaptic_event: low is 9" in out
    assert "renamed.toml: name: is 'else'; it must be that of the file" in out
    with pytest.raises(SpikingError, match="low is 9"):
        load_chip("bad")
    assert load_chip("odin").name == "odin"


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKING_CHIPS", str(tmp_path / "a" / "b"))
    (tmp_path / "mine.toml").write_text(GOOD)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(SpikingError, match="cannot be written: No space left on device"):
        add_chip(tmp_path / "mine.toml")
    assert not (tmp_path / "a").exists()
    assert "mine" not in chip_names()


def test_a_full_disk_keeps_the_chip_that_was_there(folder, tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text(GOOD)
    add_chip(tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_text(GOOD.replace("value = 5", "value = 4.5"))

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(SpikingError, match="No space left"):
        add_chip(tmp_path / "mine.toml")
    assert load_chip("mine")["synaptic_event"].value == 5
    assert [p.name for p in folder.iterdir()] == ["mine.toml"]


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    (tmp_path / "mine.toml").write_text(GOOD)
    monkeypatch.setenv("SPIKING_CHIPS", str(tmp_path / "file" / "chips"))
    with pytest.raises(
        SpikingError, match=r"cannot be written .Not a directory.; name another folder in SPIKING_CHIPS"
    ):
        add_chip(tmp_path / "mine.toml")


def test_chips_of_another_package(folder, tmp_path, other_packages):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "foreign.toml").write_text(named("foreign"))
    (theirs / "__init__.py").write_text("")
    other_packages(one=SimpleNamespace(__file__=str(theirs / "__init__.py")), two=str(theirs))
    assert load_chip("foreign").name == "foreign"
    assert chip_names().count("foreign") == 1
    (tmp_path / "foreign.toml").write_text(named("foreign"))
    with pytest.raises(SpikingError, match="the name 'foreign' belongs to a chip"):
        add_chip(tmp_path / "foreign.toml")


def test_a_package_that_breaks_is_named_and_left_out(folder, other_packages):
    def broken():
        raise ImportError("no module named nothing")

    other_packages(theirs=broken)
    assert "odin" in chip_names()
    assert registry.left_out() == {
        "entry point theirs": "cannot be loaded (ImportError: no module named nothing)"
    }


def test_without_a_home_the_chips_of_the_package_work(monkeypatch):
    def homeless(cls):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SPIKING_CHIPS", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(registry.Path, "home", classmethod(homeless))
    assert "odin" in chip_names()
    assert load_chip("odin").name == "odin"
    with pytest.raises(SpikingError, match="there is no home folder; name one for chips in SPIKING_CHIPS"):
        registry.user_folder()
