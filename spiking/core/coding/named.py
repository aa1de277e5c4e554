"""Encoders and decoders from text such as ``latency:theta=0.05,linear=true``."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from spiking.core.coding.base import DECODERS, ENCODERS, Decoder, Encoder
from spiking.core.errors import SpikingError, unknown
from spiking.core.registry import Registry

T = TypeVar("T")
WORDS = {"true": True, "yes": True, "false": False, "no": False}


def encoder_named(text: str) -> Encoder:
    """Return the encoder that ``text`` describes: its name, then ``:field=value,field=value``.

    Raises:
        SpikingError: unknown name or field, or a value that does not fit, with what is allowed.
    """
    return _built(ENCODERS, text)


def decoder_named(text: str) -> Decoder:
    """Return the decoder that ``text`` describes, e.g. ``membrane:over=max``.

    Raises:
        SpikingError: unknown name or field, or a value that does not fit, with what is allowed.
    """
    return _built(DECODERS, text)


def _built(registry: Registry[type[T]], text: str) -> T:
    if not isinstance(text, str):
        raise SpikingError(
            f"the {registry.kind} is {text!r}; give a name: {', '.join(sorted(registry.names()))}"
        )
    name, colon, rest = text.strip().partition(":")
    kind: Any = registry[name.strip()]
    fields = {f.name: f.default for f in dataclasses.fields(kind) if f.init}
    given: dict[str, Any] = {}
    for part in rest.split(",") if colon else ():
        key, equals, value = (s.strip() for s in part.partition("="))
        if not equals or not value:
            raise SpikingError(
                f"{part.strip()!r} in the {registry.kind} {text!r} is no setting; write {name}:FIELD=VALUE"
                + (f" with the fields {', '.join(fields)}" if fields else "; it has no fields")
            )
        if key not in fields:
            if not fields:
                raise SpikingError(f"the {registry.kind} {name!r} has no fields; {key!r} came, leave it out")
            raise unknown(f"field of the {registry.kind} {name!r}", key, fields)
        if key in given:
            raise SpikingError(f"{key!r} stands twice in {text!r}; give it once")
        given[key] = _value(key, value, fields[key])
    missing = [k for k, default in fields.items() if default is dataclasses.MISSING and k not in given]
    if missing:
        raise SpikingError(
            f"the {registry.kind} {name!r} needs {', '.join(missing)}; write {name}:{missing[0]}=..."
        )
    made: T = kind(**given)
    return made


def _value(key: str, text: str, default: Any) -> Any:
    """Read a setting as the kind of value its default is."""
    if isinstance(default, bool):
        if text.lower() not in WORDS:
            raise SpikingError(f"{key} is {text!r}; allowed: true or false")
        return WORDS[text.lower()]
    if isinstance(default, str):
        return text
    try:
        return int(text) if isinstance(default, int) else float(text)
    except ValueError:
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise SpikingError(f"{key} is {text!r}; allowed: {kind}") from None
