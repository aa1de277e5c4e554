"""Checks of single values, each with one sentence: what came, what is allowed.

A class checks its fields with these at construction, so that a wrong value never reaches a loop. Each
function returns the value in the type the package works with.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require, unknown

T = TypeVar("T")
LARGEST_SEED = 2**32 - 1  # what numpy's generators and the counter-based hash both take
LAST_SAMPLE = 2**62  # number of a sample in the streams of random numbers


def whole(name: str, value: Any, low: int, high: int | None = None, *, todo: str = "") -> int:
    """Return ``value`` as an int from ``low`` to ``high`` (None: no upper end).

    Raises:
        SpikingError: not a whole number, or outside.
    """
    good = isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)
    if not good or value < low or (high is not None and value > high):
        span = f"{low} to {high}" if high is not None else f"{low} or more"
        raise wrong(name, value, f"whole numbers, {span}", todo)
    return int(value)


def number(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
    infinite: bool = False,
    unit: str = "",
    todo: str = "",
) -> float:
    """Return ``value`` as a float between ``low`` and ``high``; ``open_low``: above ``low``, not at it.

    NaN is never allowed, infinity only with ``infinite``.

    Raises:
        SpikingError: not a number, NaN, or outside.
    """
    good = isinstance(value, numbers.Real | np.floating | np.integer) and not isinstance(
        value, bool | np.bool_
    )
    x = float(value) if good else math.nan
    inside = (x > low if open_low else x >= low) and (x < high if open_high else x <= high)
    if not inside or (math.isinf(x) and not infinite):
        raise wrong(name, value, span(low, high, open_low, open_high), todo, unit)
    return x


def array(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
    infinite: bool = False,
    size: int | None = None,
    unit: str = "",
) -> float | NDArray[np.float64]:
    """Return one number, or one per neuron ``[neurons]``, as floats with every entry in the range.

    ``size``: number of neurons; an array must have that length. A scalar stays a float.

    Raises:
        SpikingError: not numbers, NaN, outside, or another length.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return number(
            name, value, low, high, open_low=open_low, open_high=open_high, infinite=infinite, unit=unit
        )
    try:
        x = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise wrong(name, value, f"numbers, {span(low, high, open_low, open_high)}", "", unit) from None
    above = x > low if open_low else x >= low
    below = x < high if open_high else x <= high
    good = above & below & (~np.isnan(x) if infinite else np.isfinite(x))
    if x.ndim > 1 or x.size == 0 or not bool(np.all(good)) or np.asarray(value).dtype.kind in "bSUO":
        raise wrong(
            name, value, f"one number or one per neuron, {span(low, high, open_low, open_high)}", "", unit
        )
    if size is not None and x.ndim == 1 and x.shape != (size,):
        raise SpikingError(f"{name} has {x.size} values for {size} neurons; give one value, or {size}")
    return float(x) if x.ndim == 0 else x


def flag(name: str, value: Any) -> bool:
    """Return ``value`` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise wrong(name, value, "True or False", "")
    return bool(value)


def text(name: str, value: Any) -> str:
    """Return ``value`` if it is a text."""
    if not isinstance(value, str):
        raise wrong(name, value, "text", "")
    return value


def texts(name: str, value: Any) -> tuple[str, ...]:
    """Return a tuple or list of texts as a tuple."""
    if not isinstance(value, tuple | list) or not all(isinstance(v, str) for v in value):
        raise wrong(name, value, "a tuple of texts", "")
    return tuple(value)


def path(name: str, value: Any) -> str | os.PathLike[str] | None:
    """Return ``value`` if it can name a place, or is None."""
    if value is not None and not isinstance(value, str | os.PathLike):
        raise wrong(name, value, "a path, or None", "")
    return value


def instance(name: str, value: Any, kind: type[T], *, none: bool = False) -> T:
    """Return ``value`` if it is a ``kind``; with ``none``, None is right as well."""
    if not isinstance(value, kind) and not (none and value is None):
        raise wrong(name, value, f"a {kind.__name__}{', or None' if none else ''}", "")
    return value  # type: ignore[return-value]  # None only where it is asked for


def choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return ``value`` if it is one of ``allowed``; else say which there are, with the nearest."""
    names = list(allowed)
    if not isinstance(value, str) or value not in names:
        raise unknown(name, value, names)
    return value


def seed(value: Any, name: str = "seed") -> int:
    """Return a seed from 0 to 2**32 - 1."""
    return whole(name, value, 0, LARGEST_SEED)


def configured(
    kind: type[T], given: T | None, options: Mapping[str, Any], what: str, also: Iterable[str] = ()
) -> T:
    """Return ``given`` with ``options`` in place of its own, or a new ``kind`` made from ``options``.

    Args:
        kind: a dataclass whose fields are the options. what: name of the function, for the sentence.
        also: further options of that function, to suggest for a name that is unknown.

    Raises:
        SpikingError: an unknown option (with the nearest name), a missing one, or a ``given`` of
            another class.
    """
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in options:
        if name not in fields:
            raise unknown(f"option of {what}", name, [*fields, *also])
    if given is not None:
        require(
            isinstance(given, kind),
            f"config of {what} is a {type(given).__name__}; allowed: a {kind.__name__}",
        )
        return dataclasses.replace(given, **options)  # type: ignore[type-var]
    empty = dataclasses.MISSING
    missing = [
        n for n, f in fields.items() if f.default is empty and f.default_factory is empty and n not in options
    ]
    require(not missing, f"{what} needs {', '.join(missing)}; give it by name")
    return kind(**options)


def span(low: float, high: float, open_low: bool = False, open_high: bool = False) -> str:
    """Return a range in words, e.g. ``above 0`` or ``0 to 1``."""
    if math.isinf(low) and math.isinf(high):
        return "finite numbers"
    if math.isinf(high):
        return f"above {low:g}" if open_low else f"{low:g} or more"
    if math.isinf(low):
        return f"below {high:g}" if open_high else f"{high:g} or less"
    start = f"above {low:g}" if open_low else f"{low:g}"
    return f"{start} to below {high:g}" if open_high else f"{start} to {high:g}"


def wrong(name: str, value: Any, allowed: str, todo: str = "", unit: str = "") -> SpikingError:
    """Build the error for a value that is none of ``allowed``; of a large array its shape is shown."""
    array = isinstance(value, np.ndarray) and value.size > 8
    shown = f"an array of shape {value.shape}" if array else repr(value)
    text = f"{name} is {shown[:120]}{f' {unit}' if unit else ''}; allowed: {allowed}"
    return SpikingError(f"{text}; {todo}" if todo else text)
