"""Forward loop: one group of populations, all steps of a sample, its state in cache.

One compiled function serves every architecture: what the group looks like stands in tables
(``layout.py``). Events arrive as index lists; work grows with their number.

A group of one population without connections to itself is cut into blocks of columns, so that the
weights into a block stay in the second-level cache while all samples pass; its event lists are made
afterwards from ``keep_s``. In a loop the events of a step are needed in the next and are made at once.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels.arrays import add, clear, copy
from spiking.kernels.compile import jit, jit_views
from spiking.kernels.emit import emit_step, tally
from spiking.kernels.fold import PLAIN as UNFOLDED
from spiking.kernels.gather import gather_dense, gather_sparse, padded
from spiking.kernels.layout import (
    ADAPT_START,
    ALPHA_FUNCTION,
    CAPACITY,
    CONDUCTANCE,
    DELAY,
    FIXED,
    FOLD,
    FROM,
    INHIBITORY,
    INTEGRATOR,
    KIND,
    LOIHI,
    OFFSET,
    PLAIN,
    RECEPTOR,
    ROWS,
    SIZE,
    SLAB,
    SOURCE,
    SPARSE,
    START,
    STRIDE,
    SYNAPSE,
    TO,
    WEIGHTS,
)
from spiking.kernels.lif import lif_row
from spiking.kernels.units import (
    charge,
    charge_conductance,
    charge_fixed,
    charge_saturating,
    discharge,
    filter_alpha,
    filter_current,
    spike,
)

round_up = jit_views(padded)


@jit_views
def deliver(current, low, c, conns, weights, row_ptr, column, ptr, idx, fold_ptr, fold_idx, b, t):  # type: ignore[no-untyped-def]
    """Add the events that connection ``c`` delivers at step ``t`` to its columns from ``low`` on."""
    when = t - conns[c, DELAY]
    if when < 0:
        return
    base, stride = conns[c, WEIGHTS], conns[c, STRIDE]
    if conns[c, FOLD] >= 0 and fold_ptr[conns[c, FOLD], b, 0] != UNFOLDED:
        lists = fold_ptr[conns[c, FOLD], b]
        k = 1 + 2 * when
        gather_dense(current, weights, base + low, stride, fold_idx, lists[k], lists[k + 1], False)
        gather_dense(current, weights, base + low, stride, fold_idx, lists[k + 1], lists[k + 2], True)
        return
    first, last = ptr[conns[c, FROM], b, when], ptr[conns[c, FROM], b, when + 1]
    if conns[c, SPARSE]:
        gather_sparse(current, weights, base, row_ptr, conns[c, ROWS], column, low, idx, first, last)
    else:
        gather_dense(current, weights, base + low, stride, idx, first, last, False)


@jit_views
def steady(current, low, p, block, pop, conns, weights, fold_ptr, fold_idx, b):  # type: ignore[no-untyped-def]
    """Add the rows of units that spike in most steps to the current ``current`` of every step."""
    o = pop[OFFSET] + low
    wide = o + round_up(min(pop[SIZE] - low, block))
    for c in range(conns.shape[0]):
        if conns[c, TO] == p and conns[c, FOLD] >= 0 and fold_ptr[conns[c, FOLD], b, 0] != UNFOLDED:
            lists = fold_ptr[conns[c, FOLD], b]
            first, base = current[o:wide], conns[c, WEIGHTS] + low
            gather_dense(first, weights, base, conns[c, STRIDE], fold_idx, lists[0], lists[1], False)


@jit_views
def walk(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, block, looped, steps, pops, conns, params, weights, row_ptr, column,
    ptr, idx, fold_ptr, fold_idx, constant, drive, keep_v, keep_a, keep_s, counts, first, full,
    others, current, always, u, v, a, late, fired, wait,
):  # fmt: skip
    """The loop of :func:`forward`, in memory it is given."""
    units = params.shape[1]
    for task in range(start, stop):
        low, part = block * (task // ranges), task % ranges
        for b in range(samples * part // ranges, samples * (part + 1) // ranges):
            clear(u)
            clear(fired)
            clear(late)
            clear(wait)
            copy(v, params[START])
            copy(a, params[ADAPT_START])
            if looped:
                for p in range(pops.shape[0]):
                    if pops[p, KIND] != INTEGRATOR:
                        ptr[pops[p, SOURCE], b, 0] = pops[p, SLAB] + b * pops[p, CAPACITY]
            copy(always, constant[b])
            for p in range(pops.shape[0]):
                steady(always, low, p, block, pops[p], conns, weights, fold_ptr, fold_idx, b)
            for t in range(steps):
                for p in range(pops.shape[0]):
                    pop = pops[p]
                    o = pop[OFFSET] + low
                    n = min(pop[SIZE] - low, block)
                    end, wide = o + n, o + round_up(n)
                    x, y = current[o:wide], current[units + o : units + wide]
                    copy(x, always[o:wide])
                    if drive.shape[0] > 0:
                        add(x, drive[b, t, o:wide])
                    if pop[KIND] == CONDUCTANCE:
                        clear(y)
                    for c in range(conns.shape[0]):
                        if conns[c, TO] == p:
                            port = y if conns[c, RECEPTOR] == INHIBITORY else x
                            deliver(
                                port, low, c, conns, weights, row_ptr, column,
                                ptr, idx, fold_ptr, fold_idx, b, t,
                            )  # fmt: skip
                    if pop[PLAIN]:
                        row = (b * steps + t) * units + o
                        lif_row(
                            o, n, units, pop, params, current, v, a, u, late, row, keep_v, keep_a, keep_s,
                        )  # fmt: skip
                    elif others is not None:
                        if pop[SYNAPSE] == ALPHA_FUNCTION:
                            filter_alpha(o, n, params, x, u[o:end], u[units + o : units + end])
                        elif pop[SYNAPSE]:
                            filter_current(o, n, params, x, u[o:end])
                        pv, pa, pf, pw = v[o:end], a[o:end], fired[o:end], wait[o:end]
                        if pop[KIND] == CONDUCTANCE:
                            inner = u[units + o : units + end]
                            charge_conductance(o, n, params, x, y, pv, u[o:end], inner, pw)
                        elif pop[FIXED] == LOIHI:
                            charge_fixed(o, n, params, x, pv, u[o:end], pw)
                        elif pop[FIXED]:
                            charge_saturating(o, n, params, x, pv, u[o:end], pw)
                        else:
                            charge(o, n, pop, params, x, pv, pf, pw)
                        if keep_v.shape[0] > 0:
                            copy(keep_v[b, t, o:end], pv)
                        if pop[KIND] == INTEGRATOR:
                            continue
                        if keep_a.shape[0] > 0:
                            copy(keep_a[b, t, o:end], pa)
                        spike(o, n, pop, params, pv, pa, pf, pw)
                        keep = keep_s[b, t, o:end]
                        for j in range(n):
                            keep[j] = pf[j]
                        discharge(o, n, pop, params, x, pv, pa, pf, pw)
                    if looped:
                        source = pop[SOURCE]
                        at = ptr[source, b, t]
                        limit = ptr[source, b, 0] + pop[CAPACITY]
                        stop_at = emit_step(keep_s[b, t, o:end], n, idx, at, limit)
                        if stop_at < 0:
                            full[b] = 1
                            stop_at = at
                        ptr[source, b, t + 1] = stop_at
                        tally(idx, at, stop_at, t, counts[b, o:end], first[b, o:end])


@jit
def forward(  # type: ignore[no-untyped-def]
    start, stop, ranges, samples, block, looped, steps, pops, conns, params, weights, row_ptr, column,
    ptr, idx, fold_ptr, fold_idx, constant, drive, keep_v, keep_a, keep_s, counts, first, full, others,
):  # fmt: skip
    """Run tasks ``start..stop`` of one group: task ``k`` is block ``k // ranges`` of columns and part
    ``k % ranges`` of the samples. A looped group has one block.

    ``pops, conns, params``: tables of ``layout.py``. ``weights, row_ptr, column``: flat buffers.
    ``ptr`` ``[sources, samples, steps + 1]`` and ``idx``: event lists, read, and written if ``looped``.
    ``fold_ptr`` ``[folded sources, samples, 2 steps + 2]``, ``fold_idx``: lists of ``fold.py``.
    ``constant`` ``[samples, units]``: current of every step; ``drive`` ``[samples, steps, units]``
    or empty: further currents. Written, where not empty: ``keep_v, keep_a, keep_s`` (membrane before the
    reset, adaptation at the spike decision, spikes) ``[samples, steps, units]``; if ``looped`` also ``counts,
    first`` ``[samples, units]`` (spikes, step of the first one) and ``full`` ``[samples]``, 1 where an event
    list was too short. Wide populations outside loops have a loop of their own (``panels.py``).
    ``others``: None where all populations are those of ``lif.py``, so that what the others need is not
    compiled; else anything.
    """
    units = params.shape[1]
    current = np.zeros(2 * units, weights.dtype)  # second half: inhibitory conductances
    always = np.zeros(units, weights.dtype)
    u = np.zeros(2 * units, weights.dtype)
    v = np.zeros(units, weights.dtype)
    a = np.zeros(units, weights.dtype)
    late = np.zeros(units, weights.dtype)
    fired = np.zeros(units, np.int32)
    wait = np.zeros(units, np.int32)
    walk(
        start, stop, ranges, samples, block, looped, steps, pops, conns, params, weights, row_ptr, column,
        ptr, idx, fold_ptr, fold_idx, constant, drive, keep_v, keep_a, keep_s, counts, first, full,
        others, current, always, u, v, a, late, fired, wait,
    )  # fmt: skip
