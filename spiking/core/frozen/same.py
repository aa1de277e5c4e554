"""Equality of networks by value, with the place of each difference."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core.network import Network


def differences(a: Any, b: Any, at: str = "network") -> list[str]:
    """Return where two networks (or parts of them) differ, as readable paths; empty if nowhere.

    Arrays are compared bit by bit in value, sparse ones without regard to stored zeros; one value
    for a whole population equals the same value repeated per neuron.
    """
    if sp.issparse(a) or sp.issparse(b):
        return [] if sp.issparse(a) and sp.issparse(b) and _same_sparse(a, b) else [at]
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return [] if _same_array(a, b) else [at]
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        odd = [f"{at}.{k}" for k in sorted(set(a) ^ set(b), key=str)]
        return odd + [d for k in a if k in b for d in differences(a[k], b[k], f"{at}.{k}")]
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        if len(a) != len(b):
            return [f"{at} ({len(a)} and {len(b)} entries)"]
        return [d for k, (x, y) in enumerate(zip(a, b, strict=True)) for d in differences(x, y, f"{at}[{k}]")]
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        if type(a) is not type(b):
            return [f"{at} ({type(a).__name__} and {type(b).__name__})"]
        names = [f.name for f in dataclasses.fields(a)]
        return [d for n in names for d in differences(getattr(a, n), getattr(b, n), f"{at}.{n}")]
    return [] if a == b or ((a is None) is (b is None) and _same_array(a, b)) else [at]


def same(a: Network, b: Network) -> bool:
    """Return True if two networks are equal in every field."""
    return not differences(a, b)


def _same_array(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    x, y = np.asarray(a), np.asarray(b)
    if x.ndim and y.ndim and x.shape != y.shape:
        return False
    if x.dtype.kind in "fc" and y.dtype.kind in "fc":
        return bool(np.all((x == y) | (np.isnan(x) & np.isnan(y))))
    return bool(np.all(x == y))


def _same_sparse(a: Any, b: Any) -> bool:
    return bool(a.shape == b.shape and (a != b).nnz == 0)
