"""One step of one population, vectorised: charge, spike, discharge, emit.

Arrays are the population's own slices, so that indices count from zero: numba checks other
indices for wrap-around, and the check keeps a loop out of the vector registers.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels import step_conductance, step_fixed, step_loihi
from spiking.kernels.compile import inline, jit_views
from spiking.kernels.equations import (
    adapt,
    alpha_current,
    burst,
    crossing_reset,
    fires,
    integrate,
    subtract_reset,
    synapse,
    zero_reset,
)
from spiking.kernels.layout import (
    ADAPT_DECAY,
    ADAPT_STEP,
    ADAPTS,
    ALPHA,
    CROSSING,
    DECAY,
    DECAY_EXC,
    DECAY_INH,
    DELAYED,
    DIRECT,
    DROP,
    E_EXC,
    E_INH,
    FIRST_U,
    FIRST_V,
    GAIN,
    KEEP_U,
    KEEP_V,
    KICK,
    LEAK,
    LIFT,
    MULTI,
    OFFSET_V,
    REFRACTORY,
    RESET,
    RESET_TO,
    SECOND_U,
    SECOND_V,
    STEADY,
    STRICT,
    SUBTRACT,
    THRESHOLD,
    TOP_U,
    TOP_V,
    WINNERS,
)

conductance_lif = inline(step_conductance.conductance_lif)
loihi_current = inline(step_loihi.loihi_current)
loihi_potential = inline(step_loihi.loihi_potential)
fade = inline(step_fixed.fade)
saturated = inline(step_fixed.saturated)


@jit_views
def filter_current(o, n, params, x, u):  # type: ignore[no-untyped-def]
    """Pass the current ``x`` through exponential synapses with state ``u``."""
    alpha = params[ALPHA, o : o + n]
    for j in range(n):
        u[j] = synapse(u[j], x[j], alpha[j])
        x[j] = u[j]


@jit_views
def filter_alpha(o, n, params, x, u, a):  # type: ignore[no-untyped-def]
    """Pass the current ``x`` through alpha-function synapses with states ``u`` and ``a``.

    During the step ``a`` goes on feeding ``u``; ``DIRECT`` is what that adds to the membrane, in
    units of the current ``u``.
    """
    alpha, lift = params[ALPHA, o : o + n], params[LIFT, o : o + n]
    kick, direct = params[KICK, o : o + n], params[DIRECT, o : o + n]
    for j in range(n):
        u[j] = alpha_current(u[j], a[j], alpha[j], lift[j])
        a[j] = synapse(a[j], kick[j] * x[j], alpha[j])
        x[j] = u[j] + direct[j] * a[j]


@jit_views
def charge_conductance(o, n, params, exc, inh, v, g_exc, g_inh, wait):  # type: ignore[no-untyped-def]
    """Let conductance-based membranes take one step."""
    gain, leak = params[GAIN, o : o + n], params[LEAK, o : o + n]
    e_exc, e_inh = params[E_EXC, o : o + n], params[E_INH, o : o + n]
    d_exc, d_inh = params[DECAY_EXC, o : o + n], params[DECAY_INH, o : o + n]
    for j in range(n):
        v[j], g_exc[j], g_inh[j] = conductance_lif(
            v[j], g_exc[j], g_inh[j], wait[j] > 0, exc[j], inh[j],
            gain[j], leak[j], e_exc[j], e_inh[j], d_exc[j], d_inh[j],
        )  # fmt: skip


@jit_views
def charge(o, n, pop, params, x, v, fired, wait):  # type: ignore[no-untyped-def]
    """Let the membranes of ``n`` units (columns from ``o`` of ``params``) take one step under ``x``."""
    decay, gain, leak = params[DECAY, o : o + n], params[GAIN, o : o + n], params[LEAK, o : o + n]
    if pop[DELAYED]:
        drop, reset_to = params[DROP, o : o + n], params[RESET_TO, o : o + n]
        subtract = pop[RESET] == SUBTRACT
        for j in range(n):
            new = integrate(v[j], x[j], decay[j], gain[j], leak[j])
            if subtract:
                v[j] = subtract_reset(new, fired[j] > 0, drop[j])
            else:
                v[j] = zero_reset(new, fired[j] > 0, reset_to[j])
    elif pop[REFRACTORY] > 0:
        for j in range(n):
            new = integrate(v[j], x[j], decay[j], gain[j], leak[j])
            v[j] = v[j] if wait[j] > 0 else new
    else:
        for j in range(n):
            v[j] = integrate(v[j], x[j], decay[j], gain[j], leak[j])


@jit_views
def charge_fixed(o, n, params, current, v, u, wait):  # type: ignore[no-untyped-def]
    """Let integer membranes take one step; the bias acts on the membrane, not on the synapse."""
    keep_u, keep_v = params[KEEP_U, o : o + n], params[KEEP_V, o : o + n]
    bias = params[OFFSET_V, o : o + n]
    for j in range(n):
        u[j] = loihi_current(u[j], current[j] - bias[j], keep_u[j])
        new = loihi_potential(v[j], u[j], bias[j], keep_v[j])
        v[j] = v[j] if wait[j] > 0 else new


@jit_views
def charge_saturating(o, n, params, current, v, u, wait):  # type: ignore[no-untyped-def]
    """Let saturating integer membranes take one step; without a synapse ``u`` keeps nothing."""
    keep_u, keep_v = params[KEEP_U, o : o + n], params[KEEP_V, o : o + n]
    first_u, second_u = params[FIRST_U, o : o + n], params[SECOND_U, o : o + n]
    first_v, second_v = params[FIRST_V, o : o + n], params[SECOND_V, o : o + n]
    top_u, top_v = params[TOP_U, o : o + n], params[TOP_V, o : o + n]
    for j in range(n):
        u[j] = saturated(fade(u[j], keep_u[j], first_u[j], second_u[j]) + current[j], top_u[j])
        new = saturated(fade(v[j], keep_v[j], first_v[j], second_v[j]) + u[j], top_v[j])
        v[j] = v[j] if wait[j] > 0 else new


@jit_views
def spike(o, n, pop, params, v, a, fired, wait):  # type: ignore[no-untyped-def]
    """Decide who spikes: ``fired`` holds the number of spikes of this step."""
    strict = pop[STRICT] != 0
    threshold = params[THRESHOLD, o : o + n]
    if pop[MULTI]:
        for j in range(n):
            fired[j] = burst(v[j], threshold[j] + a[j], strict)
    elif pop[ADAPTS] or pop[REFRACTORY] > 0:
        for j in range(n):
            fired[j] = wait[j] == 0 and fires(v[j], threshold[j] + a[j], strict)
    elif strict:
        for j in range(n):
            fired[j] = fires(v[j], threshold[j], True)
    else:
        for j in range(n):
            fired[j] = fires(v[j], threshold[j], False)
    if pop[WINNERS] > 0:
        keep_winners(n, pop[WINNERS], threshold, v, a, fired)


@jit_views
def keep_winners(n, most, threshold, v, a, fired):  # type: ignore[no-untyped-def]
    """Let only the ``most`` units farthest above threshold spike; the lower index wins a tie."""
    total = 0
    for j in range(n):
        total += fired[j] > 0
    while total > most:
        worst, distance = -1, np.inf
        for j in range(n):
            if fired[j] > 0:
                d = v[j] - (threshold[j] + a[j])
                if d <= distance:
                    worst, distance = j, d
        fired[worst] = 0
        total -= 1


@jit_views
def discharge(o, n, pop, params, x, v, a, fired, wait):  # type: ignore[no-untyped-def]
    """Reset the units that spiked, count down refractory periods, move adaptive thresholds."""
    drop, reset_to = params[DROP, o : o + n], params[RESET_TO, o : o + n]
    if pop[MULTI]:
        for j in range(n):
            v[j] = v[j] - fired[j] * drop[j]
    elif pop[RESET] == CROSSING:
        steady, leak, threshold = (
            params[STEADY, o : o + n],
            params[LEAK, o : o + n],
            params[THRESHOLD, o : o + n],
        )
        for j in range(n):
            top = threshold[j] + a[j]
            v[j] = crossing_reset(v[j], fired[j] > 0, x[j], steady[j], leak[j], top, reset_to[j])
    elif not pop[DELAYED]:
        if pop[RESET] == SUBTRACT:
            for j in range(n):
                v[j] = subtract_reset(v[j], fired[j] > 0, drop[j])
        else:
            for j in range(n):
                v[j] = zero_reset(v[j], fired[j] > 0, reset_to[j])
    if pop[ADAPTS]:
        slow, jump = params[ADAPT_DECAY, o : o + n], params[ADAPT_STEP, o : o + n]
        for j in range(n):
            a[j] = adapt(a[j], fired[j] > 0, slow[j], jump[j])
    if pop[REFRACTORY] > 0:
        for j in range(n):
            wait[j] = pop[REFRACTORY] if fired[j] > 0 else max(wait[j] - 1, 0)
