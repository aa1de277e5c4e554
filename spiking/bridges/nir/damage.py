"""What a damaged graph raises anywhere in its reading, as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from spiking.core.errors import SpikingError

DAMAGE = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


@contextmanager
def in_words(what: str, todo: str) -> Iterator[None]:
    """Turn what values of a wrong type, shape or size raise into a :class:`SpikingError`."""
    try:
        yield
    except SpikingError:
        raise
    except RecursionError:
        raise SpikingError(f"{what} is nested too deeply; {todo}") from None
    except MemoryError:
        raise SpikingError(f"{what} does not fit in memory; {todo}") from None
    except DAMAGE as error:
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise SpikingError(f"{what}: {text}; {todo}") from None
