"""Chips by name: those of the package, those a user added, those registered in this process."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from spiking.core.errors import SpikingError, require, unknown
from spiking.core.files import write_bytes
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.chip_file import package_folder, read_chip
from spiking.hardware.models import MODELS


def chip_names() -> tuple[str, ...]:
    """Names of the chips that come with the package, were added by the user, or were registered."""
    found = {p.stem for folder in (package_folder(), user_folder()) for p in folder.glob("*.toml")}
    return tuple(sorted(found | set(REGISTERED)))


def user_folder() -> Path:
    """Folder of the chips a user added: ``$SPIKING_CHIPS``, or in the user's settings."""
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
    if (package_folder() / f"{chip.name}.toml").exists():
        raise SpikingError(f"the name {chip.name!r} belongs to a chip of the package; choose another")
    write_bytes(user_folder() / f"{chip.name}.toml", Path(path).read_bytes())
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
    return read_chip(package_folder() / f"{name}.toml")
