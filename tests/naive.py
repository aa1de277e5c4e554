"""Slow twins, written from docs/model.md and not from spiking/: plain loops, one sample set, float64."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import issparse

from tests.tape import Var


def surrogate(name, k):
    """(derivative, antiderivative) of the smoothed spike at distance d from threshold."""
    if name == "fast_sigmoid":
        return lambda d: 1 / (1 + k * np.abs(d)) ** 2, lambda d: d / (1 + k * np.abs(d))
    if name == "arctan":
        return (
            lambda d: (k / 2) / (1 + (math.pi / 2 * k * d) ** 2),
            lambda d: np.arctan(math.pi / 2 * k * d) / math.pi + 0.5,
        )
    if name == "triangular":

        def rise(d):
            x = np.clip(d, -1 / k, 1 / k)
            return x - np.sign(x) * k * x**2 / 2

        return lambda d: np.maximum(0.0, 1 - k * np.abs(d)), rise
    if name == "boxcar":
        return lambda d: np.where(np.abs(d) < 1 / k, k / 2, 0.0), lambda d: np.clip(d, -1 / k, 1 / k) * k / 2
    raise ValueError(name)


def coefficients(form, tau, dt):
    tau = np.asarray(tau, float)
    ratio = dt / tau
    decay = np.exp(-ratio) if form.integrator == "exact" else 1 - ratio
    gain = {
        "raw": np.ones_like(ratio),
        "one_minus_beta": 1 - decay if form.integrator == "exact" else ratio,
        "dt_over_tau": ratio,
        "decayed": decay,
    }[form.input_scale]
    return decay, np.where(np.isinf(tau), 1.0, gain)


def steps_to_arrive(network, c):
    """Steps from a spike to its effect, as docs/model.md states them."""
    total = c.delay
    form = getattr(network[c.target].unit, "discretisation", None)
    if form is not None:
        total += form.input_delay
        if np.any(np.asarray(network[c.target].unit.tau_syn) > 0):
            total += form.synapse_delay
    for p in network.populations:
        if p.name == c.source and hasattr(p.unit, "v_threshold") and hasattr(p.unit, "discretisation"):
            total += p.unit.discretisation.spike_delay
    return total


def simulate(network, raster, *, spike=None, attached=False, weights=None, biases=None):
    """Run ``raster`` ``[samples, steps, inputs]`` (spikes or currents) through a network.

    ``spike`` maps a Var (distance to threshold) to a Var of spikes; the default is the step function
    with derivative zero. Returns ``{population: (list of v, list of s)}`` of Vars per step, the
    ``Var`` weights by connection and biases by population.
    """
    strictly = spike or (
        lambda d, strict: d.apply(lambda x: ((x > 0) if strict else (x >= 0)) * 1.0, np.zeros_like)
    )
    samples, steps, _ = raster.shape
    w = weights or {
        c.name: Var(c.weight.toarray() if issparse(c.weight) else c.weight) for c in network.connections
    }
    bias = biases or {
        p.name: Var(np.zeros(p.size) if p.bias is None else p.bias) for p in network.populations
    }
    out = {}
    first = 0
    for i in network.inputs:
        columns = raster[:, :, first : first + i.size].astype(float)
        first += i.size
        out[i.name] = ([None] * steps, [Var(columns[:, t]) for t in range(steps)])
    state = {
        p.name: {
            "v": None,
            "u": Var(np.zeros(p.size)),
            "a": Var(0.0),
            "wait": np.zeros((samples, p.size), int),
        }
        for p in network.populations
    }
    for p in network.populations:
        out[p.name] = ([], [])
    order = [name for group in network.groups for name in group]
    for t in range(steps):
        for name in order:
            p = network[name]
            x = Var(np.zeros((samples, p.size))) + bias[name]
            inhibition = np.zeros((samples, p.size))
            for c in network.into(name):
                when = t - steps_to_arrive(network, c)
                if when >= 0 and c.receptor == "inhibitory":
                    inhibition = inhibition + out[c.source][1][when].value @ w[c.name].value
                elif when >= 0:
                    x = x + out[c.source][1][when] @ w[c.name]
            kind = type(p.unit).__name__
            if kind in ("ReLU", "Linear"):
                y = x.apply(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0) if kind == "ReLU" else x
                out[name][0].append(y)
                out[name][1].append(y)
                continue
            if kind == "ConductanceLIF":
                conductance(p, network.dt, state[name], x.value, inhibition, out[name])
                continue
            advance(p, network.dt, state[name], x, out[name], strictly, attached)
    return out, w, bias


def winners_of(p, above, fired):
    """Of those that fired keep the ``winners`` farthest above threshold; the lower index wins a tie."""
    if p.winners is None:
        return fired
    kept = np.zeros_like(fired)
    for b in range(len(fired)):
        who = np.flatnonzero(fired[b] > 0)
        best = who[np.lexsort((who, -above[b][who]))][: p.winners]
        kept[b, best] = fired[b, best]
    return kept


def conductance(p, dt, st, exc, inh, record):
    """One step of Diehl & Cook's unit: membrane by Euler under this step's conductances, which then decay."""
    unit = p.unit
    if st["v"] is None:
        st["v"] = np.full(exc.shape, unit.v_leak)
        st["g"] = [np.zeros(exc.shape), np.zeros(exc.shape)]
        st["a"] = np.zeros(exc.shape) + unit.adapt_start
    g_e, g_i = st["g"][0] + exc, st["g"][1] + inh
    slope = (unit.v_leak - st["v"]) + g_e * (unit.e_exc - st["v"]) + g_i * (unit.e_inh - st["v"])
    v = np.where(st["wait"] > 0, st["v"], st["v"] + dt / unit.tau_mem * slope)
    st["g"] = [g_e * math.exp(-dt / unit.tau_exc), g_i * math.exp(-dt / unit.tau_inh)]
    above = v - (unit.v_threshold + st["a"])
    s = winners_of(p, above, ((above > 0) & (st["wait"] == 0)) * 1.0)
    record[0].append(Var(v))
    record[1].append(Var(s))
    st["v"] = np.where(s > 0, unit.v_reset, v)
    st["a"] = st["a"] * math.exp(-dt / unit.tau_adapt) + s * unit.adapt_step
    n_ref = round(unit.tau_ref / dt)
    st["wait"] = np.where(s > 0, n_ref, np.maximum(st["wait"] - 1, 0))


def advance(p, dt, st, x, record, spike, attached):
    """One step of a LIF, ALIF or LI population."""
    unit = p.unit
    decay, gain = coefficients(unit.discretisation, unit.tau_mem, dt)
    if np.any(np.asarray(unit.tau_syn) > 0):
        st["u"] = st["u"] * coefficients(unit.discretisation, unit.tau_syn, dt)[0] + x
    else:
        st["u"] = x
    leak = np.asarray(unit.v_leak, float)
    if st["v"] is None:
        st["v"] = Var(np.zeros(x.value.shape) + (leak if unit.v_start is None else unit.v_start))
    v = (st["v"] - leak) * decay + leak + st["u"] * gain
    if type(unit).__name__ == "LI":
        st["v"] = v
        record[0].append(v)
        record[1].append(v)
        return
    form, drop = unit.discretisation, np.asarray(unit.v_threshold) - np.asarray(unit.v_reset)
    before = record[1][-1] if record[1] else Var(np.zeros(x.value.shape))
    if form.reset_delay:
        b = before if attached else before.detach()
        v = v - b * drop if unit.reset == "subtract" else v * (1 - b) + b * unit.v_reset
    held = (st["wait"] > 0) * 1.0
    v = v * (1 - held) + st["v"] * held
    d = v - unit.v_threshold - st["a"]
    if form.multi:
        many = np.floor(v.value / unit.v_threshold)
        many = many - (many * unit.v_threshold >= v.value) if form.strict else many
        s = Var(winners_of(p, d.value, np.maximum(many, 0)))
        record[0].append(v)
        record[1].append(s)
        st["v"] = v - s * drop
        return
    s = spike(d, form.strict) * (1 - held)
    if p.winners is not None:
        s = Var(winners_of(p, d.value, s.value))
    record[0].append(v)
    record[1].append(s)
    after = s if attached else s.detach()
    if not form.reset_delay:
        v = v - after * drop if unit.reset == "subtract" else v * (1 - after) + after * unit.v_reset
    st["v"] = v
    if type(unit).__name__ == "ALIF":
        st["a"] = st["a"] * math.exp(-dt / unit.tau_adapt) + s * unit.adapt_step
    n_ref = round(unit.tau_ref / dt)
    st["wait"] = np.where(s.value > 0.5, n_ref, np.maximum(st["wait"] - 1, 0)) if n_ref else st["wait"]


def cross_entropy(scores, labels):
    """Mean softmax cross-entropy as a Var."""
    z = scores.value - scores.value.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    n = len(labels)
    value = -np.mean(np.log(p[np.arange(n), labels]))
    slope = p.copy()
    slope[np.arange(n), labels] -= 1
    return Var(value, [(scores, lambda g: g * slope / n)])


def spike_with(name, k, smooth):
    """A spike function for :func:`simulate`: hard or smoothed forward, surrogate backward."""
    derivative, rise = surrogate(name, k)

    def spike(d, strict):
        hard = (lambda x: (x > 0) * 1.0) if strict else (lambda x: (x >= 0) * 1.0)
        return d.apply(rise if smooth else hard, derivative)

    return spike
