"""Models: how constants and counts become lines. A chip file names the one that prices it.

A model is a module with ``SETTINGS`` (names and defaults), ``problems(chip)`` (what a file lacks,
as ``(key, sentence)``) and ``price(counts, chip, latency) -> Bill``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from spiking.core.counts import Counts
from spiking.hardware.bill import Bill
from spiking.hardware.chip import Chip
from spiking.hardware.mesh.place import Placement
from spiking.hardware.models import components, crossbar, events, system
from spiking.hardware.quantity import Interval


class Model(Protocol):
    """What every model module offers."""

    SETTINGS: Mapping[str, Any]

    def problems(self, chip: Chip) -> Iterator[tuple[str, str]]:
        """Yield ``(key, sentence)`` for everything the chip file lacks or contradicts."""
        ...

    def price(
        self, counts: Counts, chip: Chip, latency: Interval | None, placement: Placement | None
    ) -> Bill:
        """Return the bill of one inference."""
        ...


MODELS: Mapping[str, Model] = {
    "components": components,
    "crossbar": crossbar,
    "events": events,
    "system": system,
}
