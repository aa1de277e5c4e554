"""Digests of values by their content: equal values give equal digests, on any machine."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core.errors import SpikingError
from spiking.core.network import Network

BLOCK = 2**24  # entries of an array read at a time, so that a memory-mapped one need not fit the memory


def digest(*values: Any) -> str:
    """Return the SHA-256 of ``values``: numbers, text, arrays, sparse matrices, mappings, dataclasses.

    Every part is written with its type and length, so that different values cannot run together.

    Raises:
        SpikingError: a value whose content has no such form.
    """
    hashed = hashlib.sha256()
    _feed(hashed, values)
    return hashed.hexdigest()


def structure(network: Network) -> str:
    """Return the digest of all that training leaves alone: everything but weights, biases and names.

    Delays, receptors, learning rules, units, encoders and the pattern of sparse weights are in it.
    """
    conns = []
    for c in network.connections:
        kept = {f.name: getattr(c, f.name) for f in dataclasses.fields(c) if f.name != "weight"}
        pattern = (c.weight.indptr, c.weight.indices) if sp.issparse(c.weight) else None
        conns.append((kept, tuple(c.weight.shape), pattern))
    pops = []
    for p in network.populations:
        kept = {f.name: getattr(p, f.name) for f in dataclasses.fields(p) if f.name != "bias"}
        pops.append((kept, p.bias is not None))
    return digest(network.inputs, pops, conns, network.output, network.steps, network.dt)


def _feed(hashed: Any, value: Any) -> None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        _tagged(hashed, "number", repr(value).encode())
    elif isinstance(value, float):
        _tagged(hashed, "float", struct.pack("<d", value))
    elif isinstance(value, str):
        _tagged(hashed, "text", value.encode())
    elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
        _tagged(hashed, "array", f"{value.dtype.newbyteorder('<').str}{value.shape}".encode())
        rows = max(1, BLOCK // max(1, value[:1].size)) if value.ndim else 1
        parts = (value[k : k + rows] for k in range(0, len(value), rows)) if value.ndim else (value,)
        for part in parts:
            hashed.update(np.ascontiguousarray(part, value.dtype.newbyteorder("<")).data)
    elif sp.issparse(value):
        table: Any = value
        table = table.tocsr()
        _feed(hashed, ("sparse", table.shape, table.indptr, table.indices, table.data))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        _tagged(hashed, "class", type(value).__name__.encode())
        _feed(hashed, {f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    elif isinstance(value, Mapping):
        _tagged(hashed, "map", b"")
        _tagged(hashed, "map", b"")
        _feed(hashed, [(str(key), value[key]) for key in sorted(value, key=str)])
    elif isinstance(value, list | tuple):
        _tagged(hashed, "list", str(len(value)).encode())
        for part in value:
            _feed(hashed, part)
    else:
        raise SpikingError(
            f"a value of type {type(value).__name__} has no checksum; "
            "use numbers, text, arrays, mappings or dataclasses of them"
        )


def _tagged(hashed: Any, tag: str, content: bytes) -> None:
    hashed.update(f"{tag}:{len(content)}:".encode() + content)
