"""What the annotations of a public function say, checked when it is called: one sentence for a wrong kind.

``@typed`` stands above functions that users call. It looks at kinds alone (a network, a whole number, an
array of numbers); which values are allowed is checked by the function itself, with ``core/check.py``.
"""

from __future__ import annotations

import functools
import inspect
import os
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np

from spiking.core import check

P = ParamSpec("P")
R = TypeVar("R")
Check = Callable[[str, Any], object]
WORDS = {int: "whole numbers", float: "numbers", bool: "True or False", str: "text", type(None): "None"}
MANY = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Have ``function`` raise :class:`SpikingError` for an argument of another kind than annotated.

    ``int`` and ``float`` take numpy's numbers as well; ``bool`` is no whole number. Functions that say more
    about a wrong kind (what to call first) check it themselves and do without.
    """
    signature = inspect.signature(function)

    @functools.cache
    def hints() -> dict[str, Any]:  # at the first call: a module may still be half imported now
        return typing.get_type_hints(function)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:  # a name that is missing or unknown: Python says which
            return function(*args, **kwargs)
        for name, value in given.items():
            if name in hints() and signature.parameters[name].kind not in MANY:
                _check(name, value, hints()[name])
        return function(*args, **kwargs)

    return checked


def _check(name: str, value: Any, hint: Any) -> None:
    kinds = _members(hint)
    if not any(_fits(value, kind) for kind in kinds):
        raise check.wrong(name, value, " or ".join(dict.fromkeys(map(_said, kinds))))


def _members(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(kind for member in typing.get_args(hint) for kind in _members(member))
    alias = typing.get_origin(hint) or hint  # numpy's NDArray is a named alias from Python 3.12 on
    return _members(alias.__value__) if hasattr(alias, "__value__") else (hint,)


def _fits(value: Any, kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    if isinstance(value, bool | np.bool_) and kind in (int, float):
        return False
    if kind is int:
        return isinstance(value, int | np.integer)
    if kind is float:
        return isinstance(value, float | int | np.floating | np.integer)
    if kind is bool:
        return isinstance(value, bool | np.bool_)
    if origin is np.ndarray:
        return _numeric(value)
    if origin is os.PathLike:
        return isinstance(value, os.PathLike)
    if origin is tuple:
        return isinstance(value, tuple | list)
    if origin is Sequence and typing.get_args(kind) == (str,):
        return isinstance(value, tuple | list) and all(isinstance(v, str) for v in value)
    return kind is Any or not isinstance(origin, type) or isinstance(value, origin)


def _numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except (TypeError, ValueError):
        return False


def _said(kind: Any) -> str:
    origin = typing.get_origin(kind) or kind
    if kind in WORDS:
        return WORDS[kind]
    if origin is np.ndarray:
        return "an array of numbers"
    if origin is Sequence:
        return "a list of texts" if typing.get_args(kind) == (str,) else "a list"
    if origin is tuple:
        return "a pair" if len(typing.get_args(kind)) == 2 else "a tuple"
    if origin is Mapping:
        return "a mapping"
    if isinstance(origin, type) and issubclass(origin, os.PathLike):
        return "a path"
    return f"a {getattr(origin, '__name__', origin)}"
