import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import add_chip, chip_names, load_chip
from spiking.hardware.schema import bibliography

GOOD = """
name = "mine"
title = "Mine"
model = "events"
runs = ["spiking"]

[constants.synaptic_event]
value = 5
low = 4
high = 6
unit = "pJ"
per = "synaptic_events"
term = "compute"
covers = ["accumulates", "weight_reads"]
source = "frenkel2019"
where = "Table I"
"""


@pytest.fixture
def write(tmp_path):
    def to(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return to


@pytest.mark.parametrize("name", chip_names())
def test_every_constant_of_every_chip_has_a_source_in_the_bibliography_and_a_place(name):
    chip = load_chip(name)
    assert chip.name == name
    assert chip.constants
    for constant in chip.constants.values():
        for source in constant.sources:
            assert source == "this project" or source in bibliography()
        assert constant.where
        if constant.kind == "assumption" and constant.scope != "limit":
            assert constant.low < constant.high  # what we chose ourselves carries a band


def test_a_good_file_loads(write):
    chip = load_chip(write(GOOD))
    assert chip["synaptic_event"].si.nominal == pytest.approx(5e-12)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('source = "frenkel2019"\n', "", "mine.toml: constants.synaptic_event.source: is missing"),
        ('source = "frenkel2019"', 'source = " "', "mine.toml: constants.synaptic_event.source: is empty"),
        ('unit = "pJ"\n', "", "mine.toml: constants.synaptic_event.unit: is missing"),
        ('"pJ"', '"bit"', "unit 'bit' is a data; a constant charged per 'synaptic_events' is an energy"),
        ('"pJ"', '"pj"', "mine.toml: constants.synaptic_event: unit 'pj' is unknown"),
        ("low = 4", "low = 9", "mine.toml: constants.synaptic_event: low is 9, above high = 6"),
        ("value = 5", "value = -5", "constants.synaptic_event.value: is -5; a finite number of at least 0"),
        ("value = 5", "value = nan", "constants.synaptic_event.value: is nan"),
        ("value = 5", "value = inf", "constants.synaptic_event.value: is inf"),
        ("value = 5", 'value = "5"', "constants.synaptic_event.value: is '5'; a float is needed"),
        ("value = 5", "value = true", "constants.synaptic_event.value: is True; a float is needed"),
        (
            "value = 5",
            "valeu = 5",
            "constants.synaptic_event.valeu: is not a known key .did you mean 'value'",
        ),
        ('title = "Mine"', 'titel = "Mine"', "mine.toml: titel: is not a known key .did you mean 'title'"),
        ('per = "synaptic_events"', 'per = "synaptic_event"', "did you mean 'synaptic_events'"),
        ('covers = ["accumulates"', 'covers = ["accumulate"', "did you mean 'accumulates'"),
        ('term = "compute"', 'term = "computes"', "did you mean 'compute'"),
        ('term = "compute"\n', "", "mine.toml: constants.synaptic_event.term: is missing"),
        (
            'model = "events"',
            'model = "event"',
            "mine.toml: model: unknown model 'event' .did you mean 'events'",
        ),
        (
            'runs = ["spiking"]',
            'runs = ["spikes"]',
            "mine.toml: runs: is \\['spikes'\\]; name at least one of",
        ),
        ('runs = ["spiking"]', "runs = []", "mine.toml: runs: is \\[\\]"),
        ('name = "mine"\n', "", "mine.toml: name: is missing"),
        (
            "value = 5\nlow = 4\nhigh = 6",
            "value = 0",
            "every energy is 0; a price nobody knows is kind = 'unknown'",
        ),
        (
            'where = "Table I"',
            'kind = "guess"',
            "mine.toml: constants.synaptic_event.kind: unknown kind 'guess'",
        ),
    ],
)
def test_bad_files_name_file_key_and_value(write, old, new, words):
    assert old in GOOD
    with pytest.raises(SpikingError, match=words):
        load_chip(write(GOOD.replace(old, new)))


def test_an_empty_chip(write):
    with pytest.raises(SpikingError, match=r"mine.toml: constants: the chip is empty"):
        load_chip(write(GOOD.split("[constants")[0]))


def test_not_toml_not_text_and_not_there(write, tmp_path):
    with pytest.raises(SpikingError, match=r"mine.toml: this is not valid TOML"):
        load_chip(write("name = "))
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpikingError, match=r"b.toml: this is not text in UTF-8"):
        load_chip(tmp_path / "b.toml")
    with pytest.raises(SpikingError, match="cannot be read"):
        load_chip(tmp_path / "absent.toml")


def test_a_file_of_100_MB_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "big.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)  # sparse: no disk is used
    with pytest.raises(SpikingError, match=r"big.toml: the file has 100.0 MB; at most 1 MB are allowed"):
        load_chip(path)


def test_an_unknown_chip_is_answered_with_a_suggestion():
    with pytest.raises(SpikingError, match=r"unknown chip 'loihi' .did you mean 'loihi1'"):
        load_chip("loihi")


SECOND = """
[constants.other]
value = 1
unit = "pJ"
per = "{per}"
term = "compute"
source = "frenkel2019"
where = "x"
"""


def test_charging_what_another_constant_contains_is_double_counting(write):
    with pytest.raises(SpikingError, match="contains 'weight_reads', which 'other' charges again"):
        load_chip(write(GOOD + SECOND.format(per="weight_reads")))


def test_an_all_in_constant_admits_no_other_term(write):
    text = GOOD.replace('where = "Table I"', 'where = "Table I"\nscope = "all_in"')
    load_chip(write(text))
    with pytest.raises(SpikingError, match="scope all_in already contains everything; remove 'other'"):
        load_chip(write(text + SECOND.format(per="spikes")))


def test_active_and_inactive_levels_of_one_update_are_never_both_charged(write):
    pair = SECOND + SECOND.replace("other", "third")
    text = pair.format(per="updates_fired").replace('where = "x"', 'where = "x"\ngroup = "neuron update"')
    with pytest.raises(SpikingError, match=r"levels of one quantity .neuron update. and both charge"):
        load_chip(write(GOOD + text))


def test_a_chip_of_the_users_own_is_added_and_found(write, tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKING_CHIPS", str(tmp_path / "chips"))
    assert "mine" not in chip_names()
    assert add_chip(write(GOOD)).name == "mine"
    assert "mine" in chip_names()
    assert load_chip("mine")["synaptic_event"].value == 5


def test_a_bad_chip_is_not_added(write, tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKING_CHIPS", str(tmp_path / "chips"))
    with pytest.raises(SpikingError, match="low is 9"):
        add_chip(write(GOOD.replace("low = 4", "low = 9")))
    with pytest.raises(SpikingError, match="the name 'odin' belongs to a chip of the package"):
        add_chip(write(GOOD.replace('"mine"', '"odin"')))
    with pytest.raises(SpikingError, match="letters, digits, dots and dashes are allowed"):
        add_chip(write(GOOD.replace('"mine"', '"../mine"')))
    assert not (tmp_path / "chips").exists()
