"""What notebooks show: short, true, and without anybody's markup."""

from html.parser import HTMLParser

import numpy as np
import pytest

from spiking import load
from spiking.core.frozen.html import table
from spiking.core.numbers import unbroken
from spiking.hardware.quantity import Interval
from spiking.study.compare import Comparison
from tests.study.made import made_bill, made_table


class Cells(HTMLParser):
    """The texts of a page, and the names of its elements."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.tags = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_no_markup_of_a_name_survives():
    name = '<script>alert("x")</script>&'
    cells = Cells(table(name, [name], [[name]], note=name))
    assert cells.texts == [name] * 4
    assert "script" not in cells.tags


def test_bill_in_short_and_in_a_notebook():
    bill = made_bill("a", ("x", 1e-9, 2e-9, 3e-9), ("s", 1e-9, 1e-9, 1e-9, "static"))
    assert repr(bill) == "Bill('n' on a: 3.00 nJ (2.00 to 4.00) per inference, estimated)"
    cells = Cells(bill._repr_html_()).texts
    for words in ("total", "3.00 nJ", "2.00 nJ to 4.00 nJ", "compute", "2.00 nJ", "static", "1.00 nJ"):
        assert words in cells
    assert "at least" in repr(made_bill("a", ("x", 1e-9, 2e-9, 3e-9), unpriced=["input"]))
    assert "cannot run, needs wings" in repr(made_bill("a", needs=["wings"]))


def test_interval_in_short():
    assert repr(Interval(1.0, 2.0, 4.0)) == "Interval(2 (1 to 4))"
    assert repr(Interval.exact(np.ones((3, 2)))) == "Interval(shape (3, 2), mean 1 (1 to 1))"
    assert "2 (1 to 4)" in Interval(1.0, 2.0, 4.0)._repr_html_()


def test_dataset_in_short_and_in_a_notebook():
    digits = load("digits")
    assert repr(digits).startswith("Dataset(digits: ")
    assert len(repr(digits)) < 200
    cells = Cells(digits._repr_html_()).texts
    assert {"training", "test", str(len(digits.x_train)), str(len(digits.x_test)), "64"} <= set(cells)


def test_comparison_in_short_and_in_a_notebook(tmp_path):
    bills = {
        ("mlp", "a<b>"): made_bill("a<b>", ("x", 1e-9, 2e-9, 3e-9)),
        ("surrogate", "a<b>"): made_bill("a<b>", ("x", 1e-6, 2e-6, 3e-6), unpriced=["input"]),
        ("stdp", "a<b>"): made_bill("a<b>", needs=["wings"]),
    }
    rows = made_table(bills, {"mlp": 980, "surrogate": 970, "stdp": 900})
    found = Comparison(path=tmp_path, rows=rows, answer=["**MLP** <wins>"], bills=bills)
    assert str(tmp_path) in repr(found)
    assert "MLP <wins>" in repr(found)
    cells = Cells(found._repr_html_())
    for words in (
        "MLP <wins>",
        "a<b>",
        "2.00 nJ (1.00 to 3.00)",
        "≥ 2.00 µJ (1.00 to 3.00)",
        "cannot run here",
    ):
        assert words in cells.texts
    assert not {"b>", "wins"} & cells.tags


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("6.05 µJ on loihi1", "6.05\u00a0µJ on loihi1"),
        ("16 steps of 1 ms", "16\u00a0steps of 1\u00a0ms"),
        ("98.1 % of 360 samples", "98.1\u00a0% of 360 samples"),
        ("2 Joule-like items", "2 Joule-like items"),
    ],
)
def test_numbers_stay_with_their_units(text, kept):
    assert unbroken(text) == kept
