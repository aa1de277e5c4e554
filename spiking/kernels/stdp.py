"""Learning by spikes, one sample after another: conductance units, inhibition, plastic input.

A step is the interval ``[t, t + 1)``: input spikes arrive at its beginning (and depress), units
and traces move over it, units spike at its end (and potentiate). A spike of step ``t`` meets an
input spike of step ``t + 1`` as one just before it. What a unit sends with delay ``d`` arrives at
the beginning of step ``t + d``.
"""

from __future__ import annotations

import numpy as np

from spiking.kernels import step_conductance
from spiking.kernels.compile import inline, jit
from spiking.kernels.gather import gather_dense
from spiking.kernels.random import GOLDEN, S32, mix
from spiking.kernels.stdp_rule import fade, learn_post, learn_pre, normalise, settle
from spiking.kernels.stdp_types import ALL, PRE_CENTRED

conductance_lif = inline(step_conductance.conductance_lif)


@jit
def select(v, threshold, now, free_at, winners, fired):  # type: ignore[no-untyped-def]
    """Write the free units above threshold to ``fired``, at most ``winners``, those farthest above."""
    n = 0
    for j in range(v.size):
        if v[j] > threshold[j] and now >= free_at[j]:
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
def charge(v, g_exc, g_inh, free_at, now, exc, inh, cell):  # type: ignore[no-untyped-def]
    """Let all units take one step from what arrived."""
    for j in range(v.size):
        v[j], g_exc[j], g_inh[j] = conductance_lif(
            v[j], g_exc[j], g_inh[j], now < free_at[j], exc[j], inh[j],
            cell.gain, cell.v_leak, cell.e_exc, cell.e_inh, cell.decay_exc, cell.decay_inh,
        )  # fmt: skip


@jit
def send(ring, due, now, fired, count):  # type: ignore[no-untyped-def]
    """Put who fired at step ``now`` on a delay line; its length is the delay + 1."""
    slot = (now + due.size - 1) % due.size
    due[slot] = count
    for k in range(count):
        ring[slot, k] = fired[k]


@jit
def write_log(log, logged, now, population, fired, count):  # type: ignore[no-untyped-def]
    """Note who fired at step ``now``, while there is room."""
    for k in range(min(count, log.shape[0] - logged[0])):
        log[logged[0], 0], log[logged[0], 1], log[logged[0], 2] = now, population, fired[k]
        logged[0] += 1


@jit
def inhibit(inh, ring, due, now, conductance):  # type: ignore[no-untyped-def]
    """Open ``conductance`` in all units once per arriving spike, but not in its own column's unit."""
    slot = now % due.size
    inh[:] = due[slot] * conductance
    for k in range(due[slot]):
        inh[ring[slot, k]] -= conductance


@jit
def excite(exc, ring, due, now, conductance):  # type: ignore[no-untyped-def]
    """Open ``conductance`` in the inhibitory unit of each arriving spike."""
    slot = now % due.size
    exc[:] = 0
    for k in range(due[slot]):
        exc[ring[slot, k]] = conductance


@jit
def inner_step(v, g_exc, g_inh, free_at, now, exc, none, inner, fired):  # type: ignore[no-untyped-def]
    """Let the inhibitory units, one per excitatory unit, take one step; write who spiked to ``fired``."""
    charge(v, g_exc, g_inh, free_at, np.int32(now), exc, none, inner)
    n = 0
    for j in range(v.size):
        if v[j] > inner.v_threshold and now >= free_at[j]:
            v[j] = inner.v_reset
            free_at[j] = now + 1 + inner.refractory
            fired[n] = j
            n += 1
    return n


@jit
def rest(s, cell, inner):  # type: ignore[no-untyped-def]
    """Put the state to rest; weights and thresholds stay."""
    s.v[:] = cell.v_leak
    s.g_exc[:] = 0
    s.g_inh[:] = 0
    s.free_at[:] = 0
    s.x[:] = 0
    s.x2[:] = 0
    s.y[:] = 0
    s.y2[:] = 0
    s.last_pre[:] = -1
    s.last_post[:] = -1
    s.spiked[0] = 0
    s.due[:] = 0
    s.inner_v[:] = inner.v_leak
    s.inner_g[:] = 0
    s.inner_free_at[:] = 0
    s.inner_due[:] = 0
    s.clock[0] = 0


