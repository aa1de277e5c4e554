"""Errors a user can act on: one sentence that says what came, what is allowed and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SpikingError(ValueError):
    """Bad input. The message names what came, what is allowed and what to do, on one line."""

    def __init__(self, message: object = "") -> None:
        super().__init__(" ".join(str(message).splitlines()))  # arrays that came show as several


class Unwritable(SpikingError):
    """A file could not be written: a matter of the machine and the moment, not of what was asked for."""


def did_you_mean(came: str, allowed: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the nearest allowed name, or an empty string."""
    names = {str(a).lower(): str(a) for a in allowed}
    word = str(came).lower()
    near = difflib.get_close_matches(word, names, n=5, cutoff=0.5)
    # of equally near names the first in the alphabet, not the last
    best = min(near, key=lambda n: (-difflib.SequenceMatcher(None, n, word).ratio(), n), default=None)
    return f" (did you mean {names[best]!r}?)" if best else ""


def unknown(kind: str, came: object, allowed: Iterable[str], todo: str = "") -> SpikingError:
    """Build the error for a name that is not one of ``allowed``, with a suggestion."""
    names = sorted(str(a) for a in allowed)
    came = came if len(str(came)) <= 100 else f"{str(came)[:100]}..."
    text = f"unknown {kind} {came!r}{did_you_mean(str(came), names)}; allowed: {', '.join(names)}"
    return SpikingError(f"{text}; {todo}" if todo else text)


def require(condition: bool, message: str) -> None:
    """Raise :class:`SpikingError` with ``message`` unless ``condition`` holds."""
    if not condition:
        raise SpikingError(message)
