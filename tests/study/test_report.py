"""The report: other people's names mean nothing in it, and each source is cited once and in one form."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiking.hardware.schema import bibliography
from spiking.study.report.citations import bibtex, citation
from spiking.study.report.escape import Markdown, escaped
from spiking.study.report.markdown import render
from spiking.study.results.findings import answer
from tests.study.made import made_bill, made_table

HOSTILE = "chip<script>alert(1)</script> | $x^2$ `rm` [a](http://b) \n# head"
MANIFEST = {
    "data": {"name": f"data {HOSTILE}", "test_samples": 10, "checksum": "0" * 64},
    "configuration": {"quick": False, "seed": 0},
    "machine": {"cpu": HOSTILE, "cores": 1},
    "versions": {"spikejoule": "0"},
    "written": "today",
}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


def report():
    bills = {
        ("mlp", HOSTILE): made_bill(HOSTILE, ("x", 1e-9, 2e-9, 3e-9)),
        ("surrogate", HOSTILE): made_bill(HOSTILE, ("y", 6e-9, 8e-9, 1e-8), unpriced=[HOSTILE]),
    }
    rows = made_table(bills, {"mlp": 980, "surrogate": 970})
    designs = [dict.fromkeys(("model", "chip", "design", "accuracy", "energy", "tried"), HOSTILE)]
    said = answer(rows, bills)
    return render(
        rows, bills, manifest=MANIFEST, answer=said, designs=designs, training=[HOSTILE], raster=False
    )


def test_hostile_names_stay_text():
    text = report()
    assert Tags(text).tags == []
    assert len(re.findall(r"^# ", text, re.M)) == 1  # the title, and no head of theirs
    assert not re.search(r"(?<!\\)\$", text)
    assert "](http" not in re.sub(r"\\.", "", text)
    assert "&lt;script&gt;" in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    widths = []
    for block in re.findall(r"(?:^\|.*\n)+", report(), re.M):
        cells = [len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()]
        assert len(set(cells)) == 1, block
        widths.append(cells[0])
    assert len(widths) >= 3


@given(st.text(max_size=40))
def test_escaped_text_has_one_line_and_no_bare_mark(text):
    out = escaped(text)
    assert len(out.splitlines()) <= 1
    assert not re.search(r"[<>`|$\[\]]", re.sub(r"\\.", "", out))
    assert escaped(Markdown(text)) == text


@pytest.mark.parametrize("key", sorted(bibliography()))
def test_a_citation_names_who_what_when_and_where(key):
    entry, line = bibliography()[key], citation(key)
    for field in ("title", "year", "venue"):
        if field in entry:
            assert str(entry[field]).rstrip(".") in line
    assert ".." not in line.replace("...", "")
    assert bibtex([key, key]).count("@") == 1


def test_unknown_sources_have_no_citation():
    assert citation("nobody2099") == ""
    assert bibtex(["nobody2099"]) == ""
