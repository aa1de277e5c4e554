"""Input synapses with delays of their own: spikes on their way, and traces as each synapse sees them.

A spike of input ``i`` reaches unit ``j`` ``d = steps[i, j]`` steps later; there it opens the conductance,
depresses and raises the synapse's trace. That trace is the one of the input, ``d`` steps ago.
"""

from __future__ import annotations

from spiking.kernels import step_plasticity
from spiking.kernels.compile import inline, jit

weight_change = inline(step_plasticity.weight_change)
clipped = inline(step_plasticity.clipped)


@jit
def depart(s, now, events, places, x2, count):  # type: ignore[no-untyped-def]
    """Note the input spikes of step ``now`` with the slow trace that each found."""
    slot = now % s.late_due.size
    s.late_due[slot] = count
    for k in range(count):
        s.late_event[slot, k], s.late_x2[slot, k] = events[k], x2[places[k]]


@jit
def arrive(exc, w, target, s, now, left, rule, late, learning):  # type: ignore[no-untyped-def]
    """Deliver what arrives at step ``now``, shortest delay first; where ``learning``, depress."""
    slots = s.late_due.size
    for d in range(slots):
        slot = (now - d) % slots
        for k in range(s.late_due[slot]):
            i = s.late_event[slot, k]
            size = (rule.a_minus + rule.a_minus_triplet * s.late_x2[slot, k]) * left
            for m in range(late.first[i, d], late.first[i, d + 1]):
                j = late.order[i, m]
                exc[j] += w[i, j]
                if learning and size != 0 and s.spiked[0] > 0:
                    new = target[i, j] - weight_change(size, s.y[j], w[i, j], rule.mu_minus)
                    target[i, j] = new if rule.gated else clipped(new, rule.w_min, rule.w_max)


@jit
def remember(s, now, moving, x):  # type: ignore[no-untyped-def]
    """Keep the traces ``x`` of the inputs ``moving`` as they are at time ``now``."""
    slot = now % s.late_due.size
    for q in range(moving.size):
        s.late_x[slot, moving[q]] = x[q]


@jit
def learn_post_late(j, w, target, s, now, size, rule, late):  # type: ignore[no-untyped-def]
    """Unit ``j`` spiked at time ``now``: its weights move by the traces that have reached it."""
    slots = s.late_due.size
    for i in range(w.shape[0]):
        trace = s.late_x[(now - late.steps[i, j]) % slots, i]
        new = target[i, j] + weight_change(size, trace - rule.x_target, rule.w_max - w[i, j], rule.mu_plus)
        target[i, j] = new if rule.gated else clipped(new, rule.w_min, rule.w_max)
