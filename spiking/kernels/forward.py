"""Forward loop: one group of populations, all steps of a sample, its state in cache.

One compiled function serves every architecture: what the group looks like stands in tables
(``layout.py``). Events arrive as index lists; work grows with their number.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels import step, step_conductance
from spiking.kernels.compile import inline, jit
from spiking.kernels.gather import gather_dense, gather_sparse
from spiking.kernels.layout import (
    ADAPT_DECAY,
    ADAPT_START,
    ADAPT_STEP,
    ADAPTS,
    ALPHA,
    CAPACITY,
    CONDUCTANCE,
    CROSSING,
    DECAY,
    DECAY_EXC,
    DECAY_INH,
    DELAY,
    DELAYED,
    DROP,
    E_EXC,
    E_INH,
    FROM,
    GAIN,
    INHIBITORY,
    INTEGRATOR,
    KIND,
    LEAK,
    MULTI,
    OFFSET,
    RECEPTOR,
    REFRACTORY,
    RESET,
    RESET_TO,
    ROWS,
    SIZE,
    SLAB,
    SOURCE,
    SPARSE,
    START,
    STEADY,
    STRICT,
    SUBTRACT,
    THRESHOLD,
    TO,
    WEIGHTS,
    WIDTH,
    WINNERS,
)

synapse = inline(step.synapse)
conductance_lif = inline(step_conductance.conductance_lif)
integrate = inline(step.integrate)
fires = inline(step.fires)
burst = inline(step.burst)
subtract_reset = inline(step.subtract_reset)
zero_reset = inline(step.zero_reset)
crossing_reset = inline(step.crossing_reset)
adapt = inline(step.adapt)


@jit
def deliver(current, at, c, conns, weights, row_ptr, column, ptr, idx, b, t):  # type: ignore[no-untyped-def]
    """Add the events that connection ``c`` delivers at step ``t`` of sample ``b``."""
    when = t - conns[c, DELAY]
    if when < 0:
        return
    first, last = ptr[conns[c, FROM], b, when], ptr[conns[c, FROM], b, when + 1]
    if conns[c, SPARSE]:
        gather_sparse(
            current, at, weights, conns[c, WEIGHTS], row_ptr, conns[c, ROWS], column, idx, first, last
        )
    else:
        gather_dense(current, at, weights, conns[c, WEIGHTS], conns[c, WIDTH], idx, first, last)


@jit
def charge(n, o, pop, params, current, v, u, fired, wait):  # type: ignore[no-untyped-def]
    """Let the synapses and membranes of ``n`` units at offset ``o`` take one step."""
    if pop[KIND] == CONDUCTANCE:
        units = v.size
        for j in range(o, o + n):
            v[j], u[j], u[j + units] = conductance_lif(
                v[j], u[j], u[j + units], wait[j] > 0, current[j], current[j + units],
                params[GAIN, j], params[LEAK, j], params[E_EXC, j], params[E_INH, j],
                params[DECAY_EXC, j], params[DECAY_INH, j],
            )  # fmt: skip
        return
    for j in range(o, o + n):
        u[j] = synapse(u[j], current[j], params[ALPHA, j])
    if pop[REFRACTORY] == 0 and not pop[DELAYED]:
        for j in range(o, o + n):
            v[j] = integrate(v[j], u[j], params[DECAY, j], params[GAIN, j], params[LEAK, j])
        return
    for j in range(o, o + n):
        if wait[j] > 0:
            continue
        new = integrate(v[j], u[j], params[DECAY, j], params[GAIN, j], params[LEAK, j])
        if pop[DELAYED]:
            if pop[RESET] == SUBTRACT:
                new = subtract_reset(new, fired[j] > 0, params[DROP, j])
            else:
                new = zero_reset(new, fired[j] > 0, params[RESET_TO, j])
        v[j] = new


@jit
def spike(n, o, pop, params, v, a, fired, wait):  # type: ignore[no-untyped-def]
    """Decide who spikes: ``fired`` holds the number of spikes of this step."""
    strict = pop[STRICT] != 0
    if pop[MULTI]:
        for j in range(o, o + n):
            fired[j] = burst(v[j], params[THRESHOLD, j] + a[j], strict)
    elif pop[ADAPTS] or pop[REFRACTORY] > 0:
        for j in range(o, o + n):
            fired[j] = wait[j] == 0 and fires(v[j], params[THRESHOLD, j] + a[j], strict)
    elif strict:
        for j in range(o, o + n):
            fired[j] = fires(v[j], params[THRESHOLD, j], True)
    else:
        for j in range(o, o + n):
            fired[j] = fires(v[j], params[THRESHOLD, j], False)
    if pop[WINNERS] > 0:
        keep_winners(n, o, pop[WINNERS], params, v, a, fired)


@jit
def keep_winners(n, o, most, params, v, a, fired):  # type: ignore[no-untyped-def]
    """Let only the ``most`` units farthest above threshold spike; the lower index wins a tie."""
    total = 0
    for j in range(o, o + n):
        total += fired[j] > 0
    while total > most:
        worst, distance = -1, np.inf
        for j in range(o, o + n):
            if fired[j] > 0:
                d = v[j] - (params[THRESHOLD, j] + a[j])
                if d <= distance:
                    worst, distance = j, d
        fired[worst] = 0
        total -= 1


@jit
def discharge(n, o, pop, params, v, u, a, fired, wait):  # type: ignore[no-untyped-def]
    """Reset the units that spiked, count down refractory periods, move adaptive thresholds."""
    if pop[MULTI]:
        for j in range(o, o + n):
            v[j] = v[j] - fired[j] * params[DROP, j]
    elif not pop[DELAYED]:
        if pop[RESET] == SUBTRACT:
            for j in range(o, o + n):
                v[j] = subtract_reset(v[j], fired[j] > 0, params[DROP, j])
        elif pop[RESET] == CROSSING:
            for j in range(o, o + n):
                top = params[THRESHOLD, j] + a[j]
                v[j] = crossing_reset(
                    v[j], fired[j] > 0, u[j], params[STEADY, j], params[LEAK, j], top, params[RESET_TO, j]
                )
        else:
            for j in range(o, o + n):
                v[j] = zero_reset(v[j], fired[j] > 0, params[RESET_TO, j])
    if pop[ADAPTS]:
        for j in range(o, o + n):
            a[j] = adapt(a[j], fired[j] > 0, params[ADAPT_DECAY, j], params[ADAPT_STEP, j])
    if pop[REFRACTORY] > 0:
        for j in range(o, o + n):
            wait[j] = pop[REFRACTORY] if fired[j] > 0 else max(wait[j] - 1, 0)


@jit
def emit(n, o, fired, idx, at):  # type: ignore[no-untyped-def]
    """Append the units that spiked to the event list at ``at``; return where it ends."""
    for j in range(n):
        idx[at] = j  # written always, kept only if it fired: no branch to mispredict
        at += fired[o + j] > 0
    return at


@jit
def emit_bursts(n, o, fired, idx, at, limit):  # type: ignore[no-untyped-def]
    """Append each unit once per spike; return where the list ends, or -1 if it is full."""
    for j in range(n):
        if at + fired[o + j] > limit:
            return -1
        for _ in range(fired[o + j]):
            idx[at] = j
            at += 1
    return at


@jit
def forward(  # type: ignore[no-untyped-def]
    start, stop, steps, pops, conns, params, weights, row_ptr, column, ptr, idx,
    constant, drive, keep_v, keep_a, keep_s, counts, first, full,
):  # fmt: skip
    """Run samples ``start..stop`` of one group.

    ``pops, conns, params``: tables of ``layout.py``. ``weights, row_ptr, column``: flat buffers.
    ``ptr`` ``[sources, samples, steps + 1]`` and ``idx``: event lists, read and written.
    ``constant`` ``[samples, units]``: current of every step; ``drive`` ``[samples, steps, units]``
    or empty: further currents. Written, where not empty: ``keep_v, keep_a`` (membrane before the
    reset, adaptation at the spike decision) and ``keep_s`` (spikes) ``[samples, steps, units]``,
    ``counts, first`` ``[samples, units]`` (spikes, step of the first one); ``full`` ``[samples]``
    becomes 1 where an event list was too short.
    """
    units = params.shape[1]
    current = np.zeros(2 * units, weights.dtype)  # second half: inhibitory conductances
    u = np.zeros(2 * units, weights.dtype)
    v = np.zeros(units, weights.dtype)
    a = np.zeros(units, weights.dtype)
    fired = np.zeros(units, np.int32)
    wait = np.zeros(units, np.int32)
    n_pops, n_conns = pops.shape[0], conns.shape[0]
    for b in range(start, stop):
        u[:] = 0
        fired[:] = 0
        wait[:] = 0
        for j in range(units):
            v[j] = params[START, j]
            a[j] = params[ADAPT_START, j]
        for p in range(n_pops):
            if pops[p, KIND] != INTEGRATOR:
                ptr[pops[p, SOURCE], b, 0] = pops[p, SLAB] + b * pops[p, CAPACITY]
        for t in range(steps):
            for p in range(n_pops):
                pop = pops[p]
                n, o = pop[SIZE], pop[OFFSET]
                if drive.shape[0] > 0:
                    for j in range(o, o + n):
                        current[j] = constant[b, j] + drive[b, t, j]
                else:
                    for j in range(o, o + n):
                        current[j] = constant[b, j]
                if pop[KIND] == CONDUCTANCE:
                    for j in range(units + o, units + o + n):
                        current[j] = 0
                for c in range(n_conns):
                    if conns[c, TO] == p:
                        at = o + units if conns[c, RECEPTOR] == INHIBITORY else o
                        deliver(current, at, c, conns, weights, row_ptr, column, ptr, idx, b, t)
                charge(n, o, pop, params, current, v, u, fired, wait)
                if keep_v.shape[0] > 0:
                    for j in range(o, o + n):
                        keep_v[b, t, j] = v[j]
                if pop[KIND] == INTEGRATOR:
                    continue
                if keep_a.shape[0] > 0:
                    for j in range(o, o + n):
                        keep_a[b, t, j] = a[j]
                spike(n, o, pop, params, v, a, fired, wait)
                if keep_s.shape[0] > 0:
                    for j in range(o, o + n):
                        keep_s[b, t, j] = fired[j]
                for j in range(o, o + n):
                    if fired[j] > 0 and counts[b, j] == 0:
                        first[b, j] = t
                    counts[b, j] += fired[j]
                source = pop[SOURCE]
                at = ptr[source, b, t]
                if pop[MULTI]:
                    at = emit_bursts(n, o, fired, idx, at, ptr[source, b, 0] + pop[CAPACITY])
                    if at < 0:
                        full[b] = 1
                        at = ptr[source, b, t]
                else:
                    at = emit(n, o, fired, idx, at)
                ptr[source, b, t + 1] = at
                discharge(n, o, pop, params, v, u, a, fired, wait)
