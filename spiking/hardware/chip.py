"""Chips as data: one TOML file per device, every number with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spiking.core import check
from spiking.core.errors import unknown
from spiking.hardware.quantity import Number, Quantity

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

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("per", "term", "group"):
            check.text(name, getattr(self, name))
        for name in ("covers", "layers"):
            check.texts(name, getattr(self, name))


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

    def __post_init__(self) -> None:
        for name in ("name", "title", "model", "summary"):
            check.text(f"{name} of a chip", getattr(self, name))
        runs = check.texts(f"runs of {self.name!r}", self.runs)
        for run in runs:
            check.choice(f"runs of {self.name!r}", run, RUNS)
        for name, kind in (("constants", Constant), ("settings", object)):
            table = check.instance(f"{name} of {self.name!r}", getattr(self, name), Mapping)  # type: ignore[type-abstract]
            for key, value in table.items():
                check.text(f"a name in {name} of {self.name!r}", key)
                check.instance(f"{key} of {self.name!r}", value, kind)
        for name in ("node_nm", "vdd"):
            if getattr(self, name) is not None:
                check.number(f"{name} of {self.name!r}", getattr(self, name), 0, open_low=True)

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
