"""Copying and filling as plain loops: numba's slice assignments reserve memory for overlaps."""

from __future__ import annotations

from spiking.kernels.compile import jit_views


@jit_views
def copy(to, source):  # type: ignore[no-untyped-def]
    """``to[:] = source``."""
    for j in range(to.size):
        to[j] = source[j]


@jit_views
def add(to, source):  # type: ignore[no-untyped-def]
    """``to += source``."""
    for j in range(to.size):
        to[j] += source[j]


@jit_views
def clear(to):  # type: ignore[no-untyped-def]
    """``to[:] = 0``."""
    for j in range(to.size):
        to[j] = 0


@jit_views
def fill(to, value):  # type: ignore[no-untyped-def]
    """``to[:] = value``."""
    for j in range(to.size):
        to[j] = value


@jit_views
def scatter(to, places, source):  # type: ignore[no-untyped-def]
    """``to[places] = source``."""
    for k in range(places.size):
        to[places[k]] = source[k]
