"""The contenders, one file each: how it is built, trained and quantised, and how it looks in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiking.core.registry import Registry

if TYPE_CHECKING:
    from spiking.study.contenders.task import Contender

CONTENDERS: Registry[Contender] = Registry(
    "contender",
    package=__name__,
    group="spiking.contenders",
    beside=("estimators", "search", "settings", "task", "yours"),
)


def contender_names() -> list[str]:
    """Names of all contenders in the order of tables and figures."""
    return sorted(CONTENDERS.names(), key=lambda name: (CONTENDERS[name].order, name))
