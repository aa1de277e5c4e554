"""Reading TOML strictly: every error is one sentence that names the file, the key and the value."""

from __future__ import annotations

import math
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from spiking.core.errors import SpikingError, did_you_mean

LARGEST_FILE = 1_000_000  # bytes; the largest chip file shipped is below 20 kB
LARGEST = 10**300  # a whole number beyond it is no float
LONGEST = 1000  # characters of one text
MARKUP = re.compile(r"\[/?[a-z#@]", re.IGNORECASE)
NAMES = {dict: "table", list: "list", str: "text", float: "float"}


def _shown(value: Any) -> str:
    """A value as it came, cut where it is long."""
    text = repr(value) if not isinstance(value, int) or abs(value) < LARGEST else "a whole number too large"
    return text if len(text) <= 80 else f"{text[:77]}..."


class Reader:
    """One TOML file; ``fail`` builds the sentence, ``take`` gets a checked value."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            found = path.stat()
            if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):  # a pipe would never end
                raise self.fail("", "this is no regular file; a TOML file is needed")
            size = found.st_size
            if size > LARGEST_FILE:
                raise self.fail(
                    "", f"the file has {size / 1e6:.1f} MB; at most {LARGEST_FILE / 1e6:g} MB are allowed"
                )
            self.data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except SpikingError:
            raise
        except OSError as error:
            raise SpikingError(
                f"{path} cannot be read ({error.strerror}); give the path of a TOML file"
            ) from None
        except UnicodeDecodeError:
            raise self.fail("", "this is not text in UTF-8; a TOML file is needed") from None
        except RecursionError:
            raise self.fail("", "its tables or lists are nested too deep; two levels are enough") from None
        except ValueError as error:  # not TOML, or a number of thousands of digits
            raise self.fail("", f"this is not valid TOML ({error})") from None

    def fail(self, key: str, text: str) -> SpikingError:
        """Return the error ``file: key: text``."""
        return SpikingError(f"{self.path.name}: {key + ': ' if key else ''}{text}")

    def take(self, table: Mapping[str, Any], where: str, key: str, kind: type, default: Any = None) -> Any:
        """Return ``table[key]`` as ``kind``; ``default=...`` makes it required."""
        if key not in table:
            if default is ...:
                raise self.fail(f"{where}{key}", "is missing")
            return default
        value = table[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value) if abs(value) < LARGEST else math.inf
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(
                f"{where}{key}", f"is {_shown(value)}; a {NAMES.get(kind, kind.__name__)} is needed"
            )
        return value

    def number(self, table: Mapping[str, Any], where: str, key: str) -> float | None:
        """Return a finite number of at least 0, or None where there is none."""
        value: float | None = self.take(table, where, key, float)
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise self.fail(
                f"{where}{key}", f"is {_shown(table[key])}; a finite number of at least 0 is needed"
            )
        return value

    def text(self, table: Mapping[str, Any], where: str, key: str, default: Any = "") -> str:
        """Return one line of text without control characters or markup; ``default=...`` makes it required."""
        value: str = self.take(table, where, key, str, default)
        if len(value) > LONGEST or not value.isprintable():
            raise self.fail(
                f"{where}{key}",
                f"is {_shown(value)}; one line of at most {LONGEST} printable characters is needed",
            )
        if MARKUP.search(value):
            raise self.fail(
                f"{where}{key}", f"is {_shown(value)}; words in square brackets are read as markup"
            )
        return value

    def texts(self, table: Mapping[str, Any], where: str, key: str, default: Any = ...) -> tuple[str, ...]:
        """Return a list of words."""
        values = self.take(table, where, key, list, default)
        for value in values:
            if not isinstance(value, str):
                raise self.fail(f"{where}{key}", f"holds {_shown(value)}; a list of words is needed")
        return tuple(values)

    def only(self, table: Mapping[str, Any], where: str, allowed: Iterable[str]) -> None:
        """Refuse keys that are not ``allowed``, with a suggestion."""
        names = sorted(allowed)
        for key in table:
            if key not in names:
                hint = did_you_mean(key, names)
                raise self.fail(f"{where}{key}", f"is not a known key{hint}; allowed: {', '.join(names)}")


@cache
def bibliography() -> Mapping[str, Mapping[str, Any]]:
    """Return every source: key -> fields (bibtex, author, title, venue, year, ...)."""
    path = Path(str(files("spiking.hardware") / "sources.toml"))
    return Reader(path).data
