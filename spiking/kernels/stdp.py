"""Learning by spikes, one sample after another: conductance-based units, inhibition, plastic input.

A step is the interval ``[t, t + 1)``: input spikes arrive at its beginning (and depress), units
and traces move over it, units spike at its end (and potentiate). Inhibition that a spike causes
arrives ``delay`` steps later, at all units but the one that fired.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spiking.kernels import step_conductance
from spiking.kernels.compile import inline, jit
from spiking.kernels.gather import gather_dense
from spiking.kernels.random import GOLDEN, S32, mix

conductance_lif = inline(step_conductance.conductance_lif)


class Cell(NamedTuple):
    """Numbers of one unit and its inhibition, in the dtype of the simulation."""

    gain: np.floating  # dt / tau_mem
    v_leak: np.floating
    v_reset: np.floating
    v_threshold: np.floating
    e_exc: np.floating
    e_inh: np.floating
    decay_exc: np.floating  # per step
    decay_inh: np.floating
    adapt_step: np.floating
    refractory: int  # steps
    inhibition: np.floating  # conductance that a spike opens in every other unit
    delay: int  # steps from a spike to that
    winners: int  # at most so many units spike in a step


class Rule(NamedTuple):
    """Numbers of one rule, in the dtype of the simulation; see ``core/plasticity.py``."""

    a_plus: np.floating
    a_minus: np.floating
    a_triplet: np.floating
    decay_x: np.floating  # per step
    decay_y: np.floating
    decay_y2: np.floating
    x_target: np.floating
    mu_plus: np.floating
    mu_minus: np.floating
    w_min: np.floating
    w_max: np.floating
    nearest: bool


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


@inline
def depress(row, y, rule):  # type: ignore[no-untyped-def]
    """Presynaptic spike: one row of weights moves by the postsynaptic traces."""
    for j in range(row.size):
        change = rule.a_minus * y[j]
        if rule.mu_minus != 0:
            change *= row[j] ** rule.mu_minus
        row[j] = max(rule.w_min, row[j] - change)


@inline
def potentiate(w, j, x, y2, rule):  # type: ignore[no-untyped-def]
    """Postsynaptic spike of unit ``j``: one column of weights moves by the presynaptic traces."""
    size = rule.a_plus + rule.a_triplet * y2[j]
    if size == 0:
        return
    for i in range(w.shape[0]):
        change = size * (x[i] - rule.x_target)
        if rule.mu_plus != 0:
            change *= (rule.w_max - w[i, j]) ** rule.mu_plus
        w[i, j] = min(rule.w_max, max(rule.w_min, w[i, j] + change))


@jit
def select(v, threshold, winners, fired):  # type: ignore[no-untyped-def]
    """Write the units above threshold to ``fired``, at most ``winners``, those farthest above."""
    n = 0
    for j in range(v.size):
        if v[j] > threshold[j]:
            fired[n] = j
            n += 1
    if n <= winners:
        return n
    for k in range(winners):  # partial selection sort; the lower index wins a tie
        best = k
        for m in range(k + 1, n):
            a, b = fired[m], fired[best]
            if v[a] - threshold[a] > v[b] - threshold[b] or (
                v[a] - threshold[a] == v[b] - threshold[b] and a < b
            ):
                best = m
        fired[k], fired[best] = fired[best], fired[k]
    return winners


@jit
def present(limits, seed, sample, steps, w, theta, cell, rule, learning, counts):  # type: ignore[no-untyped-def]
    """Show one sample from rest; return its number of spikes, input spikes and weight changes.

    Args:
        limits: ``[features]`` ``uint64``; a feature spikes where its 32 random bits lie below.
        seed, sample: ``uint64`` counters of the random numbers.
        w: ``[features, units]``, changed in place where ``learning``.
        theta: ``[units]`` adaptive threshold, grown in place where ``learning``.
        counts: ``[units]`` spikes of this sample, written in place.
    """
    n_in, n = w.shape
    dtype = w.dtype
    v = np.full(n, cell.v_leak, dtype)
    g_exc, g_inh = np.zeros(n, dtype), np.zeros(n, dtype)
    exc, inh = np.zeros(n, dtype), np.zeros(n, dtype)
    threshold = np.empty(n, dtype)
    for j in range(n):
        threshold[j] = cell.v_threshold + theta[j]
    until = np.zeros(n, np.int32)
    x, y, y2 = np.zeros(n_in, dtype), np.zeros(n, dtype), np.zeros(n, dtype)
    active = np.flatnonzero(limits).astype(np.int32)
    events = np.empty(active.size, np.int32)
    flat = w.reshape(-1)
    root = mix(seed + GOLDEN)
    fired = np.empty(n, np.int32)
    pending = np.zeros((cell.delay + 1, cell.winners), np.int32)  # who fired in the last steps
    due = np.zeros(cell.delay + 1, np.int32)
    counts[:] = 0
    total, arrived, changes = 0, 0, 0
    for t in range(steps):
        key = mix((sample * np.uint64(steps) + np.uint64(t)) * GOLDEN + root)
        n_events = 0
        for i in active:
            events[n_events] = i
            n_events += mix(key + np.uint64(i + 1) * GOLDEN) >> S32 < limits[i]
        arrived += n_events
        exc[:] = 0
        gather_dense(exc, flat, 0, n, events, 0, n_events)
        if learning:
            for k in range(n_events):
                i = events[k]
                if total > 0 and rule.a_minus != 0:
                    depress(w[i], y, rule)
                    changes += n
                x[i] = 1 if rule.nearest else x[i] + 1
        slot = t % (cell.delay + 1)
        inh[:] = due[slot] * cell.inhibition
        for k in range(due[slot]):
            inh[pending[slot, k]] -= cell.inhibition
        above = 0
        for j in range(n):
            v[j], g_exc[j], g_inh[j] = conductance_lif(
                v[j],
                g_exc[j],
                g_inh[j],
                t < until[j],
                exc[j],
                inh[j],
                cell.gain,
                cell.v_leak,
                cell.e_exc,
                cell.e_inh,
                cell.decay_exc,
                cell.decay_inh,
            )
        for j in range(n):
            above += v[j] > threshold[j]
        if learning:
            for i in active:
                x[i] *= rule.decay_x
            if total > 0:
                for j in range(n):
                    y[j] *= rule.decay_y
                    y2[j] *= rule.decay_y2
        spikes = select(v, threshold, cell.winners, fired) if above > 0 else 0
        slot = (t + cell.delay) % (cell.delay + 1)
        due[slot] = spikes
        for k in range(spikes):
            j = fired[k]
            pending[slot, k] = j
            v[j] = cell.v_reset
            until[j] = t + 1 + cell.refractory
            counts[j] += 1
            if learning:
                theta[j] += cell.adapt_step
                threshold[j] = cell.v_threshold + theta[j]
                potentiate(w, j, x, y2, rule)
                changes += n_in
                y[j] = 1 if rule.nearest else y[j] + 1
                y2[j] = 1 if rule.nearest else y2[j] + 1
        total += spikes
    return total, arrived, changes


@jit
def limits_of(x, gain, limits):  # type: ignore[no-untyped-def]
    """Fill ``limits``: the 32-bit number below which a draw is a spike, ``clip(gain x, 0, 1) 2**32``."""
    for i in range(x.size):
        p = min(max(gain * np.float64(x[i]), 0.0), 1.0)
        limits[i] = np.uint64(np.ceil(p * 4294967296.0))


@jit
def learn(  # type: ignore[no-untyped-def]
    x, order, first, gain, boost, min_spikes, tries, seed, steps, w, norm, theta, forget, cell, rule, counts
):
    """Learn the samples ``order`` of ``x`` [samples, features], one after another.

    Each sample is shown with incoming weights of sum ``norm`` (0 leaves them) and, while fewer than
    ``min_spikes`` spikes came, again with its rates raised by ``boost``, at most ``tries`` times.
    ``theta`` fades by ``forget`` with each presentation. Presentation ``p`` draws the random
    numbers of sample ``p``; ``first`` is the first one. Returns ``(presentations, spikes, input
    spikes, weight changes)`` and writes ``counts`` [samples, units] of the last presentation.
    """
    limits = np.empty(x.shape[1], np.uint64)
    shown, spikes, arrived, changes = 0, 0, 0, 0
    for k in range(order.size):
        for attempt in range(tries):
            if norm > 0:
                normalise(w, norm)
            limits_of(x[order[k]], gain * (1.0 + boost * attempt), limits)
            s, a, c = present(
                limits, seed, np.uint64(first + shown), steps, w, theta, cell, rule, True, counts[k]
            )
            for j in range(theta.size):
                theta[j] *= forget
            shown, spikes, arrived, changes = shown + 1, spikes + s, arrived + a, changes + c
            if s >= min_spikes:
                break
    return shown, spikes, arrived, changes


@jit
def infer(x, first, gain, seed, steps, w, theta, cell, rule, counts):  # type: ignore[no-untyped-def]
    """Show every sample once with everything frozen; write ``counts`` [samples, units]."""
    limits = np.empty(x.shape[1], np.uint64)
    for k in range(x.shape[0]):
        limits_of(x[k], gain, limits)
        present(limits, seed, np.uint64(first + k), steps, w, theta, cell, rule, False, counts[k])
