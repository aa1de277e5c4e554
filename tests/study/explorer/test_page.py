"""One file, small, that asks nothing of a network and reads names as names."""

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip
from spiking.study.explorer.data import collect
from spiking.study.explorer.packing import packed, packed_table
from spiking.study.explorer.page import inert, page
from spiking.study.explorer.points import Point
from spiking.study.explorer.read import read
from spiking.study.explorer.unpacking import table, totals, unpacked
from tests.study.explorer.designs import counts_of, in_node, needs_node, points

HOSTILE = "</script><script>alert(1)</script><!-- \u2028 & \" ' ${x} =1+1"


@cache
def many(n, chip="generic-45nm"):
    """``n`` designs of distinct counts, as a sweep over activity makes them."""
    rng = np.random.default_rng(1)
    device, made = load_chip(chip), []
    for k in range(n // 20):
        counts = counts_of(float(rng.integers(1, 200_000)) / 360 / 60)
        made.append((counts, f"seed {k}"))
    chips = [device.with_settings(sums=s, packed=p) for s in ("registers", "sram") for p in (True, False)]
    found = []
    for k in range(n):
        counts, words = made[k % len(made)]
        right = int(rng.integers(300, 360))
        found.append(
            Point(
                model="surrogate", chip=chips[k % 4], counts=counts, accuracy=right / 360,
                low=(right - 9) / 360, high=min(1.0, (right + 7) / 360),
                words=f"{words}, design {k // len(made)}",
            )
        )  # fmt: skip
    mlp = Point(model="mlp", chip=device, counts=counts_of(None), accuracy=0.97, low=0.95, high=0.98)
    return collect([*found, mlp], title="many")


def test_two_hundred_designs_are_small():
    assert len(page(many(200)).encode()) <= 150_000


def test_ten_thousand_designs_are_small():
    data = many(10_000)
    assert data["points"]["number"] == 10_001
    assert len(page(data).encode()) <= 1_000_000


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.text, self.inside = [], {}, None

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        self.inside = dict(attributes).get("id", tag)

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, text):
        if self.inside:
            self.text[self.inside] = self.text.get(self.inside, "") + text


def parsed(text):
    tags = Tags()
    tags.feed(text)
    return tags


def test_hostile_names_stay_names():
    made = [replace(p, words=HOSTILE) for p in points(["generic-45nm"])[:3]]
    data = collect(made, title=HOSTILE, note=HOSTILE)
    tags = parsed(page(data))
    scripts = [a for t, a in tags.seen if t == "script"]
    assert [a.get("type") for a in scripts] == ["application/json", None]
    again = json.loads(tags.text["data"])
    assert again["title"] == HOSTILE
    assert again["points"]["words"]["words"][0] == HOSTILE
    assert tags.text["h1"] == HOSTILE


def test_nothing_is_asked_of_a_network():
    text = page(collect(points(["generic-45nm"])[:2], title="x"))
    tags = parsed(text)
    policy = next(a["content"] for t, a in tags.seen if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    for tag, attributes in tags.seen:
        assert tag not in ("link", "img", "iframe", "base", "object")
        assert not {"src", "href", "action", "style"} & set(attributes) - {"xmlns"}, (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|import)\b *\(", tags.text["script"])


def test_numbers_that_json_has_no_words_for_are_refused():
    with pytest.raises(ValueError, match="Out of range float"):
        inert({"x": float("nan")})


def test_columns_come_back_bit_by_bit():
    rng = np.random.default_rng(0)
    kinds = [
        np.full(900, 1 / 3), rng.random(900), np.repeat(rng.random(9), 100), np.arange(900.0),
        np.repeat(rng.random(300), 3), rng.random(5),
    ]  # fmt: skip
    for column in kinds:
        written = json.loads(json.dumps(packed(column)))
        np.testing.assert_array_equal(unpacked(written, len(column)), column)
    a, b = rng.random(900), rng.random(900)
    written = packed_table([a, b, 3 * a, 2 * a + 7 * b, a * b])
    assert [("l" in c) for c in written] == [False, False, True, True, False]
    np.testing.assert_allclose(table(written, 900)[3], 2 * a + 7 * b, rtol=1e-14)


def test_static_table_has_the_cheapest_designs_first():
    data = collect(points(["generic-45nm"]), title="x")
    text = page(data)
    first = re.search(r"<tbody>\s*<tr>.*?</tr>", text, re.S).group()
    energy = totals(data)["energy"]
    assert f"design {np.argmin(energy) % 16}" in first or "design" in first
    assert text.count("<tr>") == 1 + min(60, len(energy))


@needs_node
def test_what_readers_type_is_read():
    texts = ["12,5", "12.5", " 3 ", "1e-3", "1.", ".5", "", "abc", "-1", "1,2,3", "NaN", "0x10", "Infinity"]
    found = in_node(f"console.log(JSON.stringify({json.dumps(texts)}.map(Draw.typed)));")
    assert found == [12.5, 12.5, 3, 1e-3, 1, 0.5, *[None] * 7]


@needs_node
def test_numbers_read_as_those_of_the_report():
    from spiking.core.numbers import si

    values = [1.234e-7, 9.996e-10, 1e-9, 5.5e-5, 0.2, 42.0, 12345.0, 3e-16]
    found = in_node(f"console.log(JSON.stringify({json.dumps(values)}.map((v) => Draw.si(v, 'J'))));")
    assert [t.replace("\xa0", " ") for t in found] == [si(v, "J") for v in values]


@needs_node
def test_the_address_holds_the_state():
    found = in_node(
        """
        const prices = { "0.read_8k": 12.5, "1.a&b=c": 3 };
        const hash = Controls.write({ start: { s: "0", b: null }, plain: { s: "1", b: "16" }, prices });
        const found = [hash, Controls.read("#" + hash), Controls.read("#p.0.x=abc&%E0%A4%A=1&p.0.y=-1&=&q")];
        console.log(JSON.stringify(found));
        """
    )
    assert found[1] == {"plain": {"s": "1", "b": "16"}, "prices": {"0.read_8k": 12.5, "1.a&b=c": 3}}
    assert found[2] == {"plain": {}, "prices": {}}


@needs_node
def test_front_leaves_out_what_is_beaten_and_bounds_beat_nobody():
    script = (
        "console.log(JSON.stringify([...Verdict.front([3, 1, 2, 4], [0.9, 0.8, 0.7, 0.95], %s)].sort()));"
    )
    assert in_node(script % "[false, false, false, false]") == [0, 1, 3]
    assert in_node(script % "[false, true, false, false]") == [0, 1, 2, 3]


def test_a_folder_without_counts_is_refused(tmp_path):
    with pytest.raises(SpikingError, match=r"has no explorer\.json"):
        read(tmp_path)
    with pytest.raises(SpikingError, match="is no folder"):
        read(tmp_path / "none")
    (tmp_path / "explorer.json").write_text("{")
    with pytest.raises(SpikingError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "explorer.json").write_text('{"format": 99}')
    with pytest.raises(SpikingError, match="has the format 99, this version reads 1"):
        read(tmp_path)


def test_designs_that_run_nowhere_are_refused():
    mlp = Point(
        model="mlp", chip=load_chip("loihi1"), counts=counts_of(None), accuracy=0.9, low=0.8, high=1.0
    )
    with pytest.raises(SpikingError, match="none of these designs runs"):
        collect([mlp], title="x")
