"""One HTML file that holds everything: data, prices, pictures; it asks nothing of any network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np

from spiking.core.numbers import percent, si
from spiking.study.explorer.unpacking import totals

STATIC_ROWS = 60  # of the table without JavaScript, the cheapest designs first
SCRIPTS = ("price.js", "verdict.js", "draw.js", "charts.js", "controls.js", "app.js")


def page(data: Mapping[str, Any]) -> str:
    """Return the page of ``data`` (:func:`~spiking.study.explorer.data.collect`) as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("spiking.study.explorer", "templates"),
        undefined=StrictUndefined,
        autoescape=True,  # names of chips, data and networks are other people's text
        trim_blocks=True,
        lstrip_blocks=True,
    )
    home = files("spiking.study.explorer") / "templates"
    script = "\n".join((home / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = (home / "explorer.css").read_text(encoding="utf-8")
    return environment.get_template("explorer.html.j2").render(
        title=data["title"],
        note=data["note"],
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
        data=inert(data),
        rows=_static(data),
        number=data["points"]["number"],
        sources=data["sources"],
    )


def inert(data: Mapping[str, Any]) -> str:
    """Return JSON that stays data inside HTML: no sign in it ends or opens a tag, and no number is NaN."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)  # ASCII: line ends of Unicode too
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _hash(text: str) -> str:
    """The hash by which the page's own policy knows ``text``."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _static(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """The cheapest designs at the published prices, for readers without JavaScript and for print."""
    found = totals(data)
    order = np.argsort(np.where(np.isnan(found["energy"]), np.inf, found["energy"]), kind="stable")
    return [
        {
            "model": data["models"][int(found["model"][i])]["label"],
            "chip": data["chips"][int(found["chip"][i])]["name"],
            "design": found["words"][i],
            "accuracy": percent(float(found["accuracy"][i])) + ("" if found["built"][i] else " (validation)"),
            "energy": ("≥ " if found["lacks"][i] else "") + si(float(found["energy"][i]), "J"),
            "time": si(float(found["time"][i]), "s"),
        }
        for i in order[:STATIC_ROWS]
    ]
