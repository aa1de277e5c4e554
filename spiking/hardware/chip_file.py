"""Reading chip files: strict, and every error names the file, the key and the value."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

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


def read_chip(path: Path) -> Chip:
    """Read and check one chip file."""
    read = Reader(path)
    read.only(read.data, "", TOP)
    model = read.take(read.data, "", "model", str, ...)
    if model not in MODELS:
        raise read.fail("model", str(unknown("model", model, MODELS)))
    runs = tuple(read.take(read.data, "", "runs", list, ...))
    if not runs or not set(runs) <= set(RUNS):
        raise read.fail("runs", f"is {list(runs)!r}; name at least one of {', '.join(RUNS)}")
    tables = read.take(read.data, "", "constants", dict, {})
    if not tables:
        raise read.fail("constants", "the chip is empty; give at least one constant")
    node, vdd = (read.take(read.data, "", key, float) for key in ("node_nm", "vdd"))
    constants = {}
    for key, table in tables.items():
        if not isinstance(table, dict):
            raise read.fail(
                f"constants.{key}", f"is {table!r}; a table with value, unit and source is needed"
            )
        constants[key] = _constant(read, f"constants.{key}", table, node, vdd)
    chip = Chip(
        name=read.take(read.data, "", "name", str, ...),
        title=read.take(read.data, "", "title", str, ...),
        model=model,
        runs=runs,
        constants=constants,
        settings={**MODELS[model].SETTINGS, **_settings(read, MODELS[model].SETTINGS)},
        summary=read.take(read.data, "", "summary", str, ""),
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
        text = read.take(table, f"{where}.", key, str, ...)
        if not text.strip():
            raise read.fail(f"{where}.{key}", "is empty")
    for key in ("value", "low", "high", "node_nm", "vdd"):
        read.take(table, f"{where}.", key, float)
    for source in (s.strip() for s in table["source"].split(",")):
        if source not in bibliography() and source != "this project" and read.path.parent == package_folder():
            raise read.fail(f"{where}.source", str(unknown("source", source, bibliography())))
    for key, names in (("kind", KINDS), ("scope", SCOPES)):
        if key in table and table[key] not in names:
            raise read.fail(f"{where}.{key}", str(unknown(key, table[key], names)))
    fields = {"node_nm": node, "vdd": vdd, **table}
    for key in ("covers", "layers"):
        fields[key] = tuple(read.take(table, f"{where}.", key, list, []))
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
        return Constant(**fields)
    except SpikingError as error:
        raise read.fail(where, str(error)) from None


def package_folder() -> Path:
    """Folder of the chips that come with the package."""
    return Path(str(files("spiking.hardware") / "chips"))
