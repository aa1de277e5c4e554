"""One synapse under given spike times: the rule alone, without a network."""

from __future__ import annotations

import numpy as np

from spiking.kernels import step_plasticity
from spiking.kernels.compile import inline, jit
from spiking.kernels.stdp_types import ALL, NEAREST, PRE_CENTRED, RESTRICTED

weight_change = inline(step_plasticity.weight_change)
clipped = inline(step_plasticity.clipped)


@jit
def one_synapse(pre, post, w, rule):  # type: ignore[no-untyped-def]
    """Return the weight after the sorted spike times ``pre`` and ``post`` (in steps, real numbers).

    Spikes at the same time do not meet each other; both meet what came before them, the
    postsynaptic one first. With restricted pairing a presynaptic spike is depressed by the last earlier
    postsynaptic one if any came since the presynaptic spike before, its own time included.
    """
    x, x2, y, y2 = 0.0, 0.0, 0.0, 0.0
    now, i, j = 0.0, 0, 0
    last_pre, last_post = -np.inf, -np.inf
    while i < pre.size or j < post.size:
        at = min(pre[i] if i < pre.size else np.inf, post[j] if j < post.size else np.inf)
        gap = at - now
        x, y = x * rule.decay_x**gap, y * rule.decay_y**gap
        x2, y2 = x2 * rule.decay_x2**gap, y2 * rule.decay_y2**gap
        now = at
        pre_now = i < pre.size and pre[i] == at
        post_now = j < post.size and post[j] == at
        if post_now:
            met = x if rule.pairing != RESTRICTED or last_pre >= last_post else 0.0
            size = rule.a_plus + rule.a_plus_triplet * y2
            change = weight_change(size, met - rule.x_target, rule.w_max - w, rule.mu_plus)
            w = clipped(w + change, rule.w_min, rule.w_max)
        if pre_now:
            met = y if rule.pairing != RESTRICTED or post_now or last_post > last_pre else 0.0
            size = rule.a_minus + rule.a_minus_triplet * x2
            w = clipped(w - weight_change(size, met, w, rule.mu_minus), rule.w_min, rule.w_max)
        if post_now:
            if rule.pairing == PRE_CENTRED:
                x = 0.0  # met by this spike, not by later ones
            y = y + 1.0 if rule.pairing == ALL else 1.0
            y2 = y2 + 1.0 if rule.pairing == ALL else 1.0
            last_post = at
            j += 1
        if pre_now:
            x = 1.0 if rule.pairing == NEAREST or rule.pairing == RESTRICTED else x + 1.0
            x2 = x2 + 1.0 if rule.pairing == ALL else 1.0
            last_pre = at
            i += 1
    return w
