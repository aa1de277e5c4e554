"""The conductance-based LIF step, on scalars: the one place of its equation.

``tau_mem dv/dt = (v_leak - v) + g_e (e_exc - v) + g_i (e_inh - v)`` is taken by one Euler step of
``dt`` (``gain = dt / tau_mem``) from the conductances at the start of the step, arrivals included;
the conductances then decay exactly. A unit that is refractory keeps its potential while its
conductances run on (Diehl & Cook 2015; Brian2's ``unless refractory``).
"""

from __future__ import annotations

from typing import Any

Scalar = Any  # float32 or float64, whatever the loop was given


def conductance_lif(
    v: Scalar,
    g_exc: Scalar,
    g_inh: Scalar,
    held: bool,
    exc: Scalar,
    inh: Scalar,
    gain: Scalar,
    v_leak: Scalar,
    e_exc: Scalar,
    e_inh: Scalar,
    decay_exc: Scalar,
    decay_inh: Scalar,
) -> tuple[Scalar, Scalar, Scalar]:
    """Return ``(v, g_exc, g_inh)`` one step later, before threshold and reset.

    Args:
        v: membrane potential [V].
        g_exc, g_inh: conductances relative to the leak, left by the step before.
        held: true while refractory.
        exc, inh: conductance that arrives in this step.
        gain: ``dt / tau_mem``. decay_exc, decay_inh: ``exp(-dt / tau)`` of each conductance.
    """
    g_exc = g_exc + exc
    g_inh = g_inh + inh
    moved = v + gain * ((v_leak - v) + g_exc * (e_exc - v) + g_inh * (e_inh - v))
    # a conductance whose square is 0 is dropped: left to fade, it would stay denormal, which is slow
    g_exc = g_exc * decay_exc if g_exc * g_exc > 0 else g_exc - g_exc
    g_inh = g_inh * decay_inh if g_inh * g_inh > 0 else g_inh - g_inh
    return (v if held else moved), g_exc, g_inh
