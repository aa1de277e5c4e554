"""Things found by name: the package's own, one module each, and those of other packages by entry point."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from spiking.core.errors import SpikingError, unknown

T = TypeVar("T")


class Registry(Generic[T]):
    """Names and what they stand for.

    The modules of ``package``, those in its sub-rooms too, are imported when a name is first asked for; each
    registers what it holds. Then come the entry points of ``group`` that other packages declare, whose name
    is the name.

    Args:
        kind: what one thing is called in an error, e.g. ``"data set"``.
        package: full name of the package whose modules register themselves.
        group: entry-point group, e.g. ``"spiking.data"``.
        beside: modules of ``package`` that hold no such thing.
    """

    def __init__(self, kind: str, *, package: str, group: str, beside: tuple[str, ...] = ()) -> None:
        self.kind, self.package, self.group, self.beside = kind, package, group, beside
        self._found: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator (or call it with a value) that makes ``name`` known.

        Raises:
            SpikingError: the name is taken by something else.
        """

        def keep(value: T) -> T:
            if name in self._found and self._found[name] is not value:
                raise SpikingError(f"the {self.kind} {name!r} exists already; choose another name")
            self._found[name] = value
            return value

        return keep

    def names(self) -> tuple[str, ...]:
        """All names, in alphabetical order."""
        self._load()
        return tuple(sorted(self._found))

    def __contains__(self, name: object) -> bool:
        """Whether ``name`` is known."""
        return isinstance(name, str) and name in self.names()

    def __getitem__(self, name: str) -> T:
        """Return what ``name`` stands for.

        Raises:
            SpikingError: unknown, with the nearest known name.
        """
        if name not in self:
            raise unknown(self.kind, name, self._found)
        return self._found[name]

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.package)
        start = f"{self.package}."
        for module in pkgutil.walk_packages(package.__path__, start):
            if module.name.removeprefix(start) not in self.beside:
                importlib.import_module(module.name)
        for point in entry_points(group=self.group):
            if point.name not in self._found:
                self._found[point.name] = point.load()
