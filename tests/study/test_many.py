"""On many chips the answer is a summary: who costs less on how many, from bills made by hand."""

import io

import pytest
from rich.console import Console

from spiking.study.comparing import Comparison
from spiking.study.results.findings import answer
from spiking.study.results.many import MANY, on_each, summary
from spiking.study.screen import comparison as screen
from tests.study.made import made_bill, made_table

BILLS = {
    ("mlp", "a"): made_bill("a", ("x", 2e-9, 2e-9, 2e-9)),
    ("surrogate", "a"): made_bill("a", ("y", 1e-9, 1e-9, 1e-9)),  # the spiking network costs less
    ("mlp", "b"): made_bill("b", ("x", 2e-9, 2e-9, 2e-9)),
    ("surrogate", "b"): made_bill("b", ("y", 3e-9, 4e-9, 5e-9)),  # the MLP
    ("mlp", "c"): made_bill("c", ("x", 2e-9, 2e-9, 2e-9)),
    ("surrogate", "c"): made_bill("c", ("y", 1e-9, 2.5e-9, 5e-9)),  # undecided
    ("mlp", "d"): made_bill("d", ("x", 2e-9, 2e-9, 2e-9)),
    ("surrogate", "d"): made_bill("d", ("y", 1e-9, 1e-9, 1e-9), unpriced=["host"]),  # a bound wins nothing
    ("mlp", "e"): made_bill("e", needs=["multipliers"]),
    ("surrogate", "e"): made_bill("e", ("y", 5e-10, 5e-10, 5e-10)),
    ("mlp", "f"): made_bill("f", needs=["x"]),
    ("surrogate", "f"): made_bill("f", needs=["x"]),
}
ROWS = made_table(BILLS, {"mlp": 980, "surrogate": 975})


def test_each_chip_has_its_word_and_the_cheapest_comes_first():
    found = on_each(ROWS, BILLS, {}, 0.01)
    assert {c.chip: c.verdict for c in found} == {
        "a": "SNN", "b": "MLP", "c": "undecided", "d": "undecided", "e": "", "f": "",
    }  # fmt: skip
    assert found[0].chip == "e"
    assert found[-1].chip == "f"


def test_the_summary_counts():
    text = " ".join(summary(on_each(ROWS, BILLS, {}, 0.01)))
    assert "Of 4 chips that run both" in text
    assert "the MLP costs less on 1 (b)" in text
    assert "a spiking network as accurate on 1 (a)" in text
    assert "undecided on 2 (d, c)" in text
    assert "1 of the chips run none" in text
    assert "≥ 1.00 nJ on d" in text


def test_the_lead_stays_short_on_many_chips():
    assert ROWS["chip"].nunique() > MANY
    said = answer(ROWS, BILLS)
    assert len(said) <= 6
    few = ROWS[ROWS["chip"].isin(["a", "b"])]
    assert sum(s.startswith("**Energy on ") for s in answer(few, BILLS)) == 2


def test_the_screen_fits_80_columns_and_names_the_page_last(tmp_path, monkeypatch):
    (tmp_path / "explorer.html").write_text("x")
    out = io.StringIO()
    monkeypatch.setattr(screen, "plain", lambda: Console(file=out, width=80, markup=False, highlight=False))
    screen.comparison(Comparison(path=tmp_path, rows=ROWS, answer=["said"], bills=BILLS))
    lines = out.getvalue().splitlines()
    table = lines[: lines.index("said")]
    assert max(map(len, table)) <= 80
    assert not any("…" in line for line in table)
    assert [line.split()[0] for line in table if "nJ" in line or "pJ" in line] == ["e", "a", "d", "b", "c"]
    assert lines[-1].endswith(str(tmp_path / "explorer.html")) or "explorer.html" in lines[-1]


@pytest.mark.parametrize("margin", [0.0, 0.001])
def test_a_network_that_loses_too_much_is_taken_only_if_no_other_is_there(margin):
    found = {c.chip: c for c in on_each(ROWS, BILLS, {}, margin)}
    assert found["a"].snn["model"] == "surrogate"
