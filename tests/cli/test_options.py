"""Every option of every command, with values of the wrong type, out of range, empty and huge.

The table is the command line's own, so that a new option is tested without being listed here.
"""

import typing
from pathlib import Path

import pytest
import typer

from spiking.cli.program import app, execute

HUGE = str(10**30)
WRONG = {
    "int": ["banana", "1.5", "", "-1", HUGE, "nan", "1_x"],
    "float": ["banana", "", "nan", "inf", "-inf", "-1e308", "1e400", "0x10"],
    "path": ["n" * 300, "file/below", "nul\0byte", "loop"],
    "str": ["no-such-thing", "x" * 5000, "[/x]"],
}
# words that name something freely: any is right until the data or the rows are read
FREE = {"--label", "--group", "--x", "--y", "--colour", "--title"}


def commands(command, words=()):
    below = getattr(command, "commands", {})
    for name, inner in below.items():
        yield from commands(inner, (*words, name))
    if not below or words == ("chips",):
        yield words, command


def kind(command, param):
    """int, float, path or str, as the command's own signature has it."""
    hint = typing.get_type_hints(command.callback)[param.name]
    types = {hint, *typing.get_args(hint)}
    return next(t.__name__.lower() for t in (int, float, Path, str) if t in types)


def cases():
    for words, command in commands(typer.main.get_command(app)):
        for param in command.params:
            option = max(param.opts, key=len)
            if param.param_type_name != "option" or param.is_flag or option in FREE:
                continue
            for value in WRONG[kind(command, param)]:
                yield pytest.param(
                    words, command, option, value, id=f"{' '.join(words)} {option} {value[:12]!a}"
                )


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("years of work")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


def everything(folder):
    return {p: p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.mark.parametrize(("words", "command", "option", "value"), list(cases()))
def test_wrong_values_are_refused_before_any_work(place, capsys, words, command, option, value):
    needed = [p for p in command.params if p.required and max(p.opts, key=len) != option]
    line = [*words]
    for param in needed:
        line += ["file"] if param.param_type_name == "argument" else [max(param.opts, key=len), "digits"]
    before = everything(place)
    code = execute([*line, option, value])
    out, err = capsys.readouterr()
    assert code == 2, (out, err)
    assert out == ""
    assert err.startswith("spiking: ")
    assert len(err.splitlines()) == 1
    named = option in err or f"spiking: {option[2:]} is" in err
    assert named or value.split("\0")[0][:20] in err, "the sentence is about another option"
    assert len(err) < 600
    assert everything(place) == before


def test_the_table_is_not_empty():
    options = {(case.values[0], case.values[2]) for case in cases()}
    assert (("train", "mlp"), "--dropout") in options
    assert (("compare",), "--seed") in options
    assert len(options) > 40


@pytest.mark.parametrize("words", [w for w, _ in commands(typer.main.get_command(app))], ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_fits_eighty_columns(words, flag, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert execute([*words, flag]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: spiking")
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("old", "now"),
    [("--chip", "--chips"), ("--limit", "--samples"), ("--batch", "--batch-size"), ("--figure", "--figures")],
)
def test_one_name_for_one_thing(old, now):
    for words, command in commands(typer.main.get_command(app)):
        names = {name for param in command.params for name in param.opts}
        assert old not in names, f"{' '.join(words)} {old}: the name is {now}"
