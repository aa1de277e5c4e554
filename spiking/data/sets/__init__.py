"""The data sets, one file each: how it is read, where it lies, its licence, its checksum where published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiking.core.registry import Registry

if TYPE_CHECKING:
    from spiking.data.source import Source

DATA_SETS: Registry[Source] = Registry("data set", package=__name__, group="spiking.data")
