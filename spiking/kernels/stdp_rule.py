"""A learning rule at work on a weight matrix: traces, pairings, normalisation, reward.

Input spikes of step ``t`` happen at time ``t``, spikes of units at time ``t + 1``; where both have the
same time, that of the unit came first.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels import step_plasticity
from spiking.kernels.compile import inline, jit
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
def fade(x, x2, y, y2, moving, rule):  # type: ignore[no-untyped-def]
    """Let all traces decay by one step; ``moving`` are the features whose traces are not 0."""
    for i in moving:  # flushed to 0 before they become denormal, which is slow
        x[i] = x[i] * rule.decay_x if x[i] > TINY else ZERO
    if rule.a_minus_triplet != 0:
        for i in moving:
            x2[i] = x2[i] * rule.decay_x2 if x2[i] > TINY else ZERO
    for j in range(y.size):
        y[j] = y[j] * rule.decay_y if y[j] > TINY else ZERO
        y2[j] = y2[j] * rule.decay_y2 if y2[j] > TINY else ZERO


@jit
def learn_pre(row, target, y, last_post, before, size, rule):  # type: ignore[no-untyped-def]
    """An input spiked: its ``row`` of weights moves by the traces ``y`` of the units.

    ``before``: time of its spike before; ``size``: of the change; ``target``: where it goes, the row
    itself or that of the eligibility trace.
    """
    if rule.gated or rule.pairing == RESTRICTED:
        for j in range(y.size):
            if rule.pairing != RESTRICTED or last_post[j] > before:
                new = target[j] - weight_change(size, y[j], row[j], rule.mu_minus)
                target[j] = new if rule.gated else clipped(new, rule.w_min, rule.w_max)
        return
    for j in range(y.size):
        new = row[j] - weight_change(size, y[j], row[j], rule.mu_minus)
        row[j] = clipped(new, rule.w_min, rule.w_max)


@jit
def learn_post(j, w, target, x, seen, last_pre, before, since, size, rule):  # type: ignore[no-untyped-def]
    """Unit ``j`` spiked: its column of weights ``w`` moves by the traces ``x`` of the inputs.

    ``before``: time of its spike before; ``since``: what is left of a trace from then; ``size``: of the
    change; ``target``: where it goes, ``w`` itself or the eligibility trace.
    """
    for i in range(w.shape[0]):
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
    reward = w.dtype.type(1.0) if np.argmax(scores) == label else -rule.punishment
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] = clipped(w[i, j] + reward * eligibility[i, j], rule.w_min, rule.w_max)