@jit
def present(limits, seed, sample, w, s, cell, inner, side, rule, plan, learning, counts):  # type: ignore[no-untyped-def]
    """Show one sample; return ``(spikes, input spikes, inhibitory spikes)``.

    Args:
        limits: ``[features]`` ``uint64``; a feature spikes where its 32 random bits lie below.
        seed, sample: ``uint64`` counters of the random numbers.
        w: ``[features, padded units]``, changed in place where ``learning``, as is ``s.theta``.
        s, cell, inner, side, rule, plan: see ``stdp_types.py``.
        counts: ``[units]`` spikes of this sample, written in place.
    """
    n, wide = s.v.size, w.shape[1]
    if not plan.carry:
        rest(s, cell, inner)
    theta, v, g_exc, g_inh, free_at = s.theta, s.v, s.g_exc, s.g_inh, s.free_at
    x, x2, y, y2, last_pre, last_post = s.x, s.x2, s.y, s.y2, s.last_pre, s.last_post
    spiked, seen, target = s.spiked, s.seen, s.eligibility
    ring, due, log, logged = s.ring, s.due, s.log, s.logged
    adds = rule.pairing == ALL or rule.pairing == PRE_CENTRED
    inner_v, inner_g, inner_free_at = s.inner_v, s.inner_g, s.inner_free_at
    inner_ring, inner_due = s.inner_ring, s.inner_due
    exc, inh = np.zeros(wide, w.dtype), np.zeros(n, w.dtype)
    none, zero_g = np.zeros(n, w.dtype), np.zeros(n, w.dtype)
    threshold = (cell.v_threshold + theta).astype(w.dtype)
    fired = np.empty(n, np.int32)
    active = np.flatnonzero(limits).astype(np.int32)
    moving = np.flatnonzero((limits > 0) | (x > 0) | (x2 > 0)).astype(np.int32)  # live traces
    events = np.empty(active.size, np.int32)
    flat = w.reshape(-1)
    root = mix(seed + GOLDEN)
    counts[:] = 0
    total, arrived, inner_total = 0, 0, 0
    length = plan.steps + plan.rest
    for t in range(length):
        now = s.clock[0]
        n_events = 0
        if t < plan.steps:
            key = mix((sample * np.uint64(plan.steps) + np.uint64(t)) * GOLDEN + root)
            for i in active:
                events[n_events] = i
                n_events += mix(key + np.uint64(i + 1) * GOLDEN) >> S32 < limits[i]
        arrived += n_events
        exc[:] = 0
        gather_dense(exc, flat, 0, wide, events, 0, n_events, False)
        if learning:
            faded = w.dtype.type(rule.decay_e ** (length - t))  # what is left of an eligibility at the end
            for k in range(n_events):
                i = events[k]
                size = rule.a_minus + rule.a_minus_triplet * x2[i]
                if size != 0 and spiked[0] > 0:
                    row = target[i] if rule.gated else w[i]
                    learn_pre(w[i], row, y, last_post, last_pre[i], size * faded, rule)
                x[i] = x[i] + 1 if adds else 1
                x2[i] = x2[i] + 1 if rule.pairing == ALL else 1
                last_pre[i] = now
        if side.explicit:
            inhibit(inh, inner_ring, inner_due, now, side.inhibition)
        else:
            inhibit(inh, ring, due, now, side.inhibition)
        charge(v, g_exc, g_inh, free_at, np.int32(now), exc, inh, cell)
        if learning:
            fade(x, x2, y, y2, moving, rule)
            if plan.carry:  # the exact order of a clock-driven simulator
                for j in range(n):
                    theta[j] *= cell.adapt_decay
                    threshold[j] = cell.v_threshold + theta[j]
        above = 0
        for j in range(n):
            above += v[j] > threshold[j]
        spikes = select(v, threshold, now, free_at, side.winners, fired) if above > 0 else 0
        for k in range(spikes):
            j = fired[k]
            v[j] = cell.v_reset
            free_at[j] = now + 1 + cell.refractory
            counts[j] += t < plan.steps
            if learning:
                theta[j] += cell.adapt_step
                threshold[j] = cell.v_threshold + theta[j]
                size = rule.a_plus + rule.a_plus_triplet * y2[j]
                if size != 0:
                    faded = w.dtype.type(rule.decay_e ** (length - t - 1))
                    since = w.dtype.type(rule.decay_x ** (now + 1 - last_post[j]))
                    to = target if rule.gated else w
                    learn_post(j, w, to, x, seen, last_pre, last_post[j], since, size * faded, rule)
                y[j] = y[j] + 1 if rule.pairing == ALL else 1
                y2[j] = y2[j] + 1 if rule.pairing == ALL else 1
                last_post[j] = now + 1
                spiked[0] += 1
        send(ring, due, now, fired, spikes)
        write_log(log, logged, now, 0, fired, spikes)
        if side.explicit:
            excite(exc, ring, due, now, side.excitation)
            count = inner_step(inner_v, inner_g, zero_g, inner_free_at, now, exc, none, inner, fired)
            send(inner_ring, inner_due, now, fired, count)
            write_log(log, logged, now, 1, fired, count)
            inner_total += count
        total += spikes
        s.clock[0] = now + 1
    if learning and not plan.carry:
        theta[:] *= cell.adapt_decay**length
    return total, arrived, inner_total


