"""The ``"reference"`` engine: a group step by step in plain numpy, every connection a product.

Nothing here is compiled, blocked, listed or folded; the equations are those of ``kernels/step*.py``. It is
slow, and there to be compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.kernels import layout as at
from spiking.kernels import step, step_conductance, step_fixed, step_loihi
from spiking.kernels.units import keep_winners
from spiking.simulate.event_lists import EventLists
from spiking.simulate.kept import Kept
from spiking.simulate.program import Group

Array = NDArray[Any]
burst = np.vectorize(step.burst)
crossing_reset = np.vectorize(step.crossing_reset)
conductance_lif = np.vectorize(step_conductance.conductance_lif)
loihi_current = np.vectorize(step_loihi.loihi_current)
loihi_potential = np.vectorize(step_loihi.loihi_potential)
fade = np.vectorize(step_fixed.fade)
saturated = np.vectorize(step_fixed.saturated)


class Units:
    """State of one population ``[samples, units]``, and its step."""

    def __init__(self, row: Array, params: Array, samples: int) -> None:
        self.row = row
        o = slice(row[at.OFFSET], row[at.OFFSET] + row[at.SIZE])
        self.p = params[:, o]
        shape = (samples, int(row[at.SIZE]))
        self.v = np.broadcast_to(self.p[at.START], shape).copy()
        self.a = np.broadcast_to(self.p[at.ADAPT_START], shape).copy()
        self.u, self.u2 = np.zeros(shape, params.dtype), np.zeros(shape, params.dtype)
        self.fired, self.wait = np.zeros(shape, np.int64), np.zeros(shape, np.int64)

    def reset(self, v: Array, fired: Array) -> Array:
        """The membrane after its reset."""
        if self.row[at.RESET] == at.SUBTRACT:
            return np.asarray(step.subtract_reset(v, fired, self.p[at.DROP]))
        return np.asarray(step.zero_reset(v, fired, np.broadcast_to(self.p[at.RESET_TO], v.shape)))

    def charge(self, x: Array, y: Array) -> Array:
        """One step under the current ``x`` (inhibitory conductance ``y``); return what the membrane felt."""
        row, p, held = self.row, self.p, self.wait > 0
        if row[at.KIND] == at.CONDUCTANCE:
            constants = (at.GAIN, at.LEAK, at.E_EXC, at.E_INH, at.DECAY_EXC, at.DECAY_INH)
            state = conductance_lif(self.v, self.u, self.u2, held, x, y, *(p[k] for k in constants))
            self.v, self.u, self.u2 = (s.astype(p.dtype) for s in state)
            return x
        if row[at.FIXED] == at.SATURATING:
            left = fade(self.u, p[at.KEEP_U], p[at.FIRST_U], p[at.SECOND_U])
            self.u = saturated(left + x, p[at.TOP_U]).astype(p.dtype)
            left = fade(self.v, p[at.KEEP_V], p[at.FIRST_V], p[at.SECOND_V])
            new = saturated(left + self.u, p[at.TOP_V]).astype(p.dtype)
        elif row[at.FIXED]:
            self.u = loihi_current(self.u, x - p[at.OFFSET_V], p[at.KEEP_U]).astype(p.dtype)
            new = loihi_potential(self.v, self.u, p[at.OFFSET_V], p[at.KEEP_V]).astype(p.dtype)
        else:
            if row[at.SYNAPSE] == at.ALPHA_FUNCTION:
                self.u = step.alpha_current(self.u, self.u2, p[at.ALPHA], p[at.LIFT])
                self.u2 = step.synapse(self.u2, p[at.KICK] * x, p[at.ALPHA])
                x = self.u + p[at.DIRECT] * self.u2
            elif row[at.SYNAPSE]:
                x = self.u = step.synapse(self.u, x, p[at.ALPHA])
            new = step.integrate(self.v, x, p[at.DECAY], p[at.GAIN], p[at.LEAK])
        if row[at.DELAYED]:
            new = self.reset(new, self.fired > 0)
        self.v = np.where(held, self.v, new)
        return x

    def spike(self) -> Array:
        """Decide who spikes, and how often."""
        row, top = self.row, self.p[at.THRESHOLD] + self.a
        if row[at.MULTI]:
            self.fired = burst(self.v, top, bool(row[at.STRICT]))
        else:
            free = self.wait == 0
            self.fired = (free & np.asarray(step.fires(self.v, top, bool(row[at.STRICT])))).astype(np.int64)
        if row[at.WINNERS]:
            n = int(row[at.SIZE])
            for v, a, fired in zip(self.v, self.a, self.fired, strict=True):
                keep_winners.py_func(n, row[at.WINNERS], self.p[at.THRESHOLD], v, a, fired)
        return self.fired

    def discharge(self, x: Array) -> None:
        """Reset who spiked, move thresholds, count down refractory periods."""
        row, p, fired = self.row, self.p, self.fired > 0
        if row[at.MULTI]:
            self.v = self.v - self.fired.astype(p.dtype) * p[at.DROP]
        elif row[at.RESET] == at.CROSSING:
            top = p[at.THRESHOLD] + self.a
            args = (self.v, fired, x, p[at.STEADY], p[at.LEAK], top, p[at.RESET_TO])
            self.v = crossing_reset(*args).astype(p.dtype)
        elif not row[at.DELAYED]:
            self.v = self.reset(self.v, fired)
        if row[at.ADAPTS]:
            self.a = np.asarray(step.adapt(self.a, fired, p[at.ADAPT_DECAY], p[at.ADAPT_STEP]))
        if row[at.REFRACTORY]:
            self.wait = np.where(fired, row[at.REFRACTORY], np.maximum(self.wait - 1, 0))


def walk(
    group: Group,
    conns: Array,
    weights: list[Any],
    spikes: Callable[[int], Array],
    constant: Array,
    drive: Array,
    keep_v: Array,
    keep_a: Array,
    keep_s: Array,
) -> None:
    """Run all steps of a group, and write what ``kernels/forward.py`` writes.

    ``weights``: matrix of each row of ``conns``; ``spikes(source)``: ``[samples, steps, units]`` of sources
    outside the group. ``keep_s`` ``[samples, steps, units]`` is written, ``keep_v, keep_a`` where not empty.
    """
    samples, steps = keep_s.shape[:2]
    units = [Units(row, group.params, samples) for row in group.pops]
    span = [slice(int(r[at.OFFSET]), int(r[at.OFFSET] + r[at.SIZE])) for r in group.pops]
    inner = {int(r[at.SOURCE]): keep_s[:, :, o] for r, o in zip(group.pops, span, strict=True)}
    outer = {int(c[at.FROM]): spikes(int(c[at.FROM])) for c in conns if int(c[at.FROM]) not in inner}
    for t in range(steps):
        for k, (population, o) in enumerate(zip(units, span, strict=True)):
            x = constant[:, o] + drive[:, t, o] if drive.size else constant[:, o].copy()
            y = np.zeros_like(x)
            for c, weight in zip(conns, weights, strict=True):
                when = t - int(c[at.DELAY])
                if c[at.TO] == k and when >= 0:
                    arriving = inner.get(int(c[at.FROM]), outer.get(int(c[at.FROM])))[:, when]  # type: ignore[index]
                    port = y if c[at.RECEPTOR] == at.INHIBITORY else x
                    port += np.asarray(arriving.astype(x.dtype) @ weight)
            felt = population.charge(x, y)
            if keep_v.size:
                keep_v[:, t, o] = population.v
            if population.row[at.KIND] == at.INTEGRATOR:
                continue
            if keep_a.size:
                keep_a[:, t, o] = population.a
            keep_s[:, t, o] = population.spike()
            population.discharge(felt)


def run_group(
    lists: EventLists, group: Group, conns: Array, constant: Array, drive: Array, kept: Kept
) -> None:
    """Run a group of a batch; its spikes become event lists and counts."""
    program = lists.program
    names = list(program.sources)
    places = {program.place[c.name][0]: program.matrix(c) for c in group.spiking_connections}
    weights = [places[int(c[at.WEIGHTS])] for c in conns]
    outer = set(conns[conns[:, at.INNER] == 0, at.FROM].tolist())
    rasters = {k: lists.raster(names[k]) for k in outer}
    walk(group, conns, weights, rasters.__getitem__, constant, drive, kept.v, kept.a, kept.s)
    for p in group.populations:
        if not p.unit.spiking:
            continue
        span = group.span(p.name)
        s = np.ascontiguousarray(kept.s[:, :, span])
        lists.take_raster(p.name, s)
        kept.counts[:, span] = s.sum(axis=1)
        kept.first[:, span] = np.where(s.any(axis=1), (s > 0).argmax(axis=1), lists.steps)
