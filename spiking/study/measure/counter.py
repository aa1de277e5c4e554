"""The energy counter of the processor (RAPL), as Linux shows it in the power capping framework.

A zone is a folder with ``name``, ``energy_uj`` (joules so far, wrapping around) and ``max_energy_range_uj``.
Zones lie in each other, and the list holds the inner ones again (Documentation/power/powercap of Linux).
``package-N`` contains ``core`` and ``uncore``; its ``dram`` zone counts memory that no other zone does;
``psys`` is the whole platform, packages included; ``intel-rapl-mmio`` shows a package by a second way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spiking.core.errors import SpikingError

ROOT = Path("/sys/class/powercap")
PREFIX = "intel-rapl:"  # AMD's counters have the same name; the second way, intel-rapl-mmio, has not
OUTER, INNER = "package-", "dram"


@dataclass
class Zone:
    """One zone: its name, its files, and the joules it has counted since the first reading."""

    name: str
    folder: Path
    span: int  # where the counter starts again [uJ]
    last: int  # last reading [uJ]
    counted: int = 0  # since the first reading [uJ]

    def read(self) -> float:
        """Read the counter and return the joules since the first reading."""
        now = _whole(self.folder / "energy_uj")
        self.counted += now - self.last + (self.span if now < self.last else 0)
        self.last = now
        return self.counted * 1e-6


@dataclass
class Rapl:
    """The processor packages of this machine, and their memory where it is counted.

    Args:
        root: the folder of the power capping framework.

    Raises:
        SpikingError: no counter here, or none that may be read.
    """

    root: Path = ROOT
    zones: list[Zone] = field(init=False)

    def __post_init__(self) -> None:
        self.root = Path(self.root)
        try:
            folders = sorted(f for f in self.root.iterdir() if f.name.startswith(PREFIX))
        except OSError as error:
            raise _absent(f"{str(self.root)[:100]} cannot be read: {error.strerror or error}") from None
        outer = {f.name: f for f in folders if f.name.count(":") == 1}
        packages = {n: f for n, f in outer.items() if _text(f / "name").startswith(OUTER)}
        if not packages:
            raise _absent(f"{self.root} holds no zone of a processor package")
        chosen = dict(packages)
        for name, folder in packages.items():
            inner = {f.name: f for f in folder.iterdir() if f.name.startswith(f"{name}:")}
            inner |= {f.name: f for f in folders if f.name.startswith(f"{name}:")}  # the same, listed again
            chosen |= {n: f for n, f in inner.items() if _text(f / "name") == INNER}
        self.zones = [
            Zone(
                name=_text(folder / "name"),
                folder=folder,
                span=_whole(folder / "max_energy_range_uj"),
                last=_whole(folder / "energy_uj"),
            )
            for _, folder in sorted(chosen.items())
        ]

    @property
    def words(self) -> str:
        """Which zones are counted."""
        return "RAPL zones " + ", ".join(zone.name for zone in self.zones)

    def joules(self) -> float:
        """Return the energy since the counter was made [J]; to be read once per turn at least (minutes)."""
        return sum(zone.read() for zone in self.zones)


def _absent(why: str) -> SpikingError:
    return SpikingError(
        f"no energy counter here ({why}); measure on Linux with an Intel or AMD processor, not in a virtual "
        "machine, or name the folder of the counters with --counter"
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except PermissionError:
        raise SpikingError(
            f"{path} may not be read; Linux keeps the energy counter for the administrator: run as root, or "
            "give the right to read it (sudo chmod a+r on each energy_uj)"
        ) from None
    except OSError as error:
        raise SpikingError(f"{path} cannot be read: {error.strerror or error}") from None


def _whole(path: Path) -> int:
    text = _text(path)
    if not text.isascii() or not text.isdigit():
        raise SpikingError(f"{path} holds {text[:40]!r}; a counter holds a whole number of microjoules")
    return int(text)