@jit
def limits_of(x, gain, limits):  # type: ignore[no-untyped-def]
    """Fill ``limits``: the 32-bit number below which a draw is a spike, ``clip(gain x, 0, 1) 2**32``."""
    for i in range(x.size):
        p = min(max(gain * np.float64(x[i]), 0.0), 1.0)
        limits[i] = np.uint64(np.ceil(p * 4294967296.0))


@jit
def learn(x, y, order, first, seed, w, s, cell, inner, side, rule, plan, counts, tally):  # type: ignore[no-untyped-def]
    """Learn the samples ``order`` of ``x`` [samples, features], one after another.

    Each is shown with incoming weights of sum ``rule.norm`` and, while fewer than
    ``plan.min_spikes`` spikes came, again with rates raised by ``plan.boost``, at most
    ``plan.tries`` times. Try ``k`` of the sample at position ``p`` of the whole order draws the
    random numbers of sample ``p tries + k``; ``first`` is the first position.

    Args:
        y: ``[samples]`` classes, read by three-factor rules alone: unit ``j`` stands for class
            ``j % classes``, and the class with most spikes is the answer.
        counts: ``[order, units]`` spikes of the last try, written in place.
        tally: ``[4]`` tries, spikes, input spikes, inhibitory spikes; added to in place.
    """
    limits = np.empty(x.shape[1], np.uint64)
    classes = y.max() + 1 if rule.gated else 1
    for k in range(order.size):
        for attempt in range(plan.tries):
            if rule.norm > 0:
                normalise(w, rule.norm)
            if rule.gated:
                s.eligibility[:] = 0
            limits_of(x[order[k]], plan.gain * (1.0 + plan.boost * attempt), limits)
            sample = np.uint64((first + k) * plan.tries + attempt)
            n, a, i = present(limits, seed, sample, w, s, cell, inner, side, rule, plan, True, counts[k])
            tally[0] += 1
            tally[1] += n
            tally[2] += a
            tally[3] += i
            if n >= plan.min_spikes:
                break
        if rule.gated:
            settle(w, s.eligibility, counts[k], y[order[k]], classes, rule)


@jit
def infer(x, first, seed, w, s, cell, inner, side, rule, plan, counts):  # type: ignore[no-untyped-def]
    """Show every sample once with weights and thresholds frozen; write ``counts`` [samples, units]."""
    limits = np.empty(x.shape[1], np.uint64)
    for k in range(x.shape[0]):
        limits_of(x[k], plan.gain, limits)
        present(limits, seed, np.uint64(first + k), w, s, cell, inner, side, rule, plan, False, counts[k])
