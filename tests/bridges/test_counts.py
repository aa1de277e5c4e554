"""Counts of other simulators: the format that the docs show, and a guard that names what is wrong."""

import copy
import json
import os
import random
import re

import pytest

from spiking.bridges.counts import read_counts
from spiking.core.counts import Counts
from spiking.core.errors import SpikingError
from spiking.hardware import price

GOOD = {
    "name": "mine",
    "steps": 20,
    "dt": 1e-3,
    "layers": [
        {"name": "input", "kind": "input", "size": 4},
        {"name": "hidden", "kind": "spiking", "size": 3, "fan_in": 4.0, "row": 3.0, "synapses": 12,
         "stored_weights": 12, "weight_bits": 8, "state_words": 3, "leaky": True},
    ],
    "counts": [
        {"layer": "input", "operation": "spikes", "count": 10},
        {"layer": "hidden", "operation": "synaptic_events", "count": 30.5},
    ],
}  # fmt: skip


def written(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


def changed(**changes):
    """A copy with one entry changed: ``layers__1__size=2`` is the size of the second layer."""
    data = copy.deepcopy(GOOD)
    for where, value in changes.items():
        *path, last = [int(k) if k.isdigit() else k for k in where.split("__")]
        at = data
        for key in path:
            at = at[key]
        at[last] = value
    return data


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p.json")
    with pytest.raises(SpikingError, match=r"p.json is no regular file"):
        read_counts(tmp_path / "p.json")


def test_counts_are_read_as_written(tmp_path):
    found = read_counts(written(tmp_path, GOOD))
    assert (found.name, found.steps, found.dt) == ("mine", 20, 1e-3)
    assert found["hidden", "synaptic_events"] == 30.5
    assert found.layer("hidden").weight_bits == 8
    assert read_counts(written(tmp_path, {"counts": found.to_dict(), "accuracy": 1})).table == found.table


def test_the_example_of_the_docs_is_read_and_priced(pytestconfig, tmp_path):
    text = (pytestconfig.rootpath / "docs" / "counts.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    assert price(read_counts(written(tmp_path, example)), "generic-45nm").total().nominal > 0
    for operation in json.loads(example)["counts"]:
        assert f"`{operation['operation']}`" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "c.json is not JSON"),
        ("[1]", "c.json: holds no counts; needed are the lists 'layers' and 'counts'"),
        ("[" * 100_000, "c.json is nested too deeply"),
        (changed(layers={}), "'layers' is an object of 0 entries; a list is needed"),
        (changed(layers=[]), "'layers' is empty"),
        (changed(layers__0=7), r"layers\[0\] is 7; an object is needed"),
        (changed(layers__0={"nam": 1}), r"layers\[0\] lacks name, kind, size"),
        (changed(layers__1__sise=3), r"unknown entry of layers\[1\] 'sise' .did you mean 'size'"),
        (changed(layers__1__name="input"), "two layers are called input"),
        (changed(layers__1__kind="spikes"), r"unknown kind of layers\[1\] 'spikes'"),
        (changed(layers__1__size=0), r"size of layers\[1\] is 0; allowed: whole numbers, 1 to"),
        (changed(layers__1__size=1e400), r"size of layers\[1\] is inf; allowed"),
        (changed(layers__1__leaky=1), r"leaky of layers\[1\] is 1; allowed: True or False"),
        (changed(layers__1__weight_bits=0), r"weight_bits of layers\[1\] is 0; allowed: .* 1 to 64"),
        (changed(counts__0__count=-1), r"count of counts\[0\] is -1.0; allowed: 0 to 1e\+18"),
        (changed(counts__0__count=float("nan")), r"count of counts\[0\] is nan; allowed"),
        (changed(counts__0__count=10**400), r"count of counts\[0\] is inf; allowed"),
        (changed(counts__0__count="many"), r"count of counts\[0\] is 'many'; allowed"),
        (changed(counts__0__layer="hiden"), r"unknown layer of counts\[0\] 'hiden' .did you mean 'hidden'"),
        (changed(counts__0__operation="spike"), "unknown operation of counts.0. 'spike' .did you"),
        (changed(counts__1=GOOD["counts"][0]), r"counts\[1\] counts 'spikes' in 'input' a second time"),
        (changed(steps=0), "steps is 0; allowed"),
        (changed(dt=0), "dt is 0.0 s; allowed: above 0"),
        (changed(name="a\nb"), "name is .*; a text of 1 to 200 printable characters"),
        (changed(stesp=1), "unknown entry 'stesp' .did you mean 'steps'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, text, words):
    with pytest.raises(SpikingError, match=words):
        read_counts(written(tmp_path, text))


def test_other_bytes(tmp_path):
    with pytest.raises(SpikingError, match=r"No such file or directory.; give a .nir network"):
        read_counts(tmp_path / "absent.json")
    (tmp_path / "c.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(SpikingError, match="is no text in UTF-8"):
        read_counts(tmp_path / "c.json")


VALUES = (
    None,
    True,
    -1,
    0,
    1.5,
    1e308,
    10**400,
    float("nan"),
    float("inf"),
    "",
    "x",
    "[/x]",
    [],
    {},
    [[]],
    {"a": 1},
)


def mutated(data, draw):
    """Change, drop or add one entry somewhere in a tree."""
    data = copy.deepcopy(data)
    at = data
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return data
        key = draw.choice(keys)
        if isinstance(at[key], dict | list) and draw.random() < 0.8:
            at = at[key]
            continue
        what = draw.random()
        if what < 0.15:
            del at[key]
        elif what < 0.25 and isinstance(at, dict):
            at[draw.choice(["x", "size", "count", "layers"])] = draw.choice(VALUES)
        else:
            at[key] = draw.choice(VALUES)
        return data


def test_2000_mutations_give_counts_or_a_sentence(tmp_path):
    draw, bad = random.Random(0), 0
    text = json.dumps(GOOD)
    for k in range(2000):
        if k % 2:
            new = json.dumps(mutated(GOOD, draw))
        else:
            at = draw.randrange(len(text))
            new = text[:at] + draw.choice('{}[],:"0-e.nN') + text[at + draw.randrange(3) :]
        try:
            found = read_counts(written(tmp_path, new))
            assert isinstance(found, Counts)
            price(found, "generic-45nm")
        except SpikingError:
            bad += 1
    assert 1000 < bad < 2000
