"""Mini-batch STDP: several samples learn at a time from the same weights, and their changes add up.

It is not the exact rule: within a batch no sample sees what another one taught, so units win several
samples at a time before their thresholds rise. The effect on accuracy stands in ``docs/stdp.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.kernels.stdp_rule import normalise
from spiking.kernels.threads import over_ranges
from spiking.learn.stdp.learner import Learner


def learn_batch(
    state: Learner,
    x: NDArray[np.float32],
    y: NDArray[np.int64],
    order: NDArray[np.int64],
    first: int,
    seed: int,
    counts: NDArray[np.int32],
    batch: int,
    threads: int | None,
) -> None:
    """Learn ``x[order]`` in place, ``batch`` samples at a time.

    Every sample works on weights and thresholds of its own, equal to the batch's at its start; the
    changes are added in the order of the samples, so the bits do not depend on ``threads``.
    """
    for start in range(0, len(order), batch):
        part = slice(start, min(start + batch, len(order)))
        if state.rule.norm > 0:
            normalise(state.weight, state.rule.norm)
        copies: list[Any] = [None] * (part.stop - part.start)

        def work(low: int, high: int, base: int = start, copies: list[Any] = copies) -> None:
            for k in range(low, high):
                own = state.copy()
                one = slice(base + k, base + k + 1)
                own.tally[:] = 0
                own.learn(x, y, order[one], first + base + k, seed, counts[one])
                copies[k] = own

        over_ranges(work, len(copies), workers=threads)
        weight = state.weight.copy()
        fade = float(state.cell.adapt_decay) ** (state.plan.steps + state.plan.rest)
        theta = state.state.theta.copy()
        faded = theta * fade ** len(copies)
        for own in copies:
            weight += own.weight - state.weight
            tries_fade = fade ** int(own.tally[0])
            faded += own.state.theta - theta * tries_fade
            state.tally[:] += own.tally
        np.clip(weight, state.rule.w_min, state.rule.w_max, out=state.weight)
        state.state.theta[:] = faded
        state.state.stale[:] = True
