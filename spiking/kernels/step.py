"""THE place of each equation: one unit, one step, on scalars, in plain Python.

The compiled loops, the uncompiled reference and the docs all use these functions. They contain no
numeric literals, so that float32 stays float32 when numba compiles them.

Leaky integrate-and-fire, derivation. ``tau dv/dt = -(v - leak) + i`` with ``i`` constant over a step
``dt`` has the solution ``v(t + dt) = leak + decay (v(t) - leak) + (1 - decay) i`` where
``decay = exp(-dt / tau)`` (exact integration, Rotter & Diesmann 1999, Biol. Cybern. 81:381). Euler's
step replaces ``decay`` by ``1 - dt/tau``; simulators that add the input unscaled set ``gain = 1``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Scalar = Any  # float32 or float64, whatever the loop was given


def where(condition: Any, yes: Scalar, no: Scalar) -> Scalar:
    """One of two values, or of two arrays' values. Compiled loops take it lane by lane, without a branch."""
    return np.where(condition, yes, no) if isinstance(condition, np.ndarray) else yes if condition else no


def synapse(u: Scalar, x: Scalar, alpha: Scalar) -> Scalar:
    """Exponential synapse: current ``u`` decays by ``alpha`` and jumps by the arriving ``x``.

    ``alpha = 0`` makes the synapse instantaneous.
    """
    return alpha * u + x


def alpha_current(u: Scalar, a: Scalar, alpha: Scalar, lift: Scalar) -> Scalar:
    """Current of an alpha-function synapse ``(t/tau) exp(1 - t/tau)`` one step later.

    It is the exponential synapse ``u`` fed by another one, ``a``: ``lift = (dt/tau) alpha``.
    """
    return alpha * u + lift * a


def integrate(v: Scalar, u: Scalar, decay: Scalar, gain: Scalar, leak: Scalar) -> Scalar:
    """Membrane potential one step later under current ``u``."""
    return leak + decay * (v - leak) + gain * u


def fires(v: Scalar, threshold: Scalar, strict: bool) -> bool:
    """Whether a potential passes the threshold (``>`` if strict, else ``>=``)."""
    return v > threshold if strict else v >= threshold  # type: ignore[no-any-return]


def burst(v: Scalar, threshold: Scalar, strict: bool) -> int:
    """Spikes of one step where a unit may emit several: ``floor(v / threshold)``.

    At exact equality the strict comparison counts one less, as it does for a single spike.
    """
    n = math.floor(v / threshold)
    if strict and n * threshold >= v:
        n -= 1
    return n if n > 0 else 0


def subtract_reset(v: Scalar, fired: Any, drop: Scalar) -> Scalar:
    """Reset by subtraction: what exceeds the threshold is kept for the next spike."""
    return where(fired, v - drop, v)


def zero_reset(v: Scalar, fired: Any, reset_to: Scalar) -> Scalar:
    """Reset to a value."""
    return where(fired, reset_to, v)


def crossing_reset(
    v: Scalar, fired: bool, u: Scalar, steady: Scalar, leak: Scalar, threshold: Scalar, reset_to: Scalar
) -> Scalar:
    """Reset at the instant inside the step at which a membrane under constant ``u`` crossed.

    Towards its limit ``w = leak + steady u`` the membrane decays as ``(v - w) exp(-t/tau)``. From
    the crossing to the end of the step that factor is ``(v - w) / (threshold - w)``, whatever the
    time was, and it now acts on ``reset_to - w``. Without leak (infinite ``steady``) the surplus
    ``v - threshold`` remains.
    """
    if not fired:
        return v
    if math.isinf(steady):
        return reset_to + (v - threshold)
    limit = leak + steady * u
    return limit + (reset_to - limit) * ((v - limit) / (threshold - limit))


def adapt(a: Scalar, fired: Any, decay: Scalar, jump: Scalar) -> Scalar:
    """Adaptation of the threshold: decays each step, jumps after a spike."""
    return where(fired, decay * a + jump, decay * a)
