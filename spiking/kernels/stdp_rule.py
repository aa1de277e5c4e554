"""A learning rule at work on a weight matrix: traces, pairings, normalisation, reward.

Input spikes of step ``t`` happen at time ``t``, spikes of units at time ``t + 1``; where both have the
same time, that of the unit came first.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels import step_plasticity
from spiking.kernels.compile import inline, jit, jit_views
from spiking.kernels.stdp_types import PRE_CENTRED, RESTRICTED

TINY, ZERO = np.float32(1e-30), np.float32(0.0)
weight_change = inline(step_plasticity.weight_change)
clipped = inline(step_plasticity.clipped)


@jit
def normalise(w, total):  # type: ignore[no-untyped-def]
    """Scale each column of ``w`` [source, target] to the sum ``total``."""
    sums = np.zeros(w.shape[1], w.dtype)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            sums[j] += w[i, j]
    for j in range(w.shape[1]):
        sums[j] = total / sums[j] if sums[j] > 0 else w.dtype.type(1.0)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] *= sums[j]


@jit
def renormalise(w, total, stale, outside, touched, low, high):  # type: ignore[no-untyped-def]
    """Scale the ``stale`` columns of ``w`` to the sum ``total``; note which leave ``[low, high]`` by it.

    Only units that took part in the last sample have moved, few of many: their columns are summed and
    scaled alone. ``touched`` is room for their indices. Other columns keep their bits.
    """
    n = 0
    for j in range(stale.size):
        if stale[j]:
            touched[n] = j
            outside[j] = False
            n += 1
    if n == 0:
        return
    scale = np.zeros(n, w.dtype)
    for i in range(w.shape[0]):
        for k in range(n):
            scale[k] += w[i, touched[k]]
    if total > 0:
        for k in range(n):
            scale[k] = total / scale[k] if scale[k] > 0 else w.dtype.type(1.0)
    else:
        scale[:] = 1
    for i in range(w.shape[0]):
        for k in range(n):
            j = touched[k]
            w[i, j] *= scale[k]
            outside[j] |= w[i, j] > high or w[i, j] < low
    stale[:] = False


@jit_views
def fade(x, decay):  # type: ignore[no-untyped-def]
    """Let traces decay by one step; flushed to 0 before they become denormal, which is slow."""
    for i in range(x.size):
        x[i] = x[i] * decay if x[i] > TINY else ZERO


@jit_views
def fade_some(y, y2, touched, count, decay, decay2):  # type: ignore[no-untyped-def]
    """The same for the traces of the units that have any."""
    for k in range(count):
        j = touched[k]
        y[j] = y[j] * decay if y[j] > TINY else ZERO
        y2[j] = y2[j] * decay2 if y2[j] > TINY else ZERO


@jit_views
def depress(row, y, size, mu, w_min, w_max):  # type: ignore[no-untyped-def]
    """Move a whole row of weights: where many units have a trace, quicker than picking them."""
    for j in range(y.size):
        row[j] = clipped(row[j] - weight_change(size, y[j], row[j], mu), w_min, w_max)


@jit
def learn_pre(row, target, y, last_post, before, size, rule, touched, count):  # type: ignore[no-untyped-def]
    """An input spiked: its ``row`` of weights moves by the traces ``y`` of the units.

    ``before``: time of its spike before; ``size``: of the change; ``target``: where it goes, the row
    itself or that of the eligibility trace; ``touched[:count]``: units with a trace or with weights out
    of bounds. The others would not move.
    """
    if 4 * count > y.size and rule.pairing != RESTRICTED and not rule.gated:
        depress(row, y, size, rule.mu_minus, rule.w_min, rule.w_max)
        return
    for k in range(count):
        j = touched[k]
        if rule.pairing != RESTRICTED or last_post[j] > before:
            new = target[j] - weight_change(size, y[j], row[j], rule.mu_minus)
            target[j] = new if rule.gated else clipped(new, rule.w_min, rule.w_max)


@jit
def learn_post(j, w, target, x, seen, last_pre, before, since, size, rule, rows):  # type: ignore[no-untyped-def]
    """Unit ``j`` spiked: its column of weights ``w`` moves by the traces ``x`` of the inputs.

    ``before``: time of its spike before; ``since``: what is left of a trace from then; ``size``: of the
    change; ``target``: where it goes, ``w`` itself or the eligibility trace; ``rows``: inputs whose
    weight can move.
    """
    for i in rows:
        trace = x[i]
        if rule.pairing == PRE_CENTRED:
            if before >= 0:
                trace -= seen[i, j] * since  # what the last spike of the unit met already
            seen[i, j] = x[i]
        elif rule.pairing == RESTRICTED and last_pre[i] < before:
            trace -= trace  # another spike of the unit came between
        new = target[i, j] + weight_change(size, trace - rule.x_target, rule.w_max - w[i, j], rule.mu_plus)
        target[i, j] = new if rule.gated else clipped(new, rule.w_min, rule.w_max)


@jit
def settle(w, eligibility, counts, label, classes, rule):  # type: ignore[no-untyped-def]
    """Third factor: the answer is right (reward 1) or wrong (``-punishment``)."""
    scores = np.zeros(classes, np.int64)
    for j in range(counts.size):
        scores[j % classes] += counts[j]
    best = 0  # the first of equals
    for c in range(1, classes):
        best = c if scores[c] > scores[best] else best
    reward = w.dtype.type(1.0) if best == label else -rule.punishment
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] = clipped(w[i, j] + reward * eligibility[i, j], rule.w_min, rule.w_max)
