"""Frozen values as plain data and back: what a file format without our types needs.

A dataclass becomes ``{"type": name, field: value, ...}``; arrays go into a separate mapping and
leave a reference, so that a binary container keeps their bits. Nothing is ever executed on
reading: only the types listed in :func:`types` are built.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from spiking.core import neurons, plasticity
from spiking.core.coding import decode, encode
from spiking.core.coding.base import Decoder, Encoder
from spiking.core.errors import SpikingError, unknown

Arrays = dict[str, Any]
MODULES = (encode, decode, neurons, plasticity)
BASES = (neurons.Unit, Encoder, Decoder)


def types() -> dict[str, type]:
    """Return the dataclasses that may be written and read, by name.

    They are the package's own, and the units, encoders and decoders of others that have been imported.
    """
    found: dict[str, type] = {}
    for module in MODULES:
        for name, value in vars(module).items():
            if isinstance(value, type) and dataclasses.is_dataclass(value):
                found[name] = value
    below = list(BASES)
    for base in below:
        below += base.__subclasses__()
        if dataclasses.is_dataclass(base):
            found.setdefault(base.__name__, base)
    return found


def pack(value: Any, arrays: Arrays) -> Any:
    """Turn ``value`` into what JSON can hold; arrays are put into ``arrays`` under a fresh key.

    Raises:
        SpikingError: for a value that has no plain form.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = {f.name: pack(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
        return {"type": type(value).__name__, **own}
    if isinstance(value, np.ndarray):
        key = f"a{len(arrays)}"
        arrays[key] = value
        return {"array": key}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {"map": {str(k): pack(v, arrays) for k, v in value.items()}}
    if isinstance(value, list | tuple):
        return [pack(v, arrays) for v in value]
    raise SpikingError(
        f"a value of type {type(value).__name__} cannot be stored; "
        "use numbers, text, lists, mappings, arrays or the package's own types"
    )


def unpack(data: Any, arrays: Mapping[str, Any]) -> Any:
    """Undo :func:`pack`.

    Raises:
        SpikingError: for an unknown type, a missing array or a field that does not belong.
    """
    if isinstance(data, list):
        return [unpack(v, arrays) for v in data]
    if not isinstance(data, dict):
        return data
    if "map" in data:
        return {k: unpack(v, arrays) for k, v in data["map"].items()}
    if "float" in data:
        return float(data["float"])
    if "array" in data:
        if data["array"] not in arrays:
            raise unknown("array", data["array"], arrays)
        return np.asarray(arrays[data["array"]])
    known = types()
    if data.get("type") not in known:
        raise unknown("type", data.get("type"), known, "the file may be from a newer version")
    fields = {k: unpack(v, arrays) for k, v in data.items() if k != "type"}
    try:
        return known[data["type"]](**fields)
    except TypeError as error:
        raise SpikingError(f"the stored {data['type']} does not fit this version: {error}") from None
