"""A learning rule on one synapse with given spike trains: what it does, without a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.plasticity import STDP
from spiking.core.typed import typed
from spiking.kernels.stdp_pair import one_synapse
from spiking.learn.stdp.learner import rule_numbers

TICK = 1e-3  # any unit of time does; times stay real numbers


@typed
def weight_after(rule: STDP, pre: NDArray[Any], post: NDArray[Any], weight: float) -> float:
    """Return the weight of one synapse after spikes at the times ``pre`` and ``post`` [s].

    Spikes at the same time do not meet each other; the presynaptic one counts as the later (as in
    NEST, whose synapse models these are: ``stdp``, ``stdp_nn_symm``, ``stdp_nn_pre_centered``,
    ``stdp_nn_restr`` and ``stdp_triplet``). Add a dendritic delay to ``post``.

    Raises:
        SpikingError: times that are not sorted, not finite or not in one dimension.
    """
    trains = []
    for name, train in (("pre", pre), ("post", post)):
        times = np.asarray(train, np.float64)
        require(
            times.ndim == 1 and bool(np.all(np.isfinite(times)) and np.all(np.diff(times) > 0)),
            f"the spike times {name!r} are not an ascending list of numbers; sort them and drop doubles",
        )
        trains.append(times / TICK)
    return float(one_synapse(trains[0], trains[1], float(weight), rule_numbers(rule, np.float64, TICK)))
