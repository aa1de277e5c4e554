"""Reading chip files: strict, and every error names the file, the key and the value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.counts import OPERATIONS
from spiking.core.errors import SpikingError, unknown
from spiking.hardware.bill import TERMS
from spiking.hardware.chip import RESOURCES, RUNS, Chip, Constant
from spiking.hardware.models import MODELS
from spiking.hardware.quantity import KINDS, SCOPES, parse_unit
from spiking.hardware.schema import Reader, bibliography

TOP = ("name", "title", "model", "runs", "summary", "node_nm", "vdd", "settings", "constants")
FIELDS = (
    "value", "unit", "low", "high", "source", "where", "kind", "scope", "note",
    "node_nm", "vdd", "activity_point", "per", "term", "covers", "layers", "group",
)  # fmt: skip


TEXTS = ("where", "kind", "scope", "note", "activity_point", "per", "term", "group")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
POSITIVE = ("frequency", "number", "data")  # what a count or a time is divided by


def read_chip(path: Path) -> Chip:
    """Read and check one chip file.

    Raises:
        SpikingError: not a file, not TOML, or a rule of the format broken; it names file, key and value.
    """
    read = Reader(path)
    read.only(read.data, "", TOP)
    name = read.text(read.data, "", "name", ...)
    if not NAME.fullmatch(name):
        raise read.fail("name", f"is {name!r}; letters, digits, dots and dashes are allowed")
    model = read.text(read.data, "", "model", ...)
    if model not in MODELS:
        raise read.fail("model", str(unknown("model", model, MODELS)))
    runs = read.texts(read.data, "", "runs")
    if not runs or not set(runs) <= set(RUNS):
        raise read.fail("runs", f"is {list(runs)!r}; name at least one of {', '.join(RUNS)}")
    tables = read.take(read.data, "", "constants", dict, {})
    if not tables:
        raise read.fail("constants", "the chip is empty; give at least one constant")
    node, vdd = (read.number(read.data, "", key) for key in ("node_nm", "vdd"))
    for key, value in (("node_nm", node), ("vdd", vdd)):
        if value == 0:
            raise read.fail(key, "is 0; a number above 0 is needed")
    constants = {}
    for key, table in tables.items():
        if not NAME.fullmatch(key):
            raise read.fail(
                f"constants.{key[:40]!r}", "letters, digits, dots and dashes are allowed in a name"
            )
        if not isinstance(table, dict):
            raise read.fail(
                f"constants.{key}", f"is {str(table)[:80]!r}; a table with value, unit and source is needed"
            )
        constants[key] = _constant(read, f"constants.{key}", table, node, vdd)
    chip = Chip(
        name=name,
        title=read.text(read.data, "", "title", ...),
        model=model,
        runs=runs,
        constants=constants,
        settings={**MODELS[model].SETTINGS, **_settings(read, MODELS[model].SETTINGS)},
        summary=read.text(read.data, "", "summary"),
        node_nm=node,
        vdd=vdd,
    )
    for key, text in MODELS[model].problems(chip):
        raise read.fail(key, text)
    return chip


def _settings(read: Reader, known: Mapping[str, Any]) -> dict[str, Any]:
    given = read.take(read.data, "", "settings", dict, {})
    read.only(given, "settings.", known)
    for key, value in given.items():
        if type(value) is not type(known[key]):
            raise read.fail(f"settings.{key}", f"is {value!r}; a {type(known[key]).__name__} is needed")
    return dict(given)


def _constant(
    read: Reader, where: str, table: Mapping[str, Any], node: float | None, vdd: float | None
) -> Constant:
    read.only(table, f"{where}.", FIELDS)
    for key in ("unit", "source"):
        if not read.text(table, f"{where}.", key, ...).strip():
            raise read.fail(f"{where}.{key}", "is empty")
    for key in TEXTS:
        read.text(table, f"{where}.", key)
    for key in ("value", "low", "high", "node_nm", "vdd"):
        read.number(table, f"{where}.", key)
    for source in (s.strip() for s in table["source"].split(",")):
        if source not in bibliography() and source != "this project" and read.path.parent == package_folder():
            raise read.fail(f"{where}.source", str(unknown("source", source, bibliography())))
    for key, names in (("kind", KINDS), ("scope", SCOPES)):
        if key in table and table[key] not in names:
            raise read.fail(f"{where}.{key}", str(unknown(key, table[key], names)))
    fields = {"node_nm": node, "vdd": vdd, **table}
    for key in ("covers", "layers"):
        fields[key] = read.texts(table, f"{where}.", key, [])
    for operation in fields["covers"]:
        if operation not in OPERATIONS:
            raise read.fail(f"{where}.covers", str(unknown("operation", operation, OPERATIONS)))
    per, term = fields.get("per", ""), fields.get("term", "")
    if per and per not in OPERATIONS and per not in RESOURCES:
        raise read.fail(f"{where}.per", str(unknown("operation", per, [*OPERATIONS, *RESOURCES])))
    if term and term not in TERMS:
        raise read.fail(f"{where}.term", str(unknown("term", term, TERMS)))
    try:
        dimension = parse_unit(table["unit"])[0]
        allowed = ("energy", "power", "time", "cycles", "number", "frequency", "energy/cycles")
        if per and dimension not in allowed:
            raise SpikingError(
                f"unit {table['unit']!r} is a {dimension}; a constant charged per {per!r} is an energy, "
                "a power, a time or a number of cycles"
            )
        constant = Constant(**fields)
        _in_range(constant)
        if dimension == "frequency" and per and per not in OPERATIONS:
            raise SpikingError(f"per is {per!r}; a frequency counts an operation per second")
        return constant
    except SpikingError as error:
        raise read.fail(where, str(error)) from None


def _in_range(c: Constant) -> None:
    """Refuse what no calculation survives: an overflow in SI units, or a capacity or a clock of 0."""
    if c.known and not np.all(np.isfinite(c.si.high)):
        raise SpikingError(f"value is {c.value!r} {c.unit}, too large in SI units")
    divides = c.dimension == "frequency" or (c.scope == "limit" and c.dimension in POSITIVE)
    if c.known and divides and not np.all(np.asarray(c.si.low) > 0):
        raise SpikingError(f"low is {c.low!r}; a {c.dimension} of a limit or a clock is above 0")


def package_folder() -> Path:
    """Folder of the chips that come with the package."""
    return Path(str(files("spiking.hardware") / "chips"))
