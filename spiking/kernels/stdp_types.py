"""What the learning kernel is given: numbers of the units, the rule and the protocol, and its state."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiking.kernels.gather import padded

ALL, NEAREST, PRE_CENTRED, RESTRICTED = range(4)
Array = NDArray[Any]


class Cell(NamedTuple):
    """Numbers of one conductance or current-based unit, in the dtype of the simulation."""

    current: bool  # current-based: g_exc is the synaptic current, inhibition negative current
    decay: Any  # per step, of a current-based membrane
    gain: Any  # dt / tau_mem of a conductance unit; factor of the current otherwise
    v_leak: Any
    v_reset: Any
    v_threshold: Any  # of inhibitory units; excitatory ones have ``State.base``
    e_exc: Any
    e_inh: Any
    decay_exc: Any  # per step
    decay_inh: Any
    adapt_step: float  # float64, as theta: it fades by less than float32 can say
    adapt_decay: float  # per step
    refractory: int  # steps


class Lateral(NamedTuple):
    """Inhibition among the excitatory units, direct or through one inhibitory unit each."""

    inhibition: Any  # conductance opened in every other unit
    delay: int  # steps from the spike of the inhibiting unit to that
    explicit: bool
    excitation: Any  # conductance opened in the own inhibitory unit
    excitation_delay: int
    winners: int  # at most so many excitatory units spike in a step


class Rule(NamedTuple):
    """Numbers of one rule, in the dtype of the simulation."""

    a_plus: Any
    a_minus: Any
    a_plus_triplet: Any
    a_minus_triplet: Any
    decay_x: Any  # per step
    decay_y: Any
    decay_x2: Any
    decay_y2: Any
    x_target: Any
    mu_plus: Any
    mu_minus: Any
    w_min: Any
    w_max: Any
    pairing: int
    gated: bool  # changes wait in the eligibility trace for a reward
    decay_e: Any
    punishment: Any
    norm: Any  # 0: none


class Late(NamedTuple):
    """Delays of the input synapses; without any, empty arrays and ``longest`` 0."""

    longest: int  # steps
    steps: Array  # [features, units] delay
    order: Array  # [features, units] units by delay
    first: Array  # [features, longest + 2] where each delay begins in ``order``


class Protocol(NamedTuple):
    """How samples are shown."""

    gain: float  # probability of a spike per step of the value 1
    boost: float  # raise of the rates at each further try, as a fraction
    min_spikes: int
    tries: int
    steps: int
    rest: int  # steps without input after a sample
    carry: bool  # whether state flows from sample to sample
    learning: bool  # whether weights and thresholds move


class State(NamedTuple):
    """What changes while learning and lives between samples; ``units`` are excitatory."""

    theta: Array  # [units] float64
    base: Array  # [units] threshold to which theta is added
    v: Array
    g_exc: Array
    g_inh: Array
    free_at: Array  # [units] step at which the refractory period ends
    x: Array  # [features]
    x2: Array
    y: Array  # [units]
    y2: Array
    last_pre: Array  # [features] time of the last spike in steps
    last_post: Array  # [units]
    spiked: Array  # [1] spikes of units so far
    stale: Array  # [units] bool: weights moved since they were normalised
    outside: Array  # [units] bool: normalisation left weights out of bounds
    seen: Array  # [features, padded units] x at the last spike of the unit (pre-centred pairing) or empty
    eligibility: Array  # [features, padded units] or empty
    ring: Array  # [delay + 1, units] who spiked in the last steps
    due: Array  # [delay + 1] how many of them
    inner_v: Array  # inhibitory units, [units] or empty
    inner_g: Array
    inner_free_at: Array
    inner_ring: Array
    inner_due: Array
    late_due: Array  # [longest delay + 1] input spikes of the last steps, how many
    late_event: Array  # [longest delay + 1, features] which inputs; empty without delays, as the next two
    late_x2: Array  # [longest delay + 1, features] the slow trace that each of them found
    late_x: Array  # [longest delay + 1, features] x at the last times
    clock: Array  # [1] steps since the start, or since the start of the sample without carry
    log: Array  # [capacity, 3] step, population (0 excitatory, 1 inhibitory), unit of each spike
    logged: Array  # [1] spikes written to the log


def new_late(delay: Array) -> Late:
    """Sort the delays ``[features, units]`` [steps] of the input synapses."""
    longest = int(delay.max())
    if longest == 0:
        none = np.zeros((0, 0), np.int32)
        return Late(longest=0, steps=none, order=none, first=none)
    first = [np.count_nonzero(delay < d, axis=1) for d in range(longest + 2)]
    return Late(
        longest=longest,
        steps=np.ascontiguousarray(delay, np.int32),
        order=np.argsort(delay, axis=1, kind="stable").astype(np.int32),
        first=np.stack(first, axis=1).astype(np.int32),
    )


def new_state(
    features: int,
    units: int,
    dtype: type,
    base: Array,
    theta: Array,
    cell: Cell,
    inner: Cell,
    side: Lateral,
    rule: Rule,
    late: Late,
    log: int = 0,
) -> State:
    """Return the state at rest, with room to log so many spikes."""
    inside = units if side.explicit else 0
    first = side.excitation_delay if side.explicit else side.delay
    matrix = (features, padded(units))
    history = (late.longest + 1, features if late.longest else 0)
    return State(
        theta=np.array(np.broadcast_to(theta, units), np.float64),
        base=np.array(np.broadcast_to(base, units), dtype),
        v=np.full(units, cell.v_leak, dtype),
        g_exc=np.zeros(units, dtype),
        g_inh=np.zeros(units, dtype),
        free_at=np.zeros(units, np.int32),
        x=np.zeros(features, dtype),
        x2=np.zeros(features, dtype),
        y=np.zeros(units, dtype),
        y2=np.zeros(units, dtype),
        last_pre=np.full(features, -1, np.int64),
        last_post=np.full(units, -1, np.int32),
        spiked=np.zeros(1, np.int64),
        stale=np.ones(units, bool),
        outside=np.ones(units, bool),
        seen=np.zeros(matrix if rule.pairing == PRE_CENTRED else (0, 0), dtype),
        eligibility=np.zeros(matrix if rule.gated else (0, 0), dtype),
        ring=np.zeros((first + 1, units), np.int32),
        due=np.zeros(first + 1, np.int32),
        inner_v=np.full(inside, inner.v_leak, dtype),
        inner_g=np.zeros(inside, dtype),
        inner_free_at=np.zeros(inside, np.int32),
        inner_ring=np.zeros((side.delay + 1, inside), np.int32),
        inner_due=np.zeros(side.delay + 1, np.int32),
        late_due=np.zeros(late.longest + 1, np.int32),
        late_event=np.zeros(history, np.int32),
        late_x2=np.zeros(history, dtype),
        late_x=np.zeros(history, dtype),
        clock=np.zeros(1, np.int64),
        log=np.zeros((log, 3), np.int64),
        logged=np.zeros(1, np.int64),
    )
