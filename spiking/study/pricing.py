"""On which chips, with which settings, and beside which published models a network is priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core.check import choice, flag, instance, number
from spiking.core.counts import Counts
from spiking.core.errors import SpikingError, require, unknown
from spiking.hardware import Chip, chip_names, load_chip
from spiking.hardware.models.components import CHOICES
from spiking.hardware.published import MODELS, Estimate, estimate


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """How counts are priced.

    Attributes:
        chips: chips, names of chips, or paths of chip files; ``["all"]`` means every known chip.
        settings: changed settings of component chips, e.g. ``{"sums": "sram"}``.
        models: published models to show beside; ``["all"]`` means every one.
        latency: time of one inference [s]; None takes each chip's estimate.
        placed: place the network on the cores of each chip that has a mesh.

    Raises:
        SpikingError: an unknown setting, model or value.
    """

    chips: Sequence[str | Path | Chip] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    models: Sequence[str] = ()
    latency: float | None = None
    placed: bool = False

    def __post_init__(self) -> None:
        for name in ("chips", "models"):
            came = getattr(self, name)
            good = isinstance(came, Sequence) and not isinstance(came, str | bytes)
            require(good, f"{name} is {str(came)[:80]!r}; a list is needed")
        for chip in self.chips:
            require(
                isinstance(chip, str | Path | Chip),
                f"a chip is {str(chip)[:80]!r}; allowed: a Chip, the name of one, or the path of a chip file",
            )
        flag("placed", self.placed)
        instance("settings", self.settings, Mapping)  # type: ignore[type-abstract]
        for name, value in self.settings.items():
            if name not in CHOICES:
                raise unknown("setting", name, CHOICES)
            choice(name, value, CHOICES[name])
        if list(self.models) == ["all"]:
            object.__setattr__(self, "models", tuple(MODELS))
        for model in self.models:
            choice("published model", model, MODELS)
        if self.latency is not None:
            number("latency", self.latency, 0, open_low=True, unit="s")

    def devices(self) -> dict[str, Chip]:
        """Return the chips by name, with the settings.

        Raises:
            SpikingError: an unknown chip, two of one name, or a setting that no chip has.
        """
        chips = chip_names() if list(self.chips) == ["all"] else self.chips
        found: dict[str, Chip] = {}
        for chip in chips:
            device = chip if isinstance(chip, Chip) else load_chip(chip)
            require(device.name not in found, f"the chip {device.name!r} came twice; name it once")
            known = {k: v for k, v in self.settings.items() if k in device.settings}
            found[device.name] = device.with_settings(**known) if known else device
        for name in self.settings:
            require(
                any(name in d.settings for d in found.values()),
                f"the setting {name!r} has no effect on {', '.join(found) or 'no chip'}; "
                "name a component chip, e.g. generic-45nm, or leave it out",
            )
        return found

    def estimates(self, counts: Counts) -> dict[str, Estimate]:
        """Return what each published model says of ``counts``; NaN with a note where it says nothing."""
        found = {}
        for name in self.models:
            try:
                found[name] = estimate(counts, name)
            except SpikingError as error:  # a model of spiking chips has nothing to say of an MLP
                found[name] = Estimate(model=name, terms={"all": float(np.nan)}, source="", note=str(error))
        return found
