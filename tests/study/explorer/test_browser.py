"""The page in a real browser: it draws, moves prices, keeps its state, and asks for nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spiking.core.numbers import significant
from spiking.hardware import price
from spiking.study.explorer.data import collect
from spiking.study.explorer.page import page
from spiking.study.explorer.unpacking import totals
from tests.study.explorer.browser import Browser, needs_browser
from tests.study.explorer.designs import points
from tests.study.explorer.test_page import HOSTILE, many

pytestmark = needs_browser
CHIPS = ["generic-45nm", "loihi1", "spinnaker2"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture(scope="module")
def designs():
    return [replace(p, words=f"{p.words} {HOSTILE}") for p in points(CHIPS)]


@pytest.fixture(scope="module")
def file(tmp_path_factory, designs):
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(page(collect(designs, title="Test " + HOSTILE)), encoding="utf-8")
    return path


def chosen(designs, snn_chip, mlp_chip="generic-45nm"):
    """The cheapest of each kind within a point of the best MLP, as the page chooses."""
    best = max(p.accuracy for p in designs if p.model == "mlp" and p.chip.name == mlp_chip)
    near = [p for p in designs if p.accuracy >= best - 0.01 - 1e-9]
    cost = {
        kind: min(
            float(price(p.counts, p.chip).total().nominal)
            for p in near
            if p.chip.name == chip and p.counts.spiking == (kind == "snn")
        )
        for kind, chip in (("snn", snn_chip), ("mlp", mlp_chip))
    }
    return cost["snn"] / cost["mlp"]


def test_it_draws_and_asks_for_nothing(browser, file, designs):
    browser.open(file)
    assert browser.complaints() == []
    assert browser.requests() == [file.as_uri()]
    drawn = browser.run(
        "['front', 'even', 'tornado'].map((i) => document.querySelectorAll(`#${i} svg`).length)"
    )
    assert drawn == [1, 1, 1]
    said = browser.run("document.getElementById('verdict').textContent")
    assert f"costs {significant(chosen(designs, 'generic-45nm'), 2)} times" in said


def test_another_chip_is_compared(browser, file, designs):
    browser.open(file, "#s=1")
    said = browser.run("document.getElementById('verdict').textContent")
    assert f"costs {significant(chosen(designs, 'loihi1'), 2)} times" in said
    assert "lower bound" in browser.run("document.getElementById('verdict-more').textContent")


def test_a_moved_price_moves_the_answer_and_the_address(browser, file):
    browser.open(file)
    before = browser.run("document.getElementById('verdict').textContent")
    browser.run(
        """(() => { const all = [...document.querySelectorAll('input.number')];
        const f = all.find((i) => i.getAttribute('aria-label').startsWith('read 8k'));
        f.focus(); f.value = '400,5'; f.dispatchEvent(new Event('input', { bubbles: true })); })()"""
    )
    browser.frame()
    after = browser.run("document.getElementById('verdict').textContent")
    assert after != before
    assert "p.0.read_8k=400.5" in browser.run("location.hash")
    browser.open(file, browser.run("location.hash"))
    assert browser.run("document.getElementById('verdict').textContent") == after
    browser.run("document.getElementById('reset').click()")
    assert browser.run("document.getElementById('verdict').textContent") == before
    assert browser.run("location.hash") == ""


def test_nonsense_is_marked_and_changes_nothing(browser, file):
    browser.open(file, "#s=99&node=3&p.0.read_8k=abc&e=-1&x=y")
    before = browser.run("document.getElementById('verdict').textContent")
    browser.run(
        """(() => { const f = document.querySelector('input.number');
        f.focus(); f.value = 'NaN'; f.dispatchEvent(new Event('input', { bubbles: true })); })()"""
    )
    browser.frame()
    assert browser.run("document.querySelector('input.number').getAttribute('aria-invalid')") == "true"
    assert browser.run("document.getElementById('verdict').textContent") == before
    assert browser.complaints() == []


def test_the_copied_json_has_the_prices_of_the_package(browser, file, designs):
    browser.open(file, "#b=4&e=0.01")
    browser.run("navigator.clipboard.writeText = (t) => { window.copied = t; return Promise.resolve(); }")
    browser.run("document.getElementById('json').click()")
    rows = json.loads(browser.run("window.copied"))["designs"]
    here = [p for p in designs if p.chip.name == "generic-45nm"]
    chips = [p.chip if p.counts.spiking else p.chip.with_settings(batch=4) for p in here]
    bills = [price(p.counts, chip, every=0.01) for p, chip in zip(here, chips, strict=True)]
    known = sorted(float(bill.total().nominal) for bill in bills)
    np.testing.assert_allclose(sorted(r["energy_J"] for r in rows), known, rtol=1e-12)
    browser.run("document.getElementById('csv').click()")
    assert browser.run("window.copied").startswith("network,design,chip,accuracy")


def test_keys_choose_a_design(browser, file):
    browser.open(file)
    browser.run(
        """(() => { const row = document.querySelectorAll('#table tbody tr')[3]; row.focus();
        row.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })); })()"""
    )
    assert "ps=" in browser.run("location.hash") or "pm=" in browser.run("location.hash")
    assert browser.run("document.querySelectorAll('#table tr.pick').length") == 2
    unnamed = browser.run(
        """[...document.querySelectorAll('input, select, button')].filter((e) => !(
        e.getAttribute('aria-label') || e.textContent
        || document.querySelector(`label[for="${e.id}"]`))).length"""
    )
    assert unnamed == 0


def test_without_scripts_the_table_stands(browser, file, designs):
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(file)
        rows = browser.run("document.querySelectorAll('#table tbody tr').length")
    finally:
        browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    assert rows == min(60, len(totals(collect(designs, title="x"))["energy"]))


def test_ten_thousand_designs_are_drawn_on_a_canvas(browser, tmp_path):
    path = tmp_path / "many.html"
    path.write_text(page(many(10_000)), encoding="utf-8")
    browser.open(path)
    assert browser.complaints() == []
    assert browser.run("document.querySelectorAll('#front canvas').length") == 1
    painted = browser.run(
        """(() => { const c = document.querySelector('#front canvas');
        return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v > 0); })()"""
    )
    assert painted
