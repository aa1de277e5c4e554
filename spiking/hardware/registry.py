"""Chips by name: those of the package, of other packages, of the user, and those registered in this process.

A chip is a TOML file in a folder. The package has one folder, the user another (``spiking chips add``), and
another package names its own by an entry point of the group ``spiking.chips`` (a package, or a path). A name
stands once: the chips of the package keep theirs, and a file that would take one is left out and named.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from spiking.core.errors import SpikingError, unknown
from spiking.core.files import present, write_bytes
from spiking.core.typed import typed
from spiking.hardware.chip import Chip, Constant
from spiking.hardware.chip_file import package_folder, read_chip
from spiking.hardware.models import MODELS

GROUP = "spiking.chips"


def chip_names() -> tuple[str, ...]:
    """Names of the chips that come with the package or another, were added by the user, or registered."""
    found = {p.stem for p in package_folder().glob("*.toml")}
    return tuple(sorted(found | set(_foreign()[0]) | set(REGISTERED)))


def left_out() -> dict[str, str]:
    """Files and folders of others that are left out, with the reason: path -> sentence."""
    return _foreign()[1]


def user_folder() -> Path:
    """Folder of the chips a user added: ``$SPIKING_CHIPS``, or in the user's settings."""
    given = os.environ.get("SPIKING_CHIPS")
    if given:
        return Path(given)
    settings = os.environ.get("XDG_CONFIG_HOME")
    try:
        return Path(settings or Path.home() / ".config") / "spikejoule" / "chips"
    except RuntimeError:  # no home at all
        raise SpikingError("there is no home folder; name one for chips in SPIKING_CHIPS") from None


def _folders(bad: dict[str, str]) -> Iterator[Path]:
    """Folders of other packages, in the order of their names, then the user's."""
    for point in _points():
        try:
            value = point.load()
            yield Path(value) if isinstance(value, str | Path) else Path(str(value.__file__)).parent
        except Exception as error:  # whatever a foreign package does when it is loaded
            bad[f"entry point {point.name}"] = f"cannot be loaded ({type(error).__name__}: {error})"
    try:
        yield user_folder()
    except SpikingError:  # nothing was added where there is no place for it
        return


@cache
def _points() -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=GROUP), key=lambda p: p.name))


def _foreign() -> tuple[dict[str, Chip], dict[str, str]]:
    """Chips of other packages and of the user by name, and what is left out."""
    chips: dict[str, Chip] = {}
    bad: dict[str, str] = {}
    for folder in _folders(bad):
        for path in sorted(Path(folder).glob("*.toml")):
            try:
                chips.setdefault(path.stem, _own(path, chips))
            except SpikingError as error:
                bad[str(path)] = str(error)
    return chips, bad


def _own(path: Path, others: dict[str, Chip]) -> Chip:
    chip = read_chip(path)
    if chip.name != path.stem:
        raise SpikingError(f"{path.name}: name: is {chip.name!r}; it must be that of the file")
    if (package_folder() / path.name).exists() or chip.name in others:
        raise SpikingError(f"{path.name}: the name {chip.name!r} belongs to another chip; choose another")
    return chip


@typed
def add_chip(path: str | Path) -> Chip:
    """Check a chip file and copy it to the user's folder, so that its name is known from now on.

    Raises:
        SpikingError: the file breaks a rule of the format, its name belongs to another chip, or it cannot be
            written. Nothing is left behind then.
    """
    source = Path(path)
    chip = read_chip(source)
    folder = user_folder()
    target = folder / f"{chip.name}.toml"
    taken = chip.name in chip_names() and not target.exists()
    if (package_folder() / target.name).exists() or taken:
        raise SpikingError(
            f"the name {chip.name!r} belongs to a chip of the package or another; choose another"
        )
    made = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(target, source.read_bytes())
    except OSError as error:
        _unmake(made)
        raise SpikingError(
            f"{folder} cannot be written ({error.strerror}); name another folder in SPIKING_CHIPS"
        ) from None
    except SpikingError:
        _unmake(made)
        raise
    return chip


def _unmake(folders: list[Path]) -> None:
    """Remove the folders made for nothing, the innermost first."""
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


REGISTERED: dict[str, Chip] = {}
ALIASES = {"loihi1-davies": "loihi1"}


def register(chip: Chip) -> Chip:
    """Make ``chip`` known by its name in this process."""
    if chip.name in chip_names() and chip.name not in REGISTERED:
        raise SpikingError(f"the name {chip.name!r} belongs to a chip of the package; choose another")
    REGISTERED[chip.name] = chip
    return chip


@typed
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


@typed
def load_chip(name: str | Path) -> Chip:
    """Return a chip by name, or read one from a TOML file.

    Warns where a file of the user's has the name of a chip of the package: the package's is returned.

    Raises:
        SpikingError: unknown name (with a suggestion), or a file that breaks a rule of the format.
    """
    text = ALIASES.get(str(name), str(name))
    if text in REGISTERED:
        return REGISTERED[text]
    if text.endswith(".toml") or "/" in text:
        return read_chip(Path(text))
    if present(package_folder() / f"{text}.toml"):
        _warn_of_shadows(text)
        return _shipped(text)
    chips, bad = _foreign()
    if text in chips:
        return chips[text]
    for path, why in bad.items():
        if Path(path).stem == text:
            raise SpikingError(why)
    raise unknown("chip", text, chip_names(), "or give the path of a TOML file")


def _warn_of_shadows(name: str) -> None:
    try:
        path = user_folder() / f"{name}.toml"
    except SpikingError:
        return
    if path.exists():
        warnings.warn(f"{path} is ignored: {name!r} is a chip of the package; rename it", stacklevel=3)


@cache
def _shipped(name: str) -> Chip:
    return read_chip(package_folder() / f"{name}.toml")
