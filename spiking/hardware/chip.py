"""Chips as data: one TOML file per device, every number with its source."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from spiking.core.counts import OPERATIONS
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.quantity import KINDS, SCOPES, Number, Quantity, parse_unit
from spiking.hardware.bill import TERMS
from spiking.hardware.schema import Reader, bibliography

RUNS = ("spiking", "analog")
RESOURCES = {
    "cores": "cores the network occupies",
    "chips": "chips the network occupies",
    "cycles": "clock cycles of work in one inference",
    "clock_cycles": "clock cycles that pass during the latency",
    "sram_bits": "bits of weights and state the network stores",
    "inferences": "one per inference",
    "neurons": "units of the network",
}
TOP = ("name", "title", "model", "runs", "summary", "node_nm", "vdd", "settings", "constants")
FIELDS = (
    "value", "unit", "low", "high", "source", "where", "kind", "scope", "note",
    "node_nm", "vdd", "activity_point", "per", "term", "covers", "layers", "group",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Constant(Quantity):
    """A quantity of a chip and what it is charged for.

    Attributes:
        per: an operation of :data:`~spiking.core.counts.OPERATIONS` or a resource it multiplies.
        term: the line of the bill it belongs to.
        covers: operations whose cost it already contains.
        layers: kinds (``spiking``, ``analog``, ``input``) or places (``first``, ``middle``, ``last``)
            of layers it holds for; empty means all.
        group: constants of one group are levels of one quantity: one event pays one of them, never two.
    """

    per: str = ""
    term: str = ""
    covers: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A device: which networks it runs, its constants, and the name of the model that prices them."""

    name: str
    title: str
    model: str
    runs: tuple[str, ...]
    constants: Mapping[str, Constant]
    settings: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    node_nm: float | None = None
    vdd: float | None = None

    def __getitem__(self, name: str) -> Constant:
        """Return a constant."""
        try:
            return self.constants[name]
        except KeyError:
            raise unknown(f"constant of {self.name!r}", name, self.constants) from None

    def get(self, name: str) -> Constant | None:
        """Return a constant, or None where the chip has none of that name."""
        return self.constants.get(name)

    def with_values(self, **values: Number) -> Chip:
        """Return a copy with exact values (in the unit of each constant); arrays sweep many at once."""
        changed = {name: self[name].at(value) for name, value in values.items()}
        return replace(self, constants={**self.constants, **changed})

    def with_settings(self, **settings: Any) -> Chip:
        """Return a copy with other settings."""
        for name in settings:
            if name not in self.settings:
                raise unknown(f"setting of {self.name!r}", name, self.settings)
        return replace(self, settings={**self.settings, **settings})

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of every source the chip cites."""
        return tuple(sorted({s for c in self.constants.values() for s in c.sources}))


def chip_names() -> tuple[str, ...]:
    """Names of the chips that come with the package, were added by the user, or were registered."""
    found = {p.stem for folder in (_package(), user_folder()) for p in folder.glob("*.toml")}
    return tuple(sorted(found | set(REGISTERED)))


def user_folder() -> Path:
    """Folder of the chips a user added: ``$SPIKING_CHIPS``, or ``spikejoule/chips`` in the user's settings."""
    given = os.environ.get("SPIKING_CHIPS")
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(given) if given else settings / "spikejoule" / "chips"


def add_chip(path: str | Path) -> Chip:
    """Check a chip file and copy it to the user's folder, so that its name is known from now on.

    Raises:
        SpikingError: the file breaks a rule of the format, or its name belongs to a chip of the package.
    """
    chip = read_chip(Path(path))
    require(
        bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", chip.name)),
        f"{Path(path).name}: name: is {chip.name!r}; letters, digits, dots and dashes are allowed",
    )
    if (_package() / f"{chip.name}.toml").exists():
        raise SpikingError(f"the name {chip.name!r} belongs to a chip of the package; choose another")
    folder = user_folder()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / f"{chip.name}.toml")
    return chip


REGISTERED: dict[str, Chip] = {}
ALIASES = {"loihi1-davies": "loihi1"}


def register(chip: Chip) -> Chip:
    """Make ``chip`` known by its name in this process."""
    if chip.name in chip_names() and chip.name not in REGISTERED:
        raise SpikingError(f"the name {chip.name!r} belongs to a chip of the package; choose another")
    REGISTERED[chip.name] = chip
    return chip


def register_chip(
    name: str,
    energy_per_synop: float,
    energy_per_neuron: float,
    spiking: bool,
    *,
    source: str = "the user",
) -> Chip:
    """Register a device of two constants [J], as KerasSpiking does, and return it.

    A spiking device pays per synaptic event and per unit update, a conventional one per synapse and per
    activation, once. Input, memory beyond the two constants, and static power are left out.
    """
    rest = ("input_events", "encoder_draws", "output_events", "accumulates", "weight_reads", "spikes")
    covers = (*rest, "state_reads", "state_writes", "macs_effective", "updates_silent")

    def constant(value: float, per: str, covers: tuple[str, ...] = ()) -> Constant:
        return Constant(
            value=value, unit="J", source=source, per=per, term="compute", scope="event", covers=covers
        )

    if spiking:
        constants = {
            "synapse": constant(energy_per_synop, "synaptic_events", rest),
            "neuron_fired": constant(energy_per_neuron, "updates_fired", ("state_reads", "state_writes")),
            "neuron_silent": constant(energy_per_neuron, "updates_silent"),
        }
    else:
        constants = {
            "synapse": constant(energy_per_synop, "macs_dense", covers),
            "neuron": constant(energy_per_neuron, "activations"),
        }
    runs = ("spiking",) if spiking else ("analog",)
    from spiking.hardware.models import MODELS

    settings = dict(MODELS["events"].SETTINGS)
    return register(
        Chip(name=name, title=name, model="events", runs=runs, constants=constants, settings=settings)
    )


def load_chip(name: str | Path) -> Chip:
    """Return a chip of the package by name, or read one from a TOML file.

    Raises:
        SpikingError: unknown name (with a suggestion), or a file that breaks a rule of the format.
    """
    text = ALIASES.get(str(name), str(name))
    if text in REGISTERED:
        return REGISTERED[text]
    if text.endswith(".toml") or "/" in text:
        return read_chip(Path(text))
    if text not in chip_names():
        raise unknown("chip", text, chip_names(), "or give the path of a TOML file")
    own = user_folder() / f"{text}.toml"
    return read_chip(own) if own.exists() else _shipped(text)


@cache
def _shipped(name: str) -> Chip:
    return read_chip(_package() / f"{name}.toml")


def read_chip(path: Path) -> Chip:
    """Read and check one chip file."""
    from spiking.hardware.models import MODELS  # a model states which constants it needs

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
        if source not in bibliography() and source != "this project" and read.path.parent == _package():
            raise read.fail(f"{where}.source", str(unknown("source", source, bibliography())))
    for key, names in (("kind", KINDS), ("scope", SCOPES)):
        if key in table and table[key] not in names:
            raise read.fail(f"{where}.{key}", str(unknown(key, table[key], names)))
    fields = {"node_nm": node, "vdd": vdd, **table}
    for key in ("covers", "layers"):
        fields[key] = tuple(read.take(table, f"{where}.", key, list, []))
    for operation in fields["covers"]:
        if operation not in OPERATIONS and operation != "*":
            raise read.fail(f"{where}.covers", str(unknown("operation", operation, [*OPERATIONS, "*"])))
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


def _package() -> Path:
    return Path(str(files("spiking.hardware") / "chips"))
