"""Reading TOML strictly: every error is one sentence that names the file, the key and the value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from spiking.core.errors import SpikingError, did_you_mean

LARGEST_FILE = 1_000_000  # bytes; the largest chip file shipped is below 20 kB


class Reader:
    """One TOML file; ``fail`` builds the sentence, ``take`` gets a checked value."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            size = path.stat().st_size
            if size > LARGEST_FILE:
                raise self.fail(
                    "", f"the file has {size / 1e6:.1f} MB; at most {LARGEST_FILE / 1e6:g} MB are allowed"
                )
            self.data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SpikingError(
                f"{path} cannot be read ({error.strerror}); give the path of a TOML file"
            ) from None
        except UnicodeDecodeError:
            raise self.fail("", "this is not text in UTF-8; a TOML file is needed") from None
        except tomllib.TOMLDecodeError as error:
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
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(f"{where}{key}", f"is {value!r}; a {kind.__name__} is needed")
        return value

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
