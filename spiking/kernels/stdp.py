"""Learning by spikes, one sample after another: units with adaptive threshold, inhibition, plastic input.

A step is the interval ``[t, t + 1)``: input spikes arrive at its beginning (and depress), units
and traces move over it, units spike at its end (and potentiate). A spike of step ``t`` meets an
input spike of step ``t + 1`` as one just before it. What a unit sends with delay ``d`` arrives at
the beginning of step ``t + d``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spiking.kernels.arrays import clear, fill, scatter
from spiking.kernels.compile import jit
from spiking.kernels.gather import gather_dense
from spiking.kernels.random import GOLDEN, S32, mix
from spiking.kernels.stdp_delay import arrive, depart, learn_post_late, remember
from spiking.kernels.stdp_rule import fade, fade_some, learn_post, learn_pre, renormalise, settle
from spiking.kernels.stdp_step import (
    charge,
    charge_current,
    fade_threshold,
    hold,
    inhibit,
    inner_step,
    select,
    send,
    write_log,
)
from spiking.kernels.stdp_types import ALL, PRE_CENTRED

ZERO: Any = np.int64(0)  # a literal is a type of its own: what it is passed to would be compiled twice


@jit
def rest(s, cell, inner):  # type: ignore[no-untyped-def]
    """Put the state to rest; weights and thresholds stay."""
    fill(s.v, cell.v_leak)
    fill(s.inner_v, inner.v_leak)
    for one in (s.g_exc, s.g_inh, s.x, s.x2, s.y, s.y2, s.inner_g):
        clear(one)
    clear(s.free_at)
    fill(s.last_pre, -1)
    fill(s.last_post, -1)
    for one in (s.due, s.inner_free_at, s.inner_due, s.late_due):
        clear(one)
    s.late_x[:] = 0
    s.spiked[0] = 0
    s.clock[0] = 0


@jit
def present(limits, seed, sample, w, s, cell, inner, side, rule, late, plan, counts):  # type: ignore[no-untyped-def]
    """Show one sample; return ``(spikes, input spikes, inhibitory spikes)``.

    Args:
        limits: ``[features]`` ``uint64``; a feature spikes where its 32 random bits lie below.
        seed, sample: ``uint64`` counters of the random numbers.
        w: ``[features, padded units]``, changed in place where ``plan.learning``, as is ``s.theta``.
        s, cell, inner, side, rule, late, plan: see ``stdp_types.py``.
        counts: ``[units]`` spikes of this sample, written in place.
    """
    n, wide, features, learning = s.v.size, w.shape[1], w.shape[0], plan.learning
    if not plan.carry:
        rest(s, cell, inner)
    theta, base, free_at, y, y2, last_pre, last_post = (
        s.theta,
        s.base,
        s.free_at,
        s.y,
        s.y2,
        s.last_pre,
        s.last_post,
    )
    spiked, seen, target = s.spiked, s.seen, s.eligibility
    ring, due, log, logged = s.ring, s.due, s.log, s.logged
    adds = rule.pairing == ALL or rule.pairing == PRE_CENTRED
    # the state of the units in whole vectors; those beyond the last never reach their threshold
    v, g_exc, g_inh = np.zeros(wide, w.dtype), np.zeros(wide, w.dtype), np.zeros(wide, w.dtype)
    threshold = np.empty(wide, w.dtype)
    fill(threshold, np.inf)
    for j in range(n):
        v[j], g_exc[j], g_inh[j] = s.v[j], s.g_exc[j], s.g_inh[j]
        threshold[j] = base[j] + theta[j]
    exc, kept, fired = np.zeros(wide, w.dtype), np.empty(n, w.dtype), np.empty(n, np.int32)
    inner_exc, none = np.zeros(s.inner_v.size, w.dtype), np.zeros(s.inner_v.size, w.dtype)
    inner_threshold = np.empty(s.inner_v.size, w.dtype)
    fill(inner_threshold, inner.v_threshold)
    held, inner_held = np.empty(n, np.int32), np.empty(s.inner_v.size, np.int32)
    n_held, n_inner_held = ZERO, ZERO
    for j in range(n):
        if s.clock[0] < free_at[j]:
            held[n_held] = j
            n_held += 1
    for j in range(s.inner_v.size):
        if s.clock[0] < s.inner_free_at[j]:
            inner_held[n_inner_held] = j
            n_inner_held += 1
    # the inputs that spike, then those that have a trace alone; their traces side by side
    every, listing = np.empty(features, np.int32), np.empty(features, np.int32)
    n_active = 0
    for i in range(features):
        every[i] = i
        if limits[i] != 0:
            listing[n_active] = i
            n_active += 1
    n_moving = n_active
    for i in range(features):
        if limits[i] == 0 and (s.x[i] > 0 or s.x2[i] > 0):
            listing[n_moving] = i
            n_moving += 1
    moving = listing[:n_moving]
    if late.longest > 0 and plan.carry:
        for i in range(features):
            if s.x[i] == 0:  # not to be written below
                for k in range(s.late_x.shape[0]):
                    s.late_x[k, i] = 0
    x, x2 = np.empty(n_moving, w.dtype), np.empty(n_moving, w.dtype)
    limit, offset = np.empty(n_active, np.uint64), np.empty(n_active, np.uint64)
    for q in range(n_moving):
        x[q], x2[q] = s.x[moving[q]], s.x2[moving[q]]
    for q in range(n_active):
        limit[q] = limits[moving[q]]
        offset[q] = np.uint64(moving[q] + 1) * GOLDEN
    few = rule.x_target == 0 and rule.pairing != PRE_CENTRED  # potentiation needs a trace
    # the units that have a trace, or weights out of bounds, which the next spike clips
    touched, n_touched, listed = np.empty(n, np.int32), ZERO, np.zeros(n, np.bool_)
    if learning:
        for j in range(n):
            if y[j] > 0 or y2[j] > 0 or s.outside[j]:
                touched[n_touched], listed[j] = j, True
                n_touched += 1
    events, places = np.empty(n_active, np.int32), np.empty(n_active, np.int32)
    flat = w.reshape(-1)
    root = mix(seed + GOLDEN)
    clear(counts)
    total, arrived, inner_total = 0, 0, 0
    length = plan.steps + plan.rest
    left = w.dtype.type(1.0)  # of an eligibility at the end
    for t in range(length):
        now = s.clock[0]
        n_events = ZERO
        if t < plan.steps:
            key = mix((sample * np.uint64(plan.steps) + np.uint64(t)) * GOLDEN + root)
            for q in range(n_active):
                events[n_events], places[n_events] = moving[q], q
                n_events += mix(key + offset[q]) >> S32 < limit[q]
        arrived += n_events
        clear(exc)
        if learning and rule.gated:
            left = w.dtype.type(rule.decay_e ** (length - t))
        if late.longest > 0:
            depart(s, now, events, places, x2, n_events)
            arrive(exc, w, target if rule.gated else w, s, now, left, rule, late, learning)
        else:
            gather_dense(exc, flat, 0, wide, events, 0, n_events, False)
        if learning:
            for k in range(n_events):
                i, q = events[k], places[k]
                size = rule.a_minus + rule.a_minus_triplet * x2[q]
                if size != 0 and spiked[0] > 0 and late.longest == 0:
                    row = target[i] if rule.gated else w[i]
                    learn_pre(w[i], row, y, last_post, last_pre[i], size * left, rule, touched, n_touched)
                x[q] = x[q] + 1 if adds else 1
                x2[q] = x2[q] + 1 if rule.pairing == ALL else 1
                last_pre[i] = now
        target_of = exc if cell.current else g_inh
        if side.explicit:
            inhibit(target_of[:n], s.inner_ring, s.inner_due, now, side.inhibition, kept)
        else:
            inhibit(target_of[:n], ring, due, now, side.inhibition, kept)
        if cell.current:
            above = charge_current(v, g_exc, exc, threshold, cell)
        else:
            above = charge(v, g_exc, g_inh, exc, threshold, cell)
        n_held = hold(v, cell.v_reset, free_at, now, held, n_held)
        if learning:
            fade(x, rule.decay_x)
            if rule.a_minus_triplet != 0:
                fade(x2, rule.decay_x2)
            if late.longest > 0:
                remember(s, now + 1, moving, x)
            fade_some(y, y2, touched, n_touched, rule.decay_y, rule.decay_y2)
            if plan.carry:  # the exact order of a clock-driven simulator
                above = fade_threshold(theta, base, threshold, v, cell.adapt_decay)
        spikes = select(v, threshold, now, free_at, side.winners, fired) if above else 0
        for k in range(spikes):
            j = fired[k]
            v[j] = cell.v_reset
            free_at[j] = now + 1 + cell.refractory
            held[n_held] = j
            n_held += 1
            counts[j] += t < plan.steps
            if learning:
                theta[j] += cell.adapt_step
                threshold[j] = base[j] + theta[j]
                size = rule.a_plus + rule.a_plus_triplet * y2[j]
                if size != 0:
                    since = w.dtype.type(1.0)
                    if rule.gated:
                        left = w.dtype.type(rule.decay_e ** (length - t - 1))
                    if rule.pairing == PRE_CENTRED:
                        since = w.dtype.type(rule.decay_x ** (now + 1 - last_post[j]))
                    to = target if rule.gated else w
                    if late.longest > 0:
                        learn_post_late(j, w, to, s, now + 1, size * left, rule, late)
                    else:
                        scatter(s.x, moving, x)
                        rows = moving if few and not s.outside[j] else every
                        learn_post(
                            j, w, to, s.x, seen, last_pre, last_post[j], since, size * left, rule, rows
                        )
                y[j] = y[j] + 1 if rule.pairing == ALL else 1
                y2[j] = y2[j] + 1 if rule.pairing == ALL else 1
                if not listed[j]:
                    touched[n_touched], listed[j] = j, True
                    n_touched += 1
                last_post[j] = now + 1
                spiked[0] += 1
        send(ring, due, now, fired, spikes)
        write_log(log, logged, now, ZERO, fired, spikes)
        if side.explicit:
            count, n_inner_held = inner_step(
                s, now, inner_exc, none, inner_threshold, inner, side, inner_held, n_inner_held, fired
            )
            send(s.inner_ring, s.inner_due, now, fired, count)
            write_log(log, logged, now, ZERO + 1, fired, count)
            inner_total += count
        total += spikes
        s.clock[0] = now + 1
    for j in range(n):
        s.v[j], s.g_exc[j], s.g_inh[j] = v[j], g_exc[j], g_inh[j]
    scatter(s.x, moving, x)
    scatter(s.x2, moving, x2)
    if learning:
        for k in range(n_touched):
            s.stale[touched[k]] = True
        if not plan.carry:
            faded = cell.adapt_decay**length
            for j in range(n):
                theta[j] *= faded
    return total, arrived, inner_total


@jit
def limits_of(x, gain, limits):  # type: ignore[no-untyped-def]
    """Fill ``limits``: the 32-bit number below which a draw is a spike, ``clip(gain x, 0, 1) 2**32``."""
    for i in range(x.size):
        p = min(max(gain * np.float64(x[i]), 0.0), 1.0)
        limits[i] = np.uint64(np.ceil(p * 4294967296.0))


@jit
def show(x, y, order, first, seed, w, s, cell, inner, side, rule, late, plan, counts, tally):  # type: ignore[no-untyped-def]
    """Show the samples ``order`` of ``x`` [samples, features], one after another; learn if ``plan.learning``.

    Each is shown with incoming weights of sum ``rule.norm`` (where they are learned) and, while fewer than
    ``plan.min_spikes`` spikes came, again with rates raised by ``plan.boost``, at most
    ``plan.tries`` times. Try ``k`` of the sample at position ``p`` of the whole order draws the
    random numbers of sample ``p tries + k``; ``first`` is the first position.

    Args:
        y: ``[samples]`` classes, read by three-factor rules alone: unit ``j`` stands for class
            ``j % classes``, and the class with most spikes is the answer.
        counts: ``[order, units]`` spikes of the last try, written in place.
        tally: ``[4]`` tries, spikes, input spikes, inhibitory spikes; added to in place.
    """
    limits, room = np.empty(x.shape[1], np.uint64), np.empty(s.v.size, np.int32)
    gated, classes = plan.learning and rule.gated, ZERO + 1
    if gated:
        for label in y:
            classes = max(classes, label + 1)
    for k in range(order.size):
        for attempt in range(plan.tries):
            if plan.learning:
                renormalise(w, rule.norm, s.stale, s.outside, room, rule.w_min, rule.w_max)
            if gated:
                s.eligibility[:] = 0
            limits_of(x[order[k]], plan.gain * (1.0 + plan.boost * attempt), limits)
            sample = np.uint64((first + k) * plan.tries + attempt)
            n, a, i = present(limits, seed, sample, w, s, cell, inner, side, rule, late, plan, counts[k])
            tally[0] += 1
            tally[1] += n
            tally[2] += a
            tally[3] += i
            if n >= plan.min_spikes:
                break
        if gated:
            settle(w, s.eligibility, counts[k], y[order[k]], classes, rule)
            s.stale[:] = True
