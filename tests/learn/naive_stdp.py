"""Slow twin of STDP learning, written from Diehl & Cook (2015) and docs, not from the kernels.

Spikes come as a full raster, traces are sums over the list of past spikes, inhibition is a matrix.
"""

import numpy as np


def show(raster, weight, theta, *, dt, lateral, delay, winners, learning, rule, unit):
    """Present one raster [steps, features] from rest; return spikes [steps, units], weight, theta."""
    w, theta = np.array(weight, np.float64), np.array(theta, np.float64)
    steps, n = len(raster), w.shape[1]
    v = np.full(n, unit.v_leak)
    ge, gi = np.zeros(n), np.zeros(n)
    free_at = np.zeros(n, int)
    out = np.zeros((steps, n), bool)
    pre_times = [[] for _ in range(w.shape[0])]  # step t stands for time t
    post_times = [[] for _ in range(n)]  # a spike of step t stands for time t + 1

    def sums(times, now, tau, which):
        used = times[-1:] if which == "nearest" else times
        return sum(np.exp(-(now - s) * dt / tau) for s in used)

    def slow(times, now, tau):
        return sums(times, now, tau, "all" if rule.pairing == "all" else "nearest")

    def met_by_pre(i, j, now):
        """Trace y that a spike of input i finds at unit j."""
        times = post_times[j]
        if rule.pairing == "restricted" and pre_times[i]:
            times = [s for s in times if s > pre_times[i][-1]]
        return sums(times, now, rule.tau_minus, "all" if rule.pairing == "all" else "nearest")

    def met_by_post(i, j, now):
        """Trace x that a spike of unit j finds at input i."""
        times = pre_times[i]
        if rule.pairing in ("restricted", "pre_centred") and post_times[j]:
            times = [s for s in times if s >= post_times[j][-1]]
        return sums(
            times, now, rule.tau_plus, "nearest" if rule.pairing in ("nearest", "restricted") else "all"
        )

    for t in range(steps):
        ge = ge + raster[t].astype(float) @ w
        for i in np.flatnonzero(raster[t]):
            if learning:
                y = np.array([met_by_pre(i, j, t) for j in range(n)])
                size = rule.a_minus + rule.a_minus_triplet * slow(pre_times[i], t, rule.tau_x)
                w[i] = np.clip(w[i] - size * w[i] ** rule.mu_minus * y, rule.w_min, rule.w_max)
            pre_times[i].append(t)
        if t >= delay:
            gi = gi + out[t - delay].astype(float) @ lateral
        dv = dt / unit.tau_mem * ((unit.v_leak - v) + ge * (unit.e_exc - v) + gi * (unit.e_inh - v))
        v = np.where(free_at > t, v, v + dv)
        ge, gi = ge * np.exp(-dt / unit.tau_exc), gi * np.exp(-dt / unit.tau_inh)
        margin = np.where(free_at > t, -1.0, v - (unit.v_threshold + theta))
        above = [j for j in np.argsort(-margin, kind="stable") if margin[j] > 0][:winners]
        for j in above:
            out[t, j] = True
            v[j] = unit.v_reset
            free_at[j] = t + 1 + round(unit.tau_ref / dt)
            if learning:
                theta[j] += unit.adapt_step
                x = np.array([met_by_post(i, j, t + 1) for i in range(w.shape[0])])
                size = rule.a_plus + rule.a_plus_triplet * slow(post_times[j], t + 1, rule.tau_y)
                step = size * (rule.w_max - w[:, j]) ** rule.mu_plus * (x - rule.x_target)
                w[:, j] = np.clip(w[:, j] + step, rule.w_min, rule.w_max)
                post_times[j].append(t + 1)
    if learning:
        theta = theta * np.exp(-steps * dt / unit.tau_adapt)
    return out, w, theta
