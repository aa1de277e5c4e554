"""Counts of any simulator, read from a JSON file (``docs/counts.md`` describes the format)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from spiking.core import check
from spiking.core.counts import OPERATIONS, Counts, Layer
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.files import check_regular
from spiking.core.typed import typed

LARGEST = 50_000_000  # bytes
MOST_LAYERS = 10_000
KINDS = ("input", "spiking", "analog")
LARGE = 1e18  # above it neither a size nor a count per inference means anything
FIELDS = {f.name: f.type for f in fields(Layer)}
TOP = ("name", "steps", "dt", "layers", "counts")


@typed
def read_counts(path: str | Path) -> Counts:
    """Read counts from a JSON file, or from the ``counts`` of what ``spiking energy --json`` wrote.

    Raises:
        SpikingError: no file, too large, not JSON, or not counts; the sentence names the entry.
    """
    file = Path(path)
    check_regular(file)
    try:
        size = file.stat().st_size
        require(
            size <= LARGEST,
            f"{file.name} has {size / 1e6:.0f} MB; counts have less than {LARGEST / 1e6:g} MB",
        )
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SpikingError(
            f"{file} cannot be read ({error.strerror}); give a .nir network or a .json of counts"
        ) from None
    except UnicodeDecodeError as error:
        raise SpikingError(f"{file.name} is not JSON: it is no text in UTF-8 ({error.reason})") from None
    try:
        data = json.loads(text)
    except RecursionError:
        raise SpikingError(f"{file.name} is nested too deeply; counts have four levels") from None
    except ValueError as error:
        raise SpikingError(f"{file.name} is not JSON ({error})") from None
    if isinstance(data, dict) and isinstance(data.get("counts"), dict):
        data = data["counts"]
    try:
        return _counts(data)
    except SpikingError as error:
        raise SpikingError(f"{file.name}: {error}") from None


def _counts(data: Any) -> Counts:
    good = isinstance(data, dict) and {"layers", "counts"} <= set(data)
    require(good, "holds no counts; needed are the lists 'layers' and 'counts' (docs/counts.md)")
    for key in data:
        if key not in TOP:
            raise unknown("entry", key, TOP)
    layers = [_layer(k, entry) for k, entry in enumerate(_list(data, "layers"))]
    names = [layer.name for layer in layers]
    require(len(layers) > 0, "'layers' is empty; give the layers of the network, the input first")
    double = sorted({n for n in names if names.count(n) > 1})
    require(not double, f"two layers are called {', '.join(double)}; each needs its own name")
    table: dict[tuple[str, str], float] = {}
    for k, row in enumerate(_list(data, "counts")):
        at = f"counts[{k}]"
        entry = _entry(row, at, ("layer", "operation", "count"))
        key = check.choice(f"layer of {at}", entry["layer"], names), entry["operation"]
        check.choice(f"operation of {at}", key[1], OPERATIONS)
        require(key not in table, f"{at} counts {key[1]!r} in {key[0]!r} a second time; add them up")
        table[key] = _number(f"count of {at}", entry["count"])
    return Counts(
        layers=tuple(layers),
        table=table,
        steps=check.whole("steps", data.get("steps", 1), 1, int(LARGE)),
        dt=check.number("dt", _plain(data.get("dt", 1e-3)), 0, LARGE, open_low=True, unit="s"),
        name=_text("name", data.get("name", "network")),
    )


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data[key]
    require(isinstance(value, list), f"{key!r} is {_shown(value)}; a list is needed")
    most = MOST_LAYERS * (len(OPERATIONS) if key == "counts" else 1)
    require(len(value) <= most, f"{key!r} has {len(value)} entries; at most {most} are read")
    return list(value)


def _entry(value: Any, at: str, needed: tuple[str, ...]) -> dict[str, Any]:
    require(isinstance(value, dict), f"{at} is {_shown(value)}; an object is needed")
    missing = [key for key in needed if key not in value]
    require(not missing, f"{at} lacks {', '.join(missing)}")
    return dict(value)


def _layer(k: int, value: Any) -> Layer:
    at = f"layers[{k}]"
    entry = _entry(value, at, ("name", "kind", "size"))
    known: dict[str, Any] = {}
    for key, given in entry.items():
        if key not in FIELDS:
            raise unknown(f"entry of {at}", key, FIELDS)
        what = f"{key} of {at}"
        if key == "name":
            known[key] = _text(what, given)
        elif key == "kind":
            known[key] = check.choice(what, given, KINDS)
        elif FIELDS[key] == "bool":
            known[key] = check.flag(what, given)
        elif FIELDS[key] == "float":
            known[key] = _number(what, given)
        else:
            known[key] = check.whole(what, given, 0 if key not in ("size",) else 1, int(LARGE))
    for key in ("weight_bits", "state_bits", "value_bits", "input_bits"):
        check.whole(f"{key} of {at}", known.get(key, 32), 1, 64)
    return Layer(**known)


def _number(name: str, value: Any) -> float:
    return check.number(name, _plain(value), 0, LARGE)


def _plain(value: Any) -> Any:
    """Return a whole number too long for a float as infinity, which the checks refuse."""
    try:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    except OverflowError:
        return math.inf


def _text(name: str, value: Any) -> str:
    good = isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
    require(good, f"{name} is {_shown(value)}; a text of 1 to 200 printable characters is needed")
    return str(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)} entries"
    return repr(value)[:80]
