"""Forward loop: one group of populations, all steps of a sample, its state in cache.

One compiled function serves every architecture: what the group looks like stands in tables
(``layout.py``). Events arrive as index lists; work grows with their number.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.compile import jit
from spiking.kernels.gather import gather_dense, gather_sparse
from spiking.kernels.layout import (
    ADAPT_START,
    CAPACITY,
    CONDUCTANCE,
    DELAY,
    FROM,
    INHIBITORY,
    INTEGRATOR,
    KIND,
    MULTI,
    OFFSET,
    RECEPTOR,
    ROWS,
    SIZE,
    SLAB,
    SOURCE,
    SPARSE,
    START,
    TO,
    WEIGHTS,
    WIDTH,
)
from spiking.kernels.units import (
    charge,
    charge_conductance,
    discharge,
    emit,
    emit_bursts,
    spike,
    tally,
)


@jit
def deliver(current, c, conns, weights, row_ptr, column, ptr, idx, b, t):  # type: ignore[no-untyped-def]
    """Add the events that connection ``c`` delivers at step ``t`` of sample ``b``."""
    when = t - conns[c, DELAY]
    if when < 0:
        return
    first, last = ptr[conns[c, FROM], b, when], ptr[conns[c, FROM], b, when + 1]
    if conns[c, SPARSE]:
        gather_sparse(current, weights, conns[c, WEIGHTS], row_ptr, conns[c, ROWS], column, idx, first, last)
    else:
        gather_dense(current, weights, conns[c, WEIGHTS], conns[c, WIDTH], idx, first, last)


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
    for b in range(start, stop):
        u[:] = 0
        fired[:] = 0
        wait[:] = 0
        v[:] = params[START]
        a[:] = params[ADAPT_START]
        for p in range(pops.shape[0]):
            if pops[p, KIND] != INTEGRATOR:
                ptr[pops[p, SOURCE], b, 0] = pops[p, SLAB] + b * pops[p, CAPACITY]
        for t in range(steps):
            for p in range(pops.shape[0]):
                pop = pops[p]
                n, o = pop[SIZE], pop[OFFSET]
                end = o + n
                x, y = current[o:end], current[units + o : units + end]
                pv, pu, pa, pf, pw = v[o:end], u[o:end], a[o:end], fired[o:end], wait[o:end]
                x[:] = constant[b, o:end]
                if drive.shape[0] > 0:
                    x += drive[b, t, o:end]
                if pop[KIND] == CONDUCTANCE:
                    y[:] = 0
                for c in range(conns.shape[0]):
                    if conns[c, TO] == p:
                        port = y if conns[c, RECEPTOR] == INHIBITORY else x
                        deliver(port, c, conns, weights, row_ptr, column, ptr, idx, b, t)
                if pop[KIND] == CONDUCTANCE:
                    charge_conductance(o, n, params, x, y, pv, pu, u[units + o : units + end], pw)
                else:
                    charge(o, n, pop, params, x, pv, pu, pf, pw)
                if keep_v.shape[0] > 0:
                    keep_v[b, t, o:end] = pv
                if pop[KIND] == INTEGRATOR:
                    continue
                if keep_a.shape[0] > 0:
                    keep_a[b, t, o:end] = pa
                spike(o, n, pop, params, pv, pa, pf, pw)
                if keep_s.shape[0] > 0:
                    keep = keep_s[b, t, o:end]
                    for j in range(n):
                        keep[j] = pf[j]
                source = pop[SOURCE]
                at = ptr[source, b, t]
                if pop[MULTI]:
                    stop_at = emit_bursts(n, pf, idx, at, ptr[source, b, 0] + pop[CAPACITY])
                    if stop_at < 0:
                        full[b] = 1
                        stop_at = at
                else:
                    stop_at = emit(n, pf, idx, at)
                ptr[source, b, t + 1] = stop_at
                tally(idx, at, stop_at, t, counts[b, o:end], first[b, o:end])
                discharge(o, n, pop, params, pv, pu, pa, pf, pw)
