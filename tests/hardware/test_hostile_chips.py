"""Chip files made to break the reader: each gives a chip that prices, or one sentence."""

import os
import random

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.chip_file import package_folder
from tests.hardware.examples import mlp, snn
from tests.hardware.test_chip import GOOD

MUTATIONS = 2000
FILES = ("odin", "cortex-m4", "cpu-xeon-e5-2630", "generic-45nm", "truenorth-all-in", "loihi1")
SNN, MLP = snn(theta=(10.0, 4.0, 1.0), sizes=(8, 6, 3)), mlp(sizes=(8, 6, 3))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "Mine"', 'title = "[/x]"', "title: is './x.'; words in square brackets are read as markup"),
        ('title = "Mine"', 'title = "a\\nb"', "title: .* one line of at most 1000 printable characters"),
        ('title = "Mine"', f'title = "{"x" * 2000}"', "title: .* one line of at most 1000"),
        ('title = "Mine"', "title = {}", "title: is {}; a text is needed"),
        ('name = "mine"', 'name = "<b>"', "name: is '<b>'; letters, digits, dots and dashes"),
        ('name = "mine"', 'name = "a|b$"', "letters, digits, dots and dashes are allowed"),
        (
            'runs = ["spiking"]',
            'runs = ["spiking"]\nnode_nm = 0',
            "mine.toml: node_nm: is 0; a number above 0",
        ),
        ("value = 5", "value = 1e400", "value: is inf; a finite number of at least 0 is needed"),
        ("value = 5", "value = -inf", "value: is -inf"),
        ("value = 5", f"value = 1{'0' * 400}", "value: is a whole number too large"),
        ("value = 5", f"value = 1{'0' * 5000}", "this is not valid TOML"),
        ("low = 4", "low = nan", "low: is nan"),
        ("value = 5", "value = []", "value: is ..; a float is needed"),
        ('term = "compute"', "term = {}", "term: is {}; a text is needed"),
        ('term = "compute"', 'term = ["compute"]', "term: is .* a text is needed"),
        ('where = "Table I"', "kind = {}", "kind: is {}; a text is needed"),
        ('where = "Table I"', "scope = [1]", "scope: is .1.; a text is needed"),
        ('where = "Table I"', "note = 1", "note: is 1; a text is needed"),
        ('where = "Table I"', "layers = [[1]]", "layers: holds .1.; a list of words is needed"),
        ('runs = ["spiking"]', "runs = [{}]", "runs: holds {}; a list of words is needed"),
        ('covers = ["accumulates"', "covers = [{}", "covers: holds {}; a list of words is needed"),
        ('source = "frenkel2019"', "source = ['frenkel2019']", "source: is .* a text is needed"),
        ("[constants.synaptic_event]", '[constants."<x>"]', "letters, digits, dots and dashes"),
        ('value = 5\nlow = 4\nhigh = 6\nunit = "pJ"', 'value = 1e305\nunit = "GJ"', "too large in SI units"),
    ],
)
def test_values_made_to_break(tmp_path, old, new, words):
    assert old in GOOD
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(SpikingError, match=words):
        load_chip(path)


def test_deep_files_and_pipes(tmp_path):
    deep = tmp_path / "deep.toml"
    deep.write_text("x = " + "[" * 50_000 + "]" * 50_000)
    with pytest.raises(SpikingError, match=r"deep.toml: its tables or lists are nested too deep"):
        load_chip(deep)
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(SpikingError, match=r"pipe.toml: this is no regular file"):
        load_chip(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(SpikingError, match=r"folder.toml cannot be read .Is a directory."):
        load_chip(tmp_path / "folder.toml")


WORDS = [b"nan", b"inf", b"-1", b"1e400", b"0", b"{}", b"[]", b'""', b'"[/x]"', b"true", b"1e-320", b"9" * 30]


def mutate(rng, text):
    """Change bytes, drop or repeat lines, or put another value behind a key."""
    kind = rng.randrange(4)
    if kind == 0:
        data = bytearray(text)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        return bytes(data)
    lines = text.split(b"\n")
    at = rng.randrange(len(lines))
    if kind == 1:
        del lines[at]
    elif kind == 2:
        lines.insert(rng.randrange(len(lines)), lines[at])
    else:
        keyed = [i for i, line in enumerate(lines) if b" = " in line]
        at = rng.choice(keyed)
        other = lines[rng.choice(keyed)].split(b" = ", 1)[1]
        lines[at] = lines[at].split(b" = ", 1)[0] + b" = " + rng.choice([*WORDS, other])
    return b"\n".join(lines)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_mutated_chip_files_give_a_chip_that_prices_or_one_sentence(tmp_path):
    rng = random.Random(0)
    texts = [(package_folder() / f"{name}.toml").read_bytes() for name in FILES]
    path, read, refused, lines = tmp_path / "m.toml", 0, 0, 0
    for _ in range(MUTATIONS):
        path.write_bytes(mutate(rng, rng.choice(texts)))
        try:
            chip = load_chip(path)
        except SpikingError as error:
            refused += 1
            lines += str(error).count("\n")
            continue
        read += 1
        for counts in (SNN, MLP):
            bill = price(counts, chip)
            total = bill.total()
            assert not bill.runs_here or not bill.priced or total.low <= total.high or np.isnan(total.low)
    assert lines == 0
    assert read > 300
    assert refused > 300
